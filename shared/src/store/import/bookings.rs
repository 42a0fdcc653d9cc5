//! A batch of the old bot's bookings: what is known of them is locked and read, the rules decide about each, and one statement
//! for each table writes what follows. Nobody is notified, and no job is pushed: the reconciler does it in time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr,
    EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    sea_query::LockType,
};

use super::{
    clients::forgotten,
    rows::{BookingRow, MessageRow, RatingRow, Rows},
};
use crate::{
    domain::{
        booking::Booking,
        ids::{ChatId, MessageId},
        import::{
            ImportEffect, ImportPlan, KnownBooking, LeftOut, ReadBooking, SentBefore,
            WaitingMessage, Why,
        },
        message::{MessageKind, MessageStatus},
        phone::Phone,
        venue::Venue,
    },
    store::{
        entity::booking,
        limited, lock,
        statement::{all, execute, sql, values},
    },
};

/// Bookings that are written in one transaction. Each takes two of the locks that PostgreSQL has room for.
pub const BATCH: usize = 250;

/// What became of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedBooking {
    pub effect: ImportEffect,
    /// Messages of the old bot that were not known here.
    pub sent: usize,
    pub planned: usize,
    pub cancelled: usize,
}

/// Takes bookings over.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    pub db: &'a DatabaseConnection,
    pub venue: &'a Venue,
    /// The chats of clients who are to be registered here, by their phones.
    pub new_clients: &'a HashMap<Phone, ChatId>,
    /// The chats of the old bot's clients, by their rows.
    pub chats: &'a HashMap<String, ChatId>,
    pub now: DateTime<Utc>,
    /// Write nothing.
    pub dry_run: bool,
}

/// A client of this system.
#[derive(Debug, Clone, FromQueryResult)]
struct Account {
    id: i64,
    telegram_id: i64,
    phone_number: Option<String>,
    reachable: bool,
}

/// What is known here of the bookings of a batch.
#[derive(Debug, Default)]
struct Known {
    bookings: HashMap<String, KnownBooking>,
    /// Bookings that somebody joined by a token or code.
    joined: HashSet<i64>,
    /// Bookings whose client's data were deleted.
    forgotten: HashSet<i64>,
    forgotten_phones: HashMap<String, DateTime<Utc>>,
    accounts: Vec<Account>,
}

