//! Joining a booking by its token or code: what it depends on, read under the booking's lock, and what it changes. Tries
//! are judged under that lock, too: concurrent ones are not more.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use super::{
    QueueWork, dialogues, lock,
    registration::assign_chat,
    statement::{execute, one, sql, value},
    users::User,
};
use crate::domain::{
    ids::{BookingCode, BookingId, ChatId, UserId},
    join::{Join, JoinFacts, JoinKey, LastDigits, Scope, Target, Tries},
    phone::Phone,
    status::Meaning,
};

/// By what a client names the booking.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    By(&'a JoinKey),
    /// By what they named before: digits are awaited, or the consent.
    Before,
}

/// A booking that is named, locked until the transaction ends.
#[derive(Debug, Clone, Copy)]
pub struct Locked(Join);

/// Locks the named booking against requests about it. `None`: nothing was named before. The lock comes before those of
/// rows, as where requests are applied: another order could deadlock.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    tx: &DatabaseTransaction,
    chat: ChatId,
    named: Named<'_>,
    received_at: DateTime<Utc>,
) -> Result<Option<Locked>, DbErr> {
    const BY_TOKEN: &str = "SELECT b.id, b.bukza_booking_id AS code FROM start_tokens t \
        JOIN bookings b ON b.id = t.booking_id WHERE t.token = $1";
    // A code is typed in any case of letters.
    const BY_CODE: &str = "SELECT id, bukza_booking_id AS code FROM bookings \
        WHERE bukza_booking_id IN ($1, upper($1)) ORDER BY bukza_booking_id = $1 DESC LIMIT 1";
    const BY_ID: &str = "SELECT id, bukza_booking_id AS code FROM bookings WHERE id = $1";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        code: String,
    }
    let (row, by_token): (Option<Row>, bool) = match named {
        Named::By(JoinKey::Token(token)) => {
            (one(tx, sql(BY_TOKEN, [token.as_str().into()])).await?, true)
        }
        Named::By(JoinKey::Code(code)) => {
            (one(tx, sql(BY_CODE, [code.as_str().into()])).await?, false)
        }
        Named::Before => {
            let Some(join) = named_before(tx, chat, received_at).await? else { return Ok(None) };
            let id = join.booking.map(|booking| booking.0);
            (one(tx, sql(BY_ID, [id.into()])).await?, join.by_token)
        }
    };
    if let Some(row) = &row {
        let code = BookingCode::parse(&row.code).map_err(|e| DbErr::Custom(e.to_string()))?;
        lock::booking_and_phone(tx, &code, None).await?;
    }
    Ok(Some(Locked(Join { booking: row.map(|row| BookingId(row.id)), by_token })))
}

async fn named_before(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    received_at: DateTime<Utc>,
) -> Result<Option<Join>, DbErr> {
    const USER: &str = "SELECT id FROM users WHERE telegram_id = $1";
    match value(conn, sql(USER, [chat.0.into()])).await? {
        Some(user) => dialogues::awaited_join(conn, UserId(user), received_at).await,
        None => Ok(None),
    }
}

/// What joining a locked booking depends on. The client's own row is locked before.
///
/// # Errors
/// When the database fails.
pub async fn facts(
    tx: &DatabaseTransaction,
    Locked(join): Locked,
    chat: ChatId,
    user: Option<&User>,
    now: DateTime<Utc>,
) -> Result<JoinFacts, DbErr> {
    let target = match join.booking {
        Some(booking) => target(tx, booking, join.by_token, user, now).await?,
        None => Target::Nothing,
    };
    let account = if join.by_token { Scope::Token } else { Scope::Chat };
    let booking = match join.booking.filter(|_| !join.by_token) {
        Some(booking) => tries(tx, Scope::Booking(booking), chat).await?,
        None => Tries::default(),
    };
    let chat = tries(tx, account, chat).await?;
    Ok(JoinFacts { join, target, chat, booking, now })
}

