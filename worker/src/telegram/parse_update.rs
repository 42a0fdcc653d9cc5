//! Parses the raw JSON of an update into a [`ParsedUpdate`], by a dptree handler tree that is built and
//! type-checked once. Its endpoints return an [`Intent`] and have no side effects.

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

use super::parse_staff::{group_intent, staff_intent};
use crate::{
    bot::{Intent, ParsedUpdate, Sender, intent::NAME_MAX},
    texts::Texts,
};

/// The text is not a Telegram update.
#[derive(Debug, thiserror::Error)]
#[error("not an update of Telegram: {}", shared::json::fault(.0))]
pub struct NotAnUpdate(#[from] serde_json::Error);

type Parsed = (Option<Sender>, Intent);
type Tree = Handler<'static, Parsed, DpHandlerDescription>;

/// Parses updates.
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
    /// Builds the tree and checks that every dependency of its handlers is provided.
    ///
    /// # Panics
    /// At start, when one is missing: a mistake in this file.
    #[must_use]
    pub fn new(texts: Arc<Texts>) -> Self {
        let tree = tree();
        let nothing = Update { id: UpdateId(0), kind: UpdateKind::Error(serde_json::Value::Null) };
        dptree::type_check(tree.sig(), &dependencies(nothing, LenientText(None), &texts), &[]);
        Self { tree, texts }
    }

    /// Parses one update.
    ///
    /// # Errors
    /// When the text is not JSON with an `update_id`. An update of a new kind is no error.
    pub async fn parse(&self, raw: &str) -> Result<ParsedUpdate, NotAnUpdate> {
        // From the text itself: teloxide can't read updates from a `serde_json::Value`.
        let update: Update = serde_json::from_str(raw)?;
        let update_id = i64::from(update.id.0);
        let unreadable = matches!(update.kind, UpdateKind::Error(_));
        let identity = identity(&update.kind);
        let lenient = parse_lenient(&update, raw);
        let as_staff = staff_intent(&update.kind, Chat::is_private);
        let parsed = self.tree.dispatch(dependencies(update, lenient, &self.texts)).await;
        let (sender, intent) = match parsed {
            ControlFlow::Break(parsed) => parsed,
            ControlFlow::Continue(_) => (None, Intent::Ignore),
        };
        Ok(ParsedUpdate { update_id, identity, sender, intent, as_staff, unreadable })
    }
}

fn dependencies(update: Update, lenient: LenientText, texts: &Arc<Texts>) -> DependencyMap {
    dptree::deps![update, lenient, Arc::clone(texts)]
}

/// The text of a message that teloxide reads as empty: an entity or a quote in it is of a later version
/// of the Bot API.
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

/// Longest id of a press that is looked at, in characters. Telegram's have about twenty.
const PRESS_ID_MAX: usize = 64;

/// See [`ParsedUpdate::identity`]. Stored: it must stay the same for an update that is delivered again.
fn identity(kind: &UpdateKind) -> String {
    match kind {
        UpdateKind::Message(message) => {
            format!("message:{}:{}:{}", message.chat.id, message.id.0, message.date.timestamp())
        }
        UpdateKind::CallbackQuery(query) => {
            let id: String = query.id.0.chars().take(PRESS_ID_MAX).collect();
            format!("press:{}:{id}", query.from.id)
        }
        UpdateKind::MyChatMember(change) => {
            let (at, blocked) = (change.date.timestamp(), is_blocked(change));
            format!("member:{}:{at}:{blocked}", change.chat.id)
        }
        // Nothing of it is applied.
        _ => "other".to_owned(),
    }
}

/// A group's new id is not read here but from Telegram's response to a message: an update could be forged by whoever
/// knows the webhook's secret.
fn tree() -> Tree {
    let client = dptree::filter_map(private_sender)
        .branch(Update::filter_message().branch(contact()).branch(text()).branch(wordless()))
        .branch(Update::filter_callback_query().endpoint(pressed))
        .branch(Update::filter_my_chat_member().endpoint(membership));
    let group =
        dptree::filter_map(group_intent).endpoint(|intent: Intent| async { (None, intent) });
    dptree::entry().branch(client).branch(group)
}

fn contact() -> Tree {
    dptree::filter_map(|message: Message, sender: Sender| {
        let contact = message.contact()?;
        // Telegram sets the contact's user id itself. It equals the sender's only for the sender's own number.
        let own = contact.user_id.and_then(|id| i64::try_from(id.0).ok()) == Some(sender.chat.0);
        Some(Intent::Contact { phone: contact.phone_number.clone(), own })
    })
    .endpoint(|sender: Sender, intent: Intent| async { (Some(sender), intent) })
}

fn text() -> Tree {
    dptree::filter_map(|message: Message, lenient: LenientText, texts: Arc<Texts>| {
        let words = message.text().or(lenient.0.as_deref())?;
        Some(Intent::of_text(words, |text| texts.menu_command(text)))
    })
    .endpoint(|sender: Sender, intent: Intent| async { (Some(sender), intent) })
}

/// A client's message without text: a photo, a sticker, or a kind newer than this program. Service
/// messages, such as a pinned message, are ignored.
fn wordless() -> Tree {
    dptree::endpoint(|message: Message, sender: Sender| async move {
        let from_client = matches!(
            message.kind,
            MessageKind::Common(_) | MessageKind::Dice(_) | MessageKind::Empty {}
        );
        let caption = message.caption().unwrap_or_default().to_owned();
        let attachment = Intent::Attachment { message: i64::from(message.id.0), caption };
        (Some(sender), if from_client { attachment } else { Intent::Ignore })
    })
}

async fn pressed(query: CallbackQuery, sender: Sender) -> Parsed {
    let message = query.message.as_ref().map(|message| i64::from(message.id().0));
    (Some(sender), Intent::of_callback(query.data.as_deref(), message, query.id.0))
}

async fn membership(change: ChatMemberUpdated, sender: Sender) -> Parsed {
    let blocked = is_blocked(&change);
    (Some(sender), if blocked { Intent::BotBlocked } else { Intent::BotUnblocked })
}

fn is_blocked(change: &ChatMemberUpdated) -> bool {
    let member = &change.new_chat_member.kind;
    member.is_banned() || member.is_left()
}

/// The user of a private chat with the bot.
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
    // In a private chat the chat's id is the user's.
    chat.is_none_or(|chat| chat.id.0 == id).then(|| Sender {
        chat: ChatId(id),
        name: user.first_name.chars().take(NAME_MAX).collect(),
        language: user.language_code.clone(),
    })
}

#[cfg(test)]
#[path = "parse_update_tests.rs"]
mod tests;
