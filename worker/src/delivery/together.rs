//! The text of what is sent as one message: staff cards that wait, and confirmations, which are also added to a
//! message that the chat got a moment ago ([`shared::domain::together`]).

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use shared::{
    domain::{
        booking::BookingView,
        ids::{ChatId, MessageId},
        message_kind::Joining,
        together::added_to,
    },
    store::outbox::{self, DueMessage},
};

use super::{
    next_due::is_old_card,
    render::{RenderError, render},
};
use crate::{
    app::App,
    outbox_batcher::read,
    texts::{Keyboard, Rendered, join_cards},
};

/// The text of one message or of several.
pub(super) struct Text {
    pub rendered: Rendered,
    /// How many of the messages fit.
    pub taken: usize,
    pub added_to: Option<Addition>,
}

/// A message of the chat that gets another text in place of a new message.
pub(super) struct Addition {
    pub telegram_message_id: i64,
    pub html: String,
}

/// The text of one message as it is, of confirmations as a list, of cards joined. An error is that of the message
/// that it comes with.
pub(super) async fn text_of(
    app: &Arc<App>,
    chat: ChatId,
    due: &[DueMessage],
) -> Result<Text, (MessageId, RenderError)> {
    if let Some(first) = due.first().filter(|first| are_listed(first, due)) {
        return confirmations(app, chat, first, due).await.map_err(|error| (first.id, error));
    }
    let mut rendered = Vec::with_capacity(due.len());
    for message in due {
        let text = render_safely(app, chat, message).await;
        rendered.push(text.map_err(|error| (message.id, error))?);
    }
    let (rendered, taken) = joined(app, due, rendered);
    Ok(Text { rendered, taken, added_to: None })
}

fn are_listed(first: &DueMessage, due: &[DueMessage]) -> bool {
    match first.kind.joining() {
        Joining::Confirmations => due.len() > 1 || (first.follows_another && !first.goes_alone),
        Joining::Cards | Joining::Never => false,
    }
}

/// Confirmations, below those of the message that they are added to.
async fn confirmations(
    app: &Arc<App>,
    chat: ChatId,
    first: &DueMessage,
    due: &[DueMessage],
) -> Result<Text, RenderError> {
    let recent = outbox::confirmed_lately(&app.db, chat, first.due_at).await?;
    let mut views = Vec::with_capacity(due.len());
    for message in due {
        let booking = message.booking.as_ref().ok_or(RenderError::Missing("booking"))?;
        let total_shown_elsewhere = message.total_shown_elsewhere;
        views.push(BookingView { total_shown_elsewhere, ..BookingView::from(booking) });
    }
    let rendered = app.texts.confirmed_together(&views, app.clock.now());
    let added_to = match added_to(first.order(), &recent) {
        Some(message) => addition(app, chat, message, views).await?,
        None => None,
    };
    Ok(Text { rendered, taken: due.len(), added_to })
}

/// The message with these bookings added. `None`: one that it confirmed can't be read any more.
async fn addition(
    app: &Arc<App>,
    chat: ChatId,
    telegram_message_id: i64,
    added: Vec<BookingView>,
) -> Result<Option<Addition>, RenderError> {
    let confirmed = read(outbox::confirmed_in(&app.db, chat, telegram_message_id)).await;
    let Ok(confirmed) = confirmed else { return Ok(None) };
    let confirmed = confirmed?;
    let all: Vec<BookingView> = confirmed.iter().map(BookingView::from).chain(added).collect();
    let html = app.texts.confirmed_together(&all, app.clock.now()).html;
    Ok(Some(Addition { telegram_message_id, html }))
}

/// A panic while rendering counts as a fault of the row, and stops neither the chat nor the worker.
pub(super) async fn render_safely(
    app: &Arc<App>,
    chat: ChatId,
    message: &DueMessage,
) -> Result<Rendered, RenderError> {
    AssertUnwindSafe(render(app, chat, message, app.clock.now()))
        .catch_unwind()
        .await
        .unwrap_or(Err(RenderError::Missing("text that can be made")))
}

/// One message as it is. Several staff cards joined into one text, and how many fit. Old ones are lines of a
/// summary, which takes them all.
pub(super) fn joined(
    app: &App,
    due: &[DueMessage],
    mut rendered: Vec<Rendered>,
) -> (Rendered, usize) {
    if rendered.len() == 1 {
        return (rendered.remove(0), 1);
    }
    let cards: Vec<String> = rendered.into_iter().map(|card| card.html).collect();
    let is_old = due.first().is_some_and(|first| is_old_card(first, app.clock.now()));
    let (html, taken) = match is_old {
        true => (app.texts.staff_summary(&cards), cards.len()),
        false => join_cards(&cards),
    };
    (Rendered { html, keyboard: Keyboard::Keep }, taken)
}
