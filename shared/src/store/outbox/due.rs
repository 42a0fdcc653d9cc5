//! The due messages of a chat, each with its booking as it is now, and what is to happen with each.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::{
    domain::{
        booking::Booking,
        ids::{ChatId, EventId, MessageId},
        message::{Content, MessageKind},
        message_kind::{Distance, Switch},
        outcome::REFUSED_TOGETHER,
        request::VisitAnswer,
        together::Listing,
        venue::{Locale, Venue},
    },
    store::{
        entity::booking,
        statement::{all, sql, unreadable, value},
    },
};

/// Most messages read that follow another one.
const FOLLOWING: i64 = 100;

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
    /// Whether the chat's account has proven a phone.
    pub chat_registered: bool,
    /// The language that the chat's account has chosen.
    pub chat_language: Option<Locale>,
    /// Whether the booking's client is in the bot and can be written to.
    pub client_in_bot: bool,
    /// The booking's client has turned reminders off.
    pub reminders_off: bool,
    /// The same for the questions how a visit was.
    pub questions_off: bool,
    /// A message like this about another reservation of the order has shown this chat the order's total, or
    /// is about to.
    pub total_shown_elsewhere: bool,
    /// A confirmation that is due soon after another one of the chat was sent.
    pub follows_another: bool,
    /// Other messages of its kind become due in the chat, soon enough to be listed with it.
    pub others_follow: bool,
    /// Telegram refused the message together with others: it is not sent as one with any.
    pub goes_alone: bool,
    /// What the client answered about this version of the booking, for a reminder.
    pub client_answer: Option<VisitAnswer>,
    /// When the booking's last confirmation or move was sent, for a reminder.
    pub announced_at: Option<DateTime<Utc>>,
    /// When the chat's last feedback request was sent, for a feedback request.
    pub last_question_at: Option<DateTime<Utc>>,
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
pub enum DueDecision {
    Send,
    /// A try before failed: not yet.
    Later(DateTime<Utc>),
    /// Its time is over.
    Expired,
    /// The booking has moved on.
    Superseded,
    /// It comes too soon after another one, or its client has turned such messages off.
    Skipped(&'static str),
    /// It was held up into quiet hours: due again at their end.
    Postponed(DateTime<Utc>),
}

impl DueMessage {
    /// Whether this answers an account that is not registered.
    #[must_use]
    pub fn answers_stranger(&self) -> bool {
        self.kind == MessageKind::Answer && !self.chat_registered
    }

    /// The number of the order that the booking is part of.
    #[must_use]
    pub fn order(&self) -> Option<&str> {
        self.booking.as_ref()?.details.order.as_deref()
    }

    /// Whether the booking is still as the message says it.
    #[must_use]
    pub fn is_current(&self) -> bool {
        !self.kind.follows_booking()
            || self.booking.as_ref().is_some_and(|booking| {
                Some(booking.version) == self.booking_version && self.kind.fits(booking.status)
            })
    }

    fn is_turned_off(&self) -> bool {
        match self.kind.properties().switch {
            Some(Switch::Reminders) => self.reminders_off,
            Some(Switch::Questions) => self.questions_off,
            None => false,
        }
    }

