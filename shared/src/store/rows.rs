//! Reading rows of `bookings` into the domain's types, where a word or number that cannot be is an
//! error and not a guess.

use sea_orm::DbErr;

use super::{entity::booking, statement::unreadable};
use crate::domain::{
    booking::{Booking, BookingStatus, Stars},
    event::{Details, Slot},
    ids::{BookingCode, BookingId, EventId, UserId},
    money::Money,
    phone::Phone,
};

impl TryFrom<booking::Model> for Booking {
    type Error = DbErr;

    fn try_from(row: booking::Model) -> Result<Self, DbErr> {
        let slot = match row.starts_at.zip(row.ends_at) {
            Some((start, end)) => Some(
                Slot::new(start, end)
                    .map_err(|_| unreadable("bookings.ends_at", &end.to_string()))?,
            ),
            None => None,
        };
        // A phone that another tool wrote in a form of its own is no reason to lose the booking.
        let phone = row.client_phone.and_then(|text| Phone::try_from(text).ok());
        Ok(Self {
            id: BookingId(row.id),
            code: BookingCode::parse(&row.bukza_booking_id)
                .map_err(|_| unreadable("bookings.bukza_booking_id", &row.bukza_booking_id))?,
            user: row.user_id.map(UserId),
            details: Details {
                service: row.service_name,
                zone: row.zone_name,
                client_name: row.client_name,
                phone,
                people: row.people.and_then(|n| u32::try_from(n).ok()),
                total: row.total_minor.map(Money),
                paid: row.paid_minor.map(Money),
                order: row.order_id,
            },
            slot,
            status: BookingStatus::parse(&row.status)
                .ok_or_else(|| unreadable("bookings.status", &row.status))?,
            version: row.version,
            rating: row
                .rating
                .and_then(|stars| u8::try_from(stars).ok())
                .and_then(|stars| Stars::try_from(stars).ok()),
            last_event: (row.last_event_at, EventId(row.last_event_id)),
            created_at: row.created_at,
        })
    }
}