impl Importer<'_> {
    /// Takes a batch over, each booking with what the old bot has sent about it.
    ///
    /// # Errors
    /// When the database fails; nothing of the batch is written then.
    pub async fn batch(
        &self,
        batch: &[(ReadBooking, Vec<SentBefore>)],
    ) -> Result<Vec<Result<ImportedBooking, LeftOut>>, DbErr> {
        let access = if self.dry_run { AccessMode::ReadOnly } else { AccessMode::ReadWrite };
        let tx = limited(self.db.begin_with_config(None, Some(access))).await?;
        let known = self.read(&tx, batch).await?;
        let mut rows = Rows::default();
        let mut outcomes = Vec::with_capacity(batch.len());
        for (old, sent) in batch {
            outcomes.push(self.decide(&known, old, sent, &mut rows)?);
        }
        if !self.dry_run {
            self.write(&tx, rows).await?;
        }
        limited(tx.commit()).await?;
        Ok(outcomes)
    }

    fn decide(
        &self,
        known: &Known,
        old: &ReadBooking,
        sent: &[SentBefore],
        rows: &mut Rows,
    ) -> Result<Result<ImportedBooking, LeftOut>, DbErr> {
        let code = &old.event.code;
        let before = known.bookings.get(code.as_str());
        let phone = old.event.details.phone.as_ref();
        let deleted_at = phone.and_then(|phone| known.forgotten_phones.get(phone.as_e164()));
        let is_forgotten = before.is_some_and(|it| known.forgotten.contains(&it.booking.id.0));
        if is_forgotten || deleted_at.is_some_and(|at| old.event.received_at <= *at) {
            return Ok(Err(old.left_out(Why::Deleted)));
        }
        let plan = ImportPlan::of(before, old, sent, self.venue, self.now);
        let outcome = ImportedBooking {
            effect: plan.effect,
            sent: plan.sent.len(),
            planned: plan.planned.len(),
            cancelled: plan.cancelled.len(),
        };
        let booking = before.map(|known| &known.booking);
        let details = plan.state.as_ref().map(|state| &state.details);
        let phone = details.or(booking.map(|booking| &booking.details));
        let (user, chat) = self.client(known, booking, phone.and_then(|it| it.phone.as_ref()));
        rows.ratings.extend(plan.rating.map(|(stars, rated_at)| RatingRow {
            code: code.to_string(),
            stars: stars.get(),
            rated_at,
        }));
        for message in &plan.sent {
            // A client who was left out is not the booking's client here.
            let to = match &message.client {
                Some(row) => self.chats.get(row).copied(),
                None => chat,
            };
            rows.messages.push(MessageRow::sent(code, message, to));
        }
        rows.cancelled.extend(plan.cancelled);
        if let Some(state) = plan.state {
            let version = (code, state.version);
            rows.messages.extend(plan.planned.into_iter().map(|planned| {
                MessageRow::planned(version, planned, chat, (&old.event.id, self.now))
            }));
            rows.bookings.push(BookingRow::new(old, state, user)?);
        }
        Ok(Ok(outcome))
    }

    /// The booking's client here, and where to write to them: who joined it; else the owner of its phone; else its client of
    /// before, if the phone is the same.
    fn client(
        &self,
        known: &Known,
        booking: Option<&Booking>,
        phone: Option<&Phone>,
    ) -> (Option<i64>, Option<ChatId>) {
        let by_id = |id: i64| known.accounts.iter().find(|account| account.id == id);
        let own = |phone: &Phone| {
            let number = Some(phone.as_e164());
            known.accounts.iter().find(|account| account.phone_number.as_deref() == number)
        };
        let before = booking.and_then(|booking| by_id(booking.user?.0));
        let joined = booking.is_some_and(|booking| known.joined.contains(&booking.id.0));
        let same = booking.is_some_and(|booking| booking.details.phone.as_ref() == phone);
        let account = before
            .filter(|_| joined)
            .or_else(|| phone.and_then(own))
            .or_else(|| before.filter(|_| same));
        match account {
            Some(account) => {
                let chat = account.reachable.then_some(ChatId(account.telegram_id));
                (Some(account.id), chat)
            }
            None => (None, phone.and_then(|phone| self.new_clients.get(phone)).copied()),
        }
    }

    async fn read(
        &self,
        tx: &DatabaseTransaction,
        batch: &[(ReadBooking, Vec<SentBefore>)],
    ) -> Result<Known, DbErr> {
        let codes: Vec<String> = batch.iter().map(|(old, _)| old.event.code.to_string()).collect();
        let phone = |(old, _): &(ReadBooking, Vec<SentBefore>)| {
            old.event.details.phone.as_ref().map(|phone| phone.as_e164().to_owned())
        };
        let mut phones: Vec<String> = batch.iter().filter_map(phone).collect();
        if !self.dry_run {
            lock::phones_and_bookings(tx, &phones, &codes).await?;
        }
        let mut known = Known::default();
        let bookings = self.bookings(tx, codes).await?;
        let stored = bookings.iter().filter_map(|it| it.details.phone.as_ref());
        let stored: Vec<String> = stored.map(|phone| phone.as_e164().to_owned()).collect();
        if !self.dry_run {
            // A registration of a phone that only the stored booking has must not pass by unseen.
            lock::phones_and_bookings(tx, &stored, &[]).await?;
        }
        phones.extend(stored);
        let key = self.venue.forget_key.as_ref();
        known.forgotten_phones = forgotten(tx, key, phones.iter().map(String::as_str)).await?;
        let users: Vec<i64> =
            bookings.iter().filter_map(|booking| booking.user).map(|user| user.0).collect();
        known.accounts = accounts(tx, phones, users).await?;
        let ids: Vec<i64> = bookings.iter().map(|booking| booking.id.0).collect();
        (known.joined, known.forgotten) = marks(tx, ids.clone()).await?;
        let mut messages = messages(tx, ids).await?;
        for booking in bookings {
            let (waiting, taken_over) = messages.remove(&booking.id.0).unwrap_or_default();
            let code = booking.code.to_string();
            known.bookings.insert(code, KnownBooking { booking, waiting, taken_over });
        }
        Ok(known)
    }

    async fn bookings(
        &self,
        tx: &DatabaseTransaction,
        codes: Vec<String>,
    ) -> Result<Vec<Booking>, DbErr> {
        // By hashes: on a table without statistics PostgreSQL would compare each row with each code.
        const IDS: &str = "SELECT b.id FROM unnest($1::text[]) AS c (code) \
            JOIN bookings b ON b.bukza_booking_id = c.code";
        let ids: Vec<i64> = values(tx, sql(IDS, [codes.into()])).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = booking::Entity::find()
            .filter(booking::Column::Id.is_in(ids))
            .order_by_asc(booking::Column::Id);
        if !self.dry_run {
            query = query.lock(LockType::NoKeyUpdate);
        }
        limited(query.all(tx)).await?.into_iter().map(Booking::try_from).collect()
    }

    async fn write(&self, tx: &DatabaseTransaction, rows: Rows) -> Result<(), DbErr> {
        const RATE: &str = "UPDATE bookings b SET rating = g.stars, rated_at = g.rated_at, updated_at = $2 \
            FROM jsonb_to_recordset($1) AS g (code text, stars smallint, rated_at timestamptz) \
            WHERE b.bukza_booking_id = g.code";
        const CANCEL: &str = "UPDATE messages SET status = 'cancelled', reason = 'imported', \
            updated_at = $2 WHERE status || '' = 'scheduled' AND id = ANY (ARRAY( \
            SELECT id FROM messages WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE))";
        let json = |value: serde_json::Result<serde_json::Value>| {
            value.map_err(|error| DbErr::Json(error.to_string()))
        };
        let Rows { bookings, ratings, messages, cancelled } = rows;
        let now = self.now;
        if !bookings.is_empty() {
            let rows = json(serde_json::to_value(bookings))?;
            let write = include_str!("../sql/import_bookings.sql");
            execute(tx, sql(write, [rows.into(), now.into()])).await?;
        }
        if !ratings.is_empty() {
            let rows = json(serde_json::to_value(ratings))?;
            execute(tx, sql(RATE, [rows.into(), now.into()])).await?;
        }
        if !cancelled.is_empty() {
            let ids: Vec<i64> = cancelled.into_iter().map(|id| id.0).collect();
            execute(tx, sql(CANCEL, [ids.into(), now.into()])).await?;
        }
        if !messages.is_empty() {
            let rows = json(serde_json::to_value(messages))?;
            execute(tx, sql(include_str!("../sql/import_messages.sql"), [rows.into()])).await?;
        }
        Ok(())
    }
}

