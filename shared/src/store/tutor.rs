//! The cards that show the first requests field by field: counted in the transaction that applies the request, so that
//! there are no more of them than the rules say, however many workers apply requests.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{sql, value};
use crate::domain::{
    event::BookingEvent,
    message::{Content, MessageKind, Planned},
    together::CARDS_WAIT,
    tutor::{TUTOR_CARDS, TutorCard},
    venue::Venue,
};

/// The card of a request, if it is one of the first. A request that equals one that was shown makes none. Without a
/// staff's chat nothing is counted: the cards come once there is one. The booking is locked by the caller.
///
/// # Errors
/// When the database fails.
pub(super) async fn card(
    conn: &impl ConnectionTrait,
    event: &BookingEvent,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Option<Planned>, DbErr> {
    let is_shown = !venue.tutor.is_over() && venue.staff_chat.get().is_some();
    if event.reading.is_none() || !is_shown || was_shown(conn, event).await? {
        return Ok(None);
    }
    let Some(number) = take_number(conn, event, venue).await? else { return Ok(None) };
    let card = TutorCard { number, request: event.clone() };
    let content = Some(Content::Tutor(Box::new(card)));
    let dedup_key = event.id.to_string();
    // After the booking's own card.
    Ok(Some(Planned::to_staff(MessageKind::StaffTutor, dedup_key, content, now + CARDS_WAIT)))
}

/// Whether a card about the booking shows the same, but for the request's id and time.
async fn was_shown(conn: &impl ConnectionTrait, event: &BookingEvent) -> Result<bool, DbErr> {
    const SHOWN: &str = "SELECT EXISTS (SELECT 1 FROM messages m \
        WHERE m.booking_id = (SELECT id FROM bookings WHERE bukza_booking_id = $1) \
        AND m.kind = 'staff_tutor' \
        AND (m.content #> '{tutor,request}') - 'id' - 'received_at' \
            = $2::jsonb - 'id' - 'received_at')";
    let request = serde_json::to_value(event).map_err(|error| DbErr::Json(error.to_string()))?;
    let shown = value(conn, sql(SHOWN, [event.code.as_str().into(), request.into()])).await?;
    Ok(shown.unwrap_or(false))
}

/// The number of the next card. `None`: there were all of them. The row is locked until the transaction ends.
async fn take_number(
    conn: &impl ConnectionTrait,
    event: &BookingEvent,
    venue: &Venue,
) -> Result<Option<u8>, DbErr> {
    const TAKE: &str = "UPDATE tutor SET cards = cards + 1, codes = array_append(codes, $2) \
        WHERE cards < $1 RETURNING cards";
    let most = i16::from(TUTOR_CARDS);
    let taken: Option<i16> =
        value(conn, sql(TAKE, [most.into(), event.code.as_str().into()])).await?;
    if taken.is_none() {
        venue.tutor.end();
    }
    Ok(taken.and_then(|number| u8::try_from(number).ok()))
}
