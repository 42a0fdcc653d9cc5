//! The old bot's clients become clients here, with their bookings and what waits about them. Who has registered here stays as
//! they are, and who was deleted here is not brought back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use crate::{
    domain::{
        forgotten::ForgetKey,
        ids::{ChatId, UserId},
        import::{OldClient, Why},
    },
    store::{
        QueueWork, lock,
        registration::assign_chat,
        statement::{all, execute, sql, values},
    },
};

/// What becomes of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFate {
    /// The account is new here, or has proven no phone yet.
    New,
    /// The same account with the same phone is known.
    Known,
    LeftOut(Why),
}

#[derive(FromQueryResult)]
struct Account {
    telegram_id: i64,
    phone_number: Option<String>,
}

/// What becomes of each of these clients.
///
/// # Errors
/// When the database fails.
pub async fn fates(
    conn: &impl ConnectionTrait,
    clients: &[OldClient],
    key: Option<&ForgetKey>,
) -> Result<Vec<ClientFate>, DbErr> {
    const ACCOUNTS: &str = "SELECT telegram_id, phone_number::text FROM users \
        WHERE telegram_id = ANY ($1::bigint[]) OR phone_number = ANY ($2::text[])";
    let chats: Vec<i64> = clients.iter().map(|client| client.chat.0).collect();
    let phones: Vec<String> =
        clients.iter().map(|client| client.phone.as_e164().to_owned()).collect();
    let forgotten = forgotten(conn, key, phones.iter().map(String::as_str)).await?;
    let accounts: Vec<Account> = all(conn, sql(ACCOUNTS, [chats.into(), phones.into()])).await?;
    let by_chat: HashMap<i64, Option<&str>> =
        accounts.iter().map(|it| (it.telegram_id, it.phone_number.as_deref())).collect();
    let by_phone: HashMap<&str, i64> = accounts
        .iter()
        .filter_map(|it| Some((it.phone_number.as_deref()?, it.telegram_id)))
        .collect();
    let fate = |client: &OldClient| {
        let phone = client.phone.as_e164();
        let since = client.since.unwrap_or(DateTime::UNIX_EPOCH);
        if forgotten.get(phone).is_some_and(|forgotten_at| since <= *forgotten_at) {
            return ClientFate::LeftOut(Why::Deleted);
        }
        match (by_phone.get(phone), by_chat.get(&client.chat.0)) {
            (Some(chat), _) if *chat == client.chat.0 => ClientFate::Known,
            (Some(_), _) => ClientFate::LeftOut(Why::PhoneOfOther),
            (None, Some(Some(_))) => ClientFate::LeftOut(Why::OtherPhone),
            (None, Some(None) | None) => ClientFate::New,
        }
    };
    Ok(clients.iter().map(fate).collect())
}

/// Those of the phones whose people were deleted, with the time of it.
pub(super) async fn forgotten<'a>(
    conn: &impl ConnectionTrait,
    key: Option<&ForgetKey>,
    phones: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, DateTime<Utc>>, DbErr> {
    const FORGOTTEN: &str = "SELECT phone_hash, forgotten_at FROM forgotten_phones \
        WHERE phone_hash = ANY ($1::text[])";
    #[derive(FromQueryResult)]
    struct Row {
        phone_hash: String,
        forgotten_at: DateTime<Utc>,
    }
    let Some(key) = key else { return Ok(HashMap::new()) };
    let by_hash: HashMap<String, &str> = phones.map(|phone| (key.hash(phone), phone)).collect();
    let hashes: Vec<String> = by_hash.keys().cloned().collect();
    let rows: Vec<Row> = all(conn, sql(FORGOTTEN, [hashes.into()])).await?;
    let phone = |row: Row| Some(((*by_hash.get(&row.phone_hash)?).to_owned(), row.forgotten_at));
    Ok(rows.into_iter().filter_map(phone).collect())
}

/// Registers new clients, and gives them the bookings of their phones with what waits about them. An account or phone that has
/// been registered meanwhile stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn register(
    tx: &DatabaseTransaction,
    clients: &[OldClient],
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const GIVEN: &str = "WITH given AS (SELECT g.* FROM \
        unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS g (chat, phone, since) \
        WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.phone_number = g.phone))";
    let give = format!(
        "{GIVEN} UPDATE users u SET phone_number = g.phone, updated_at = $4 FROM given g \
         WHERE u.telegram_id = g.chat AND u.phone_number IS NULL AND u.id = ANY (ARRAY( \
         SELECT id FROM users WHERE telegram_id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE)) \
         RETURNING u.id"
    );
    let add = format!(
        "{GIVEN} INSERT INTO users (telegram_id, phone_number, created_at, updated_at, last_seen_at) \
         SELECT chat, phone, since, $4, since FROM given ORDER BY chat ON CONFLICT DO NOTHING \
         RETURNING id"
    );
    // As a registration does.
    const BOOKINGS: &str = "WITH locked AS MATERIALIZED (SELECT b.id, u.id AS client FROM bookings b \
        JOIN users u ON u.phone_number = b.client_phone \
        WHERE b.client_phone = ANY ($2::text[]) AND u.id = ANY ($1::bigint[]) \
        AND b.user_id IS DISTINCT FROM u.id AND (b.joined_at IS NULL OR b.user_id IS NULL) \
        ORDER BY b.id FOR NO KEY UPDATE OF b) \
        UPDATE bookings b SET user_id = l.client, joined_at = NULL, updated_at = $3 \
        FROM locked l WHERE b.id = l.id";
    const WAITING: &str = "SELECT DISTINCT u.id, u.telegram_id FROM users u \
        JOIN bookings b ON b.user_id = u.id JOIN messages m ON m.booking_id = b.id \
        WHERE u.id = ANY ($1::bigint[]) AND m.status = 'scheduled' AND m.recipient = 'client' \
        AND m.update_id IS NULL AND m.chat_id IS DISTINCT FROM u.telegram_id ORDER BY u.id";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        telegram_id: i64,
    }
    let phones: Vec<String> =
        clients.iter().map(|client| client.phone.as_e164().to_owned()).collect();
    lock::phones_and_bookings(tx, &phones, &[]).await?;
    let chats: Vec<i64> = clients.iter().map(|client| client.chat.0).collect();
    let since: Vec<DateTime<Utc>> =
        clients.iter().map(|client| client.since.unwrap_or(now)).collect();
    let all_of = || [chats.clone().into(), phones.clone().into(), since.clone().into(), now.into()];
    let mut ids: Vec<i64> = values(tx, sql(&give, all_of())).await?;
    ids.extend(values::<i64>(tx, sql(&add, all_of())).await?);
    execute(tx, sql(BOOKINGS, [ids.clone().into(), phones.into(), now.into()])).await?;
    let waiting: Vec<Row> = all(tx, sql(WAITING, [ids.into()])).await?;
    let mut work = QueueWork::default();
    for Row { id, telegram_id } in waiting {
        work = work.and(assign_chat(tx, UserId(id), ChatId(telegram_id), now).await?);
    }
    Ok(work)
}
