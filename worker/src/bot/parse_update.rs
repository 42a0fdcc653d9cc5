//! From the raw JSON of an update to what it means: a dptree handler tree, built and checked once,
//! whose endpoints return an [`Intent`] and touch nothing.

use std::{ops::ControlFlow, sync::Arc};

use serde::Deserialize;
use shared::domain::ids::ChatId;
use teloxide::{
    dispatching::{DpHandlerDescription, UpdateFilterExt},
    dptree::{self, Handler, di::DependencyMap},
    types::{
        CallbackQuery, Chat, ChatMemberUpdated, Message, MessageKind, Update, UpdateId, UpdateKind,
        User,
    },
};

use super::intent::{Intent, Sender};
use crate::texts::Texts;

/// The text is no update of Telegram.
#[derive(Debug, thiserror::Error)]
#[error("not an update of Telegram: {}", shared::json::fault(.0))]
pub struct NotAnUpdate(#[from] serde_json::Error);

/// An update, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedUpdate {
    pub update_id: i64,
    /// `None`: nobody that the bot would answer.
    pub sender: Option<Sender>,
    pub intent: Intent,
    /// The update is of a kind, or in a form, that this version can't read. It is ignored.
    pub unreadable: bool,
}

type Outcome = (Option<Sender>, Intent);
type Tree = Handler<'static, Outcome, DpHandlerDescription>;

/// Understands updates.
#[derive(Clone)]
pub struct UpdateParser {
    tree: Tree,
    texts: Arc<Texts>,
}

impl std::fmt::Debug for UpdateParser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpdateParser").finish_non_exhaustive()
    }
}

impl UpdateParser {
    /// Builds the tree and checks that its handlers are given all they ask for.
    ///
    /// # Panics
    /// At start, when they are not: a mistake in this file.
    #[must_use]
    pub fn new(texts: Arc<Texts>) -> Self {
        let tree = tree();
        let nothing = Update { id: UpdateId(0), kind: UpdateKind::Error(serde_json::Value::Null) };
        dptree::type_check(tree.sig(), &dependencies(nothing, LenientText(None), &texts), &[]);
        Self { tree, texts }
    }

    /// Reads an update and says what it means.
    ///
    /// # Errors
    /// When the text is not JSON with an `update_id`. An update of a new kind is no error.
    pub async fn parse(&self, raw: &str) -> Result<ParsedUpdate, NotAnUpdate> {
        // From the text itself: teloxide can't read updates from a `serde_json::Value`.
        let update: Update = serde_json::from_str(raw)?;
        let update_id = i64::from(update.id.0);
        let unreadable = matches!(update.kind, UpdateKind::Error(_));
        let lenient = parse_lenient(&update, raw);
        let heard = self.tree.dispatch(dependencies(update, lenient, &self.texts)).await;
        let (sender, intent) = match heard {
            ControlFlow::Break(heard) => heard,
            ControlFlow::Continue(_) => (None, Intent::Ignore),
        };
        Ok(ParsedUpdate { update_id, sender, intent, unreadable })
    }
}

fn dependencies(update: Update, lenient: LenientText, texts: &Arc<Texts>) -> DependencyMap {
    dptree::deps![update, lenient, Arc::clone(texts)]
}

/// The words of a message that teloxide reads as empty, as it does when an entity or a quote in it
/// is of a later version of the Bot API.
#[derive(Debug, Clone)]
struct LenientText(Option<String>);

fn parse_lenient(update: &Update, raw: &str) -> LenientText {
    #[derive(Deserialize)]
    struct RawUpdate {
        message: Option<RawMessage>,
    }
    #[derive(Deserialize)]
    struct RawMessage {
        text: Option<String>,
    }
    match &update.kind {
        UpdateKind::Message(Message { kind: MessageKind::Empty {}, .. }) => {
            let update = serde_json::from_str::<RawUpdate>(raw).ok();
            LenientText(update.and_then(|update| update.message?.text))
        }
        _ => LenientText(None),
    }
}

