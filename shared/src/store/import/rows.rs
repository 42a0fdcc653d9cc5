//! The rows that an import writes, as JSON: one statement takes a batch.

use chrono::{DateTime, NaiveDateTime, Utc};
use sea_orm::DbErr;
use serde::Serialize;

use crate::domain::{
    ids::{BookingCode, ChatId, EventId, MessageId},
    import::{ReadBooking, SentBefore},
    message::{MessageStatus, Planned},
    plan::BookingState,
};

/// A booking's new state.
#[derive(Debug, Serialize)]
pub(super) struct BookingRow {
    code: String,
    user_id: Option<i64>,
    service_name: Option<String>,
    zone_name: Option<String>,
    client_name: Option<String>,
    client_last_name: Option<String>,
    client_phone: Option<String>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    starts_local: Option<NaiveDateTime>,
    ends_local: Option<NaiveDateTime>,
    people: Option<u32>,
    total_minor: Option<i64>,
    paid_minor: Option<i64>,
    prepayment_minor: Option<i64>,
    order_id: Option<String>,
    order_page_id: Option<String>,
    comment: Option<String>,
    form_fields: Option<serde_json::Value>,
    status: &'static str,
    meaning: &'static str,
    status_words: Option<String>,
    history: serde_json::Value,
    version: i32,
    last_event_at: DateTime<Utc>,
    last_event_id: String,
    created_at: DateTime<Utc>,
}

impl BookingRow {
    pub(super) fn new(
        old: &ReadBooking,
        state: BookingState,
        user: Option<i64>,
    ) -> Result<Self, DbErr> {
        let json = |value: serde_json::Result<serde_json::Value>| {
            value.map_err(|error| DbErr::Json(error.to_string()))
        };
        let details = state.details;
        let fields = match &details.fields[..] {
            [] => None,
            fields => Some(json(serde_json::to_value(fields))?),
        };
        Ok(Self {
            code: old.event.code.to_string(),
            user_id: user,
            service_name: details.service,
            zone_name: details.zone,
            client_name: details.client_name,
            client_last_name: details.last_name,
            client_phone: details.phone.map(String::from),
            starts_at: state.visit_time.map(|visit_time| visit_time.start()),
            ends_at: state.visit_time.map(|visit_time| visit_time.end()),
            starts_local: state.clock.map(|clock| clock.times.start),
            ends_local: state.clock.map(|clock| clock.times.end),
            people: details.people,
            total_minor: details.total.map(|money| money.0),
            paid_minor: details.paid.map(|money| money.0),
            prepayment_minor: details.prepayment.map(|money| money.0),
            order_id: details.order,
            order_page_id: details.order_page,
            comment: details.comment,
            form_fields: fields,
            status: state.status.as_str(),
            meaning: state.meaning.as_str(),
            status_words: state.status_words,
            history: json(serde_json::to_value(&state.history))?,
            version: state.version,
            last_event_at: state.last_event.0,
            last_event_id: state.last_event.1.0,
            created_at: old.created_at,
        })
    }
}

/// A rating.
#[derive(Debug, Serialize)]
pub(super) struct RatingRow {
    pub(super) code: String,
    pub(super) stars: u8,
    pub(super) rated_at: DateTime<Utc>,
}

/// A message that is planned, or that the old bot has sent.
#[derive(Debug, Serialize)]
pub(super) struct MessageRow {
    code: String,
    kind: &'static str,
    lane: &'static str,
    chat_id: Option<i64>,
    booking_version: i32,
    slot: String,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    status: &'static str,
    sent_at: Option<DateTime<Utc>>,
    job_id: String,
    made_at: DateTime<Utc>,
    event_id: Option<String>,
}

/// The version of a booking about which the old bot's messages are.
const FIRST_VERSION: i32 = 1;

impl MessageRow {
    pub(super) fn planned(
        (code, version): (&BookingCode, i32),
        planned: Planned,
        chat: Option<ChatId>,
        (event, now): (&EventId, DateTime<Utc>),
    ) -> Self {
        Self {
            code: code.to_string(),
            kind: planned.kind.as_str(),
            lane: planned.kind.priority().as_str(),
            chat_id: chat.map(|chat| chat.0),
            booking_version: version,
            slot: planned.dedup_key,
            due_at: planned.due_at,
            expires_at: planned.expires_at,
            status: MessageStatus::Scheduled.as_str(),
            sent_at: None,
            job_id: format!("m{}", EventId::fresh()),
            made_at: now,
            event_id: Some(event.to_string()),
        }
    }

    pub(super) fn sent(code: &BookingCode, sent: &SentBefore, chat: Option<ChatId>) -> Self {
        let slot = sent.dedup_key();
        Self {
            code: code.to_string(),
            kind: sent.kind.as_str(),
            lane: sent.kind.priority().as_str(),
            chat_id: chat.map(|chat| chat.0),
            booking_version: FIRST_VERSION,
            due_at: sent.sent_at,
            expires_at: None,
            status: MessageStatus::Sent.as_str(),
            sent_at: Some(sent.sent_at),
            job_id: format!("m{slot}"),
            slot,
            made_at: sent.sent_at,
            event_id: None,
        }
    }
}

/// What a batch writes.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) bookings: Vec<BookingRow>,
    pub(super) ratings: Vec<RatingRow>,
    pub(super) messages: Vec<MessageRow>,
    pub(super) cancelled: Vec<MessageId>,
}