async fn target(
    tx: &DatabaseTransaction,
    booking: BookingId,
    by_token: bool,
    user: Option<&User>,
    now: DateTime<Utc>,
) -> Result<Target, DbErr> {
    // Another tool may have put in the owner of the phone a moment ago.
    const STATE: &str = "SELECT b.user_id, b.client_phone, b.meaning, \
        (b.status = 'active' AND b.ends_at > $2) IS TRUE AS ahead, \
        EXISTS (SELECT 1 FROM users p WHERE p.phone_number = b.client_phone) AS in_bot, \
        EXISTS (SELECT 1 FROM start_tokens t WHERE t.booking_id = b.id AND t.used_at IS NULL) \
            AS token_works \
        FROM bookings b WHERE b.id = $1 FOR NO KEY UPDATE OF b";
    #[derive(FromQueryResult)]
    struct Row {
        user_id: Option<i64>,
        client_phone: Option<String>,
        meaning: Option<String>,
        ahead: bool,
        in_bot: bool,
        token_works: bool,
    }
    let row: Option<Row> = one(tx, sql(STATE, [booking.0.into(), now.into()])).await?;
    let Some(row) = row else { return Ok(Target::Nothing) };
    if row.user_id.is_some() && row.user_id == user.map(|user| user.id.0) {
        return Ok(Target::Own(booking));
    }
    let stands = match row.meaning.as_deref().and_then(Meaning::parse).unwrap_or_default() {
        Meaning::Stands | Meaning::Pending => row.ahead,
        Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => false,
    };
    let phone = row.client_phone.and_then(|text| Phone::try_from(text).ok());
    let digits = phone.as_ref().and_then(LastDigits::of);
    let is_free = stands && row.user_id.is_none() && !row.in_bot;
    let opens = if by_token { row.token_works } else { digits.is_some() };
    Ok(if is_free && opens { Target::Free { booking, digits } } else { Target::Nothing })
}

async fn tries(conn: &impl ConnectionTrait, scope: Scope, chat: ChatId) -> Result<Tries, DbErr> {
    const TRIES: &str = "SELECT wrong, last_at, locked_until FROM join_tries \
        WHERE scope = $1 AND subject = $2";
    #[derive(FromQueryResult)]
    struct Row {
        wrong: i32,
        last_at: DateTime<Utc>,
        locked_until: Option<DateTime<Utc>>,
    }
    let values = [scope.as_str().into(), scope.subject(chat).into()];
    let row: Option<Row> = one(conn, sql(TRIES, values)).await?;
    let read = |Row { wrong, last_at, locked_until }| Tries { wrong, last_at, locked_until };
    Ok(row.map(read).unwrap_or_default())
}

/// Stores wrong tries.
///
/// # Errors
/// When the database fails.
pub async fn keep_tries(
    tx: &DatabaseTransaction,
    scope: Scope,
    chat: ChatId,
    tries: Tries,
) -> Result<(), DbErr> {
    const KEEP: &str = "INSERT INTO join_tries (scope, subject, wrong, last_at, locked_until) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope, subject) DO UPDATE \
        SET wrong = excluded.wrong, last_at = excluded.last_at, \
        locked_until = excluded.locked_until";
    let values = [
        scope.as_str().into(),
        scope.subject(chat).into(),
        tries.wrong.into(),
        tries.last_at.into(),
        tries.locked_until.into(),
    ];
    execute(tx, sql(KEEP, values)).await.map(|_| ())
}

/// Attaches a booking that is free and locked to a client, with all that is still to be sent about it.
///
/// # Errors
/// When the database fails.
pub async fn attach(
    tx: &DatabaseTransaction,
    booking: BookingId,
    (user, chat): (UserId, ChatId),
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const ATTACH: &str = "UPDATE bookings SET user_id = $2, joined_at = $3, updated_at = $3 \
        WHERE id = $1 AND user_id IS NULL";
    const USED: &str =
        "UPDATE start_tokens SET used_at = $2 WHERE booking_id = $1 AND used_at IS NULL";
    if execute(tx, sql(ATTACH, [booking.0.into(), user.0.into(), now.into()])).await? == 0 {
        return Err(DbErr::Custom("the booking is another client's meanwhile".to_owned()));
    }
    execute(tx, sql(USED, [booking.0.into(), now.into()])).await?;
    assign_chat(tx, user, chat, now).await
}

/// Whether a client has joined a booking that is still theirs.
///
/// # Errors
/// When the database fails.
pub async fn has_joined(conn: &impl ConnectionTrait, user: UserId) -> Result<bool, DbErr> {
    const JOINED: &str =
        "SELECT EXISTS (SELECT 1 FROM bookings WHERE user_id = $1 AND joined_at IS NOT NULL)";
    Ok(value(conn, sql(JOINED, [user.0.into()])).await?.unwrap_or(false))
}
