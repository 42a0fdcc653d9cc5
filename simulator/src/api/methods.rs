//! The methods themselves: what each checks, does and returns. Only those that the project calls exist.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    answer::Answer, callbacks, copies, documents, edits, params, place, place::Place, profile,
    reactions, venues,
};
use crate::{
    html::{self, Entity},
    markup::{self, Markup},
    model::{ChatMessage, FaultKind, MessageRef},
    state::{State, wall_clock},
    updates::Webhook,
};

/// The called bot. Its id is the number before the colon of its token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bot {
    pub id: i64,
}

/// Longest text of a message after parsing, in UTF-16 code units.
const TEXT_MAX: usize = 4096;
/// Longest caption after parsing, in UTF-16 code units.
const CAPTION_MAX: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    SendMessage,
    SendDocument,
    SendVenue,
    CopyMessage,
    SetMessageReaction,
    AnswerCallbackQuery,
    EditMessageText,
    EditMessageReplyMarkup,
    SetMyCommands,
    GetMyCommands,
    SetMyDescription,
    GetMyDescription,
    SetMyShortDescription,
    GetMyShortDescription,
    SetChatMenuButton,
    GetChatMenuButton,
    SetWebhook,
    DeleteWebhook,
    GetWebhookInfo,
    GetMe,
    GetUpdates,
    GetChat,
    GetChatMember,
    SendChatAction,
}

impl Method {
    const ALL: [Self; 24] = [
        Self::SendMessage,
        Self::SendDocument,
        Self::SendVenue,
        Self::CopyMessage,
        Self::SetMessageReaction,
        Self::AnswerCallbackQuery,
        Self::EditMessageText,
        Self::EditMessageReplyMarkup,
        Self::SetMyCommands,
        Self::GetMyCommands,
        Self::SetMyDescription,
        Self::GetMyDescription,
        Self::SetMyShortDescription,
        Self::GetMyShortDescription,
        Self::SetChatMenuButton,
        Self::GetChatMenuButton,
        Self::SetWebhook,
        Self::DeleteWebhook,
        Self::GetWebhookInfo,
        Self::GetMe,
        Self::GetUpdates,
        Self::GetChat,
        Self::GetChatMember,
        Self::SendChatAction,
    ];

    /// A method's name in any letter case, as Telegram takes it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SendMessage => "sendMessage",
            Self::SendDocument => "sendDocument",
            Self::SendVenue => "sendVenue",
            Self::CopyMessage => "copyMessage",
            Self::SetMessageReaction => "setMessageReaction",
            Self::AnswerCallbackQuery => "answerCallbackQuery",
            Self::EditMessageText => "editMessageText",
            Self::EditMessageReplyMarkup => "editMessageReplyMarkup",
            Self::SetMyCommands => "setMyCommands",
            Self::GetMyCommands => "getMyCommands",
            Self::SetMyDescription => "setMyDescription",
            Self::GetMyDescription => "getMyDescription",
            Self::SetMyShortDescription => "setMyShortDescription",
            Self::GetMyShortDescription => "getMyShortDescription",
            Self::SetChatMenuButton => "setChatMenuButton",
            Self::GetChatMenuButton => "getChatMenuButton",
            Self::SetWebhook => "setWebhook",
            Self::DeleteWebhook => "deleteWebhook",
            Self::GetWebhookInfo => "getWebhookInfo",
            Self::GetMe => "getMe",
            Self::GetUpdates => "getUpdates",
            Self::GetChat => "getChat",
            Self::GetChatMember => "getChatMember",
            Self::SendChatAction => "sendChatAction",
        }
    }

    pub(crate) fn changes_webhook(self) -> bool {
        matches!(self, Self::SetWebhook | Self::DeleteWebhook)
    }
}

/// A call that took effect.
pub(crate) struct Done {
    pub result: Value,
    pub message_id: Option<i64>,
}

impl Done {
    pub(super) fn plain(result: Value) -> Self {
        Self { result, message_id: None }
    }
}

pub(super) type Params = Map<String, Value>;

