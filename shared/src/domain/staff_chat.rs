//! Where the staff's cards go: the place that the setting names, or the one that was bound by a link since.
//! Each worker holds the present one; PostgreSQL has it for all.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use super::ids::ChatId;

/// A chat, or a topic in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffPlace {
    pub chat: ChatId,
    /// `message_thread_id`. `None`: the chat has no topics, or it is the General one.
    pub topic: Option<i64>,
}

/// The id of the General topic. Telegram refuses it: messages for it name no topic.
const GENERAL: i64 = 1;

impl StaffPlace {
    /// A place, from the ids that Telegram gives.
    #[must_use]
    pub fn new(chat: ChatId, topic: Option<i64>) -> Self {
        Self { chat, topic: topic.filter(|topic| *topic != GENERAL) }
    }

    /// Reads `-1001234567890`, or `-1001234567890:17` for a topic. Only a group has topics.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (chat, topic) = match text.split_once(':') {
            Some((chat, topic)) => {
                (chat, Some(topic.parse().ok().filter(|topic: &i64| *topic > 0)?))
            }
            None => (text, None),
        };
        let chat: i64 = chat.parse().ok().filter(|chat| *chat != 0)?;
        (topic.is_none() || chat < 0).then(|| Self::new(ChatId(chat), topic))
    }
}

impl fmt::Display for StaffPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.topic {
            Some(topic) => write!(f, "{}:{topic}", self.chat),
            None => write!(f, "{}", self.chat),
        }
    }
}

/// A place that was bound by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub place: StaffPlace,
    /// What the setting named then.
    pub instead_of: Option<StaffPlace>,
}

