//! New rows of the outbox, and the jobs that they bring with them.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::Serialize;

use super::queue_of;
use crate::{
    domain::{
        ids::{BookingId, ChatId, EventId, JobId},
        message::{Content, MessageKind, Planned, Priority, Recipient, StaffChatNews},
        staff_chat::StaffPlace,
    },
    queue::Job,
    store::{
        QueueWork,
        statement::{all, sql},
    },
};

/// A message to be planned.
#[derive(Debug, Clone, Serialize)]
pub struct NewMessage {
    kind: MessageKind,
    recipient: Recipient,
    #[serde(rename = "lane")]
    priority: Priority,
    chat_id: Option<ChatId>,
    booking_id: Option<BookingId>,
    /// The client whom a card is about, where it is about no booking.
    about_chat_id: Option<ChatId>,
    update_id: Option<i64>,
    #[serde(rename = "slot")]
    dedup_key: String,
    content: Option<Content>,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    job_id: JobId,
    event_id: Option<EventId>,
}

impl NewMessage {
    /// A message that the rules of bookings planned.
    #[must_use]
    pub fn of_booking(
        planned: Planned,
        client: Option<ChatId>,
        staff: Option<ChatId>,
        event: &EventId,
    ) -> Self {
        let chat = match planned.kind.recipient() {
            Recipient::Client => client,
            Recipient::Staff => staff,
        };
        Self {
            dedup_key: planned.dedup_key,
            content: planned.content,
            expires_at: planned.expires_at,
            event_id: Some(event.clone()),
            ..Self::new(planned.kind, chat, planned.due_at)
        }
    }

    /// An answer to what a client wrote or pressed. `dedup_key` tells those to one update apart. It is
    /// due at once, and worth nothing when the client has waited for an hour.
    #[must_use]
    pub fn answer(
        chat: ChatId,
        update_id: i64,
        dedup_key: String,
        content: serde_json::Value,
        event: &EventId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            update_id: Some(update_id),
            dedup_key,
            content: Some(Content::Answer(content)),
            expires_at: Some(now + chrono::TimeDelta::hours(1)),
            event_id: Some(event.clone()),
            ..Self::new(MessageKind::Answer, Some(chat), now)
        }
    }

    /// A message to a client that no booking event planned and that is no answer to what they wrote. It is worth
    /// nothing after a day.
    #[must_use]
    pub fn to_client(kind: MessageKind, chat: ChatId, now: DateTime<Utc>) -> Self {
        let expires_at = Some(now + chrono::TimeDelta::days(1));
        Self { expires_at, ..Self::new(kind, Some(chat), now) }
    }

    /// A card for the staff that no booking event planned.
    #[must_use]
    pub fn staff_card(kind: MessageKind, staff: ChatId, now: DateTime<Utc>) -> Self {
        Self::new(kind, Some(staff), now)
    }

    /// Notifies a chat of what became of it as the staff's. It is worth nothing after a day.
    #[must_use]
    pub fn staff_chat_notice(place: StaffPlace, news: StaffChatNews, now: DateTime<Utc>) -> Self {
        let expires_at = Some(now + chrono::TimeDelta::days(1));
        let content = Some(Content::StaffChat { news, topic: place.topic });
        let kind = MessageKind::StaffChatNotice;
        Self { expires_at, content, ..Self::new(kind, Some(place.chat), now) }
    }

    fn new(kind: MessageKind, chat_id: Option<ChatId>, due_at: DateTime<Utc>) -> Self {
        Self {
            kind,
            recipient: kind.recipient(),
            priority: kind.priority(),
            chat_id,
            booking_id: None,
            about_chat_id: None,
            update_id: None,
            dedup_key: String::new(),
            content: None,
            due_at,
            expires_at: None,
            job_id: JobId(format!("m{}", EventId::fresh())),
            event_id: None,
        }
    }

    /// Nobody waits for it: it goes with the other messages of the bulk.
    #[must_use]
    pub fn in_bulk(mut self) -> Self {
        self.priority = Priority::Bulk;
        self
    }

    /// The booking that the message is about.
    #[must_use]
    pub fn about(mut self, booking: BookingId) -> Self {
        self.booking_id = Some(booking);
        self
    }

    /// The client whom a card is about: replies to it go there.
    #[must_use]
    pub fn about_client(mut self, chat: ChatId) -> Self {
        self.about_chat_id = Some(chat);
        self
    }

    /// The update of Telegram that caused the message; `dedup_key` tells it from the others it caused.
    #[must_use]
    pub fn caused_by_update(mut self, update_id: i64, dedup_key: impl Into<String>) -> Self {
        self.update_id = Some(update_id);
        self.dedup_key = dedup_key.into();
        self
    }

    /// The cause that the messages of one kind share.
    #[must_use]
    pub fn of_cause(mut self, cause: impl Into<String>) -> Self {
        self.dedup_key = cause.into();
        self
    }

    /// The message is worth nothing from this instant on.
    #[must_use]
    pub fn expiring_at(mut self, at: DateTime<Utc>) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// What the text needs beyond the booking.
    #[must_use]
    pub fn saying(mut self, content: Content) -> Self {
        self.content = Some(content);
        self
    }

    /// The event or update to which log lines about the message are to be traced.
    #[must_use]
    pub fn traced_to(mut self, event: &EventId) -> Self {
        self.event_id = Some(event.clone());
        self
    }

    pub(in crate::store) fn to_json(messages: &[Self]) -> Result<serde_json::Value, DbErr> {
        serde_json::to_value(messages).map_err(|e| DbErr::Json(e.to_string()))
    }
}

