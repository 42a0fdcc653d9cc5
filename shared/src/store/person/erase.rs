//! Deleting what is held about a person. Bookings stay as times and amounts; a record without personal data stays.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};
use serde::Serialize;

use super::{
    Person, Who, joins,
    texts::{NAMES_CHAT, NAMES_PHONE_OR_CODE},
};
use crate::{
    domain::{
        forgotten::ForgetKey,
        ids::{ChatId, JobId},
    },
    queue::{Job, QueueName},
    store::{
        QueueWork, lock,
        statement::{all, execute, sql, values},
    },
    telemetry::metrics::DeletionOrigin,
};

/// Who wanted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Client,
    Operator,
    /// `KEEP_CLIENTS_FOR` is over.
    Retention,
}

impl By {
    pub const ALL: &[Self] = &[Self::Client, Self::Operator, Self::Retention];

    /// Its label in the metrics.
    #[must_use]
    pub fn origin(self) -> DeletionOrigin {
        match self {
            Self::Client => DeletionOrigin::Client,
            Self::Operator => DeletionOrigin::Operator,
            Self::Retention => DeletionOrigin::Retention,
        }
    }

    /// The value in `deletions.deleted_by`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Operator => "operator",
            Self::Retention => "retention",
        }
    }
}

/// A deletion.
#[derive(Debug, Clone, Copy)]
pub struct Deletion<'a> {
    pub by: By,
    /// Without it, requests that are on their way are not recognised.
    pub key: Option<&'a ForgetKey>,
    /// The update whose answer is the last message to the client.
    pub update_id: Option<i64>,
    pub now: DateTime<Utc>,
}

/// How many rows of each sort lost what was personal, or were deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DeletionCounts {
    pub accounts: u64,
    pub bookings: u64,
    pub messages: u64,
    pub requests: u64,
    pub refused_requests: u64,
    pub dead_letters: u64,
    pub inbox: u64,
}

/// Deletes what is held about a person. Doing it again changes nothing more, and is recorded again.
///
/// # Errors
/// When the database fails; nothing is deleted then.
pub async fn erase(
    tx: &DatabaseTransaction,
    who: Who<'_>,
    deletion: Deletion<'_>,
) -> Result<(DeletionCounts, QueueWork), DbErr> {
    let person = Person::lock(tx, who).await?;
    lock::table_differences(tx).await?;
    // The order of locks: users, bookings, messages. A row of users is deleted last, so that a send that is being
    // recorded can refer to it.
    const USERS: &str = "SELECT id FROM users WHERE id = ANY ($1::bigint[]) \
        ORDER BY id FOR NO KEY UPDATE";
    execute(tx, sql(USERS, [person.users.clone().into()])).await?;
    let mut counts =
        DeletionCounts { bookings: bookings(tx, &person, deletion).await?, ..Default::default() };
    joins::erase(tx, &person, deletion.now).await?;
    let (wiped, unfinished, work) = messages(tx, &person, deletion.now).await?;
    counts.messages = wiped;
    counts.requests = requests(tx, &person).await?;
    texts(tx, &person, &mut counts).await?;
    updates(tx, &person).await?;
    const ACCOUNTS: &str = "DELETE FROM users WHERE id = ANY ($1::bigint[])";
    counts.accounts = execute(tx, sql(ACCOUNTS, [person.users.clone().into()])).await?;
    record(tx, &person, deletion, &counts, unfinished).await?;
    Ok((counts, work))
}