/// In groups the bot only listens for a change of the group's id.
fn tree() -> Tree {
    dptree::entry()
        .branch(
            dptree::filter_map(private_sender)
                .branch(
                    Update::filter_message().branch(contact()).branch(text()).branch(wordless()),
                )
                .branch(Update::filter_callback_query().endpoint(pressed))
                .branch(Update::filter_my_chat_member().endpoint(membership)),
        )
        .branch(
            Update::filter_message()
                .filter_map(migration)
                .endpoint(|intent: Intent| async { (None, intent) }),
        )
}

fn contact() -> Tree {
    dptree::filter_map(|message: Message, sender: Sender| {
        let contact = message.contact()?;
        // Telegram sets the user's id itself, and only the owner's number comes with the sender's.
        let own = contact.user_id.and_then(|id| i64::try_from(id.0).ok()) == Some(sender.chat.0);
        Some(Intent::Contact { phone: contact.phone_number.clone(), own })
    })
    .endpoint(|sender: Sender, intent: Intent| async { (Some(sender), intent) })
}

fn text() -> Tree {
    dptree::filter_map(|message: Message, lenient: LenientText, texts: Arc<Texts>| {
        let words = message.text().or(lenient.0.as_deref())?;
        Some(Intent::of_text(words, |text| texts.menu_intent(text)))
    })
    .endpoint(|sender: Sender, intent: Intent| async { (Some(sender), intent) })
}

/// What a client sent that holds no words: a photo, a sticker, or something newer than this
/// program. Notes of Telegram's own about the chat (a pinned message, say) are not the client's.
fn wordless() -> Tree {
    dptree::endpoint(|message: Message, sender: Sender| async move {
        let said = matches!(
            message.kind,
            MessageKind::Common(_) | MessageKind::Dice(_) | MessageKind::Empty {}
        );
        (Some(sender), if said { Intent::Text(String::new()) } else { Intent::Ignore })
    })
}

async fn pressed(query: CallbackQuery, sender: Sender) -> Outcome {
    (Some(sender), Intent::of_callback(query.data.as_deref(), query.id.0))
}

async fn membership(change: ChatMemberUpdated, sender: Sender) -> Outcome {
    let member = &change.new_chat_member;
    let blocked = member.kind.is_banned() || member.kind.is_left();
    (Some(sender), if blocked { Intent::BotBlocked } else { Intent::BotUnblocked })
}

/// The person in a private chat with the bot.
fn private_sender(update: Update) -> Option<Sender> {
    let chat = match &update.kind {
        UpdateKind::Message(message) => Some(&message.chat),
        UpdateKind::MyChatMember(change) => Some(&change.chat),
        // The button's message may be too old for Telegram to name its chat.
        UpdateKind::CallbackQuery(query) => query.message.as_ref().map(|message| message.chat()),
        _ => return None,
    };
    if !chat.is_none_or(Chat::is_private) {
        return None;
    }
    let user: &User = update.from().filter(|user| !user.is_bot)?;
    let id = i64::try_from(user.id.0).ok()?;
    // In a private chat both ids are one; anything else is nothing that Telegram sends.
    chat.is_none_or(|chat| chat.id.0 == id)
        .then(|| Sender { chat: ChatId(id), language: user.language_code.clone() })
}

fn migration(message: Message) -> Option<Intent> {
    let here = message.chat.id;
    let (from, to) = match (message.migrate_to_chat_id(), message.migrate_from_chat_id()) {
        (Some(to), _) => (here, *to),
        (None, Some(from)) => (*from, here),
        (None, None) => return None,
    };
    Some(Intent::GroupMigrated { from: ChatId(from.0), to: ChatId(to.0) })
}

#[cfg(test)]
#[path = "parse_update_tests.rs"]
mod tests;
