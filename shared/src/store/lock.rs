//! Locks for the length of a transaction, so that changes of one booking, and registrations of one
//! phone, follow each other. Advisory and transaction-scoped: safe behind PgBouncer.

use sea_orm::{ConnectionTrait, DbErr};

use super::statement::{execute, sql};
use crate::domain::{ids::BookingCode, phone::Phone};

/// Locks a booking and, if known, its client's phone, in an order that can't deadlock.
pub(super) async fn booking_and_phone(
    conn: &impl ConnectionTrait,
    code: &BookingCode,
    phone: Option<&Phone>,
) -> Result<(), DbErr> {
    let mut names = vec![format!("booking:{code}")];
    names.extend(phone.map(phone_name));
    take(conn, names).await
}

/// Locks a phone.
pub(super) async fn phone(conn: &impl ConnectionTrait, phone: &Phone) -> Result<(), DbErr> {
    take(conn, vec![phone_name(phone)]).await
}

/// Locks phones in E.164 and bookings by their codes, in an order that can't deadlock.
pub(super) async fn phones_and_bookings(
    conn: &impl ConnectionTrait,
    phones: &[String],
    codes: &[String],
) -> Result<(), DbErr> {
    let phones = phones.iter().map(|phone| format!("phone:{phone}"));
    take(conn, phones.chain(codes.iter().map(|code| format!("booking:{code}"))).collect()).await
}

/// Locks the staff's cards of refused requests.
pub(super) async fn refusal_cards(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    take(conn, vec!["refusal_cards".to_owned()]).await
}

/// Locks the planning of the agenda that comes by itself.
pub(super) async fn agenda(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    take(conn, vec!["agenda".to_owned()]).await
}

/// Locks the staff's card of words by accounts without a phone.
pub(super) async fn strangers_card(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    take(conn, vec!["strangers_card".to_owned()]).await
}

/// Locks the differences between Bukza's table and the bookings. Phones are locked before.
pub(super) async fn table_differences(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    take(conn, vec!["table_differences".to_owned()]).await
}

fn phone_name(phone: &Phone) -> String {
    format!("phone:{}", phone.as_e164())
}

async fn take(conn: &impl ConnectionTrait, names: Vec<String>) -> Result<(), DbErr> {
    const TAKE: &str = "SELECT pg_advisory_xact_lock(h) FROM \
         (SELECT hashtextextended(n, 0) AS h FROM unnest($1::text[]) AS n ORDER BY 1) AS s";
    execute(conn, sql(TAKE, [names.into()])).await.map(|_| ())
}