/// The personal fields of bookings. A higher version makes every planned message about them out of date.
async fn bookings(
    tx: &DatabaseTransaction,
    person: &Person,
    deletion: Deletion<'_>,
) -> Result<u64, DbErr> {
    const WIPE: &str = "WITH theirs AS MATERIALIZED (SELECT b.id, h.hash FROM bookings b \
        LEFT JOIN unnest($2::text[], $3::text[]) AS h (phone, hash) ON h.phone = b.client_phone \
        WHERE b.id = ANY ($1::bigint[]) ORDER BY b.id FOR UPDATE OF b) \
        UPDATE bookings b SET client_name = NULL, client_last_name = NULL, client_phone = NULL, \
        comment = NULL, form_fields = NULL, user_id = NULL, joined_at = NULL, \
        version = b.version + 1, \
        forgotten_at = $4, forgotten_phone = coalesce(theirs.hash, b.forgotten_phone), \
        updated_at = $4 FROM theirs WHERE b.id = theirs.id";
    const ANSWERS: &str = "DELETE FROM visit_answers WHERE booking_id = ANY ($1::bigint[])";
    let hashes = hashes(person, deletion.key);
    let (phones, hashes): (Vec<_>, Vec<_>) = hashes.into_iter().unzip();
    let ids = person.bookings.clone();
    let values = [ids.clone().into(), phones.into(), hashes.into(), deletion.now.into()];
    let wiped = execute(tx, sql(WIPE, values)).await?;
    execute(tx, sql(ANSWERS, [ids.into()])).await?;
    Ok(wiped)
}

/// Each phone with its hash. Without a key: none.
fn hashes(person: &Person, key: Option<&ForgetKey>) -> Vec<(String, String)> {
    let hash = |key: &ForgetKey| {
        person.phones.iter().map(|phone| (phone.clone(), key.hash(phone))).collect()
    };
    key.map(hash).unwrap_or_default()
}

/// Messages to the client lose chat and content; those that wait are cancelled. Cards to the staff stay, without their
/// client. Returns how many, those that are being sent and have to be finished later, and the jobs to cancel.
/// Each way to a message of theirs has an index.
async fn messages(
    tx: &DatabaseTransaction,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<(u64, Vec<i64>, QueueWork), DbErr> {
    const WIPE: &str = "WITH theirs AS MATERIALIZED (SELECT m.id, m.status, m.chat_id, m.not_before, \
        m.recipient = 'client' OR m.kind IN ('staff_request', 'staff_copy', 'staff_tutor') AS goes \
        FROM messages m WHERE m.id = ANY (ARRAY( \
            SELECT id FROM messages WHERE booking_id = ANY ($1::bigint[]) \
            UNION SELECT id FROM messages WHERE about_chat_id = ANY ($2::bigint[]) \
            UNION SELECT id FROM messages WHERE chat_id = ANY ($2::bigint[]) \
                AND telegram_message_id IS NOT NULL \
            UNION SELECT id FROM messages WHERE chat_id = ANY ($2::bigint[]) \
                AND status = 'scheduled' \
            UNION SELECT id FROM messages WHERE chat_id = ANY ($2::bigint[]) AND status = 'sending' \
            UNION SELECT id FROM messages WHERE chat_id = ANY ($2::bigint[]) \
                AND telegram_message_id IS NULL AND status NOT IN ('scheduled', 'sending'))) \
        ORDER BY m.id FOR NO KEY UPDATE), \
        wiped AS (UPDATE messages m SET about_chat_id = NULL, updated_at = $3, \
            content = CASE WHEN t.goes THEN NULL ELSE m.content END, \
            status = CASE WHEN t.goes AND m.status = 'scheduled' THEN 'cancelled' ELSE m.status END, \
            reason = CASE WHEN t.goes AND m.status = 'scheduled' THEN 'forgotten' ELSE m.reason END, \
            chat_id = CASE WHEN m.recipient = 'client' THEN NULL ELSE m.chat_id END, \
            telegram_message_id = CASE WHEN m.recipient = 'client' THEN NULL \
                ELSE m.telegram_message_id END \
            FROM theirs t WHERE m.id = t.id AND t.status <> 'sending' RETURNING m.id, m.job_id) \
        SELECT t.id, t.status = 'sending' AS is_sent, t.chat_id, t.not_before, \
        CASE WHEN t.goes AND t.status = 'scheduled' THEN w.job_id END AS job_id \
        FROM theirs t LEFT JOIN wiped w ON w.id = t.id";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        is_sent: bool,
        chat_id: Option<i64>,
        not_before: DateTime<Utc>,
        job_id: Option<String>,
    }
    let values_of = [person.bookings.clone().into(), person.chats.clone().into(), now.into()];
    let rows: Vec<Row> = all(tx, sql(WIPE, values_of)).await?;
    let mut unfinished: Vec<i64> =
        rows.iter().filter(|row| row.is_sent).map(|row| row.id).collect();
    unfinished.extend(strangers_cards(tx).await?);
    unfinished.extend(tutor_cards(tx).await?);
    let mut work = QueueWork::default();
    let wiped = u64::try_from(rows.len()).unwrap_or_default();
    for Row { chat_id, not_before, job_id, .. } in rows {
        let Some(job) = job_id else { continue };
        work.cancel.push(JobId(job));
        // The wake-up of a message that was postponed.
        let later = chat_id.map(|chat| Job::wake_later(QueueName::Bulk, ChatId(chat), not_before));
        work.cancel.extend(later.map(|job| job.id));
    }
    Ok((wiped, unfinished, work))
}

