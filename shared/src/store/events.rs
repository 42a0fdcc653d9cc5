//! Applying a booking event: one transaction that reads the booking, lets the rules decide, and
//! writes the new state together with the messages that follow.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, FromQueryResult,
    TransactionTrait,
};

use super::{
    QueueWork,
    entity::booking,
    limited, lock,
    outbox::{self, JobRow, NewMessage},
    statement::{all, one, sql, unreadable},
    statuses, tutor,
};
use crate::{
    domain::{
        booking::Booking,
        event::BookingEvent,
        forgotten::{ForgetKey, Forgotten},
        history::History,
        ids::{BookingId, ChatId, UserId},
        message::{MessageKind, Planned},
        phone::Phone,
        plan::{self, BookingState, Effect, Plan, PlanContext, Step},
        venue::Venue,
    },
    queue::HORIZON,
};

/// The booking as stored, and its client in the bot.
struct Known {
    booking: Option<Booking>,
    announced: bool,
    believes_booked: bool,
    last_question_at: Option<DateTime<Utc>>,
    forgotten: Forgotten,
    client: Option<UserId>,
    /// The client's chat, unless it can't be written to.
    client_chat: Option<ChatId>,
}

#[derive(FromQueryResult)]
struct KnownColumns {
    announced: bool,
    believes_booked: bool,
    last_question_at: Option<DateTime<Utc>>,
    booking_forgotten_at: Option<DateTime<Utc>>,
    booking_forgotten_phone: Option<String>,
    phone_forgotten_at: Option<DateTime<Utc>>,
    client_user_id: Option<i64>,
    client_chat_id: Option<i64>,
    #[sea_orm(nested)]
    booking: Option<booking::Model>,
}

/// Applies an event; applying it again, or applying it late, changes nothing that a newer one decided.
///
/// # Errors
/// When the database fails; nothing has happened then, and the event can be applied again.
pub async fn apply(
    db: &DatabaseConnection,
    event: &BookingEvent,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<(Effect, QueueWork), DbErr> {
    let tx = limited(db.begin()).await?;
    let (known, event) = read(&tx, event, venue.forget_key.as_ref()).await?;
    let event = event.as_ref();
    let context = PlanContext {
        now,
        announced: known.announced,
        believes_booked: known.believes_booked,
        last_question_at: known.last_question_at,
        waiting: None,
    };
    let (effect, work) = match Step::of(known.booking.as_ref(), event, venue, context) {
        None => (Effect::Stale, QueueWork::default()),
        Some(mut step) => {
            if let Some(booking) = known.booking.as_ref().filter(|_| step.may_be_news()) {
                add_announcement(&tx, booking, &mut step.context).await?;
            }
            let Plan { state, effect, mut messages, retimes } = step.plan();
            let day = venue.zone.local(event.received_at).date_naive();
            // Before the statuses: the rows are locked in this order.
            messages.extend(tutor::card(&tx, event, venue, now).await?);
            messages.extend(held_back(&tx, event, venue, day, now).await?);
            let (client, staff) = (known.client_chat, venue.staff_chat.get());
            let to_message = |planned| NewMessage::of_booking(planned, client, staff, &event.id);
            let messages = messages.into_iter().map(to_message).collect();
            let work = write(&tx, event, &state, &known, messages, now).await?;
            let before = known.booking.as_ref().map(|booking| (booking.id, booking.version));
            let stale = before.filter(|(_, version)| *version < state.version);
            let buttons = outbox::take_stale_buttons(&tx, stale.as_slice(), now).await?;
            let mut work = work.and(buttons);
            let corrected = known.booking.as_ref().zip(state.visit_time).filter(|_| retimes);
            if let Some((booking, visit_time)) = corrected {
                let times =
                    outbox::retime(&tx, (booking.id, state.version), visit_time, venue, now);
                work = work.and(times.await?);
            }
            statuses::record(&tx, event, day).await?;
            (effect, work)
        }
    };
    limited(tx.commit()).await?;
    Ok((effect, work))
}

/// The booking as stored, locked, and the request: without its person, if their data were deleted.
async fn read<'a>(
    tx: &DatabaseTransaction,
    event: &'a BookingEvent,
    key: Option<&ForgetKey>,
) -> Result<(Known, Cow<'a, BookingEvent>), DbErr> {
    let hash = key.zip(event.details.phone.as_ref()).map(|(key, phone)| key.hash(phone.as_e164()));
    let known = read_locked(tx, event, hash.as_deref()).await?;
    if !known.forgotten.hides(event, key) {
        return Ok((known, Cow::Borrowed(event)));
    }
    let event = event.clone().without_person();
    let known = read_locked(tx, &event, None).await?;
    Ok((known, Cow::Owned(event)))
}

