//! A database of its own for each test, and short ways to make events.

#![allow(dead_code, clippy::unwrap_used, reason = "helpers of tests, of which each uses a part")]

mod database;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseConnection;
use secrecy::SecretString;
use shared::{
    domain::{
        event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
        ids::{BookingCode, ChatId, EventId, MessageId},
        outcome::Disposition,
        phone::{Phone, PhoneRegion},
        plan::Effect,
        staff_chat::{StaffChat, StaffPlace},
        venue::Venue,
    },
    store::{
        self, QueueWork, TransactionTrait, events,
        outbox::{
            Among, BrokenMessage, Claim, Claimed, DueMessage, NotClaimed, Settled, Settlement,
            ToClaim,
        },
        registration,
    },
};

use self::database::new_database;

pub const STAFF: ChatId = ChatId(-100);
pub const CLIENT: ChatId = ChatId(77);

/// A pool of a new, migrated database.
pub async fn database() -> DatabaseConnection {
    pool_of(8).await
}

/// The same with one connection, for what is set for the length of a session.
pub async fn database_of_one_connection() -> DatabaseConnection {
    pool_of(1).await
}

async fn pool_of(connections: u32) -> DatabaseConnection {
    let url = SecretString::from(new_database().await);
    store::connect(&url, connections).await.unwrap()
}

pub fn phone() -> Phone {
    Phone::parse("+79991234567", PhoneRegion::default()).unwrap()
}

pub fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// No hours are quiet, and nothing is left out for another message.
pub fn venue() -> Venue {
    Venue {
        reminder_before: vec![hours(24), hours(2)],
        reminder_gap: TimeDelta::zero(),
        quiet_hours: None,
        staff_chat: StaffChat::new(Some(StaffPlace::new(STAFF, None))),
        ..Venue::default()
    }
}

pub fn hours(n: i64) -> TimeDelta {
    TimeDelta::hours(n)
}

/// An event of booking `A1`, received `at`, for a visit of one hour that starts `start`.
pub fn stands(at: DateTime<Utc>, start: DateTime<Utc>) -> BookingEvent {
    let visit_time = VisitTime::new(start, start + hours(1)).unwrap();
    BookingEvent {
        id: EventId::fresh(),
        received_at: at,
        code: BookingCode::parse("A1").unwrap(),
        change: Change::Stands(visit_time),
        status: RequestStatus::default(),
        details: Details { service: Some("VR".into()), phone: Some(phone()), ..Details::default() },
        reading: None,
        wall_clock: None,
    }
}

pub fn cancels(at: DateTime<Utc>) -> BookingEvent {
    BookingEvent {
        change: Change::Cancelled(None),
        status: RequestStatus::default(),
        details: Details { phone: Some(phone()), ..Details::default() },
        ..stands(at, at)
    }
}

pub async fn apply(
    db: &DatabaseConnection,
    event: &BookingEvent,
    now: DateTime<Utc>,
) -> (Effect, QueueWork) {
    events::apply(db, event, &venue(), now).await.unwrap()
}

pub async fn register(db: &DatabaseConnection, chat: ChatId, now: DateTime<Utc>) -> QueueWork {
    let tx = db.begin().await.unwrap();
    let work = registration::register(&tx, chat, &phone(), now).await.unwrap();
    tx.commit().await.unwrap();
    work
}

/// All messages of the outbox as `kind version status chat`, oldest first.
pub async fn outbox(db: &DatabaseConnection) -> Vec<String> {
    use sea_orm::{EntityTrait, QueryOrder};
    use shared::store::entity::message;
    let rows = message::Entity::find().order_by_asc(message::Column::Id).all(db).await.unwrap();
    rows.iter()
        .map(|m| {
            let chat = m.chat_id.map_or("-".to_owned(), |chat| chat.to_string());
            let version = m.booking_version.unwrap_or(0);
            format!("{} v{version} {} {chat}", m.kind, m.status)
        })
        .collect()
}

/// The due messages of one chat.
pub async fn due_in(
    db: &DatabaseConnection,
    chat: ChatId,
    at: DateTime<Utc>,
    limit: i64,
) -> Vec<Result<DueMessage, BrokenMessage>> {
    let mut due = store::outbox::due(db, &[chat], Among::All, at, limit).await.unwrap();
    due.remove(&chat).unwrap_or_default()
}

/// Claims messages of one chat that are sent as one.
pub async fn claim_in(
    db: &DatabaseConnection,
    chat: ChatId,
    messages: &[MessageId],
    at: DateTime<Utc>,
) -> Result<Claim, NotClaimed> {
    let wanted = [ToClaim::new(chat, messages.to_vec())];
    match store::outbox::claim(db, &wanted, at).await.remove(0).unwrap() {
        Claimed::Yes(claim) => Ok(claim),
        Claimed::No(obstacle) => Err(obstacle),
    }
}

/// Records how one claim ended.
pub async fn settle(
    db: &DatabaseConnection,
    claim: &Claim,
    disposition: &Disposition,
    at: DateTime<Utc>,
) -> Settled {
    let ended = [Settlement { claim: claim.clone(), disposition: disposition.clone() }];
    store::outbox::settle(db, &ended, at).await.remove(0).unwrap()
}
