//! The queue of updates for the bot: fetched by getUpdates (confirmed by its offset) or pushed to the webhook, in
//! order within a chat.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use serde_json::Value;

/// An update that the bot has not taken yet.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub update_id: i64,
    pub lane: Lane,
    pub json: Arc<str>,
}

/// Updates of one lane are pushed one after another; different lanes at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    Chat(i64),
    /// A lane of its own, for copies that are to arrive all at once.
    Own(u64),
}

/// Where updates go, as set by setWebhook.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub url: String,
    pub secret: Option<String>,
    /// The last failed delivery: what was wrong, and when (Unix seconds).
    pub last_error: Option<(String, i64)>,
}

#[derive(Debug)]
pub(crate) struct Updates {
    next_update_id: i64,
    next_key: u64,
    pending: BTreeMap<u64, Pending>,
    lanes: HashMap<Lane, VecDeque<u64>>,
    /// Lanes that a task is pushing at present.
    pushing: HashSet<Lane>,
    pub webhook: Option<Webhook>,
    /// Rises with each getUpdates: Telegram ends the older one.
    pub poll: u64,
    allowed: Vec<String>,
}

impl Default for Updates {
    fn default() -> Self {
        Self {
            next_update_id: 500_000_001,
            next_key: 0,
            pending: BTreeMap::new(),
            lanes: HashMap::new(),
            pushing: HashSet::new(),
            webhook: None,
            poll: 0,
            allowed: Vec::new(),
        }
    }
}

impl Updates {
    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn make_id(&mut self) -> i64 {
        self.next_update_id += 1;
        self.next_update_id - 1
    }

    /// Sets the kinds of update that the bot receives; an empty list changes nothing.
    pub(crate) fn allow(&mut self, kinds: Option<&Value>) {
        if let Some(Value::Array(kinds)) = kinds {
            self.allowed = kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
    }

    /// The kinds of update that the bot receives; empty: those of Telegram's default.
    pub(crate) fn allowed(&self) -> &[String] {
        &self.allowed
    }

    /// Adds `copies` of an update, if the bot receives its kind.
    pub(crate) fn add(&mut self, update: &Value, chat_id: i64, copies: u32, at_once: bool) -> i64 {
        let update_id = update.get("update_id").and_then(Value::as_i64).unwrap_or_default();
        let kind_allowed = self.allowed.is_empty()
            || update.as_object().is_some_and(|o| o.keys().any(|kind| self.allowed.contains(kind)));
        if kind_allowed {
            let json: Arc<str> = update.to_string().into();
            for _ in 0..copies {
                self.next_key += 1;
                let lane = if at_once { Lane::Own(self.next_key) } else { Lane::Chat(chat_id) };
                self.pending.insert(self.next_key, Pending { update_id, lane, json: json.clone() });
                self.lanes.entry(lane).or_default().push_back(self.next_key);
            }
        }
        update_id
    }

    /// Forgets updates below `offset`; a negative one keeps only that many of the latest.
    pub(crate) fn confirm(&mut self, offset: i64) {
        let keep_from = if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
            let skip = self.pending.len().saturating_sub(keep);
            self.pending.values().nth(skip).map_or(0, |pending| pending.update_id)
        } else {
            offset
        };
        let taken: Vec<u64> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.update_id < keep_from)
            .map(|(key, _)| *key)
            .collect();
        for key in taken {
            self.remove(key);
        }
    }

    /// The first `limit` waiting updates.
    pub(crate) fn first(&self, limit: usize) -> Vec<Arc<str>> {
        self.pending.values().take(limit).map(|pending| pending.json.clone()).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.pending.clear();
        self.lanes.clear();
    }

    pub(crate) fn remove(&mut self, key: u64) {
        if let Some(pending) = self.pending.remove(&key)
            && let Some(keys) = self.lanes.get_mut(&pending.lane)
        {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.lanes.remove(&pending.lane);
            }
        }
    }

    /// Lanes that have updates and no task yet; they count as being pushed from here on.
    pub(crate) fn lanes_to_push(&mut self) -> Vec<Lane> {
        if self.webhook.is_none() {
            return Vec::new();
        }
        let idle: Vec<Lane> =
            self.lanes.keys().copied().filter(|lane| !self.pushing.contains(lane)).collect();
        self.pushing.extend(&idle);
        idle
    }

    /// The next update of a lane that is being pushed. With none left the lane is idle again.
    pub(crate) fn head(&mut self, lane: Lane) -> Option<(u64, Pending, Webhook)> {
        let head = self.webhook.clone().and_then(|webhook| {
            let key = *self.lanes.get(&lane)?.front()?;
            Some((key, self.pending.get(&key)?.clone(), webhook))
        });
        if head.is_none() {
            self.pushing.remove(&lane);
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled() -> Updates {
        let mut updates = Updates::default();
        for chat in [1, 2, 1] {
            let id = updates.make_id();
            updates.add(&json!({"update_id": id, "message": {}}), chat, 1, false);
        }
        updates
    }

    #[test]
    fn an_offset_confirms_what_is_below_it() {
        let mut updates = filled();
        updates.confirm(500_000_002);
        assert_eq!(updates.first(10).len(), 2);
        assert!(updates.first(1)[0].contains("500000002"));
        updates.confirm(-1);
        assert!(updates.first(10)[0].contains("500000003"));
        assert_eq!(updates.len(), 1);
    }

    #[test]
    fn kinds_that_the_bot_did_not_ask_for_are_left_out() {
        let mut updates = Updates::default();
        updates.allow(Some(&json!(["callback_query"])));
        updates.add(&json!({"update_id": 1, "message": {}}), 1, 1, false);
        assert_eq!(updates.len(), 0);
        updates.add(&json!({"update_id": 2, "callback_query": {}}), 1, 1, false);
        assert_eq!(updates.len(), 1);
    }

    #[test]
    fn a_chats_updates_share_a_lane_and_copies_at_once_do_not() {
        let mut updates = filled();
        updates.webhook = Some(Webhook { url: String::new(), secret: None, last_error: None });
        assert_eq!(updates.lanes_to_push().len(), 2);
        assert_eq!(updates.lanes_to_push().len(), 0, "they are being pushed already");
        let (key, pending, _) = updates.head(Lane::Chat(1)).unwrap();
        assert_eq!(pending.update_id, 500_000_001);
        updates.remove(key);
        assert_eq!(updates.head(Lane::Chat(1)).unwrap().1.update_id, 500_000_003);
        updates.add(&json!({"update_id": 9}), 1, 3, true);
        assert_eq!(updates.lanes_to_push().len(), 3);
    }
}