async fn read_locked(
    tx: &DatabaseTransaction,
    event: &BookingEvent,
    hash: Option<&str>,
) -> Result<Known, DbErr> {
    let given = event.details.phone.as_ref();
    lock::booking_and_phone(tx, &event.code, given).await?;
    let known = read_state(tx, event, given, hash).await?;
    // The client is whose phone the booking has afterwards: a late event may name one that a newer
    // event replaced, or none. That phone is locked, too, so that a registration of it can't pass by
    // unseen.
    let merged = History::merge(known.booking.as_ref(), event).details.phone;
    match merged.as_ref().filter(|merged| Some(*merged) != given) {
        Some(phone) => {
            lock::phone(tx, phone).await?;
            read_state(tx, event, Some(phone), hash).await
        }
        None => Ok(known),
    }
}

async fn read_state(
    conn: &impl ConnectionTrait,
    event: &BookingEvent,
    phone: Option<&Phone>,
    hash: Option<&str>,
) -> Result<Known, DbErr> {
    let phone = phone.map(|phone| phone.as_e164().to_owned());
    let statement = sql(
        include_str!("sql/booking_state.sql"),
        [event.code.as_str().into(), phone.into(), hash.into()],
    );
    let row: KnownColumns = one(conn, statement)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the state of a booking".into()))?;
    Ok(Known {
        booking: row.booking.map(Booking::try_from).transpose()?,
        announced: row.announced,
        believes_booked: row.believes_booked,
        last_question_at: row.last_question_at,
        forgotten: Forgotten {
            booking_at: row.booking_forgotten_at,
            booking_phone: row.booking_forgotten_phone,
            phone_at: row.phone_forgotten_at,
        },
        client: row.client_user_id.map(UserId),
        client_chat: row.client_chat_id.map(ChatId),
    })
}