/// What accounts without a phone wrote stands on shared cards, and what the staff looked up may be a name: nobody can tell
/// whose it is. What was shown is not needed any more. Returns the cards that are still to be sent.
async fn strangers_cards(tx: &DatabaseTransaction) -> Result<Vec<i64>, DbErr> {
    const SHOWN: &str = "UPDATE messages SET content = NULL WHERE id = ANY (ARRAY(SELECT id \
        FROM messages WHERE kind IN ('staff_strangers', 'staff_answer') AND content IS NOT NULL \
        AND status NOT IN ('scheduled', 'sending') ORDER BY id FOR NO KEY UPDATE))";
    const WAITING: &str = "SELECT id FROM messages WHERE kind IN ('staff_strangers', 'staff_answer') \
        AND status IN ('scheduled', 'sending') ORDER BY id";
    execute(tx, sql(SHOWN, [])).await?;
    values(tx, sql(WAITING, [])).await
}

/// The tutor's cards show requests as they came, of a client whose phone the booking may not have any more. What was shown
/// is not needed. Returns the cards that are still to be sent. There are ten at most.
async fn tutor_cards(tx: &DatabaseTransaction) -> Result<Vec<i64>, DbErr> {
    const CARDS: &str = "SELECT id FROM messages WHERE booking_id = ANY (ARRAY(SELECT b.id \
        FROM bookings b WHERE b.bukza_booking_id = ANY (ARRAY(SELECT unnest(codes) FROM tutor)))) \
        AND kind = 'staff_tutor'";
    let shown = format!(
        "UPDATE messages SET content = NULL WHERE id = ANY (ARRAY({CARDS} AND content IS NOT NULL \
         AND status NOT IN ('scheduled', 'sending') ORDER BY id FOR NO KEY UPDATE))"
    );
    let waiting = format!("{CARDS} AND status IN ('scheduled', 'sending') ORDER BY id");
    execute(tx, sql(&shown, [])).await?;
    values(tx, sql(&waiting, [])).await
}

async fn requests(tx: &DatabaseTransaction, person: &Person) -> Result<u64, DbErr> {
    const REQUESTS: &str = "DELETE FROM requests WHERE chat_id = ANY ($1::bigint[]) \
        OR booking_id = ANY ($2::bigint[])";
    let values = [person.chats.clone().into(), person.bookings.clone().into()];
    execute(tx, sql(REQUESTS, values)).await
}

