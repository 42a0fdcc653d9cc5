//! Reading rows of `bookings` into the domain's types, where a word or number that cannot be is an
//! error and not a guess.

use sea_orm::DbErr;

use super::{entity::booking, statement::unreadable};
use crate::domain::{
    booking::{Booking, BookingStatus, Stars},
    event::{Details, VisitTime},
    history::History,
    ids::{BookingCode, BookingId, EventId, UserId},
    money::Money,
    phone::Phone,
    status::Meaning,
    wall_clock::{VisitClock, WallClock},
};

impl TryFrom<booking::Model> for Booking {
    type Error = DbErr;

    fn try_from(row: booking::Model) -> Result<Self, DbErr> {
        let visit_time = match row.starts_at.zip(row.ends_at) {
            Some((start, end)) => Some(
                VisitTime::new(start, end)
                    .map_err(|_| unreadable("bookings.ends_at", &end.to_string()))?,
            ),
            None => None,
        };
        let last_event = (row.last_event_at, EventId(row.last_event_id));
        // A history that can't be read is as good as none.
        let history: Option<History> =
            row.history.and_then(|history| serde_json::from_value(history).ok());
        // A build before has written other times where it has written the history.
        let current = history.as_ref().filter(|history| history.newest() == Some(&last_event));
        let source = current.and_then(|history| history.clock);
        let clock = source.zip(row.starts_local.zip(row.ends_local)).map(|(source, times)| {
            VisitClock { times: WallClock { start: times.0, end: times.1 }, source }
        });
        // A phone that another tool wrote in a form of its own is no reason to lose the booking.
        let phone = row.client_phone.and_then(|text| Phone::try_from(text).ok());
        let status = BookingStatus::parse(&row.status)
            .ok_or_else(|| unreadable("bookings.status", &row.status))?;
        Ok(Self {
            id: BookingId(row.id),
            code: BookingCode::parse(&row.bukza_booking_id)
                .map_err(|_| unreadable("bookings.bukza_booking_id", &row.bukza_booking_id))?,
            user: row.user_id.map(UserId),
            details: Details {
                service: row.service_name,
                zone: row.zone_name,
                client_name: row.client_name,
                last_name: row.client_last_name,
                phone,
                people: row.people.and_then(|n| u32::try_from(n).ok()),
                total: row.total_minor.map(Money),
                paid: row.paid_minor.map(Money),
                prepayment: row.prepayment_minor.map(Money),
                order: row.order_id,
                order_page: row.order_page_id,
                comment: row.comment,
                fields: row
                    .form_fields
                    .and_then(|fields| serde_json::from_value(fields).ok())
                    .unwrap_or_default(),
            },
            visit_time,
            clock,
            status,
            meaning: meaning(row.meaning.as_deref(), status),
            status_words: row.status_words,
            version: row.version,
            rating: row
                .rating
                .and_then(|stars| u8::try_from(stars).ok())
                .and_then(|stars| Stars::try_from(stars).ok()),
            rated_at: row.rated_at,
            history,
            last_event,
            created_at: row.created_at,
        })
    }
}

/// The meaning on record. `status` wins where a build before has written it since.
fn meaning(recorded: Option<&str>, status: BookingStatus) -> Meaning {
    let recorded = recorded.and_then(Meaning::parse);
    match status {
        BookingStatus::Cancelled => Meaning::Cancelled,
        BookingStatus::Active | BookingStatus::Completed => {
            recorded.filter(|meaning| *meaning != Meaning::Cancelled).unwrap_or_default()
        }
    }
}