    /// What is to happen with the message at `now`.
    #[must_use]
    pub fn decide(&self, now: DateTime<Utc>, venue: &Venue) -> DueDecision {
        if self.expires_at.is_some_and(|end| end <= now) {
            return DueDecision::Expired;
        }
        if !self.is_current() {
            return DueDecision::Superseded;
        }
        if self.is_turned_off() {
            return DueDecision::Skipped("turned_off");
        }
        match self.kind.properties().distance {
            Distance::FromAnnouncement
                if venue.follows_too_soon(self.due_at, self.announced_at) =>
            {
                return DueDecision::Skipped("told_recently");
            }
            Distance::FromQuestion if venue.questioned_too_recently(self.last_question_at, now) => {
                return DueDecision::Skipped("asked_recently");
            }
            Distance::FromAnnouncement | Distance::FromQuestion | Distance::None => {}
        }
        let visit = self.booking.as_ref().and_then(|booking| booking.visit_time);
        if let Some(morning) = venue.held_until(self.kind, visit, now) {
            return DueDecision::Postponed(morning);
        }
        if self.not_before > now { DueDecision::Later(self.not_before) } else { DueDecision::Send }
    }
}

#[derive(FromQueryResult)]
struct Row {
    message_id: i64,
    kind: String,
    content: Option<serde_json::Value>,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    not_before: DateTime<Utc>,
    queued_at: DateTime<Utc>,
    attempts: i32,
    booking_version: Option<i32>,
    chat_registered: bool,
    chat_language: Option<String>,
    client_in_bot: bool,
    reminders_off: bool,
    questions_off: bool,
    total_shown_elsewhere: bool,
    follows_another: bool,
    others_follow: bool,
    goes_alone: bool,
    client_answer: Option<String>,
    announced_at: Option<DateTime<Utc>>,
    last_question_at: Option<DateTime<Utc>>,
    event_id: Option<String>,
    #[sea_orm(nested)]
    booking: Option<booking::Model>,
}

/// A row as it is to be used, or set aside.
fn readable(row: Row) -> Result<DueMessage, BrokenMessage> {
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

impl Among {
    /// The kinds looked at. A kind that only a newer version knows is none of them: its messages are left to
    /// a worker of that version, and the chat's other messages go on.
    fn kinds(self) -> Vec<String> {
        MessageKind::names(|kind| match self {
            Self::All => true,
            Self::First => !kind.goes_last(),
            Self::Last => kind.goes_last(),
        })
    }
}

#[derive(FromQueryResult)]
struct RowOfChat {
    of_chat: i64,
    #[sea_orm(nested)]
    row: Row,
}

/// The due messages of each chat in the order in which they must be sent, at most `limit` of each chat.
/// Chats without any are left out.
///
/// # Errors
/// When the database fails. A row that can't be read is one of the results, not an error.
pub async fn due(
    conn: &impl ConnectionTrait,
    chats: &[ChatId],
    among: Among,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<HashMap<ChatId, Vec<Result<DueMessage, BrokenMessage>>>, DbErr> {
    let distinct: HashSet<i64> = chats.iter().map(|chat| chat.0).collect();
    let distinct: Vec<i64> = distinct.into_iter().collect();
    let rows = rows(conn, distinct, DateTime::UNIX_EPOCH, (now, limit), among.kinds()).await?;
    let mut due: HashMap<ChatId, Vec<_>> = HashMap::with_capacity(chats.len());
    for RowOfChat { of_chat, row } in rows {
        due.entry(ChatId(of_chat)).or_default().push(readable(row));
    }
    Ok(due)
}

/// Messages of the same kind and chat that become due after `after`, until `until`.
///
/// # Errors
/// When the database fails. A row that can't be read is left out.
pub async fn following(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    kind: MessageKind,
    (after, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<DueMessage>, DbErr> {
    let kinds = vec![kind.as_str().to_owned()];
    let rows = rows(conn, vec![chat.0], after, (until, FOLLOWING), kinds).await?;
    Ok(rows.into_iter().filter_map(|row| readable(row.row).ok()).collect())
}

async fn rows(
    conn: &impl ConnectionTrait,
    chats: Vec<i64>,
    after: DateTime<Utc>,
    (until, limit): (DateTime<Utc>, i64),
    kinds: Vec<String>,
) -> Result<Vec<RowOfChat>, DbErr> {
    let (listed_later, within): (Vec<String>, Vec<f64>) = listed_later().unzip();
    let values = [
        chats.into(),
        until.into(),
        limit.into(),
        kinds.into(),
        REFUSED_TOGETHER.into(),
        listed_later.into(),
        within.into(),
        after.into(),
        Listing::Confirmations.rule().added_within.as_seconds_f64().into(),
    ];
    all(conn, sql(include_str!("../sql/due.sql"), values)).await
}

/// The kinds of which a message is listed with others that become due later, and within how many seconds.
fn listed_later() -> impl Iterator<Item = (String, f64)> {
    MessageKind::ALL.iter().filter_map(|kind| {
        let within = kind.listing()?.rule().ahead;
        (!within.is_zero()).then(|| (kind.as_str().to_owned(), within.as_seconds_f64()))
    })
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
    const FIRST: &str = "SELECT id FROM messages WHERE chat_id = $1 AND status = 'scheduled' \
        AND due_at <= $2 AND kind = ANY ((SELECT $3::text[])::text[]) ORDER BY due_at, id LIMIT 1";
    let values = [chat.0.into(), now.into(), among.kinds().into()];
    Ok(value(conn, sql(FIRST, values)).await?.map(MessageId))
}

/// What the texts of these messages need beyond the booking, as it is now.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn contents(
    conn: &impl ConnectionTrait,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, Option<Content>>, DbErr> {
    const CONTENTS: &str =
        "SELECT id, content FROM messages WHERE id = ANY ((SELECT $1::bigint[])::bigint[])";
    #[derive(FromQueryResult)]
    struct Held {
        id: i64,
        content: Option<serde_json::Value>,
    }
    let ids: Vec<i64> = messages.iter().map(|message| message.0).collect();
    let rows: Vec<Held> = all(conn, sql(CONTENTS, [ids.into()])).await?;
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
            chat_registered: row.chat_registered,
            // One that only a newer version knows is as good as none.
            chat_language: row.chat_language.as_deref().and_then(Locale::parse),
            client_in_bot: row.client_in_bot,
            reminders_off: row.reminders_off,
            questions_off: row.questions_off,
            total_shown_elsewhere: row.total_shown_elsewhere,
            follows_another: row.follows_another,
            others_follow: row.others_follow,
            goes_alone: row.goes_alone,
            // An answer that only a newer version knows is as good as none.
            client_answer: row.client_answer.as_deref().and_then(VisitAnswer::parse),
            announced_at: row.announced_at,
            last_question_at: row.last_question_at,
            event: row.event_id.map(EventId),
        })
    }
}