/// Texts that were kept as they came. Of the inbox only updates and refused requests go: an accepted booking is
/// applied, and loses its person there.
async fn texts(
    tx: &DatabaseTransaction,
    person: &Person,
    counts: &mut DeletionCounts,
) -> Result<(), DbErr> {
    let named = NAMES_PHONE_OR_CODE;
    let refused = format!(
        "DELETE FROM rejected_requests WHERE id IN (SELECT id FROM rejected_requests, \
         LATERAL (SELECT query || ' ' || body AS t) AS text WHERE {named})"
    );
    let cards = format!(
        "UPDATE messages SET content = NULL, reason = CASE WHEN status = 'scheduled' THEN 'forgotten' \
         ELSE reason END, status = CASE WHEN status = 'scheduled' THEN 'cancelled' ELSE status END \
         WHERE id = ANY (ARRAY(SELECT id FROM messages, LATERAL (SELECT content::text AS t) AS text \
         WHERE kind = 'staff_rejected' AND status <> 'sending' AND {named} \
         ORDER BY id FOR NO KEY UPDATE OF messages))"
    );
    let dead = format!(
        "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters, \
         LATERAL (SELECT payload AS t) AS text WHERE {named} OR {NAMES_CHAT})"
    );
    let inbox = format!(
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox, LATERAL (SELECT payload AS t) AS text \
         WHERE strpos(t, '\"booking\":{{') = 0 AND ({named} OR {NAMES_CHAT}))"
    );
    let (digits, codes) = (person.digit_patterns(), person.quoted_codes());
    let two = || [digits.clone().into(), codes.clone().into()];
    let three = || [digits.clone().into(), codes.clone().into(), person.chat_pattern().into()];
    counts.refused_requests = execute(tx, sql(&refused, two())).await?;
    execute(tx, sql(&cards, two())).await?;
    counts.dead_letters = execute(tx, sql(&dead, three())).await?;
    counts.inbox = execute(tx, sql(&inbox, three())).await?;
    let table = format!(
        "UPDATE table_differences SET event = NULL, gone_at = coalesce(gone_at, now()) \
         WHERE id IN (SELECT id FROM table_differences, LATERAL (SELECT event AS t) AS text \
         WHERE event IS NOT NULL AND {named})"
    );
    execute(tx, sql(&table, two())).await?;
    Ok(())
}

/// That an update was applied is known by its id alone from now on.
async fn updates(tx: &DatabaseTransaction, person: &Person) -> Result<(), DbErr> {
    const ONE_EACH: &str = "DELETE FROM processed_updates p USING processed_updates o \
        WHERE split_part(p.identity, ':', 2) = ANY ($1::text[]) AND o.update_id = p.update_id \
        AND (o.identity = '' OR o.identity < p.identity \
             AND split_part(o.identity, ':', 2) = ANY ($1::text[]))";
    const WIPE: &str = "UPDATE processed_updates SET identity = '' \
        WHERE split_part(identity, ':', 2) = ANY ($1::text[])";
    let chats: Vec<String> = person.chats.iter().map(ToString::to_string).collect();
    execute(tx, sql(ONE_EACH, [chats.clone().into()])).await?;
    execute(tx, sql(WIPE, [chats.into()])).await.map(|_| ())
}

async fn record(
    tx: &impl ConnectionTrait,
    person: &Person,
    deletion: Deletion<'_>,
    counts: &DeletionCounts,
    unfinished: Vec<i64>,
) -> Result<(), DbErr> {
    const PHONES: &str = "INSERT INTO forgotten_phones (phone_hash, forgotten_at) \
        SELECT h, $2 FROM unnest($1::text[]) AS h ON CONFLICT (phone_hash) DO UPDATE \
        SET forgotten_at = greatest(forgotten_phones.forgotten_at, excluded.forgotten_at)";
    const RECORD: &str = "INSERT INTO deletions (deleted_at, deleted_by, counts, unfinished, \
        update_id) VALUES ($1, $2, $3, $4, $5)";
    let hashes: Vec<String> =
        hashes(person, deletion.key).into_iter().map(|(_, hash)| hash).collect();
    execute(tx, sql(PHONES, [hashes.into(), deletion.now.into()])).await?;
    let counts = serde_json::to_value(counts).map_err(|error| DbErr::Json(error.to_string()))?;
    let values = [
        deletion.now.into(),
        deletion.by.as_str().into(),
        counts.into(),
        unfinished.into(),
        deletion.update_id.into(),
    ];
    execute(tx, sql(RECORD, values)).await.map(|_| ())
}
