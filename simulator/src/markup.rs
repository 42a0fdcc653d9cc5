//! Reads and checks `reply_markup`: inline buttons and the reply keyboard, by Telegram's rules.
//! It may arrive as an object or, in form requests, as JSON in a string.

use serde_json::Value;

use crate::model::{Button, Key};

/// The parsed `reply_markup`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup {
    pub buttons: Vec<Vec<Button>>,
    pub keyboard: Vec<Vec<Key>>,
}

/// Longest callback data, in bytes (Bot API, `InlineKeyboardButton`).
const CALLBACK_DATA_MAX: usize = 64;
/// Longest text that a button copies, in characters (Bot API, `CopyTextButton`).
const COPY_TEXT_MAX: usize = 256;

/// Reads the markup of a request.
///
/// # Errors
/// Telegram's description of what is wrong.
pub(crate) fn read(value: Option<&Value>) -> Result<Markup, String> {
    let parsed;
    let value = match value {
        None | Some(Value::Null) => return Ok(Markup::default()),
        Some(Value::String(text)) => {
            parsed = serde_json::from_str::<Value>(text)
                .map_err(|_| "Bad Request: can't parse reply keyboard markup JSON object")?;
            &parsed
        }
        Some(value) => value,
    };
    let mut markup = Markup::default();
    if let Some(rows) = value.get("inline_keyboard") {
        markup.buttons = rows_of(rows, inline_button)?;
    } else if let Some(rows) = value.get("keyboard") {
        markup.keyboard = rows_of(rows, key)?;
    } else if value.get("remove_keyboard").is_none() && value.get("force_reply").is_none() {
        return Err("Bad Request: object expected as reply markup".into());
    }
    Ok(markup)
}

fn rows_of<T>(
    rows: &Value,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<Vec<Vec<T>>, String> {
    let error = "Bad Request: field of type Array expected in the keyboard";
    let rows = rows.as_array().ok_or(error)?;
    rows.iter()
        .map(|row| row.as_array().ok_or(error)?.iter().map(&read).collect::<Result<Vec<T>, _>>())
        .collect()
}

fn text_of(button: &Value) -> Result<String, String> {
    match button.get("text").or(Some(button)).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err("Bad Request: can't parse keyboard button: Field \"text\" must be of type String and not empty".into()),
    }
}

fn inline_button(button: &Value) -> Result<Button, String> {
    let text = text_of(button)?;
    let string = |name: &str| button.get(name).and_then(Value::as_str).map(str::to_owned);
    let button = Button {
        text,
        data: string("callback_data"),
        url: string("url"),
        copy_text: button.pointer("/copy_text/text").and_then(Value::as_str).map(str::to_owned),
        style: string("style"),
    };
    check(&button)?;
    Ok(button)
}

fn check(button: &Button) -> Result<(), String> {
    if let Some(data) = &button.data
        && (data.is_empty() || data.len() > CALLBACK_DATA_MAX)
    {
        return Err("Bad Request: BUTTON_DATA_INVALID".into());
    }
    if let Some(url) = &button.url
        && !["http://", "https://", "tg://"].iter().any(|scheme| url.starts_with(scheme))
    {
        return Err(format!(
            "Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
        ));
    }
    if let Some(text) = &button.copy_text
        && !(1..=COPY_TEXT_MAX).contains(&text.chars().count())
    {
        return Err("Bad Request: BUTTON_COPY_TEXT_INVALID".into());
    }
    if let Some(style) = &button.style
        && !["danger", "success", "primary"].contains(&style.as_str())
    {
        return Err("Bad Request: invalid button style specified".into());
    }
    let actions = [&button.data, &button.url, &button.copy_text];
    match actions.into_iter().flatten().count() {
        1 => Ok(()),
        0 => Err("Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard".into()),
        _ => Err("Bad Request: BUTTON_TYPE_INVALID".into()),
    }
}

fn key(button: &Value) -> Result<Key, String> {
    let request_contact = button.get("request_contact").and_then(Value::as_bool) == Some(true);
    Ok(Key { text: text_of(button)?, request_contact })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn buttons_and_keys_are_read() {
        let markup = read(Some(&json!({"inline_keyboard": [[
            {"text": "5", "callback_data": "rate:1:5", "style": "success"},
            {"text": "Map", "url": "https://x.y"},
            {"text": "Code", "copy_text": {"text": "C6UDS3"}}
        ]]})))
        .unwrap();
        assert_eq!(markup.buttons[0][0].style.as_deref(), Some("success"));
        assert_eq!(markup.buttons[0][2].copy_text.as_deref(), Some("C6UDS3"));
        assert_eq!(markup.buttons[0][0].data.as_deref(), Some("rate:1:5"));
        assert_eq!(markup.buttons[0][1].url.as_deref(), Some("https://x.y"));
        let text = json!({"keyboard": [[{"text": "Phone", "request_contact": true}, "Help"]]});
        let markup = read(Some(&Value::String(text.to_string()))).unwrap();
        assert!(markup.keyboard[0][0].request_contact);
        assert_eq!(markup.keyboard[0][1].text, "Help");
    }

    #[test]
    fn what_telegram_refuses_is_refused() {
        for bad in [
            json!({"inline_keyboard": [[{"text": "x"}]]}),
            json!({"inline_keyboard": [[{"text": "", "callback_data": "d"}]]}),
            json!({"inline_keyboard": [[{"text": "x", "callback_data": "d".repeat(65)}]]}),
            json!({"inline_keyboard": [[{"text": "x", "url": "not a link"}]]}),
            json!({"inline_keyboard": [[{"text": "x", "copy_text": {"text": ""}}]]}),
            json!({"inline_keyboard": [[{"text": "x", "copy_text": {"text": "c".repeat(257)}}]]}),
            json!({"inline_keyboard": [[{"text": "x", "callback_data": "d", "style": "pink"}]]}),
            json!({"inline_keyboard": [[{"text": "x", "callback_data": "d", "url": "https://x.y"}]]}),
            json!({"inline_keyboard": [{"text": "x"}]}),
            json!({"keyboard": [[{"text": ""}]]}),
            json!("{"),
            json!({"something": 1}),
        ] {
            assert!(read(Some(&bad)).unwrap_err().starts_with("Bad Request: "), "{bad}");
        }
    }
}
