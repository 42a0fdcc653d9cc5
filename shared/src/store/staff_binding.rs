//! The staff's chat that was bound by a link, and the links: each works once, within an hour. Only a secret's hash is
//! stored.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use sha2::{Digest, Sha256};

use super::{
    outbox,
    statement::{execute, one, sql, unreadable, value},
};
use crate::domain::staff_chat::{Binding, StaffChat, StaffPlace};

/// How long a link works.
pub const LINK_LASTS: TimeDelta = TimeDelta::hours(1);

/// How long a link that is over is recognized.
const LINK_KNOWN: TimeDelta = TimeDelta::days(30);

/// What a secret in a link is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It bound now, for the first time.
    Taken,
    /// It was used, taken back, or its hour is over.
    Over,
    Unknown,
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// Stores a link's secret, and takes back those that are open.
///
/// # Errors
/// When the database fails.
pub async fn open_link(
    conn: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const OPEN: &str = "INSERT INTO staff_links (secret_hash, expires_at) VALUES ($1, $2)";
    const OLD: &str = "DELETE FROM staff_links WHERE expires_at < $1";
    end_links(conn, now).await?;
    execute(conn, sql(OLD, [(now - LINK_KNOWN).into()])).await?;
    execute(conn, sql(OPEN, [hash(secret).into(), (now + LINK_LASTS).into()])).await.map(drop)
}

/// Takes back the open links.
///
/// # Errors
/// When the database fails.
pub async fn end_links(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    const END: &str = "UPDATE staff_links SET ended_at = $1 WHERE ended_at IS NULL";
    execute(conn, sql(END, [now.into()])).await.map(drop)
}

/// Uses a link that was opened at `at`. Of several uses at once the first counts.
///
/// # Errors
/// When the database fails.
pub async fn take_link(
    conn: &impl ConnectionTrait,
    secret: &str,
    at: DateTime<Utc>,
) -> Result<Link, DbErr> {
    const TAKE: &str = "UPDATE staff_links SET ended_at = $2 \
        WHERE secret_hash = $1 AND ended_at IS NULL AND expires_at > $2";
    const KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM staff_links WHERE secret_hash = $1)";
    let secret = hash(secret);
    if execute(conn, sql(TAKE, [secret.clone().into(), at.into()])).await? > 0 {
        return Ok(Link::Taken);
    }
    let known = value(conn, sql(KNOWN, [secret.into()])).await?.unwrap_or(false);
    Ok(if known { Link::Over } else { Link::Unknown })
}

/// Binds a place instead of what the setting names.
///
/// # Errors
/// When the database fails.
pub async fn bind(
    conn: &impl ConnectionTrait,
    Binding { place, instead_of }: Binding,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const BIND: &str = "INSERT INTO staff_binding (place, instead_of, bound_at) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET place = $1, instead_of = $2, bound_at = $3";
    let instead_of = instead_of.map(|place| place.to_string());
    let values = [place.to_string().into(), instead_of.into(), now.into()];
    execute(conn, sql(BIND, values)).await.map(drop)
}

/// Ends the binding. Returns what was bound.
///
/// # Errors
/// When the database fails.
pub async fn unbind(conn: &impl ConnectionTrait) -> Result<Option<StaffPlace>, DbErr> {
    let bound = current(conn).await?;
    execute(conn, sql("DELETE FROM staff_binding", [])).await?;
    Ok(bound.map(|bound| bound.place))
}

/// What is bound.
///
/// # Errors
/// When the database fails.
pub async fn current(conn: &impl ConnectionTrait) -> Result<Option<Binding>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        place: String,
        instead_of: Option<String>,
    }
    let read =
        |text: &str| StaffPlace::parse(text).ok_or_else(|| unreadable("staff_binding.place", text));
    let Some(row) =
        one::<Row>(conn, sql("SELECT place, instead_of FROM staff_binding", [])).await?
    else {
        return Ok(None);
    };
    let instead_of = row.instead_of.as_deref().map(read).transpose()?;
    Ok(Some(Binding { place: read(&row.place)?, instead_of }))
}

/// Reads the present place: another worker may have bound one, or learnt a group's new id. Whether it is another than
/// this process knew.
///
/// # Errors
/// When the database fails.
pub async fn refresh(staff: &StaffChat, conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let bound = current(conn).await?;
    let named = bound.filter(|bound| bound.holds(staff.setting())).map(|bound| bound.place);
    let Some(named) = named.or(staff.setting()) else { return Ok(staff.set(bound, |chat| chat)) };
    let renamed = outbox::alias_of(conn, named.chat).await?;
    Ok(staff.set(bound, |chat| renamed.unwrap_or(chat)))
}
