//! The head of a chat: what is to be said there next, with the booking as it is now.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::{
    domain::{
        booking::Booking,
        ids::{ChatId, EventId, MessageId},
        message::{Content, MessageKind},
        schedule::Pace,
    },
    store::{
        entity::booking,
        statement::{all, by_ids, one, sql, unreadable},
    },
};

/// A due message with all that its text is made from.
#[derive(Debug, Clone)]
pub struct DueMessage {
    pub id: MessageId,
    pub kind: MessageKind,
    pub content: Option<Content>,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub not_before: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    /// Tries so far that may have been a delivery.
    pub attempts: i32,
    pub booking_version: Option<i32>,
    pub booking: Option<Booking>,
    /// Whether the booking's client is in the bot and can be written to.
    pub client_in_bot: bool,
    /// A message like this about another reservation of the order has shown this chat the order's total, or
    /// is about to.
    pub total_shown_elsewhere: bool,
    /// When the client was told of the booking, for a reminder.
    pub told_at: Option<DateTime<Utc>>,
    /// When the chat's client was asked about a visit, for a feedback request.
    pub asked_at: Option<DateTime<Utc>>,
    pub event: Option<EventId>,
}

/// A row that no version of this program can have written: set aside, never in its chat's way.
#[derive(Debug, Clone)]
pub struct BrokenMessage {
    pub id: MessageId,
    pub reason: String,
}

/// What is to happen with a due message now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Send,
    /// A try before failed: not yet.
    Later(DateTime<Utc>),
    /// Its time is over.
    Expired,
    /// The booking has moved on.
    Superseded,
    /// It comes too soon after another one.
    Skipped(&'static str),
    /// It was held up into quiet hours: due again at their end.
    Postponed(DateTime<Utc>),
}

impl DueMessage {
    /// What is to happen with the message at `now`.
    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>, pace: &Pace) -> Due {
        if self.expires_at.is_some_and(|end| end <= now) {
            return Due::Expired;
        }
        if self.kind.follows_booking() {
            let fits = self.booking.as_ref().is_some_and(|b| {
                Some(b.version) == self.booking_version && self.kind.fits(b.status)
            });
            if !fits {
                return Due::Superseded;
            }
        }
        match self.kind {
            MessageKind::Reminder if pace.follows_too_soon(self.due_at, self.told_at) => {
                return Due::Skipped("told_recently");
            }
            MessageKind::Feedback if pace.asked_too_recently(self.asked_at, now) => {
                return Due::Skipped("asked_recently");
            }
            _ => {}
        }
        let visit = self.booking.as_ref().and_then(|booking| booking.visit_time);
        if let Some(morning) = pace.held_until(self.kind, visit, now) {
            return Due::Postponed(morning);
        }
        if self.not_before > now { Due::Later(self.not_before) } else { Due::Send }
    }
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    message_id: i64,
    kind: String,
    content: Option<serde_json::Value>,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    not_before: DateTime<Utc>,
    queued_at: DateTime<Utc>,
    attempts: i32,
    booking_version: Option<i32>,
    client_in_bot: bool,
    total_shown_elsewhere: bool,
    told_at: Option<DateTime<Utc>>,
    asked_at: Option<DateTime<Utc>>,
    event_id: Option<String>,
    #[sea_orm(nested)]
    booking: Option<booking::Model>,
}

/// A row as it is to be used, or set aside.
pub(super) fn readable(row: Row) -> Result<DueMessage, BrokenMessage> {
    let id = MessageId(row.message_id);
    DueMessage::try_from(row).map_err(|error| BrokenMessage { id, reason: error.to_string() })
}

/// Which of a chat's messages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    All,
    /// All but those that go last.
    First,
    /// Those that go last ([`MessageKind::goes_last`]).
    Last,
}

/// Selects the due messages of the chat that is written so in the statement, by now (`$2`) at most
/// `$3` of them.
// Each column is named: with b.* one that a newer version adds would break the statement, which
// connections keep prepared.
macro_rules! head_of {
    ($chat:literal) => {
        head_of!($chat, "")
    };
    ($chat:literal, $among:literal) => {
        concat!(
            "SELECT m.id AS message_id, m.kind, m.content, m.due_at, m.expires_at, \
             m.not_before, m.created_at AS queued_at, m.attempts, m.booking_version, m.event_id, \
             COALESCE(u.reachable, false) AS client_in_bot, \
             b.id, b.bukza_booking_id, b.user_id, b.service_name, b.zone_name, \
             b.client_name, b.client_phone, b.starts_at, b.ends_at, b.people, b.total_minor, \
             b.paid_minor, b.order_id, b.status, b.version, b.rating, b.rated_at, \
             b.last_event_at, b.last_event_id, b.meaning, b.status_words, b.history, \
             b.client_last_name, b.comment, b.form_fields, b.prepayment_minor, b.order_page_id, \
             b.created_at, b.updated_at, \
             EXISTS (SELECT 1 FROM bookings o JOIN messages s ON s.booking_id = o.id \
             WHERE o.order_id = b.order_id AND o.client_phone = b.client_phone \
             AND o.id <> b.id AND s.chat_id = m.chat_id AND CASE \
             WHEN m.kind IN ('confirmation', 'moved') THEN s.kind IN ('confirmation', 'moved') \
             WHEN m.kind = 'reminder' THEN s.kind = m.kind AND s.slot = m.slot \
             ELSE s.kind = m.kind END \
             AND (s.status IN ('sending', 'sent', 'unknown') OR s.status = 'scheduled' \
             AND (s.due_at, s.id) < (m.due_at, m.id))) AS total_shown_elsewhere, \
             CASE WHEN m.kind = 'reminder' THEN (SELECT max(t.sent_at) FROM messages t \
             WHERE t.booking_id = m.booking_id AND t.status = 'sent' \
             AND t.kind IN ('confirmation', 'moved')) END AS told_at, \
             CASE WHEN m.kind = 'feedback' THEN (SELECT max(q.sent_at) FROM messages q \
             WHERE q.chat_id = m.chat_id AND q.kind = 'feedback' \
             AND q.status = 'sent') END AS asked_at \
             FROM messages m LEFT JOIN bookings b ON b.id = m.booking_id \
             LEFT JOIN users u ON u.id = b.user_id \
             WHERE m.chat_id = ",
            $chat,
            $among,
            " AND m.status = 'scheduled' AND m.due_at <= $2 ORDER BY m.due_at, m.id LIMIT $3"
        )
    };
}
pub(super) use head_of;

