//! Claiming: the one step after which a worker, and it alone, may say a message.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, SqlErr};

use crate::{
    domain::ids::{ChatId, EventId, MessageId},
    store::statement::{all, by_ids, sql},
};

/// How long a worker may take to send and settle before its message counts as *unknown*. Longer
/// than the longest call to Telegram, shorter than a minute's lateness.
pub const LEASE: TimeDelta = TimeDelta::seconds(40);

/// A held lease: settles exactly the messages that it claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub messages: Vec<MessageId>,
    pub(super) owner: String,
}

impl Claim {
    /// A claim of these messages with a lease of its own, to be made.
    pub(super) fn of(messages: Vec<MessageId>) -> Self {
        Self { messages, owner: EventId::fresh().0 }
    }

    /// The claim of a worker that was lost, for the reconciler to settle.
    pub(in crate::store) fn lost(message: MessageId, owner: String) -> Self {
        Self { messages: vec![message], owner }
    }
}

/// The database failed while a claim was made: it may stand all the same, and nobody would know.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct NotClaimed {
    /// The claim as it would be: to be released when the database answers again.
    pub intended: Claim,
    pub error: DbErr,
}

#[derive(FromQueryResult)]
pub(super) struct Id {
    pub(super) id: i64,
}

/// Whether a message of the chat that is written so in the statement may be said at `$2`.
macro_rules! sayable_in {
    ($chat:literal) => {
        concat!(
            "m.chat_id = ",
            $chat,
            " AND m.status = 'scheduled' \
             AND m.not_before <= $2 AND (m.expires_at IS NULL OR m.expires_at > $2) \
             AND NOT EXISTS (SELECT 1 FROM messages s \
             WHERE s.status = 'sending' AND s.chat_id = ",
            $chat,
            ") AND (m.booking_id IS NULL OR m.recipient = 'staff' OR m.kind = 'answer' OR EXISTS \
             (SELECT 1 FROM bookings b WHERE b.id = m.booking_id AND b.version = m.booking_version \
             AND (b.status = 'cancelled') = (m.kind = 'cancelled') \
             AND (b.status = 'active' OR m.kind <> 'reminder')))"
        )
    };
}
pub(super) use sayable_in;

/// Claims messages of one chat (several only for the staff, to be joined into one). In the same
/// statement it is checked that each is still to be said, that its booking still has the version
/// and state that it speaks of, and that nobody else is talking to the chat. `None`: not now.
///
/// # Errors
/// When the database fails, with the claim that it may have made.
pub async fn claim(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    messages: &[MessageId],
    now: DateTime<Utc>,
) -> Result<Option<Claim>, NotClaimed> {
    let intended = Claim::of(messages.to_vec());
    match claim_as(conn, chat, &intended, now).await {
        Ok(messages) if messages.is_empty() => Ok(None),
        Ok(messages) => Ok(Some(Claim { messages, ..intended })),
        Err(error) => Err(NotClaimed { intended, error }),
    }
}

/// Makes a claim under its lease; gives those of its messages that are claimed.
pub(super) async fn claim_as(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    intended: &Claim,
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>, DbErr> {
    const CLAIM: &str = concat!(
        "UPDATE messages m SET status = 'sending', lease_until = $3, \
         lease_owner = $4, attempts = m.attempts + 1, updated_at = $2, \
         joined_to = NULLIF($5::bigint, m.id) WHERE m.id = ANY($1) AND ",
        sayable_in!("$6"),
        " RETURNING m.id"
    );
    let Some(carrier) = intended.messages.first() else { return Ok(Vec::new()) };
    let (text, ids) = by_ids(CLAIM, &intended.messages);
    let values = [
        ids,
        now.into(),
        (now + LEASE).into(),
        intended.owner.clone().into(),
        carrier.0.into(),
        chat.0.into(),
    ];
    match all::<Id>(conn, sql(&text, values)).await {
        Ok(rows) => {
            let mut claimed: Vec<_> = rows.into_iter().map(|row| MessageId(row.id)).collect();
            claimed.sort_unstable();
            Ok(claimed)
        }
        Err(error) if another_was_first(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Two workers at one chat in the same instant: the unique index let the other one in.
fn another_was_first(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
