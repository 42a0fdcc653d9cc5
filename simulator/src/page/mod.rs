//! The page at `/play`: two clients' telephones, the staff's chat and Bukza, in a browser on this machine. Set up by
//! the demo; without that there is none.

mod actions;
mod bookings;
mod chat;
mod events;
mod form;
mod guard;
mod rich_text;
mod view;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse},
    routing::{get, post},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub(crate) use self::bookings::PageState;
use crate::{model::PageSettings, state::Shared};

const SCRIPT: &str = include_str!("play.js");
const STYLE: &str = include_str!("play.css");

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(page))
        .route("/play.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT) }))
        .route("/play.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], STYLE) }))
        .route("/events", get(events::events))
        .route("/files/{chat_id}/{message_id}", get(file))
        .route("/say", post(actions::say))
        .route("/press", post(actions::press))
        .route("/contact", post(actions::contact))
        .route("/bukza", post(form::send))
        .layer(axum::middleware::from_fn(guard::guard))
}

/// The page's part of the control API.
pub(crate) fn control() -> Router<Shared> {
    Router::new()
        .route("/page", post(set_up))
        .route("/page/caption", post(set_caption))
        .route("/page/viewers", get(viewers))
}

async fn set_up(State(simulator): State<Shared>, Json(settings): Json<PageSettings>) {
    simulator.change(|state| {
        for account in settings.clients.iter().chain([&settings.member]) {
            state.people.rename(account.user_id, Some(&account.name));
        }
        state.page = Some(PageState::new(settings));
    });
}

/// A line above the telephones: what the story does now.
async fn set_caption(State(simulator): State<Shared>, Json(caption): Json<String>) {
    simulator.change(|state| {
        if let Some(page) = &mut state.page {
            page.caption = caption;
        }
    });
}

/// In how many windows the page is open.
async fn viewers(State(simulator): State<Shared>) -> Json<usize> {
    Json(simulator.look().page.as_ref().map_or(0, |page| page.viewers))
}

async fn page(State(simulator): State<Shared>) -> Result<Html<String>, StatusCode> {
    let state = simulator.look();
    let page = state.page.as_ref().ok_or(StatusCode::NOT_FOUND)?;
    Ok(Html(view::document(&state, page).into_string()))
}

/// A document of a chat, always to be saved and never shown by the browser.
async fn file(
    State(simulator): State<Shared>,
    Path((chat_id, message_id)): Path<(i64, i64)>,
) -> Result<impl IntoResponse, StatusCode> {
    let state = simulator.look();
    let page = state.page.as_ref().filter(|page| page.has_chat(chat_id));
    let message = page.and_then(|_| state.chats.get(chat_id, message_id));
    let file = message.and_then(|message| message.document.clone()).ok_or(StatusCode::NOT_FOUND)?;
    let name = utf8_percent_encode(&file.file_name, NON_ALPHANUMERIC);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    Ok((headers, file.text))
}
