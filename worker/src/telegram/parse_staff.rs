//! What the staff do in their chat, read from an update: presses on cards, replies, commands, and the opening of a link that
//! makes a group theirs.

use shared::domain::{ids::ChatId, staff_chat::StaffPlace};
use teloxide::types::{CallbackQuery, Chat, Message, MessageKind, Update, UpdateKind};

use crate::bot::{
    BindIntent, Intent, StaffIntent,
    intent::{NAME_MAX, TableButton},
    is_link_secret,
    keyboard::CallbackData,
    staff_command::StaffCommand,
};

/// Longest title of a group that is kept, in characters.
const TITLE_MAX: usize = 128;

/// What a member of a group does. In a channel any subscriber could press: nothing is read there.
pub(super) fn group_intent(update: Update) -> Option<Intent> {
    let is_group = |chat: &Chat| chat.is_group() || chat.is_supergroup();
    if let UpdateKind::Message(message) = &update.kind
        && is_group(&message.chat)
        && let Some(bind) = bind_intent(message)
    {
        return Some(Intent::Bind(bind));
    }
    let intent = staff_intent(&update.kind, is_group);
    match update.kind {
        UpdateKind::CallbackQuery(query) => {
            query.message.as_ref().filter(|message| is_group(message.chat()))?;
            Some(intent.map_or(Intent::StaleCallback { callback: query.id.0 }, Intent::Staff))
        }
        _ => intent.map(Intent::Staff),
    }
}

/// What somebody does in a chat of this sort, if it is the staff's.
pub(super) fn staff_intent(
    update: &UpdateKind,
    is_chat: impl Fn(&Chat) -> bool,
) -> Option<StaffIntent> {
    match update {
        UpdateKind::CallbackQuery(query) => press(query, is_chat),
        UpdateKind::Message(message) => words(message, is_chat),
        _ => None,
    }
}

fn press(query: &CallbackQuery, is_chat: impl Fn(&Chat) -> bool) -> Option<StaffIntent> {
    let above = query.message.as_ref()?;
    let chat = Some(above.chat()).filter(|chat| is_chat(chat))?;
    let (chat, message) = (ChatId(chat.id.0), i64::from(above.id().0));
    let callback = query.id.0.clone();
    match query.data.as_deref().and_then(CallbackData::parse)? {
        CallbackData::Taken { request } => {
            let by = query.from.first_name.chars().take(NAME_MAX).collect();
            Some(StaffIntent::Take { chat, request, by, message, callback })
        }
        CallbackData::Invite { booking } => {
            Some(StaffIntent::Invite { chat, booking, message, callback })
        }
        CallbackData::Replay { first, last } => {
            Some(StaffIntent::Replay { chat, numbers: (first, last), message, callback })
        }
        CallbackData::Table { difference } => {
            let pressed = TableButton::One(difference);
            Some(StaffIntent::ApplyTable { chat, pressed, message, callback })
        }
        CallbackData::TableAll { card } => {
            let pressed = TableButton::All(card);
            Some(StaffIntent::ApplyTable { chat, pressed, message, callback })
        }
        CallbackData::Rating { .. }
        | CallbackData::Calendar { .. }
        | CallbackData::Visit { .. }
        | CallbackData::NoReason { .. }
        | CallbackData::Page { .. }
        | CallbackData::Settings { .. }
        | CallbackData::Language { .. } => None,
    }
}

/// A command, or a reply.
fn words(message: &Message, is_chat: impl Fn(&Chat) -> bool) -> Option<StaffIntent> {
    let chat = Some(&message.chat).filter(|chat| is_chat(chat))?;
    // An administrator may write in the group's own name.
    let anonymous = message.sender_chat.as_ref().is_some_and(|sender| sender.id == chat.id);
    let is_person = anonymous || message.from.as_ref().is_some_and(|from| !from.is_bot);
    if !is_person || !matches!(message.kind, MessageKind::Common(_)) {
        return None;
    }
    let (place, id) = (place_of(message), i64::from(message.id.0));
    if let Some(text) = message.text().filter(|text| text.starts_with('/')) {
        let command = StaffCommand::parse(text)?;
        // Whoever forwards a command does not give it.
        let is_own = message.forward_origin().is_none();
        return is_own.then_some(StaffIntent::Command { place, message: id, command });
    }
    let to = i64::from(message.reply_to_message()?.id.0);
    Some(StaffIntent::Reply { chat: place.chat, to, message: id })
}

/// The chat of a message, and the topic if it stands in one.
fn place_of(message: &Message) -> StaffPlace {
    // Outside forums a thread is a chain of replies.
    let thread = message.thread_id.filter(|_| message.is_topic_message);
    StaffPlace::new(ChatId(message.chat.id.0), thread.map(|thread| i64::from(thread.0.0)))
}

/// The command that Telegram writes into a group for whoever opened a link: `/start@Bot SECRET`.
fn bind_intent(message: &Message) -> Option<BindIntent> {
    let (command, secret) = message.text()?.split_once(' ')?;
    let name = command.split_once('@').map_or(command, |(name, _bot)| name);
    if name != "/start" || !is_link_secret(secret) {
        return None;
    }
    Some(BindIntent {
        place: place_of(message),
        title: message.chat.title().unwrap_or_default().chars().take(TITLE_MAX).collect(),
        secret: secret.to_owned(),
    })
}
