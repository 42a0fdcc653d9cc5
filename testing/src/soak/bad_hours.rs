//! Telegram's bad hours in shortened time: the staff's chat is closed, every call is answered with
//! 502, and strangers flood the bot.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use rand::{Rng, rngs::StdRng};
use simulator::model::{Fault, FaultKind};
use tokio::{task::JoinSet, time::Instant};

use super::{context::SoakContext, plan::span};
use crate::harness::fleet::STAFF_CHAT;

/// How Telegram refuses a group that can't be written to for a while.
const CLOSED: [&str; 4] = [
    "TOPIC_CLOSED",
    "CHAT_RESTRICTED",
    "have no rights to send a message",
    "need administrator rights in the channel chat",
];
/// The accounts of a flood have ids from here on.
const STRANGERS: i64 = 500_000;
const TEXTS: [&str; 5] = ["/start", "/help", "/address", "/contacts", "доброе утро"];

/// Closes the staff's chat, and opens it again after a while.
///
/// # Errors
/// When the simulator fails.
pub async fn close_staff_chat(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    let description = CLOSED[dice.random_range(0..CLOSED.len())];
    let closed = Fault::refused(description).in_chat(STAFF_CHAT).lasting();
    let time = span(dice, context.plan.closed);
    context.telegram.script(&closed).await?;
    context.pause(time).await;
    Ok(context.telegram.end_fault(&closed).await?)
}

/// An hour in which Telegram answers every call with 502, in shortened time.
///
/// # Errors
/// When the simulator fails.
pub async fn outage(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    let outage = Fault::outage(FaultKind::BadGatewayHtml);
    let time = span(dice, context.plan.outage);
    context.set_outage(true);
    context.telegram.script(&outage).await?;
    context.pause(time).await;
    context.telegram.end_fault(&outage).await?;
    context.set_outage(false);
    Ok(())
}

/// Accounts that are not registered write once a second for some seconds, and a registered client
/// is in a hurry.
///
/// # Errors
/// When the simulator fails.
pub async fn flood(context: &Arc<SoakContext>, dice: &mut StdRng) -> anyhow::Result<()> {
    let plan = context.plan;
    let first = dice.random_range(1..=plan.clients);
    let time = span(dice, plan.flood);
    let registered = {
        let record = context.record();
        let is_registered =
            |number: &u32| record.clients.get(number).is_some_and(|client| client.registered);
        let has_rated = |number: &u32| {
            let mut bookings = record.bookings.iter().filter(|booking| booking.client == *number);
            is_registered(number) && bookings.any(|booking| booking.rated.is_some())
        };
        let mut clients = (first..=plan.clients).chain(1..first);
        // One who has rated a visit has a button to press.
        clients.clone().find(has_rated).or_else(|| clients.find(is_registered))
    };
    if let Some(number) = registered {
        context.hurry(number);
    }
    let (until, mut strangers) = (Instant::now() + time, JoinSet::new());
    for number in 0..plan.strangers {
        let pause = Duration::from_millis(dice.random_range(0..1_000));
        strangers.spawn(stranger(Arc::clone(context), number, (pause, until)));
    }
    while let Some(ended) = strangers.join_next().await {
        ended.context("a stranger panicked")??;
    }
    Ok(())
}

/// Writes once a second: every other account the same each time, the rest something else.
async fn stranger(
    context: Arc<SoakContext>,
    number: u32,
    (pause, until): (Duration, Instant),
) -> anyhow::Result<()> {
    let mut second = tokio::time::interval_at(Instant::now() + pause, Duration::from_secs(1));
    for n in 0.. {
        second.tick().await;
        if Instant::now() >= until {
            break;
        }
        let text = if number.is_multiple_of(2) { TEXTS[0] } else { TEXTS[n % TEXTS.len()] };
        let gate = context.gate.read().await;
        let made = context.telegram.say(STRANGERS + i64::from(number), text).await?;
        drop(gate);
        context.record().updates.push(made.update_id);
    }
    Ok(())
}
