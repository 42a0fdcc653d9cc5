//! Bukza's own table in a soak: it shows the truth of every booking from the moment at which its client acts, and the
//! workers read it, whatever request was lost. Sometimes its API answers badly.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::{Rng, rngs::StdRng};
use serde_json::json;
use simulator::bukza::model::{
    BukzaFault, BukzaFaultKind, BukzaSetup, EMAIL, PASSWORD, Reservation, TABLE_ID,
};

use super::{
    booking_run::Step,
    context::{Phase, SoakContext},
    plan::span,
    record::{Booking, Event, Meaning, Word},
};
use crate::harness::bukza::{self, now};

/// The status of a reservation that was cancelled.
pub const CANCELLED: &str = "Отменено";
/// The status of one whose request has none.
const STANDS: &str = "Подтверждено";
/// The pause between two rounds. The programs' own is a minute at least.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(3);
/// How long the API answers badly.
const BAD: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(8));
/// The longest wait for the last round: after some failures a worker reads nothing for a while.
const LAST_ROUND: Duration = Duration::from_secs(300);

/// Makes the table show seconds. Returns the settings by which the workers read it.
///
/// # Errors
/// When the simulator fails.
pub async fn set_up(simulator: &simulator::Client) -> anyhow::Result<Vec<(&'static str, String)>> {
    let setup = BukzaSetup { shows_seconds: Some(true), ..BukzaSetup::default() };
    simulator.bukza().set_up(&setup).await?;
    Ok(vec![
        ("BUKZA_API_URL", simulator.url().to_owned()),
        ("BUKZA_API_EMAIL", EMAIL.to_owned()),
        ("BUKZA_API_PASSWORD", PASSWORD.to_owned()),
        ("BUKZA_TABLE_ID", TABLE_ID.to_string()),
        ("BUKZA_SYNC", "apply".to_owned()),
        ("BUKZA_SYNC_EVERY", "1m".to_owned()),
    ])
}

/// So long from now, without fractions of a second: the table shows none.
#[must_use]
pub fn in_seconds(ahead: TimeDelta) -> DateTime<Utc> {
    let at = now() + ahead;
    at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at)
}

/// The row of a guest's or a departing client's booking.
#[must_use]
pub fn row_of(booking: &bukza::Booking) -> Reservation {
    Reservation {
        end: booking.end,
        resource: booking.service.clone(),
        first_name: booking.name.clone(),
        ..Reservation::new(&booking.code, &booking.phone, booking.start)
    }
}

impl Booking {
    /// Adds the next event, and shows it in the table. The second trigger of a cancellation changes nothing there.
    pub fn add(&mut self, event: Event, step: Step) {
        if step != Step::Status(Word::New) {
            self.row = Some(self.row_at(&event));
        }
        self.events.push(event);
    }

    fn row_at(&self, event: &Event) -> Reservation {
        let without = if event.meaning() == Meaning::Cancelled { CANCELLED } else { STANDS };
        let own = Reservation::new(&self.code, &self.phone, event.start)
            .with_status(event.word.status().unwrap_or(without));
        Reservation {
            end: event.end,
            resource: event.tag.clone(),
            order_id: self.order.clone().unwrap_or(own.order_id),
            order_number: self.order.clone().unwrap_or(own.order_number),
            ..own
        }
    }

    #[must_use]
    pub fn is_cancelled_in_table(&self) -> bool {
        let is_cancelled = |row: &Reservation| {
            row.status == CANCELLED || Some(row.status.as_str()) == Word::ByClient.status()
        };
        self.row.as_ref().is_some_and(is_cancelled)
    }
}

impl SoakContext {
    /// Changes these rows of the table.
    ///
    /// # Errors
    /// When the simulator fails.
    pub async fn show(&self, rows: &[Reservation]) -> anyhow::Result<()> {
        self.telegram.bukza().put(rows).await.context("Bukza's table")
    }
}

/// Makes a round due every few seconds until the fault burst is over.
///
/// # Errors
/// Never: it runs beside what may fail.
pub async fn rounds(context: &SoakContext) -> anyhow::Result<()> {
    // The first visits are booked before, so that the table is known to call services as the requests do.
    context.pause(BETWEEN_ROUNDS * 2).await;
    while context.phase() == Phase::FaultBurst {
        make_due(context).await;
        context.pause(BETWEEN_ROUNDS).await;
    }
    Ok(())
}

