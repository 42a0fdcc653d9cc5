//! Telegram's single faults: refusals, server errors, silence and cut connections, one after another
//! while the servers and programs have faults of their own.

use std::time::Duration;

use rand::{Rng, rngs::StdRng};
use simulator::model::{Fault, FaultKind};

use super::{
    context::{Phase, SoakContext},
    plan::span,
};

/// Scripts faults of Telegram until the fault burst is over.
///
/// # Errors
/// When the simulator fails.
pub async fn trouble(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    loop {
        context.pause(span(dice, (Duration::from_millis(500), Duration::from_secs(4)))).await;
        if context.phase() != Phase::FaultBurst {
            return Ok(());
        }
        let fault = fault(context, dice);
        // In an outage no call would meet it. All would come at once afterwards.
        if !context.is_outage() {
            context.telegram.script(&fault).await?;
        }
    }
}

fn fault(context: &SoakContext, dice: &mut StdRng) -> Fault {
    let chat = 10_000 + 2 * i64::from(dice.random_range(1..=context.plan.clients));
    // The shorter hangs are answered before the client's time-out about as often as not.
    let kind = match dice.random_range(0..10) {
        0 => FaultKind::TooManyRequests { retry_after: dice.random_range(1..4) },
        1 => FaultKind::Forbidden,
        2 => FaultKind::BadRequest,
        3 => FaultKind::ServerError,
        4 => FaultKind::BadGatewayHtml,
        5 => FaultKind::Hang { ms: dice.random_range(1_000..6_000) },
        6 => FaultKind::Hang { ms: 30_000 },
        7 => FaultKind::CutBeforeAccept,
        8 => FaultKind::CutAfterAccept,
        _ => FaultKind::Garbage,
    };
    // These two concern a client. In the staff chat they would stop all cards.
    let of_a_client = matches!(kind, FaultKind::Forbidden | FaultKind::BadRequest);
    let may_arrive = matches!(kind, FaultKind::Hang { .. } | FaultKind::Garbage);
    let mut fault = Fault::sending(kind, dice.random_range(1..3));
    if of_a_client || dice.random_bool(0.5) {
        fault = fault.in_chat(chat);
    }
    if may_arrive && dice.random_bool(0.5) {
        fault = fault.accepted();
    }
    fault
}
