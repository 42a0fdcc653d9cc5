//! The bubbles of a chat: text, what a message carries, its buttons, and the keyboard below the input field.

use chrono::{DateTime, FixedOffset, Utc};
use maud::{Markup, html};

use super::{
    bookings::PageState,
    rich_text::{link, text},
};
use crate::{
    model::{Button, ChatMessage, Key, Media},
    state::State,
};

/// Characters of a message shown where another one replies to it.
const QUOTED: usize = 60;

/// A bubble, as an element of the chat's list.
pub(super) fn bubble(
    state: &State,
    page: &PageState,
    chat_id: i64,
    message: &ChatMessage,
) -> Markup {
    let is_staff = chat_id == page.settings.staff_chat;
    let who = if message.from_bot { "Бот" } else { state.people.first_name(message.from_id) };
    // In the staff's chat the bot's messages stand left, too: it is a group.
    let side = if message.from_bot { "bot" } else { "own" };
    let quoted = message.reply_to.and_then(|id| state.chats.get(chat_id, id));
    html! {
        li id=(id(chat_id, message.message_id)) class=(side) tabindex="-1" {
            div.bubble {
                p.who.hidden[!is_staff] { (who) }
                @if let Some(quoted) = quoted { p.quoted { (quote(&quoted.text)) } }
                (content(chat_id, message))
                p.meta {
                    @if !message.reactions.is_empty() { span { (message.reactions.join(" ")) } }
                    @if message.silent { span.silent title="Пришло без звука" { "🔕 без звука" } }
                    @if message.edited { span { "изменено" } }
                    time datetime=(message.at.to_rfc3339()) { (clock(page, message.at)) }
                }
            }
            @if !message.buttons.is_empty() { (buttons(chat_id, message)) }
            @if is_staff && message.from_bot {
                button.reply type="button" data-reply=(message.message_id) data-chat=(chat_id) { "Ответить" }
            }
        }
    }
}

pub(super) fn id(chat_id: i64, message_id: i64) -> String {
    format!("m{chat_id}-{message_id}")
}

fn quote(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let shown: String = line.chars().take(QUOTED).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}

fn clock(page: &PageState, at: DateTime<Utc>) -> String {
    let offset = FixedOffset::east_opt(page.settings.utc_offset_minutes * 60);
    let time = offset.map_or(at.naive_utc(), |offset| at.with_timezone(&offset).naive_local());
    time.format("%H:%M").to_string()
}

fn content(chat_id: i64, message: &ChatMessage) -> Markup {
    html! {
        @match &message.media {
            None => {},
            Some(Media::Photo { .. }) => p.media { "🖼 Фотография" },
            Some(Media::Voice { seconds, .. }) => p.media { "🎤 Голосовое сообщение, " (seconds) " с" },
            Some(Media::Sticker { emoji, .. }) => p.media { (emoji) " Стикер" },
            Some(Media::Contact { phone, .. }) => p.media { "👤 Контакт " (phone) },
            Some(Media::Venue { title, address, .. }) => p.media { "📍 " (title) ", " (address) },
            Some(Media::Service { .. }) => p.media { (message.text) },
        }
        @if let Some(file) = &message.document {
            a.file href=(format!("/play/files/{chat_id}/{}", message.message_id)) download=(file.file_name) {
                "📄 " (file.file_name)
            }
        }
        @if has_text(message) { div.text { (text(chat_id, message)) } }
    }
}

/// The text of the others is shown above already.
fn has_text(message: &ChatMessage) -> bool {
    match message.media {
        None | Some(Media::Photo { .. } | Media::Voice { .. }) => !message.text.is_empty(),
        Some(
            Media::Sticker { .. }
            | Media::Contact { .. }
            | Media::Venue { .. }
            | Media::Service { .. },
        ) => false,
    }
}

fn buttons(chat_id: i64, message: &ChatMessage) -> Markup {
    html! {
        div.buttons role="group" aria-label="Кнопки сообщения" {
            @for row in &message.buttons {
                div.row { @for button in row { (inline_button(chat_id, message.message_id, button)) } }
            }
        }
    }
}

fn inline_button(chat_id: i64, message_id: i64, button: &Button) -> Markup {
    let style = button.style.as_deref().unwrap_or_default();
    html! {
        @if let Some(url) = &button.url {
            (link(url, &html! { (button.text) " ↗" }))
        } @else if let Some(copied) = &button.copy_text {
            button type="button" class=(style) data-copy=(copied) { (button.text) " 📋" }
        } @else {
            button type="button" class=(style) data-post="press" data-chat=(chat_id) data-message=(message_id)
                data-data=(button.data.as_deref().unwrap_or_default()) { (button.text) }
        }
    }
}

/// The keyboard that came last. An empty chat has the button that starts the bot.
pub(super) fn keyboard(state: &State, chat_id: i64) -> Markup {
    let messages = state.chats.read(chat_id, 0);
    let keys = messages.iter().rev().map(|message| &message.keyboard).find(|keys| !keys.is_empty());
    html! {
        div.keyboard id=(format!("keyboard{chat_id}")) role="group" aria-label="Клавиатура бота" {
            @if messages.is_empty() && chat_id > 0 {
                div.row { button.start type="button" data-post="say" data-chat=(chat_id) data-text="/start" { "Запустить" } }
            }
            @for row in keys.into_iter().flatten() {
                div.row { @for key in row { (reply_key(chat_id, key)) } }
            }
        }
    }
}

fn reply_key(chat_id: i64, key: &Key) -> Markup {
    html! {
        @if key.request_contact {
            button type="button" data-post="contact" data-chat=(chat_id) { (key.text) }
        } @else {
            button type="button" data-post="say" data-chat=(chat_id) data-text=(key.text) { (key.text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_of_a_quoted_message_is_shown_and_not_all_of_a_long_one() {
        assert_eq!(quote("\nДа\nнет"), "Да…");
        assert_eq!(quote("Да"), "Да");
        assert_eq!(quote(&"я".repeat(70)), format!("{}…", "я".repeat(60)));
    }
}