impl Binding {
    /// Whether the binding is in force beside this setting: a setting that was changed after it is the newer wish.
    #[must_use]
    pub fn holds(&self, setting: Option<StaffPlace>) -> bool {
        setting.is_none() || setting == self.instead_of
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Present {
    place: Option<StaffPlace>,
    is_bound: bool,
    is_channel: bool,
}

/// The present place of the staff's cards. Empty if the setting is not given and nothing was bound.
#[derive(Debug, Default)]
pub struct StaffChat {
    setting: Option<StaffPlace>,
    present: RwLock<Present>,
}

impl StaffChat {
    /// The setting's, until [`Self::set`] names another.
    #[must_use]
    pub fn new(setting: Option<StaffPlace>) -> Self {
        let present = Present { place: setting, ..Present::default() };
        Self { setting, present: RwLock::new(present) }
    }

    fn present(&self) -> Present {
        *self.present.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the setting names.
    #[must_use]
    pub fn setting(&self) -> Option<StaffPlace> {
        self.setting
    }

    #[must_use]
    pub fn place(&self) -> Option<StaffPlace> {
        self.present().place
    }

    /// The chat alone.
    #[must_use]
    pub fn get(&self) -> Option<ChatId> {
        self.place().map(|place| place.chat)
    }

    /// The topic for messages to `chat`. `None`: none is named there.
    #[must_use]
    pub fn topic_in(&self, chat: ChatId) -> Option<i64> {
        self.place().filter(|place| place.chat == chat)?.topic
    }

    /// Whether a place belongs to it: the chat, with any topic of it unless one is named.
    #[must_use]
    pub fn contains(&self, place: StaffPlace) -> bool {
        let is_of =
            |own: StaffPlace| own.chat == place.chat && (own.topic.is_none() || own == place);
        self.place().is_some_and(is_of)
    }

    /// Whether a link bound it.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.present().is_bound
    }

    /// Whether cards have buttons: in a channel any subscriber could press them.
    #[must_use]
    pub fn has_buttons(&self) -> bool {
        !self.present().is_channel
    }

    /// Records what Telegram says of the chat.
    pub fn set_channel(&self, chat: ChatId, is_channel: bool) {
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        if present.place.is_some_and(|place| place.chat == chat) {
            present.is_channel = is_channel;
        }
    }

    /// Takes up a place: the binding's if it is in force, else the setting's; `renamed` gives a group's present id.
    /// Whether it is another than before.
    pub fn set(&self, binding: Option<Binding>, renamed: impl FnOnce(ChatId) -> ChatId) -> bool {
        let bound = binding.filter(|binding| binding.holds(self.setting));
        let place = bound.map(|binding| binding.place).or(self.setting);
        let place = place.map(|place| StaffPlace { chat: renamed(place.chat), ..place });
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        present.is_bound = bound.is_some();
        if present.place == place {
            return false;
        }
        let same_chat = present.place.map(|place| place.chat) == place.map(|place| place.chat);
        present.is_channel = present.is_channel && same_chat;
        present.place = place;
        true
    }

    /// Records that a group has another id. Does nothing if it is not the staff's group.
    pub fn rename(&self, from: ChatId, to: ChatId) {
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = present.place.as_mut().filter(|place| place.chat == from) {
            place.chat = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: ChatId = ChatId(-1_001);
    const OTHER: ChatId = ChatId(-1_002);

    fn place(chat: ChatId, topic: Option<i64>) -> StaffPlace {
        StaffPlace { chat, topic }
    }

    #[test]
    fn a_place_is_a_chat_or_a_topic_of_a_group() {
        for (text, found) in [
            ("-1001", Some(place(GROUP, None))),
            ("-1001:17", Some(place(GROUP, Some(17)))),
            ("-1001:1", Some(place(GROUP, None))),
            ("4711", Some(place(ChatId(4711), None))),
            ("4711:17", None),
            ("0", None),
            ("-1001:", None),
            ("-1001:0", None),
            ("-1001:-3", None),
            ("-1001:17:2", None),
            ("-1001 :17", None),
            (":17", None),
            ("group", None),
        ] {
            assert_eq!(StaffPlace::parse(text), found, "{text}");
            if let Some(found) = found {
                assert_eq!(StaffPlace::parse(&found.to_string()), Some(found));
            }
        }
    }

    #[test]
    fn a_binding_holds_until_the_setting_names_another_chat() {
        let (was, now) = (place(GROUP, None), place(OTHER, Some(3)));
        let bound = Binding { place: now, instead_of: Some(was) };
        assert!(bound.holds(Some(was)));
        assert!(bound.holds(None), "a setting that is taken away wishes nothing");
        assert!(!bound.holds(Some(place(GROUP, Some(2)))));
        assert!(!Binding { instead_of: None, ..bound }.holds(Some(was)));
    }

    #[test]
    fn a_topic_contains_itself_alone_and_a_chat_all_of_its_topics() {
        let places = [
            place(GROUP, None),
            place(GROUP, Some(17)),
            place(GROUP, Some(18)),
            place(OTHER, Some(17)),
        ];
        for (own, expected) in [
            (None, [false; 4]),
            (Some(place(GROUP, None)), [true, true, true, false]),
            (Some(place(GROUP, Some(17))), [false, true, false, false]),
        ] {
            let chat = StaffChat::new(own);
            assert_eq!(places.map(|place| chat.contains(place)), expected, "{own:?}");
        }
    }

    #[test]
    fn the_present_place_follows_bindings_and_renamed_groups() {
        let chat = StaffChat::new(Some(place(GROUP, Some(5))));
        assert_eq!((chat.get(), chat.topic_in(GROUP)), (Some(GROUP), Some(5)));
        assert_eq!(chat.topic_in(OTHER), None);
        chat.set_channel(GROUP, true);
        assert!(!chat.has_buttons());
        let binding = Binding { place: place(OTHER, None), instead_of: chat.setting() };
        assert!(chat.set(Some(binding), |chat| chat));
        assert!(chat.has_buttons() && chat.is_bound(), "nothing is known of the new chat");
        assert!(!chat.set(Some(binding), |chat| chat), "it is the same");
        assert!(chat.set(Some(binding), |_| ChatId(-1_003)));
        chat.rename(ChatId(-1_003), ChatId(-1_004));
        chat.rename(GROUP, ChatId(-9));
        assert_eq!(chat.get(), Some(ChatId(-1_004)));
        assert!(chat.set(None, |chat| chat));
        assert_eq!(chat.place(), Some(place(GROUP, Some(5))));
        assert!(!chat.is_bound());
    }
}
