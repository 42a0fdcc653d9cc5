//! Finds the next message of a chat. Rows that are out of date are skipped, unreadable rows are
//! quarantined, so that neither blocks the rows behind it.

use shared::{
    domain::{ids::ChatId, message::MessageStatus},
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

/// Most staff cards read for one joined message.
const CARDS: i64 = 40;

/// What to send next in a chat.
#[derive(Debug, Default)]
pub(super) struct NextDue {
    /// One message, or several staff cards that may be joined. Empty if every row that was read has been
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
        let joins = batch.first().is_none_or(|first| first.kind.joins() && message.kind.joins());
        if !joins {
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
    Ok(Some(NextDue { batch, last }))
}

/// The due messages of a chat. `None`: the first row was unreadable and has been quarantined. Cards of
/// refused requests are read only when no other card is due.
async fn readable(app: &App, chat: ChatId, cards: bool) -> Result<Option<Rows>, DeliveryError> {
    if !cards {
        return match app.outbox_batcher.due(chat).await {
            Some(rows) => Ok(Some(rows?)),
            None => look(app, chat, Among::All, OutboxBatcher::LIMIT).await,
        };
    }
    match look(app, chat, Among::First, CARDS).await? {
        Some(rows) if rows.is_empty() => look(app, chat, Among::Last, CARDS).await,
        first => Ok(first),
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
