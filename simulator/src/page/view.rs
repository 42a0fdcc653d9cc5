//! The whole page, and its parts that change while it is open.

use maud::{DOCTYPE, Markup, html};
use serde::Serialize;

use super::{
    bookings::{Exchange, PageState},
    chat,
};
use crate::{bukza::Template, model::Account, state::State};

/// A part of the page that is replaced when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    /// Of its element.
    pub id: String,
    /// The element that it is added to at first.
    pub list: String,
    /// Empty: it is gone.
    pub html: String,
}

/// All parts, in the order in which they are added.
pub(super) fn parts(state: &State, page: &PageState) -> Vec<Part> {
    let chats = page.settings.clients.iter().map(|client| client.user_id);
    let mut parts = vec![part("caption", "header", &caption(page))];
    for chat_id in chats.chain([page.settings.staff_chat]) {
        let list = format!("chat{chat_id}");
        for message in state.chats.read(chat_id, 0) {
            let id = chat::id(chat_id, message.message_id);
            parts.push(part(&id, &list, &chat::bubble(state, page, chat_id, &message)));
        }
        let id = format!("keyboard{chat_id}");
        parts.push(part(&id, &format!("phone{chat_id}"), &chat::keyboard(state, chat_id)));
    }
    parts.push(part("bookings", "bukza", &bookings(page)));
    for exchange in &page.exchanges {
        parts.push(part(&format!("x{}", exchange.number), "exchanges", &sent(exchange)));
    }
    parts
}

fn part(id: &str, list: &str, html: &Markup) -> Part {
    Part { id: id.to_owned(), list: list.to_owned(), html: html.clone().into_string() }
}

pub(super) fn document(state: &State, page: &PageState) -> Markup {
    html! {
        (DOCTYPE)
        html lang="ru" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Bukza → Телеграм: попробовать" }
                link rel="stylesheet" href="/play/play.css";
                script src="/play/play.js" defer {}
            }
            body {
                header id="header" {
                    h1 { "Bukza → Телеграм" }
                    nav aria-label="Части страницы" {
                        @for client in &page.settings.clients {
                            a href=(format!("#phone{}", client.user_id)) { (client.name) } " "
                        }
                        a href=(format!("#phone{}", page.settings.staff_chat)) { "Сотрудники" } " "
                        a href="#bukza" { "Bukza" }
                    }
                    p id="status" role="status" {}
                    (caption(page))
                }
                noscript { p { "Странице нужен JavaScript: без него она не обновляется." } }
                main {
                    @for client in &page.settings.clients {
                        (phone(state, page, client.user_id, &client.name, &client.phone))
                    }
                    (phone(state, page, page.settings.staff_chat, "Чат сотрудников", &page.settings.member.name))
                    (bukza(page))
                }
            }
        }
    }
}

fn caption(page: &PageState) -> Markup {
    html! { p id="caption" { (page.caption) } }
}

fn phone(state: &State, page: &PageState, chat_id: i64, title: &str, subtitle: &str) -> Markup {
    let heading = format!("title{chat_id}");
    let (status, field) = (format!("status{chat_id}"), format!("text{chat_id}"));
    html! {
        section.phone id=(format!("phone{chat_id}")) aria-labelledby=(heading) {
            div.top { h2 id=(heading) { (title) } p { (subtitle) } }
            ol.chat id=(format!("chat{chat_id}")) aria-live="polite" aria-labelledby=(heading) tabindex="0" {
                @for message in state.chats.read(chat_id, 0) { (chat::bubble(state, page, chat_id, &message)) }
            }
            p.toast id=(status) role="status" {}
            form.write data-post="say" autocomplete="off" {
                input type="hidden" name="chat" value=(chat_id);
                input type="hidden" name="reply" value="";
                label.hidden for=(field) { "Сообщение, " (title) }
                input id=(field) name="text" required maxlength="4096" placeholder="Сообщение";
                button.cancel-reply type="button" data-reply="" data-chat=(chat_id) hidden { "Не отвечать" }
                button type="submit" { "Отправить" }
            }
            (chat::keyboard(state, chat_id))
        }
    }
}

fn bukza(page: &PageState) -> Markup {
    let nobody = Account { user_id: 0, name: String::new(), phone: String::new() };
    let client = page.settings.clients.first().unwrap_or(&nobody);
    html! {
        section id="bukza" aria-labelledby="bukza-title" {
            div.top { h2 id="bukza-title" { "Bukza" } p { "веб-запросы к настоящей программе" } }
            form id="booking" data-post="bukza" autocomplete="off" {
                label { "Шаблон" select name="template" {
                    option value="reservation" { "запрос на каждую запись" }
                    option value="order" { "запрос на весь заказ" }
                    option value="url" { "всё в адресе" }
                    option value="older" { "шаблон прежнего бота" }
                } }
                label { "Начало" select name="start" {
                    option value="10" { "через 10 секунд" }
                    option value="30" selected { "через 30 секунд" }
                    option value="120" { "через 2 минуты" }
                    option value="172800" { "через два дня" }
                    option value="date" { "в день и час:" }
                } }
                label { "День и час" input type="datetime-local" name="date"; }
                label { "Длится" select name="length" {
                    option value="5" { "5 секунд" }
                    option value="10" selected { "10 секунд" }
                    option value="3600" { "час" }
                    option value="7200" { "два часа" }
                } }
                fieldset {
                    legend { "Новая запись" }
                    label { "Имя" input name="name" value=(client.name) maxlength="300"; }
                    label { "Телефон" input name="phone" value=(client.phone) list="phones" maxlength="100"; }
                    datalist id="phones" {
                        @for client in &page.settings.clients { option value=(client.phone) { (client.name) } }
                    }
                    label { "Услуга" input name="service" value="VR Арена" maxlength="200"; }
                    button name="act" value="make" { "Записать" }
                }
                fieldset {
                    legend { "Эта запись" }
                    (bookings(page))
                    button name="act" value="move" { "Перенести" }
                    button name="act" value="cancel" { "Отменить" }
                    label { "Статус" input name="status" list="statuses" maxlength="200" placeholder="любой"; }
                    datalist id="statuses" {
                        @for word in ["Подтверждено", "Ожидает оплаты", "Не пришёл", "Техническая", "Восстановлено"] {
                            option value=(word) {}
                        }
                    }
                    button name="act" value="status" { "Послать статус" }
                }
            }
            h3 { "Запросы и ответы" }
            ol.exchanges id="exchanges" tabindex="0" aria-label="Запросы и ответы" {
                @for exchange in &page.exchanges { (sent(exchange)) }
            }
        }
    }
}

/// The bookings made here, the newest first.
fn bookings(page: &PageState) -> Markup {
    html! {
        label id="bookings" { "Запись" select name="code" {
            @if page.bookings.is_empty() { option value="" { "пока нет" } }
            @for booking in page.bookings.iter().rev() {
                option value=(booking.code) { (booking.code) ", " (booking.name) ", " (booking.service) }
            }
        } }
    }
}

fn sent(exchange: &Exchange) -> Markup {
    let (status, body) = exchange.answer.split_once('\n').unwrap_or((exchange.answer.as_str(), ""));
    let request = &exchange.request;
    let secret = if exchange.template == Template::Url { "secret=•••&" } else { "" };
    let query = format!("{secret}{}", request.query);
    html! {
        li id=(format!("x{}", exchange.number)) {
            p.answer { (status) }
            pre {
                (request.method) " /webhook/bukza" @if !query.is_empty() { "?" (query) }
                @if !request.body.is_empty() { "\n" (request.body) }
            }
            @if !body.is_empty() { pre { (body) } }
        }
    }
}
