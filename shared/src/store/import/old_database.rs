//! The Python bot's database, read in one snapshot that writes nothing. Columns are read as text, and one that is missing as
//! if it were empty: that database may have changed.

use std::collections::HashMap;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbErr, IsolationLevel, QueryResult,
    TransactionTrait,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::import::{OldBooking, OldMessage, OldUser},
    store::{
        connect, limited,
        statement::{sql, values},
    },
};

/// Rows read at once.
const PAGE: usize = 2000;
const TABLES: [&str; 3] = ["users", "bookings", "messages"];

/// Why the old database can't be read.
#[derive(Debug, thiserror::Error)]
pub enum OldDatabaseError {
    #[error("these tables are missing: {}", .0.join(", "))]
    NoTables(Vec<String>),
    /// It is a database of this system.
    #[error("this is a database of this system")]
    Own,
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// The old database, open for reading.
#[derive(Debug)]
pub struct OldDatabase {
    tx: DatabaseTransaction,
    /// The columns of each table.
    columns: HashMap<&'static str, Vec<String>>,
    is_begun: bool,
}

impl OldDatabase {
    /// Opens the database at a URL, whose scheme may name a driver of Python (`postgresql+asyncpg://`).
    ///
    /// # Errors
    /// When it can't be reached, or is not the old bot's.
    pub async fn open(url: &SecretString) -> Result<Self, OldDatabaseError> {
        let db = connect(&without_driver(url), 1).await?;
        let snapshot = (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly));
        let tx = limited(db.begin_with_config(snapshot.0, snapshot.1)).await?;
        let mut columns = HashMap::new();
        for table in TABLES {
            columns.insert(table, columns_of(&tx, table).await?);
        }
        if columns["bookings"].iter().any(|column| column == "last_event_id") {
            return Err(OldDatabaseError::Own);
        }
        let missing = TABLES.into_iter().filter(|table| columns[table].is_empty());
        let missing: Vec<String> = missing.map(str::to_owned).collect();
        if !missing.is_empty() {
            return Err(OldDatabaseError::NoTables(missing));
        }
        Ok(Self { tx, columns, is_begun: false })
    }

