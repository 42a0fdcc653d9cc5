//! Which due messages are one list, what a list takes along that becomes due soon, and what waits for others of its
//! order ([`shared::domain::together`]).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        ids::{ChatId, MessageId},
        message::MessageKind,
        together::{Listing, last_of_the_day},
    },
    store::outbox::{self, DueDecision, DueMessage},
};

use super::error::DeliveryError;
use crate::app::App;

/// The age from which a card that waited is a line of a summary.
const OLD: TimeDelta = TimeDelta::days(1);

/// Whether a card waited so long, because the staff's chat was closed, that it is no card any more.
pub(super) fn is_old_card(message: &DueMessage, now: DateTime<Utc>) -> bool {
    message.kind.joins_cards() && message.due_at <= now - OLD
}

/// Whether both are about bookings of one list.
fn are_one_list(one: &DueMessage, other: &DueMessage) -> bool {
    let bookings = one.booking.as_ref().zip(other.booking.as_ref());
    one.kind == other.kind
        && !one.goes_alone
        && !other.goes_alone
        && one.kind.listing().zip(bookings).is_some_and(|(listing, (a, b))| listing.joins(a, b))
}

/// Whether the message is about another booking of the list.
pub(super) fn belongs(list: &[DueMessage], message: &DueMessage) -> bool {
    list.iter().all(|one| are_one_list(one, message))
}

/// The lists of which the messages stand beside each other. A message that is on no list is one of its own.
pub(super) fn lists(messages: &[DueMessage]) -> Vec<&[DueMessage]> {
    let mut lists = Vec::new();
    let mut left = messages;
    while !left.is_empty() {
        let size = (1..left.len()).find(|size| !belongs(&left[..*size], &left[*size]));
        let (list, others) = left.split_at(size.unwrap_or(left.len()));
        lists.push(list);
        left = others;
    }
    lists
}

/// When a question is due that waits for the last visit of its order on that day; `None`: it is sent now.
pub(super) async fn waits_for_others(
    app: &App,
    chat: ChatId,
    message: &DueMessage,
) -> Result<Option<DateTime<Utc>>, DeliveryError> {
    let asks = message.kind.listing() == Some(Listing::Questions) && message.others_follow;
    let Some(booking) = message.booking.as_ref().filter(|_| asks) else { return Ok(None) };
    let now = app.clock.now();
    let until = message.due_at + Listing::Questions.rule().ahead;
    let span = (message.due_at, until);
    let others = outbox::following(&app.db, chat, message.kind, span).await?;
    let current = others.iter().filter(|other| other.is_current() && other.due_at > now);
    let others: Vec<_> =
        current.filter_map(|other| Some((other.due_at, other.booking.as_ref()?))).collect();
    Ok(last_of_the_day(booking, &others, &app.venue))
}

/// The batch with messages of one list beside each other, those included that become due so soon that the list takes
/// them along. Each is in it once: two lists may take the same message along, those of a booking that was made twice.
pub(super) async fn lists_side_by_side(
    app: &App,
    chat: ChatId,
    batch: Vec<DueMessage>,
) -> Result<Vec<DueMessage>, DeliveryError> {
    let now = app.clock.now();
    let mut sorted: Vec<DueMessage> = Vec::with_capacity(batch.len());
    let mut known: HashSet<MessageId> = batch.iter().map(|message| message.id).collect();
    let soon = due_soon(app, chat, &batch, now).await?;
    let mut left = batch;
    while !left.is_empty() {
        let mut list = vec![left.remove(0)];
        let mut others = Vec::with_capacity(left.len());
        for message in left {
            let fits = belongs(&list, &message);
            if fits { &mut list } else { &mut others }.push(message);
        }
        let span = takes_along(&list[0], now);
        for message in soon.iter().filter(|it| span.is_some_and(|span| is_within(it, span))) {
            if belongs(&list, message) && known.insert(message.id) {
                list.push(message.clone());
            }
        }
        sorted.append(&mut list);
        left = others;
    }
    Ok(sorted)
}

/// After when, and until when a message takes others along. `None`: it takes none.
fn takes_along(first: &DueMessage, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let listing = first.kind.listing().filter(|_| first.others_follow)?;
    // From the first one on, not from now on: others have become due since it was read.
    let until = match listing {
        Listing::Questions => now,
        Listing::Confirmations
        | Listing::Cancellations
        | Listing::Reminders
        | Listing::CreatedCards
        | Listing::CancelledCards => first.due_at + listing.rule().ahead,
    };
    Some((first.due_at, until))
}

fn is_within(message: &DueMessage, (after, until): (DateTime<Utc>, DateTime<Utc>)) -> bool {
    after < message.due_at && message.due_at <= until
}

/// What the messages of the batch may take along: read once for each kind, because forty cards wait in a busy hour.
async fn due_soon(
    app: &App,
    chat: ChatId,
    batch: &[DueMessage],
    now: DateTime<Utc>,
) -> Result<Vec<DueMessage>, DeliveryError> {
    let mut spans: HashMap<MessageKind, (DateTime<Utc>, DateTime<Utc>)> = HashMap::new();
    for message in batch {
        if let Some((after, until)) = takes_along(message, now) {
            let whole = spans.entry(message.kind).or_insert((after, until));
            *whole = (whole.0.min(after), whole.1.max(until));
        }
    }
    let mut soon = Vec::new();
    for (kind, span) in spans {
        soon.extend(outbox::following(&app.db, chat, kind, span).await?);
    }
    soon.retain(|message| message.decide(now, &app.venue) == DueDecision::Send);
    Ok(soon)
}