/// Makes a round due. The lease of one that takes long is aged: its worker may have been killed.
async fn make_due(context: &SoakContext) {
    let due = "WITH due AS (UPDATE table_sync SET next_round_at = 'epoch', lease_until = CASE \
        WHEN begun_at < now() - interval '20 seconds' THEN 'epoch' ELSE lease_until END \
        RETURNING 1) SELECT count(*) FROM due";
    // `None`: PostgreSQL is away.
    let _: Option<i64> = context.query(due).await;
}

/// Waits until a whole round has been begun and ended from now on.
///
/// # Errors
/// When there is none for long.
pub async fn last_round(context: &SoakContext) -> Result<(), String> {
    let since = now();
    context.telegram.bukza().clear_faults().await.map_err(|error| error.to_string())?;
    let ended = format!(
        "SELECT taken_at > '{}' AND lease_until = 'epoch' AND NOT refused FROM table_sync",
        since.to_rfc3339()
    );
    let started = Instant::now();
    while context.query::<bool>(&ended).await != Some(true) {
        if started.elapsed() > LAST_ROUND {
            return Err("a round of Bukza's table".to_owned());
        }
        make_due(context).await;
        tokio::time::sleep(BETWEEN_ROUNDS).await;
    }
    Ok(())
}

/// Bukza's API answers badly for some seconds.
///
/// # Errors
/// When the simulator fails.
pub async fn bad_answers(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    let bukza = context.telegram.bukza();
    if dice.random_bool(0.5) {
        bukza.revoke_sessions().await?;
    }
    let fault = BukzaFault::lasting(bad_answer(dice));
    let is_of_sign_in = dice.random_bool(0.2)
        && matches!(fault.kind, BukzaFaultKind::Html { .. } | BukzaFaultKind::Cut);
    bukza.script(&if is_of_sign_in { fault.of_sign_in() } else { fault }).await?;
    context.pause(span(dice, BAD)).await;
    Ok(bukza.clear_faults().await?)
}

/// One that is no picture of the table, or half of one.
fn bad_answer(dice: &mut StdRng) -> BukzaFaultKind {
    let renamed = |from: &str| BukzaFaultKind::RenamedColumn {
        from: from.to_owned(),
        to: "bukza_custom".to_owned(),
    };
    match dice.random_range(0..10) {
        0 => BukzaFaultKind::Status { status: 429, retry_after: Some("2".to_owned()) },
        1 => BukzaFaultKind::Status { status: 500, retry_after: None },
        2 => BukzaFaultKind::Html { status: 502 },
        3 => BukzaFaultKind::Slow { ms: dice.random_range(1_000..6_000) },
        4 => BukzaFaultKind::Cut,
        5 => BukzaFaultKind::Truncated,
        6 => BukzaFaultKind::Body { json: json!({ "rows": "none" }) },
        7 => BukzaFaultKind::HalfTable,
        8 => renamed("bukza_reservation_code"),
        _ => renamed("bukza_reservation_status"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::plan::Plan;

    #[test]
    fn a_row_shows_the_last_step_and_no_second_trigger() {
        let plan = Plan::short(Duration::ZERO, 1);
        let mut booking = Booking::new(7, 1, "+79990000007", Some("123456789"));
        let mut dice = plan.dice(1);
        let mut step = |booking: &mut Booking, step| {
            let event = booking.next(step, &plan, &mut dice);
            booking.add(event, step);
            booking.row.clone().unwrap()
        };
        let row = step(&mut booking, Step::Stand(Word::None));
        assert_eq!((row.status.as_str(), row.resource.as_str()), (STANDS, "SK7001-1"));
        assert_eq!(row.order_number, "123456789");
        assert!(!booking.is_cancelled_in_table());
        let row = step(&mut booking, Step::Status(Word::CancelEvent));
        assert_eq!(row.status, CANCELLED);
        assert_eq!(step(&mut booking, Step::Status(Word::New)), row);
        assert!(booking.is_cancelled_in_table() && booking.meaning() == Some(Meaning::Cancelled));
        let row = step(&mut booking, Step::Stand(Word::Restored));
        assert_eq!((row.status.as_str(), row.resource.as_str()), ("Восстановлено", "SK7001-4"));
        assert_eq!((Some(row.start), Some(row.end)), booking.times().unzip());
    }
}
