//! Claiming: the one step after which a worker, and it alone, may send a message.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, SqlErr, Value};

use super::slices::as_one;
use crate::{
    domain::{
        booking::BookingStatus,
        ids::{ChatId, EventId, MessageId},
        message::MessageKind,
    },
    store::statement::{all, sql, unreadable},
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
    /// The claim of a worker that was lost, for the reconciler to settle.
    pub(in crate::store) fn lost(message: MessageId, owner: String) -> Self {
        Self { messages: vec![message], owner }
    }

    /// The part of the claim that these messages are.
    #[must_use]
    pub fn of(&self, messages: Vec<MessageId>) -> Self {
        Self { messages, owner: self.owner.clone() }
    }

    /// The messages as a statement's value.
    pub(super) fn ids(&self) -> Value {
        self.messages.iter().map(|message| message.0).collect::<Vec<_>>().into()
    }
}

/// Messages of one chat that are to be claimed: one, or staff cards that are sent as one message.
#[derive(Debug, Clone)]
pub struct ToClaim {
    chat: ChatId,
    claim: Claim,
}

impl ToClaim {
    /// The messages, with a lease of their own.
    #[must_use]
    pub fn new(chat: ChatId, messages: Vec<MessageId>) -> Self {
        Self { chat, claim: Claim { messages, owner: EventId::fresh().0 } }
    }

    /// The claim as it is if it was made: to be released where the database failed meanwhile.
    #[must_use]
    pub fn into_claim(self) -> Claim {
        self.claim
    }
}

/// What came of claiming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The claim, of those messages that could be claimed.
    Yes(Claim),
    No(NotClaimed),
}

/// Why a message was not claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotClaimed {
    /// Another worker holds a message of the chat.
    HeldByOther,
    /// It was sent, cancelled or moved to another chat meanwhile.
    Ended,
    /// A retry that is not due yet.
    NotYet,
    /// It may never be sent as it is.
    Refused(Refused),
}

/// Why a message may never be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its time has passed.
    Expired,
    /// Its booking has another version, or a status that does not fit the message.
    Superseded,
}

impl NotClaimed {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "held_by_other" => Some(Self::HeldByOther),
            "ended" => Some(Self::Ended),
            "not_yet" => Some(Self::NotYet),
            "expired" => Some(Self::Refused(Refused::Expired)),
            "superseded" => Some(Self::Refused(Refused::Superseded)),
            _ => None,
        }
    }
}

/// Claims messages, each of `wanted` by itself. One statement checks that each is still to be sent, that
/// its booking still has the version and status that the message speaks of, and that no other message of
/// the chat is being sent. Of two of `wanted` in one chat only the first is claimed. Where the database
/// fails, a claim may stand all the same.
pub async fn claim(
    conn: &impl ConnectionTrait,
    wanted: &[ToClaim],
    now: DateTime<Utc>,
) -> Vec<Result<Claimed, DbErr>> {
    let together = wanted.len() > 1;
    if together
        && let Some(claimed) =
            as_one(wanted.len(), claim_together(conn, wanted, IfHeld::GiveUp, now)).await
    {
        return claimed;
    }
    // The refused statement may still be holding its chats: PostgreSQL rolls back after it has answered.
    let if_held = if together { IfHeld::Wait } else { IfHeld::GiveUp };
    let mut claimed = Vec::with_capacity(wanted.len());
    for one in wanted {
        claimed.push(match claim_together(conn, std::slice::from_ref(one), if_held, now).await {
            Ok(mut only) => Ok(only.pop().unwrap_or(Claimed::No(NotClaimed::Ended))),
            // Two workers at one chat in the same instant: the unique index let the other one in.
            Err(error) if is_unique_violation(&error) => Ok(Claimed::No(NotClaimed::HeldByOther)),
            Err(error) => Err(error),
        });
    }
    claimed
}

/// What a claim does where another is being made in its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IfHeld {
    GiveUp,
    /// Waits until the other has ended. Only for one chat.
    Wait,
}

async fn claim_together(
    conn: &impl ConnectionTrait,
    wanted: &[ToClaim],
    if_held: IfHeld,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        answer: String,
    }
    let mut chats = HashSet::new();
    let firsts: Vec<bool> = wanted.iter().map(|one| chats.insert(one.chat)).collect();
    let (mut ids, mut chats, mut owners, mut carriers) = (vec![], vec![], vec![], vec![]);
    for (ToClaim { chat, claim }, _) in wanted.iter().zip(&firsts).filter(|(_, first)| **first) {
        for message in &claim.messages {
            ids.push(message.0);
            chats.push(chat.0);
            owners.push(claim.owner.clone());
            carriers.push(claim.messages.first().map_or(0, |carrier| carrier.0));
        }
    }
    let (follow, fit) = booking_rules();
    let values = [
        ids.into(),
        chats.into(),
        owners.into(),
        carriers.into(),
        now.into(),
        (now + LEASE).into(),
        follow.into(),
        fit.into(),
        (if_held == IfHeld::Wait).into(),
    ];
    let rows: Vec<Row> = all(conn, sql(include_str!("../sql/claim.sql"), values)).await?;
    let answers: HashMap<i64, String> = rows.into_iter().map(|row| (row.id, row.answer)).collect();
    wanted
        .iter()
        .zip(firsts)
        .map(|(one, first)| match first {
            true => answer_to(&one.claim, &answers),
            false => Ok(Claimed::No(NotClaimed::HeldByOther)),
        })
        .collect()
}

/// The kinds that follow their booking, and `kind status` for each status that fits a kind.
pub(super) fn booking_rules() -> (Vec<String>, Vec<String>) {
    let fit = MessageKind::ALL.iter().flat_map(|kind| {
        let statuses = BookingStatus::ALL.iter().filter(|status| kind.fits(**status));
        statuses.map(move |status| format!("{} {}", kind.as_str(), status.as_str()))
    });
    (MessageKind::names(MessageKind::follows_booking), fit.collect())
}

fn answer_to(claim: &Claim, answers: &HashMap<i64, String>) -> Result<Claimed, DbErr> {
    let mut claimed = Vec::new();
    let mut obstacle = NotClaimed::Ended;
    for message in &claim.messages {
        match answers.get(&message.0).map(String::as_str) {
            Some("claimed") => claimed.push(*message),
            Some(text) => {
                obstacle = NotClaimed::parse(text).ok_or_else(|| unreadable("an answer", text))?;
            }
            None => {}
        }
    }
    Ok(match claimed.is_empty() {
        true => Claimed::No(obstacle),
        false => Claimed::Yes(Claim { messages: claimed, owner: claim.owner.clone() }),
    })
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