    /// All rows of `users`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<OldUser>, DbErr> {
        let columns = ["id", "telegram_id", "phone_number", "created_at"];
        let rows = self.rows(&self.select("users", &columns)).await?;
        let user = |row: &QueryResult| {
            let [id, telegram_id, phone_number, created_at] = texts(row)?;
            Ok(OldUser { id, telegram_id, phone_number, created_at })
        };
        rows.iter().map(user).collect()
    }

    /// The next page of `bookings`, the row first that was changed last. Empty at the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_bookings(&mut self) -> Result<Vec<OldBooking>, DbErr> {
        if !self.is_begun {
            let columns = [
                "id",
                "bukza_booking_id",
                "user_id",
                "service_name",
                "client_name",
                "client_phone",
                "booking_datetime",
                "duration_minutes",
                "status",
                "rating",
                "created_at",
                "updated_at",
            ];
            let order = ["updated_at", "created_at", "id"].into_iter();
            let order = order.filter(|column| self.has("bookings", column));
            let order: Vec<String> =
                order.map(|column| format!("{column} DESC NULLS LAST")).collect();
            let order = if order.is_empty() { "1".to_owned() } else { order.join(", ") };
            let select = self.select("bookings", &columns);
            let cursor =
                format!("DECLARE old_bookings NO SCROLL CURSOR FOR {select} ORDER BY {order}");
            limited(self.tx.execute_unprepared(&cursor)).await?;
            self.is_begun = true;
        }
        let rows = self.rows(&format!("FETCH {PAGE} FROM old_bookings")).await?;
        let booking = |row: &QueryResult| {
            let [
                id,
                bukza_booking_id,
                user_id,
                service_name,
                client_name,
                client_phone,
                booking_datetime,
                duration_minutes,
                status,
                rating,
                created_at,
                updated_at,
            ] = texts(row)?;
            Ok(OldBooking {
                id,
                bukza_booking_id,
                user_id,
                service_name,
                client_name,
                client_phone,
                booking_datetime,
                duration_minutes,
                status,
                rating,
                created_at,
                updated_at,
            })
        };
        rows.iter().map(booking).collect()
    }

    /// The rows of `messages` about these bookings, by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn messages(&self, bookings: Vec<String>) -> Result<Vec<OldMessage>, DbErr> {
        if !self.has("messages", "booking_id") {
            return Ok(Vec::new());
        }
        let select = self.select_messages();
        // A join by hashes: there may be no index, and thousands of ids are not compared one by one.
        let rows = format!("{select} WHERE m.booking_id::text IN (SELECT unnest($1::text[]))");
        let rows = limited(self.tx.query_all_raw(sql(&rows, [bookings.into()]))).await?;
        rows.iter().map(message).collect()
    }

    /// The rows of `messages` that are about no booking.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stray_messages(&self) -> Result<Vec<OldMessage>, DbErr> {
        let select = self.select_messages();
        let is_known = self.has("messages", "booking_id") && self.has("bookings", "id");
        let condition = if is_known {
            "NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id::text = m.booking_id::text)"
        } else {
            "true"
        };
        let rows = self.rows(&format!("{select} WHERE {condition}")).await?;
        rows.iter().map(message).collect()
    }

    fn select_messages(&self) -> String {
        let columns = ["id", "booking_id", "user_id", "message_type", "sent_at"];
        self.select("messages", &columns) + " m"
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|columns| columns.iter().any(|it| it == column))
    }

    /// A query of these columns, each as text.
    fn select(&self, table: &str, columns: &[&str]) -> String {
        let text = |column: &&str| {
            if self.has(table, column) {
                format!("{column}::text")
            } else {
                "NULL::text".to_owned()
            }
        };
        let columns: Vec<String> = columns.iter().map(text).collect();
        format!("SELECT {} FROM {table}", columns.join(", "))
    }

    async fn rows(&self, statement: &str) -> Result<Vec<QueryResult>, DbErr> {
        limited(self.tx.query_all_raw(sql(statement, []))).await
    }
}

async fn columns_of(tx: &DatabaseTransaction, table: &str) -> Result<Vec<String>, DbErr> {
    const COLUMNS: &str = "SELECT attname::text FROM pg_attribute \
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";
    values(tx, sql(COLUMNS, [table.into()])).await
}

fn message(row: &QueryResult) -> Result<OldMessage, DbErr> {
    let [id, booking_id, user_id, message_type, sent_at] = texts(row)?;
    Ok(OldMessage { id, booking_id, user_id, message_type, sent_at })
}

/// The first columns of a row.
fn texts<const N: usize>(row: &QueryResult) -> Result<[Option<String>; N], DbErr> {
    let mut texts = [const { None }; N];
    for (index, text) in texts.iter_mut().enumerate() {
        *text = row.try_get_by_index(index)?;
    }
    Ok(texts)
}

/// The URL without the driver that SQLAlchemy's URLs name behind a plus.
fn without_driver(url: &SecretString) -> SecretString {
    let url = url.expose_secret();
    let plain = url.split_once("://").and_then(|(scheme, rest)| {
        let (scheme, _) = scheme.split_once('+')?;
        Some(format!("{scheme}://{rest}"))
    });
    plain.map_or_else(|| SecretString::from(url), SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_of_python_in_the_url_is_left_out() {
        for (given, plain) in [
            ("postgresql+asyncpg://u:p@host/bot", "postgresql://u:p@host/bot"),
            ("postgresql+psycopg2://u:a+b@host/bot", "postgresql://u:a+b@host/bot"),
            ("postgres://u:a+b@host/bot", "postgres://u:a+b@host/bot"),
        ] {
            assert_eq!(without_driver(&SecretString::from(given)).expose_secret(), plain);
        }
    }
}