/// A message's job, as the writing statements return it: of messages that are due within the horizon. The
/// others are left to [`crate::store::reconcile::approaching`].
#[derive(Debug, FromQueryResult)]
pub struct JobRow {
    planned: bool,
    job_id: String,
    lane: String,
    chat_id: Option<i64>,
    due_at: DateTime<Utc>,
}

impl JobRow {
    /// Planned rows with a chat are pushed, the others' jobs are cancelled.
    pub(in crate::store) fn work(rows: Vec<Self>, now: DateTime<Utc>) -> Result<QueueWork, DbErr> {
        let mut work = QueueWork::default();
        for row in rows {
            let queue = queue_of(&row.lane)?;
            match (row.planned, row.chat_id) {
                (true, Some(chat)) => {
                    let wake = if row.due_at <= now { Job::wake_now } else { Job::wake };
                    work.push.push(wake(queue, JobId(row.job_id), ChatId(chat), row.due_at));
                }
                (true, None) => {}
                (false, _) => work.cancel.push(JobId(row.job_id)),
            }
        }
        Ok(work)
    }
}

/// Plans messages that no booking event caused. A message that is there already (the same update,
/// the same once-only slot) is left as it is.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &impl ConnectionTrait,
    messages: &[NewMessage],
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const INSERT: &str = "INSERT INTO messages (kind, recipient, lane, chat_id, booking_id, \
        booking_version, slot, update_id, content, due_at, expires_at, job_id, event_id, \
        about_chat_id, pushed_at, created_at, updated_at) \
        SELECT p.kind, p.recipient, p.lane, p.chat_id, p.booking_id, b.version, p.slot, \
        p.update_id, p.content, p.due_at, p.expires_at, p.job_id, p.event_id, p.about_chat_id, \
        $2, $2, $2 \
        FROM jsonb_to_recordset($1) AS p (kind text, recipient text, lane text, chat_id bigint, \
        booking_id bigint, slot text, update_id bigint, content jsonb, due_at timestamptz, \
        expires_at timestamptz, job_id text, event_id text, about_chat_id bigint) \
        LEFT JOIN bookings b ON b.id = p.booking_id \
        ON CONFLICT DO NOTHING RETURNING true AS planned, job_id, lane, chat_id, due_at";
    if messages.is_empty() {
        return Ok(QueueWork::default());
    }
    let rows = all(conn, sql(INSERT, [NewMessage::to_json(messages)?.into(), now.into()])).await?;
    JobRow::work(rows, now)
}
