//! The staff's cards about differences: a card names its number, and shows the differences of that number as they are when
//! it is sent.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use super::known::{self, KnownBookings};
use crate::{
    domain::{
        booking::Booking,
        difference::{DifferenceKind, difference},
        event::BookingEvent,
        ids::ChatId,
        message::{Content, MessageKind},
        venue::Venue,
    },
    store::{
        QueueWork,
        outbox::{self, NewMessage},
        statement::{all, execute, one, sql, unreadable, value},
    },
};

/// How long a card waits for requests that are on their way.
const CARD_AFTER: TimeDelta = TimeDelta::seconds(5);

/// A difference that a card shows.
#[derive(Debug, Clone)]
pub struct CardLine {
    /// Its number.
    pub id: i64,
    pub code: String,
    pub kind: DifferenceKind,
    /// `None`: there is nothing to apply.
    pub row: Option<BookingEvent>,
    pub booking: Option<Booking>,
}

/// A message of the staff's chat that shows differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableCard(pub i64);

/// A row of `table_differences`.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct DifferenceRow {
    pub id: i64,
    pub code: String,
    pub kind: String,
    pub event: Option<String>,
    pub applied_at: Option<DateTime<Utc>>,
    pub gone_at: Option<DateTime<Utc>>,
}

impl DifferenceRow {
    pub(super) fn kind(&self) -> Result<DifferenceKind, DbErr> {
        DifferenceKind::parse(&self.kind)
            .ok_or_else(|| unreadable("table_differences.kind", &self.kind))
    }

    /// The table's row, if it can be read.
    pub(super) fn row(&self) -> Option<BookingEvent> {
        serde_json::from_str(self.event.as_deref()?).ok()
    }
}

/// The differences that a card shows, with the bookings that they are about.
pub(super) async fn of_card(
    conn: &impl ConnectionTrait,
    card: TableCard,
    id: Option<i64>,
) -> Result<(Vec<DifferenceRow>, HashMap<String, Booking>), DbErr> {
    const OF_CARD: &str = "SELECT id, code, kind, event, applied_at, gone_at \
        FROM table_differences WHERE card = $1 AND ($2::bigint IS NULL OR id = $2) ORDER BY id";
    let rows: Vec<DifferenceRow> = all(conn, sql(OF_CARD, [card.0.into(), id.into()])).await?;
    let open: Vec<&str> =
        rows.iter().filter(|row| row.gone_at.is_none()).map(|row| row.code.as_str()).collect();
    let KnownBookings { by_code, .. } = known::by_codes(conn, &open).await?;
    Ok((rows, by_code))
}

/// The differences of a card that still are some and were not applied.
///
/// # Errors
/// When the database fails.
pub async fn lines(
    conn: &impl ConnectionTrait,
    card: TableCard,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Vec<CardLine>, DbErr> {
    let (rows, mut bookings) = of_card(conn, card, None).await?;
    let mut lines = Vec::new();
    for row in rows.into_iter().filter(|row| row.gone_at.is_none() && row.applied_at.is_none()) {
        let (kind, event) = (row.kind()?, row.row());
        let booking = bookings.remove(&row.code);
        let differs = match &event {
            Some(event) => difference(booking.as_ref(), event, venue, now).is_some(),
            None => kind == DifferenceKind::NotInTable,
        };
        if differs {
            lines.push(CardLine { id: row.id, code: row.code, kind, row: event, booking });
        }
    }
    Ok(lines)
}

/// The card in a message of the staff's chat.
///
/// # Errors
/// When the database fails.
pub async fn card_in(
    conn: &impl ConnectionTrait,
    staff: ChatId,
    telegram_message_id: i64,
) -> Result<Option<TableCard>, DbErr> {
    const IN: &str = "SELECT (content #>> '{table_differences,card}')::bigint FROM messages \
        WHERE chat_id = $1 AND telegram_message_id = $2 AND kind = 'staff_table'";
    let card = value(conn, sql(IN, [staff.0.into(), telegram_message_id.into()])).await?;
    Ok(card.flatten().map(TableCard))
}

/// Gives the differences that no card shows to the card that waits, or to a new one. Without a staff's chat they wait.
pub(super) async fn plan_differences(
    tx: &DatabaseTransaction,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    // Locked, so that it is not claimed while something is added to it.
    const WAITING: &str = "SELECT (content #>> '{table_differences,card}')::bigint AS card \
        FROM messages WHERE chat_id = $1 AND status = 'scheduled' AND kind = 'staff_table' \
        AND content ? 'table_differences' ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE";
    const NEXT: &str = "UPDATE table_sync SET cards = cards + 1 RETURNING cards AS card";
    const UNSHOWN: &str = "SELECT EXISTS (SELECT 1 FROM table_differences \
        WHERE card IS NULL AND gone_at IS NULL)";
    const SHOW: &str =
        "UPDATE table_differences SET card = $1 WHERE card IS NULL AND gone_at IS NULL";
    #[derive(FromQueryResult)]
    struct Row {
        card: i64,
    }
    let Some(staff) = venue.staff_chat.get() else { return Ok(QueueWork::default()) };
    if !value(tx, sql(UNSHOWN, [])).await?.unwrap_or(false) {
        return Ok(QueueWork::default());
    }
    let waiting: Option<Row> = one(tx, sql(WAITING, [staff.0.into()])).await?;
    if let Some(Row { card }) = waiting {
        execute(tx, sql(SHOW, [card.into()])).await?;
        return Ok(QueueWork::default());
    }
    let next: Option<Row> = one(tx, sql(NEXT, [])).await?;
    let Some(Row { card }) = next else { return Ok(QueueWork::default()) };
    execute(tx, sql(SHOW, [card.into()])).await?;
    plan(tx, (staff, now + CARD_AFTER), Content::TableDifferences { card }, now).await
}

/// Plans a card.
pub(super) async fn plan(
    tx: &DatabaseTransaction,
    (staff, due_at): (ChatId, DateTime<Utc>),
    content: Content,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let card = NewMessage::staff_card(MessageKind::StaffTable, staff, due_at).saying(content);
    outbox::insert(tx, &[card], now).await
}
