//! Keyboards as the Bot API takes them.

use teloxide::types::{
    ButtonRequest, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup,
    ReplyMarkup,
};

use crate::texts::{Button, ButtonAction, Keyboard, Texts};

/// The `reply_markup` of a message. `None`: the chat keeps the keyboard it shows.
pub fn markup(texts: &Texts, keyboard: &Keyboard) -> Option<ReplyMarkup> {
    match keyboard {
        Keyboard::Keep => None,
        Keyboard::Menu => {
            let rows = texts.menu_labels().into_iter();
            let keys = rows.map(|row| row.into_iter().map(KeyboardButton::new));
            Some(KeyboardMarkup::new(keys).resize_keyboard().persistent().into())
        }
        Keyboard::AskContact => {
            let key = KeyboardButton::new(texts.contact_button()).request(ButtonRequest::Contact);
            Some(KeyboardMarkup::new([[key]]).resize_keyboard().into())
        }
        Keyboard::Inline(rows) => {
            let rows = rows.iter().map(|row| row.iter().filter_map(button).collect::<Vec<_>>());
            let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
            (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows).into())
        }
    }
}

/// `None`: its address is none.
fn button(Button { label, action }: &Button) -> Option<InlineKeyboardButton> {
    Some(match action {
        ButtonAction::Press(data) => InlineKeyboardButton::callback(label, data.encode()),
        ButtonAction::Open(url) => InlineKeyboardButton::url(label, url.parse().ok()?),
    })
}
