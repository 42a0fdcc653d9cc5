//! Clients that another tool registered in the database: they get their bookings and messages as by a
//! registration with the bot.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Value};

use crate::{
    domain::ids::{ChatId, UserId},
    store::{
        QueueWork,
        registration::assign_chat,
        statement::{all, sql, value},
    },
};

/// Clients looked at by one step of [`adopt_page`].
const PAGE: i64 = 200;

#[derive(FromQueryResult)]
struct Adopted {
    id: i64,
    telegram_id: i64,
}

/// Adopts the clients that were put in or changed since `since`.
///
/// # Errors
/// When the database fails.
pub async fn adopt_clients(
    tx: &DatabaseTransaction,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let clients = "u.updated_at > $1 AND EXISTS (SELECT 1 FROM bookings b \
        WHERE b.client_phone = u.phone_number AND b.user_id IS DISTINCT FROM u.id \
        AND (b.joined_at IS NULL OR b.user_id IS NULL))";
    adopt(tx, clients, [since.into()], now).await
}

/// Adopts clients whatever the time at which they were put in: a page of them in the order of their ids,
/// behind `after`. Returns the page's last client, and `None` behind the last page.
///
/// # Errors
/// When the database fails.
pub async fn adopt_page(
    tx: &DatabaseTransaction,
    after: UserId,
    now: DateTime<Utc>,
) -> Result<(Option<UserId>, QueueWork), DbErr> {
    const LAST: &str = "SELECT max(id) FROM \
        (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2) AS page HAVING max(id) IS NOT NULL";
    let last: Option<i64> = value(tx, sql(LAST, [after.0.into(), PAGE.into()])).await?;
    let Some(last) = last else { return Ok((None, QueueWork::default())) };
    let of_page = "u.id > $1 AND u.id <= $2";
    let work = adopt(tx, of_page, [after.0.into(), last.into()], now).await?;
    Ok((Some(UserId(last)), work))
}

/// Gives the bookings of these clients to them, and the bookings' messages.
async fn adopt<const N: usize>(
    conn: &impl ConnectionTrait,
    clients: &str,
    values: [Value; N],
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    // Accounts, then bookings, each by their ids, as a registration locks them. Bookings are found by a
    // subquery's value, which can only go into the index.
    let own = format!(
        "WITH clients AS MATERIALIZED (SELECT u.id, u.telegram_id, u.phone_number FROM users u \
        WHERE {clients} AND u.reachable AND u.phone_number IS NOT NULL \
        ORDER BY u.id FOR KEY SHARE), \
        locked AS MATERIALIZED (SELECT b.id, c.id AS client, c.telegram_id FROM bookings b \
        JOIN clients c ON c.phone_number = b.client_phone AND b.user_id IS DISTINCT FROM c.id \
        AND (b.joined_at IS NULL OR b.user_id IS NULL) \
        WHERE b.client_phone = ANY (ARRAY(SELECT phone_number FROM clients)) \
        ORDER BY b.id FOR NO KEY UPDATE OF b) \
        UPDATE bookings b SET user_id = l.client, joined_at = NULL FROM locked l \
        WHERE b.id = l.id RETURNING l.client AS id, l.telegram_id"
    );
    let mut adopted: Vec<Adopted> = all(conn, sql(&own, values)).await?;
    adopted.sort_unstable_by_key(|client| client.id);
    adopted.dedup_by_key(|client| client.id);
    let mut work = QueueWork::default();
    for Adopted { id, telegram_id } in adopted {
        work = work.and(assign_chat(conn, UserId(id), ChatId(telegram_id), now).await?);
    }
    Ok(work)
}