/// A note about words that look like a cancellation and do not count as one: once a day for the same words.
async fn held_back(
    tx: &DatabaseTransaction,
    event: &BookingEvent,
    venue: &Venue,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Option<Planned>, DbErr> {
    let tell_staff = event.status.held_back && venue.staff_chat.get().is_some();
    match event.status.words.as_deref().filter(|_| tell_staff) {
        Some(words) if statuses::note_held_back(tx, words, day).await? => {
            Ok(Some(plan::held_back(words, &event.id, now)))
        }
        Some(_) | None => Ok(None),
    }
}

/// Adds what has become of the confirmation or move of the booking's present version. It is locked, so that
/// it is not claimed while its successor is planned: the client would then hear of a move as of a new booking,
/// or nothing of a cancellation.
async fn add_announcement(
    tx: &DatabaseTransaction,
    booking: &Booking,
    context: &mut PlanContext,
) -> Result<(), DbErr> {
    // The booking first, as everything else does.
    const ANNOUNCEMENT: &str = "WITH b AS (SELECT id, version FROM bookings WHERE id = $1 FOR UPDATE) \
        SELECT m.status = 'scheduled' AND m.attempts = 0 AS waits, \
        m.status IN ('sending', 'sent', 'unknown') \
        OR (m.attempts > 0 AND m.status <> 'failed') AS announced, m.kind, m.content \
        FROM b JOIN messages m ON m.booking_id = b.id AND m.booking_version = b.version \
        WHERE m.kind IN ('confirmation', 'moved') ORDER BY m.id DESC LIMIT 1 FOR UPDATE OF m";
    #[derive(FromQueryResult)]
    struct Row {
        announced: bool,
        waits: bool,
        kind: String,
        content: Option<serde_json::Value>,
    }
    let row: Option<Row> = one(tx, sql(ANNOUNCEMENT, [booking.id.0.into()])).await?;
    let Some(Row { announced, waits, kind, content }) = row else { return Ok(()) };
    context.announced |= announced;
    if waits {
        let kind = MessageKind::parse(&kind).ok_or_else(|| unreadable("messages.kind", &kind))?;
        let content = content.map(serde_json::from_value).transpose();
        context.waiting = Some((kind, content.map_err(|error| DbErr::Json(error.to_string()))?));
    }
    Ok(())
}

async fn write(
    tx: &DatabaseTransaction,
    event: &BookingEvent,
    state: &BookingState,
    known: &Known,
    messages: Vec<NewMessage>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let details = &state.details;
    let json = |value: serde_json::Result<serde_json::Value>| {
        value.map_err(|error| DbErr::Json(error.to_string()))
    };
    let fields = match &details.fields[..] {
        [] => None,
        fields => Some(json(serde_json::to_value(fields))?),
    };
    let statement = sql(
        include_str!("sql/booking_write.sql"),
        [
            event.code.as_str().into(),
            known.client.map(|u| u.0).into(),
            details.service.clone().into(),
            details.zone.clone().into(),
            details.client_name.clone().into(),
            details.phone.as_ref().map(|p| p.as_e164().to_owned()).into(),
            state.visit_time.map(|s| s.start()).into(),
            state.visit_time.map(|s| s.end()).into(),
            details.people.and_then(|n| i32::try_from(n).ok()).into(),
            details.total.map(|m| m.0).into(),
            details.paid.map(|m| m.0).into(),
            details.order.clone().into(),
            state.status.as_str().into(),
            state.version.into(),
            state.last_event.0.into(),
            state.last_event.1.0.clone().into(),
            now.into(),
            NewMessage::to_json(&messages)?.into(),
            state.meaning.as_str().into(),
            state.status_words.clone().into(),
            json(serde_json::to_value(&state.history))?.into(),
            details.last_name.clone().into(),
            details.comment.clone().into(),
            fields.into(),
            details.prepayment.map(|m| m.0).into(),
            details.order_page.clone().into(),
            known.client_chat.map(|chat| chat.0).into(),
            (now + HORIZON).into(),
            state.clock.map(|clock| clock.times.start).into(),
            state.clock.map(|clock| clock.times.end).into(),
        ],
    );
    let rows: Vec<JobRow> = all(tx, statement).await?;
    JobRow::work(rows, now)
}

/// Marks visits that are over as completed, at most `limit` at a time, and takes the buttons off their messages.
/// Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn complete_past(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<(u64, QueueWork), DbErr> {
    const COMPLETE: &str = "UPDATE bookings SET status = 'completed', updated_at = $1 WHERE id IN \
        (SELECT id FROM bookings WHERE status = 'active' AND ends_at <= $1 ORDER BY ends_at \
         LIMIT $2 FOR UPDATE SKIP LOCKED) AND status = 'active' RETURNING id, version";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        version: i32,
    }
    let rows: Vec<Row> = all(conn, sql(COMPLETE, [now.into(), limit.into()])).await?;
    let over: Vec<_> = rows.iter().map(|row| (BookingId(row.id), row.version)).collect();
    let work = outbox::take_stale_buttons(conn, &over, now).await?;
    Ok((u64::try_from(over.len()).unwrap_or_default(), work))
}
