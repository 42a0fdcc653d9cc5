//! What a chat is told next, whatever stands in its rows: what has been passed by, or can't be read, is
//! ended on the way and keeps nothing that is behind it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use shared::{
    domain::{
        ids::ChatId,
        message::{MessageStatus, Recipient},
    },
    store::{
        DbErr,
        outbox::{self, Among, BrokenMessage, Due, DueMessage},
    },
};

use super::{Desk, courier::DeliveryError, settle};
use crate::app::App;

/// Most staff cards looked at for one joined message.
const CARDS: i64 = 40;

/// What is to be said next in a chat.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// One message, or a run of staff cards that may be joined. None, if all that was looked at had been
    /// passed by, and was ended.
    pub run: Vec<DueMessage>,
    /// Nothing was due behind it. What becomes due later has a job of its own.
    pub last: bool,
}

/// Finds what is to be said next. Messages whose time or booking has passed them by are ended on the
/// way. `None`: nothing is due.
pub(super) async fn next(app: &App, chat: ChatId) -> Result<Option<Head>, DeliveryError> {
    let cards = app.staff_chat() == Some(chat) || chat.0 < 0;
    let now = app.clock.now();
    let due = readable(app, chat, cards).await?;
    let Some(due) = due else { return Ok(Some(Head::default())) };
    if due.is_empty() {
        return Ok(None);
    }
    let last = !cards && due.len() == 1;
    let mut run: Vec<DueMessage> = Vec::new();
    for message in due {
        let message = match message {
            Ok(message) => message,
            Err(broken) => {
                settle::broken(app, chat, broken.id, &broken.reason).await?;
                break;
            }
        };
        let joins = run.first().is_none_or(|first| {
            first.kind.recipient() == Recipient::Staff
                && message.kind.recipient() == Recipient::Staff
        });
        if !joins {
            break;
        }
        match message.standing(now, &app.policy.pace) {
            Due::Send => run.push(message),
            Due::Later(_) => {
                if run.is_empty() {
                    run.push(message);
                }
                break;
            }
            Due::Expired => {
                settle::passed_by(app, &message, MessageStatus::Expired, "too_late").await?;
            }
            Due::Superseded => {
                settle::passed_by(app, &message, MessageStatus::Cancelled, "superseded").await?;
            }
            Due::Skipped(reason) => {
                settle::passed_by(app, &message, MessageStatus::Cancelled, reason).await?;
            }
            Due::Postponed(until) => settle::postpone(app, chat, &message, until).await?,
        }
    }
    Ok(Some(Head { run, last }))
}

pub(super) type Rows = Vec<Result<DueMessage, BrokenMessage>>;

/// The due messages of a chat. `None`: the first of them could not be read at all, and is set aside.
/// Cards of refused requests are looked at when no other card is due.
async fn readable(app: &App, chat: ChatId, cards: bool) -> Result<Option<Rows>, DeliveryError> {
    if !cards {
        return match app.desk.head(chat).await {
            Some(rows) => Ok(Some(rows?)),
            None => look(app, chat, Among::All, Desk::LOOKED_AT).await,
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
    let due = |limit| outbox::due_among(&app.db, among, chat, now, limit);
    if let Ok(rows) = read(due(limit)).await {
        return Ok(Some(rows?));
    }
    // One of several perhaps: they are looked at one by one.
    let Err(reason) = read(due(1)).await else { return Ok(Some(due(1).await?)) };
    if let Some(id) = outbox::first_due(&app.db, among, chat, now).await? {
        settle::broken(app, chat, id, &reason).await?;
    }
    Ok(None)
}

/// Reads rows. `Err` if one of them holds what this program can't read; the driver panics at some of
/// it (`infinity`). Every other error is the database's, and says nothing of the rows.
pub(super) async fn read<T>(
    rows: impl Future<Output = Result<T, DbErr>>,
) -> Result<Result<T, DbErr>, String> {
    match AssertUnwindSafe(rows).catch_unwind().await {
        Err(_) => Err("its row makes the driver panic".to_owned()),
        Ok(Err(error)) if error.to_string().contains("while decoding column") => {
            Err(error.to_string())
        }
        Ok(result) => Ok(result),
    }
}
