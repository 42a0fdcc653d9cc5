//! Keyboards as the Bot API takes them.

use teloxide::types::{
    ButtonRequest, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup,
    ReplyMarkup,
};

use crate::{
    bot::keyboard::{CallbackData, rating_buttons},
    texts::{Keyboard, Texts},
};

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
        Keyboard::Rating(booking) => {
            let keys = rating_buttons(*booking)
                .map(|(label, data)| InlineKeyboardButton::callback(label, data));
            Some(InlineKeyboardMarkup::new([keys]).into())
        }
        Keyboard::Calendar(booking) => {
            let data = CallbackData::Calendar { booking: *booking }.encode();
            let key = InlineKeyboardButton::callback(texts.calendar_button(), data);
            Some(InlineKeyboardMarkup::new([[key]]).into())
        }
        Keyboard::Links(links) => {
            let rows: Vec<Vec<InlineKeyboardButton>> = links
                .iter()
                .filter_map(|(label, url)| {
                    Some(vec![InlineKeyboardButton::url(label.clone(), url.parse().ok()?)])
                })
                .collect();
            (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows).into())
        }
    }
}