async fn accounts(
    conn: &impl ConnectionTrait,
    phones: Vec<String>,
    users: Vec<i64>,
) -> Result<Vec<Account>, DbErr> {
    const ACCOUNTS: &str = "SELECT id, telegram_id, phone_number::text, reachable FROM users \
        WHERE phone_number = ANY ($1::text[]) OR id = ANY ($2::bigint[])";
    all(conn, sql(ACCOUNTS, [phones.into(), users.into()])).await
}

/// Which of the bookings somebody joined, and which lost their client's data.
async fn marks(
    conn: &impl ConnectionTrait,
    bookings: Vec<i64>,
) -> Result<(HashSet<i64>, HashSet<i64>), DbErr> {
    const MARKS: &str = "SELECT id, joined_at IS NOT NULL AS joined, \
        forgotten_at IS NOT NULL AS forgotten FROM bookings WHERE id = ANY ($1::bigint[])";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        joined: bool,
        forgotten: bool,
    }
    let rows: Vec<Row> = all(conn, sql(MARKS, [bookings.into()])).await?;
    let ids =
        |holds: fn(&Row) -> bool| rows.iter().filter(|row| holds(row)).map(|row| row.id).collect();
    Ok((ids(|row| row.joined), ids(|row| row.forgotten)))
}

/// Messages of a booking: those that wait, and the keys of those that were taken over.
type OfBooking = (Vec<WaitingMessage>, HashSet<String>);

async fn messages(
    conn: &impl ConnectionTrait,
    bookings: Vec<i64>,
) -> Result<HashMap<i64, OfBooking>, DbErr> {
    const MESSAGES: &str = "SELECT id, booking_id, kind, slot, status FROM messages \
        WHERE booking_id = ANY ($1::bigint[]) AND recipient = 'client' AND update_id IS NULL";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        booking_id: i64,
        kind: String,
        slot: String,
        status: String,
    }
    let rows: Vec<Row> = all(conn, sql(MESSAGES, [bookings.into()])).await?;
    let mut of: HashMap<i64, OfBooking> = HashMap::new();
    for Row { id, booking_id, kind, slot, status } in rows {
        let (waiting, keys) = of.entry(booking_id).or_default();
        // A kind that only a newer version knows is left to it.
        let Some(kind) = MessageKind::parse(&kind) else { continue };
        if status == MessageStatus::Scheduled.as_str() {
            waiting.push(WaitingMessage { id: MessageId(id), kind, dedup_key: slot.clone() });
        }
        keys.insert(slot);
    }
    Ok(of)
}
