//! Finds the next message of a chat. Rows that are out of date are skipped, unreadable rows are
//! quarantined, so that neither blocks the rows behind it.

use chrono::{DateTime, Utc};
use shared::{
    domain::{ids::ChatId, message::MessageStatus},
    store::{
        DbErr,
        outbox::{self, Among, DueDecision, DueMessage},
    },
};

use super::{
    error::DeliveryError,
    lists::{belongs, is_old_card, lists_side_by_side, waits_for_others},
    record_outcome::{self, Postponed},
};
use crate::{
    app::App,
    outbox_batcher::{OutboxBatcher, Rows, read},
};

/// Most messages read that are sent as one.
const CARDS: i64 = 40;

/// Most old cards of one summary.
const OLD_CARDS: i64 = 1_000;

/// What to send next in a chat.
#[derive(Debug, Default)]
pub(super) struct NextDue {
    /// One message, or several that are sent as one. Empty if every row that was read has been
    /// skipped or quarantined.
    pub batch: Vec<DueMessage>,
    /// Nothing else was due. A message that becomes due later has a job of its own.
    pub last: bool,
}

/// Whether the chat is the staff's, or was: cards wait there by the dozen.
pub(super) fn gets_cards(app: &App, chat: ChatId) -> bool {
    app.venue.staff_chat.get() == Some(chat) || chat.0 < 0
}

/// The next messages to send. Expired and superseded messages are skipped on the way. `None`: nothing is
/// due.
pub(super) async fn next(app: &App, chat: ChatId) -> Result<Option<NextDue>, DeliveryError> {
    let cards = gets_cards(app, chat);
    let now = app.clock.now();
    let due = readable(app, chat, cards, now).await?;
    let Some(due) = due else { return Ok(Some(NextDue::default())) };
    if due.is_empty() {
        return Ok(None);
    }
    let last = !cards && due.len() == 1;
    let mut batch: Vec<DueMessage> = Vec::new();
    for message in due {
        let message = match message {
            Ok(message) => message,
            Err(broken) => {
                record_outcome::quarantine(app, chat, broken.id, &broken.reason).await?;
                break;
            }
        };
        if !may_join(&batch, &message, now) {
            break;
        }
        match message.decide(now, &app.venue) {
            DueDecision::Send => match waits_for_others(app, chat, &message).await? {
                Some(until) => {
                    let why = Postponed::OrderGoesOn;
                    record_outcome::postpone(app, chat, &message, until, why).await?;
                }
                None => batch.push(message),
            },
            DueDecision::Later(_) => {
                if batch.is_empty() {
                    batch.push(message);
                }
                break;
            }
            DueDecision::Expired => {
                record_outcome::skip(app, &message, MessageStatus::Expired, "too_late").await?;
            }
            DueDecision::Superseded => {
                record_outcome::skip(app, &message, MessageStatus::Cancelled, "superseded").await?;
            }
            DueDecision::Skipped(reason) => {
                record_outcome::skip(app, &message, MessageStatus::Cancelled, reason).await?;
            }
            DueDecision::Postponed(until) => {
                let why = Postponed::QuietHours;
                record_outcome::postpone(app, chat, &message, until, why).await?;
            }
        }
    }
    Ok(Some(NextDue { batch: lists_side_by_side(app, chat, batch).await?, last }))
}

/// Whether a message may be sent as one with the batch. Old cards are a summary of their own.
fn may_join(batch: &[DueMessage], message: &DueMessage, now: DateTime<Utc>) -> bool {
    let Some(first) = batch.first() else { return true };
    if !first.kind.joins_cards() {
        return belongs(batch, message);
    }
    let same_age = is_old_card(first, now) == is_old_card(message, now);
    message.kind.joins_cards() && same_age && !first.goes_alone && !message.goes_alone
}

/// The due messages of a chat. `None`: the first row was unreadable and has been quarantined. Cards of
/// refused requests are read only when no other card is due.
async fn readable(
    app: &App,
    chat: ChatId,
    cards: bool,
    now: DateTime<Utc>,
) -> Result<Option<Rows>, DeliveryError> {
    if !cards {
        return match app.outbox_batcher.due(chat).await {
            Some(Ok(rows)) if may_be_list(&rows) => look(app, chat, Among::All, now, CARDS).await,
            Some(rows) => Ok(Some(rows?)),
            None => look(app, chat, Among::All, now, OutboxBatcher::LIMIT).await,
        };
    }
    // As of one moment: a card that goes last, due with another one, would overtake it otherwise.
    match look_for_cards(app, chat, Among::First, now).await? {
        Some(rows) if rows.is_empty() => look_for_cards(app, chat, Among::Last, now).await,
        first => Ok(first),
    }
}

/// Whether several messages wait that may be one list.
fn may_be_list(rows: &Rows) -> bool {
    let mut messages = rows.iter().filter_map(|row| row.as_ref().ok());
    let pair = messages.next().zip(messages.next());
    pair.is_some_and(|(first, second)| belongs(std::slice::from_ref(first), second))
}

/// As many cards as one message takes.
async fn look_for_cards(
    app: &App,
    chat: ChatId,
    among: Among,
    now: DateTime<Utc>,
) -> Result<Option<Rows>, DeliveryError> {
    let rows = look(app, chat, among, now, CARDS).await?;
    match rows.as_ref().and_then(|rows| rows.last()) {
        Some(Ok(last)) if is_old_card(last, now) => look(app, chat, among, now, OLD_CARDS).await,
        Some(Ok(_) | Err(_)) | None => Ok(rows),
    }
}

async fn look(
    app: &App,
    chat: ChatId,
    among: Among,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Option<Rows>, DeliveryError> {
    let chats = [chat];
    let due = async |limit| {
        let mut due = outbox::due(&app.db, &chats, among, now, limit).await?;
        Ok::<Rows, DbErr>(due.remove(&chat).unwrap_or_default())
    };
    if let Ok(rows) = read(due(limit)).await {
        return Ok(Some(rows?));
    }
    // One of several rows may be unreadable: read only the first.
    let Err(reason) = read(due(1)).await else { return Ok(Some(due(1).await?)) };
    if let Some(id) = outbox::first_due(&app.db, among, chat, now).await? {
        record_outcome::quarantine(app, chat, id, &reason).await?;
    }
    Ok(None)
}
