//! How the bot presents itself: its commands, descriptions and menu button, per scope, language and chat.

use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    methods::{Done, Params, bad_request},
    params,
};
use crate::{profile::Scope, state::State};

const DESCRIPTION_MAX: usize = 512;
const SHORT_DESCRIPTION_MAX: usize = 120;
const COMMANDS_MAX: usize = 100;
const COMMAND_MAX: usize = 32;
const COMMAND_DESCRIPTION_MAX: usize = 256;

pub(super) fn set_commands(state: &mut State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["commands", "scope", "language_code"])?;
    let commands = params::array(params, "commands")
        .map_err(|()| bad_request("Bad Request: can't parse commands JSON object"))?;
    if commands.len() > COMMANDS_MAX {
        return Err(bad_request("Bad Request: BOT_COMMANDS_TOO_MUCH"));
    }
    commands.iter().try_for_each(check_command)?;
    let scope = scope(params)?;
    let language = language(params)?;
    state.profile.commands.insert((scope, language), commands.clone());
    state.profile.last_commands = Value::Array(commands);
    Ok(Done::plain(json!(true)))
}

pub(super) fn commands(state: &State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["scope", "language_code"])?;
    let commands = state.profile.commands.get(&(scope(params)?, language(params)?));
    Ok(Done::plain(json!(commands.cloned().unwrap_or_default())))
}

fn check_command(command: &Value) -> Result<(), Answer> {
    let string = |name: &str| command.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = string("command").trim_start_matches('/');
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > COMMAND_MAX || !name.bytes().all(allowed) {
        return Err(bad_request("Bad Request: BOT_COMMAND_INVALID"));
    }
    if !(1..=COMMAND_DESCRIPTION_MAX).contains(&string("description").chars().count()) {
        return Err(bad_request("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(())
}

fn scope(params: &Params) -> Result<Scope, Answer> {
    let unreadable = || bad_request("Bad Request: can't parse BotCommandScope JSON object");
    let Some(scope) = params::object(params, "scope").map_err(|()| unreadable())? else {
        return Ok(Scope::Default);
    };
    let id = |name: &str| params::integer(&scope, name).ok_or_else(unreadable);
    Ok(match params::string(&scope, "type") {
        Some("default") => Scope::Default,
        Some("all_private_chats") => Scope::AllPrivateChats,
        Some("all_group_chats") => Scope::AllGroupChats,
        Some("all_chat_administrators") => Scope::AllChatAdministrators,
        Some("chat") => Scope::Chat { chat_id: id("chat_id")? },
        Some("chat_administrators") => Scope::ChatAdministrators { chat_id: id("chat_id")? },
        Some("chat_member") => {
            Scope::ChatMember { chat_id: id("chat_id")?, user_id: id("user_id")? }
        }
        _ => return Err(bad_request("Bad Request: unsupported scope type specified")),
    })
}

/// Two small letters, or none for all languages.
fn language(params: &Params) -> Result<String, Answer> {
    let language = params::string(params, "language_code").unwrap_or_default();
    let sound = language.is_empty()
        || language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if sound {
        Ok(language.to_owned())
    } else {
        Err(bad_request("Bad Request: invalid language code specified"))
    }
}

pub(super) fn set_description(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let (language, text) = localized(params, "description", DESCRIPTION_MAX)?;
    state.profile.descriptions.insert(language, text);
    Ok(Done::plain(json!(true)))
}

pub(super) fn description(state: &State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["language_code"])?;
    let text = state.profile.descriptions.get(&language(params)?);
    Ok(Done::plain(json!({ "description": text.cloned().unwrap_or_default() })))
}

pub(super) fn set_short_description(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let (language, text) = localized(params, "short_description", SHORT_DESCRIPTION_MAX)?;
    state.profile.short_descriptions.insert(language, text);
    Ok(Done::plain(json!(true)))
}

pub(super) fn short_description(state: &State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["language_code"])?;
    let text = state.profile.short_descriptions.get(&language(params)?);
    Ok(Done::plain(json!({ "short_description": text.cloned().unwrap_or_default() })))
}

/// A language and its text. An empty text takes the language's own away.
fn localized(params: &Params, name: &str, most: usize) -> Result<(String, String), Answer> {
    params::only(params, &[name, "language_code"])?;
    let text = params::string(params, name).unwrap_or_default();
    if text.chars().count() > most {
        let field = if most == DESCRIPTION_MAX { "DESCRIPTION" } else { "ABOUT" };
        return Err(bad_request(format!("Bad Request: {field}_TOO_LONG")));
    }
    Ok((language(params)?, text.to_owned()))
}

pub(super) fn set_menu_button(state: &mut State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["chat_id", "menu_button"])?;
    let button = params::object(params, "menu_button")
        .map_err(|()| bad_request("Bad Request: can't parse menu button JSON object"))?;
    let button = button.unwrap_or_else(default_button);
    check_menu_button(&button)?;
    state.profile.menu_buttons.insert(private_chat(params)?, Value::Object(button));
    Ok(Done::plain(json!(true)))
}

/// The button of the chat, else the one of all chats.
pub(super) fn menu_button(state: &State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["chat_id"])?;
    let buttons = &state.profile.menu_buttons;
    let button = buttons.get(&private_chat(params)?).or_else(|| buttons.get(&None));
    Ok(Done::plain(button.cloned().unwrap_or_else(|| Value::Object(default_button()))))
}

fn default_button() -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!("default"))])
}

fn private_chat(params: &Params) -> Result<Option<i64>, Answer> {
    match (params.get("chat_id"), params::chat_id(params)) {
        (None, _) => Ok(None),
        (Some(_), Some(chat_id)) if chat_id > 0 => Ok(Some(chat_id)),
        _ => Err(bad_request("Bad Request: chat not found")),
    }
}

fn check_menu_button(button: &Map<String, Value>) -> Result<(), Answer> {
    match params::string(button, "type") {
        Some("default" | "commands") => Ok(()),
        Some("web_app") => {
            let url = button.get("web_app").and_then(|app| app["url"].as_str()).unwrap_or_default();
            if params::string(button, "text").is_none_or(str::is_empty) {
                return Err(bad_request("Bad Request: BUTTON_TEXT_INVALID"));
            }
            if !url.starts_with("https://") {
                return Err(bad_request(format!(
                    "Bad Request: menu button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
                )));
            }
            Ok(())
        }
        _ => Err(bad_request("Bad Request: MenuButton has unsupported type")),
    }
}