/// Checks and carries out a call.
///
/// # Errors
/// Telegram's refusal.
pub(crate) fn perform(
    state: &mut State,
    bot: Bot,
    method: Method,
    params: &Params,
    uptime: Duration,
) -> Result<Done, Answer> {
    if bot.id > 1 {
        state.bot_id = bot.id;
    }
    match method {
        Method::SendMessage => send_message(state, params, uptime),
        Method::SendDocument => documents::send(state, params, uptime),
        Method::SendVenue => venues::send(state, params, uptime),
        Method::CopyMessage => copies::copy(state, params, uptime),
        Method::SetMessageReaction => reactions::set(state, params),
        Method::AnswerCallbackQuery => callbacks::answer(state, params),
        Method::EditMessageText => edits::text(state, params),
        Method::EditMessageReplyMarkup => edits::markup(state, params),
        Method::SetMyCommands => profile::set_commands(state, params),
        Method::GetMyCommands => profile::commands(state, params),
        Method::SetMyDescription => profile::set_description(state, params),
        Method::GetMyDescription => profile::description(state, params),
        Method::SetMyShortDescription => profile::set_short_description(state, params),
        Method::GetMyShortDescription => profile::short_description(state, params),
        Method::SetChatMenuButton => profile::set_menu_button(state, params),
        Method::GetChatMenuButton => profile::menu_button(state, params),
        Method::SetWebhook => set_webhook(state, params),
        Method::DeleteWebhook => {
            forget_webhook(state, params);
            Ok(Done::plain(json!(true)))
        }
        Method::GetWebhookInfo => Ok(Done::plain(webhook_info(state))),
        Method::GetMe => Ok(Done::plain(me(bot))),
        Method::GetUpdates => Ok(Done::plain(json!([]))),
        Method::GetChat => get_chat(state, params),
        Method::SendChatAction => place::show_action(state, params),
        Method::GetChatMember => Ok(Done::plain(state.chats.bot_member(chat_of(params)?))),
    }
}

pub(super) fn bad_request(description: impl Into<String>) -> Answer {
    Answer::error(400, description)
}

pub(super) fn chat_of(params: &Params) -> Result<i64, Answer> {
    match (params::chat_id(params), params.get("chat_id")) {
        (Some(chat_id), _) if chat_id != 0 => Ok(chat_id),
        (_, None) => Err(bad_request("Bad Request: chat_id is empty")),
        _ => Err(bad_request("Bad Request: chat not found")),
    }
}

/// A text as the bot sent it, and as people see it.
pub(super) struct Text<'a> {
    pub source: &'a str,
    pub parsed: html::Parsed,
}

pub(super) fn text_of(params: &Params) -> Result<Text<'_>, Answer> {
    let text = parsed(params, "text")?;
    if text.parsed.text.trim().is_empty() {
        return Err(bad_request("Bad Request: message text is empty"));
    }
    if text.parsed.text.encode_utf16().count() > TEXT_MAX {
        return Err(bad_request("Bad Request: message is too long"));
    }
    Ok(text)
}

/// The caption of a file, which may be left out.
pub(super) fn caption_of(params: &Params) -> Result<Text<'_>, Answer> {
    let text = parsed(params, "caption")?;
    if text.parsed.text.encode_utf16().count() > CAPTION_MAX {
        return Err(bad_request("Bad Request: message caption is too long"));
    }
    Ok(text)
}

/// The text of this parameter, as `parse_mode` requires.
fn parsed<'a>(params: &'a Params, name: &str) -> Result<Text<'a>, Answer> {
    let source = params::string(params, name).unwrap_or_default();
    let mode = params::string(params, "parse_mode").unwrap_or_default();
    let parsed = match mode.to_ascii_lowercase().as_str() {
        "html" => html::parse(source)
            .map_err(|error| bad_request(format!("Bad Request: can't parse entities: {error}")))?,
        "" => html::Parsed { text: source.to_owned(), entities: Vec::new() },
        _ => return Err(bad_request("Bad Request: unsupported parse_mode")),
    };
    Ok(Text { source, parsed })
}

fn send_message(state: &mut State, params: &Params, uptime: Duration) -> Result<Done, Answer> {
    let chat_id = chat_of(params)?;
    let Text { source, parsed } = text_of(params)?;
    let markup = markup::read(params.get("reply_markup")).map_err(bad_request)?;
    let place = Place::read(state, chat_id, params)?;
    refuse_chat(state, chat_id, uptime)?;

    let message =
        ChatMessage { text: parsed.text, source: source.to_owned(), ..bot_message(state, markup) };
    let mut done = show(state, chat_id, place.of(message), &parsed.entities, uptime);
    if !parsed.entities.is_empty() {
        done.result["entities"] = json!(parsed.entities);
    }
    Ok(done)
}

