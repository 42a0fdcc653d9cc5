//! Clients that another tool registered in the database: they get their bookings and messages as by a
//! registration with the bot.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

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
    // Accounts, then bookings, each by their ids, as a registration locks them.
    const OWN: &str = "WITH clients AS MATERIALIZED (SELECT u.id, u.telegram_id, u.phone_number \
        FROM users u WHERE u.updated_at > $1 AND u.reachable AND EXISTS (SELECT 1 FROM bookings b \
        WHERE b.client_phone = u.phone_number AND b.user_id IS DISTINCT FROM u.id) \
        ORDER BY u.id FOR KEY SHARE), \
        locked AS MATERIALIZED (SELECT b.id, c.id AS client, c.telegram_id FROM clients c \
        JOIN bookings b ON b.client_phone = c.phone_number AND b.user_id IS DISTINCT FROM c.id \
        ORDER BY b.id FOR NO KEY UPDATE OF b) \
        UPDATE bookings b SET user_id = l.client FROM locked l \
        WHERE b.id = l.id RETURNING l.client AS id, l.telegram_id";
    assign(tx, all(tx, sql(OWN, [since.into()])).await?, now).await
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
    // Bookings are found by a subquery's value, which can only go into the index.
    const OWN: &str = "WITH page AS (SELECT id, telegram_id, phone_number FROM users \
        WHERE id > $1 AND id <= $2 AND reachable AND phone_number IS NOT NULL) \
        UPDATE bookings b SET user_id = page.id FROM page \
        WHERE b.client_phone = ANY (ARRAY(SELECT phone_number FROM page)) \
        AND b.client_phone = page.phone_number AND b.user_id IS DISTINCT FROM page.id \
        RETURNING page.id, page.telegram_id";
    let last: Option<i64> = value(tx, sql(LAST, [after.0.into(), PAGE.into()])).await?;
    let Some(last) = last else { return Ok((None, QueueWork::default())) };
    let adopted = all(tx, sql(OWN, [after.0.into(), last.into()])).await?;
    Ok((Some(UserId(last)), assign(tx, adopted, now).await?))
}

async fn assign(
    conn: &impl ConnectionTrait,
    mut adopted: Vec<Adopted>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    adopted.sort_unstable_by_key(|client| client.id);
    adopted.dedup_by_key(|client| client.id);
    let mut work = QueueWork::default();
    for Adopted { id, telegram_id } in adopted {
        work = work.and(assign_chat(conn, UserId(id), ChatId(telegram_id), now).await?);
    }
    Ok(work)
}