/// The due messages of a chat in the order in which they must be said, at most `limit`.
///
/// # Errors
/// When the database fails. A row that can't be read is one of the results, not an error.
pub async fn due_head(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Result<DueMessage, BrokenMessage>>, DbErr> {
    due_among(conn, Among::All, chat, now, limit).await
}

/// The same of some of the chat's messages.
///
/// # Errors
/// When the database fails. A row that can't be read is one of the results, not an error.
pub async fn due_among(
    conn: &impl ConnectionTrait,
    among: Among,
    chat: ChatId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Result<DueMessage, BrokenMessage>>, DbErr> {
    const ALL: &str = head_of!("$1");
    const FIRST: &str = head_of!("$1", " AND m.kind <> 'staff_rejected'");
    const LAST: &str = head_of!("$1", " AND m.kind = 'staff_rejected'");
    let text = match among {
        Among::All => ALL,
        Among::First => FIRST,
        Among::Last => LAST,
    };
    let rows: Vec<Row> = all(conn, sql(text, [chat.0.into(), now.into(), limit.into()])).await?;
    Ok(rows.into_iter().map(readable).collect())
}

/// The id of the first of those messages, without reading the rest of it.
///
/// # Errors
/// When the database fails.
pub async fn first_due(
    conn: &impl ConnectionTrait,
    among: Among,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<Option<MessageId>, DbErr> {
    #[derive(FromQueryResult)]
    struct First {
        id: i64,
    }
    let which = match among {
        Among::All => "",
        Among::First => "AND kind <> 'staff_rejected'",
        Among::Last => "AND kind = 'staff_rejected'",
    };
    let text = format!(
        "SELECT id FROM messages WHERE chat_id = $1 AND status = 'scheduled' \
         AND due_at <= $2 {which} ORDER BY due_at, id LIMIT 1"
    );
    let first: Option<First> = one(conn, sql(&text, [chat.0.into(), now.into()])).await?;
    Ok(first.map(|row| MessageId(row.id)))
}

/// What the texts of these messages need beyond the booking, as it is now.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn contents(
    conn: &impl ConnectionTrait,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, Option<Content>>, DbErr> {
    const CONTENTS: &str = "SELECT id, content FROM messages WHERE id = ANY($1)";
    #[derive(FromQueryResult)]
    struct Held {
        id: i64,
        content: Option<serde_json::Value>,
    }
    let (text, ids) = by_ids(CONTENTS, messages);
    let rows: Vec<Held> = all(conn, sql(&text, [ids])).await?;
    let read = |row: Held| Ok((MessageId(row.id), content(row.id, row.content)?));
    rows.into_iter().map(read).collect()
}

fn content(message: i64, stored: Option<serde_json::Value>) -> Result<Option<Content>, DbErr> {
    let content = stored.map(serde_json::from_value).transpose();
    content.map_err(|e| DbErr::Json(format!("messages.content of {message}: {e}")))
}

impl TryFrom<Row> for DueMessage {
    type Error = DbErr;

    fn try_from(row: Row) -> Result<Self, DbErr> {
        let kind =
            MessageKind::parse(&row.kind).ok_or_else(|| unreadable("messages.kind", &row.kind))?;
        let content = content(row.message_id, row.content)?;
        Ok(Self {
            id: MessageId(row.message_id),
            kind,
            content,
            due_at: row.due_at,
            expires_at: row.expires_at,
            not_before: row.not_before,
            created_at: row.queued_at,
            attempts: row.attempts,
            booking_version: row.booking_version,
            booking: row.booking.map(Booking::try_from).transpose()?,
            client_in_bot: row.client_in_bot,
            total_shown_elsewhere: row.total_shown_elsewhere,
            told_at: row.told_at,
            asked_at: row.asked_at,
            event: row.event_id.map(EventId),
        })
    }
}
