//! Finds the next message of a chat. Rows that are out of date are skipped, unreadable rows are
//! quarantined, so that neither blocks the rows behind it.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{ids::ChatId, message::MessageStatus, message_kind::Joining, together::sent_together},
    store::{
        DbErr,
        outbox::{self, Among, DueDecision, DueMessage},
    },
};

use super::{error::DeliveryError, record_outcome};
use crate::{
    app::App,
    outbox_batcher::{OutboxBatcher, Rows, read},
};

/// Most messages read that are sent as one.
const CARDS: i64 = 40;

/// Most old cards of one summary.
const OLD_CARDS: i64 = 1_000;
/// The age from which a card that waited is a line of a summary.
const OLD: TimeDelta = TimeDelta::days(1);

/// Whether a card waited so long, because the staff's chat was closed, that it is no card any more.
pub(super) fn is_old_card(message: &DueMessage, now: DateTime<Utc>) -> bool {
    message.kind.joining() == Joining::Cards && message.due_at <= now - OLD
}

/// What to send next in a chat.
#[derive(Debug, Default)]
pub(super) struct NextDue {
    /// One message, or several that are sent as one. Empty if every row that was read has been
    /// skipped or quarantined.
    pub batch: Vec<DueMessage>,
    /// Nothing else was due. A message that becomes due later has a job of its own.
    pub last: bool,
}

/// The next messages to send. Expired and superseded messages are skipped on the way. `None`: nothing is
/// due.
pub(super) async fn next(app: &App, chat: ChatId) -> Result<Option<NextDue>, DeliveryError> {
    let cards = app.venue.staff_chat.get() == Some(chat) || chat.0 < 0;
    let now = app.clock.now();
    let due = readable(app, chat, cards).await?;
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
        if batch.first().is_some_and(|first| !may_join(first, &message, now)) {
            break;
        }
        match message.decide(now, &app.venue) {
            DueDecision::Send => batch.push(message),
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
                record_outcome::postpone(app, chat, &message, until).await?
            }
        }
    }
    batch.truncate(joined(&batch));
    Ok(Some(NextDue { batch, last }))
}

/// Whether two messages of a chat may be sent as one. Old cards are a summary of their own.
fn may_join(first: &DueMessage, message: &DueMessage, now: DateTime<Utc>) -> bool {
    let joining = first.kind.joining();
    let alike = joining != Joining::Never && joining == message.kind.joining();
    let same_age = is_old_card(first, now) == is_old_card(message, now);
    alike && same_age && !first.goes_alone && !message.goes_alone
}

/// How many messages of the batch are sent as one.
fn joined(batch: &[DueMessage]) -> usize {
    match batch.first().map(|first| first.kind.joining()) {
        Some(Joining::Confirmations) => {
            let orders: Vec<Option<&str>> = batch.iter().map(DueMessage::order).collect();
            sent_together(&orders)
        }
        Some(Joining::Cards | Joining::Never) | None => batch.len(),
    }
}

/// The due messages of a chat. `None`: the first row was unreadable and has been quarantined. Cards of
/// refused requests are read only when no other card is due.
async fn readable(app: &App, chat: ChatId, cards: bool) -> Result<Option<Rows>, DeliveryError> {
    if !cards {
        return match app.outbox_batcher.due(chat).await {
            Some(Ok(rows)) if are_confirmations(&rows) => look(app, chat, Among::All, CARDS).await,
            Some(rows) => Ok(Some(rows?)),
            None => look(app, chat, Among::All, OutboxBatcher::LIMIT).await,
        };
    }
    match look_for_cards(app, chat, Among::First).await? {
        Some(rows) if rows.is_empty() => look_for_cards(app, chat, Among::Last).await,
        first => Ok(first),
    }
}

/// Whether several confirmations wait, which may be sent as one.
fn are_confirmations(rows: &Rows) -> bool {
    let confirmation = |row: &Result<DueMessage, _>| {
        row.as_ref().is_ok_and(|message| message.kind.joining() == Joining::Confirmations)
    };
    rows.len() > 1 && rows.iter().all(confirmation)
}

/// As many cards as one message takes.
async fn look_for_cards(
    app: &App,
    chat: ChatId,
    among: Among,
) -> Result<Option<Rows>, DeliveryError> {
    let rows = look(app, chat, among, CARDS).await?;
    let now = app.clock.now();
    match rows.as_ref().and_then(|rows| rows.last()) {
        Some(Ok(last)) if is_old_card(last, now) => look(app, chat, among, OLD_CARDS).await,
        Some(Ok(_) | Err(_)) | None => Ok(rows),
    }
}

async fn look(
    app: &App,
    chat: ChatId,
    among: Among,
    limit: i64,
) -> Result<Option<Rows>, DeliveryError> {
    let now = app.clock.now();
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