/// A message of the bot without content yet.
pub(super) fn bot_message(state: &State, markup: Markup) -> ChatMessage {
    ChatMessage {
        from_bot: true,
        from_id: state.bot_id,
        at: wall_clock(),
        buttons: markup.buttons,
        keyboard: markup.keyboard,
        ..ChatMessage::default()
    }
}

/// Shows a message of the bot in the chat and counts it.
pub(super) fn show(
    state: &mut State,
    chat_id: i64,
    message: ChatMessage,
    entities: &[Entity],
    uptime: Duration,
) -> Done {
    let message = state.chats.show(chat_id, message, entities, state.journal.mode());
    let at_ms = u64::try_from(uptime.as_millis()).unwrap_or(0);
    match message.copy_of {
        // Equal words in two messages are copied twice with good reason.
        Some(MessageRef { chat_id: from, message_id }) => {
            state.counters.sent(chat_id, &format!("copy of {message_id} in {from}"), at_ms);
        }
        None => state.counters.sent(chat_id, &message.text, at_ms),
    }
    let result = state.message_json(chat_id, &message);
    Done { result, message_id: Some(message.message_id) }
}

fn set_webhook(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let url = params::string(params, "url").unwrap_or_default();
    if url.is_empty() {
        forget_webhook(state, params);
        return Ok(Done::plain(json!(true)));
    }
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    if !url.starts_with("https://") && !loopback.iter().any(|host| url.starts_with(host)) {
        return Err(bad_request(
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ));
    }
    let secret = params::string(params, "secret_token").map(str::to_owned);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if secret.as_ref().is_some_and(|secret| secret.len() > 256 || !secret.bytes().all(allowed)) {
        return Err(bad_request("Bad Request: secret token contains unallowed characters"));
    }
    forget_webhook(state, params);
    state.updates.webhook = Some(Webhook { url: url.to_owned(), secret, last_error: None });
    state.updates.allow(params.get("allowed_updates"));
    Ok(Done::plain(json!(true)))
}

fn forget_webhook(state: &mut State, params: &Params) {
    if params::flag(params, "drop_pending_updates") {
        state.updates.clear();
    }
    state.updates.webhook = None;
}

fn webhook_info(state: &State) -> Value {
    let webhook = state.updates.webhook.as_ref();
    let mut info = json!({
        "url": webhook.map_or("", |webhook| webhook.url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": state.updates.len(),
        "max_connections": 40,
    });
    if let Some((error, at)) = webhook.and_then(|webhook| webhook.last_error.as_ref()) {
        info["last_error_message"] = json!(error);
        info["last_error_date"] = json!(at);
    }
    // Telegram leaves out a list that was never set.
    if !state.updates.allowed().is_empty() {
        info["allowed_updates"] = json!(state.updates.allowed());
    }
    info
}

fn get_chat(state: &State, params: &Params) -> Result<Done, Answer> {
    let chat_id = chat_of(params)?;
    let scripted = state.chats.scripted(chat_id);
    Ok(Done::plain(scripted.unwrap_or_else(|| state.chat_json(chat_id))))
}

fn me(bot: Bot) -> Value {
    json!({
        "id": bot.id,
        "is_bot": true,
        "first_name": "Simulator",
        "username": "simulator_bot",
        "can_join_groups": true,
        "can_read_all_group_messages": false,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

/// The refusals that depend on the chat, before a message is shown there.
pub(super) fn refuse_chat(state: &mut State, chat_id: i64, uptime: Duration) -> Result<(), Answer> {
    refuse_absent(state, chat_id)?;
    state
        .limiter
        .admit(chat_id, uptime)
        .map_err(|retry_after| Answer::of_fault(&FaultKind::TooManyRequests { retry_after }))
}

/// The refusal of a chat that the bot is not in: blocked by the person, or removed from the group.
pub(super) fn refuse_absent(state: &State, chat_id: i64) -> Result<(), Answer> {
    if state.chats.blocked(chat_id) {
        return Err(Answer::of_fault(&FaultKind::Forbidden));
    }
    state.groups.refusal(chat_id).map_or(Ok(()), |refusal| Err(Answer::error(403, refusal)))
}
