//! The update that causes messages: their keys, and how they are traced back to it.

use chrono::{DateTime, Utc};
use shared::{
    bukza::Rules,
    domain::{
        ids::{ChatId, EventId},
        venue::Venue,
    },
    store::{DbErr, outbox::NewMessage},
};

use super::{intent::ParsedUpdate, reply::Reply};

/// The receipt of an update.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// Traces messages back to the update.
    pub event: &'a EventId,
    /// Orders updates, even when an outage delayed some.
    pub at: DateTime<Utc>,
    /// Under which refused requests are read again.
    pub rules: &'a Rules,
}

/// An update, and what its application depends on.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    pub update: &'a ParsedUpdate,
    /// Another update with this id was applied.
    pub shares_id: bool,
    pub received: Received<'a>,
    pub venue: &'a Venue,
    pub now: DateTime<Utc>,
}

impl Cause<'_> {
    /// The key of a message that this update causes: unique among all of its id.
    pub(super) fn dedup_key(&self, name: &str) -> String {
        if self.shares_id { format!("{name}@{}", self.update.identity) } else { name.to_owned() }
    }

    /// A message that this update causes.
    pub(super) fn causes(&self, message: NewMessage, name: &str) -> NewMessage {
        let message = message.caused_by_update(self.update.update_id, self.dedup_key(name));
        message.traced_to(self.received.event)
    }

    /// A reply in a client's chat.
    pub(super) fn reply(
        &self,
        chat: ChatId,
        reply: &Reply,
        name: &str,
        due_at: DateTime<Utc>,
    ) -> Result<NewMessage, DbErr> {
        let content =
            serde_json::to_value(reply).map_err(|error| DbErr::Json(error.to_string()))?;
        let (update_id, event) = (self.update.update_id, self.received.event);
        Ok(NewMessage::answer(chat, update_id, self.dedup_key(name), content, event, due_at))
    }
}
