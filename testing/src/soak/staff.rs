//! The staff: they take some requests, reply to some cards, ask for visits, and see again what nobody took.

use std::time::Duration;

use rand::{Rng, rngs::StdRng};
use simulator::model::{ChatMessage, Member, UserMessage};

use super::context::{Phase, SoakContext};
use crate::harness::{fleet::STAFF_CHAT, phrases};

const MEMBERS: [i64; 3] = [501, 502, 503];
/// A card comes again an hour later: the hour is left out.
const BRING_FORWARD: &str = "WITH again AS (UPDATE messages SET due_at = now(), pushed_at = 'epoch' \
    WHERE slot LIKE 'again %' AND status = 'scheduled' AND due_at > now() RETURNING 1) \
    SELECT count(*) FROM again";

/// Acts until the soak is over.
///
/// # Errors
/// When the simulator fails.
pub async fn work(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    let mut seen = 0;
    loop {
        let phase = context.phase();
        if phase == Phase::Over {
            return Ok(());
        }
        let cards = context.telegram.chat_after(STAFF_CHAT, seen, Duration::ZERO).await?;
        for card in cards {
            seen = card.message_id;
            if card.from_bot && phase == Phase::FaultBurst {
                react(context, dice, &card).await?;
            }
        }
        if phase == Phase::FaultBurst && dice.random_bool(0.05) {
            ask(context, dice).await?;
        }
        let _: Option<i64> = context.query(BRING_FORWARD).await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(500..2000))).await;
    }
}

/// Gives one of the staff's commands. Nobody reads the answer: that each comes once is for the audit.
async fn ask(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    const WORDS: [&str; 6] =
        ["/today", "/tomorrow", "/stats", "/help", "/find SK1001", "/find 0001"];
    let member = Member { chat_id: STAFF_CHAT, user_id: MEMBERS[0] };
    let words = UserMessage::text(WORDS[dice.random_range(0..WORDS.len())]);
    let gate = context.gate.read().await;
    let made = context.telegram.send_in(member, &words).await?;
    drop(gate);
    context.record().updates.push(made.update_id);
    Ok(())
}

async fn react(context: &SoakContext, dice: &mut StdRng, card: &ChatMessage) -> anyhow::Result<()> {
    let member =
        Member { chat_id: STAFF_CHAT, user_id: MEMBERS[dice.random_range(0..MEMBERS.len())] };
    let take = card.button(|button| button.text == phrases::TAKE);
    if let Some(data) = take.and_then(|button| button.data.clone())
        && dice.random_bool(0.5)
    {
        let gate = context.gate.read().await;
        let made = context.telegram.press_in(member, Some(card.message_id), &data).await;
        drop(gate);
        // Another one may have taken it meanwhile: the button is gone.
        if let Ok(made) = made {
            context.record().updates.push(made.update_id);
        }
    }
    if dice.random_bool(0.1) {
        let gate = context.gate.read().await;
        let made = context.telegram.reply_in(member, card.message_id, "хорошо, ждём вас").await?;
        drop(gate);
        if made.delivered {
            context.record().updates.push(made.update_id);
        }
    }
    Ok(())
}
