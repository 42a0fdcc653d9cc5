//! The text of what is sent as one message: lists of bookings, which are also added to a list that the chat got a
//! moment ago ([`shared::domain::together`]), and staff cards that wait.

use std::{panic::AssertUnwindSafe, sync::Arc};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use shared::{
    domain::{
        booking::BookingView,
        ids::{ChatId, MessageId},
        together::{Listing, added_to},
    },
    store::outbox::{self, DueMessage},
};

use super::{
    error::RenderError,
    lists::{is_old_card, lists},
    render::{reach, render, view},
};
use crate::{
    app::App,
    outbox_batcher::read,
    texts::{ClientReach, Form, Keyboard, Rendered, Texts, join_cards, joined_keyboard},
};

/// The text of one message or of several.
pub(super) struct Text {
    pub rendered: Rendered,
    /// How many of the messages fit.
    pub taken: usize,
    pub added_to: Option<Box<Addition>>,
}

/// A message of the chat that gets another text in place of a new message.
pub(super) struct Addition {
    pub telegram_message_id: i64,
    pub rendered: Rendered,
}

/// The text of one message as it is, of bookings as a list, of cards joined. Messages of one list stand beside each
/// other ([`super::lists`]). An error is that of the message that it comes with.
pub(super) async fn text_of(
    app: &Arc<App>,
    chat: ChatId,
    due: &[DueMessage],
) -> Result<Text, (MessageId, RenderError)> {
    let is_old = due.first().is_some_and(|first| is_old_card(first, app.clock.now()));
    let lists = if is_old { due.chunks(1).collect() } else { lists(due) };
    if let [list] = lists[..]
        && let [first, ..] = list
        && let Some(listing) = first.kind.listing().filter(|listing| may_list(*listing, list))
    {
        let text = safely(listed(app, chat, listing, list)).await;
        return text.map_err(|error| (first.id, error));
    }
    let mut cards = Vec::with_capacity(lists.len());
    for list in lists {
        let [first, ..] = list else { continue };
        let card = safely(card(app, chat, list)).await;
        cards.push((card.map_err(|error| (first.id, error))?, list.len()));
    }
    Ok(joined(app, cards, is_old))
}

/// Whether the messages are a list, or one that may be added to a list.
fn may_list(listing: Listing, list: &[DueMessage]) -> bool {
    list.len() > 1
        || list.first().is_some_and(|first| {
            !first.goes_alone
                && match listing {
                    Listing::Confirmations => first.follows_another,
                    Listing::Cancellations | Listing::CreatedCards => true,
                    Listing::Reminders | Listing::Questions | Listing::CancelledCards => false,
                }
        })
}

/// A list, and the one before it with these bookings added.
async fn listed(
    app: &Arc<App>,
    chat: ChatId,
    listing: Listing,
    list: &[DueMessage],
) -> Result<Text, RenderError> {
    let [first, ..] = list else { return Err(RenderError::Missing("booking")) };
    let now = app.clock.now();
    let mut views = Vec::with_capacity(list.len());
    for message in list {
        views.push(view(message)?);
    }
    let rendered = list_text(app.texts_of(first), listing, &views, reach(first), now);
    let rule = listing.rule();
    let recent = match rule.added_within.is_zero() {
        true => Vec::new(),
        false => {
            let sent_after = rule.added_after(first.due_at, now);
            outbox::listed_lately(&app.db, chat, first, sent_after).await?
        }
    };
    let added_to = match added_to(rule.by, first.order(), &recent) {
        Some(message) => addition(app, chat, listing, (first, message), views).await?.map(Box::new),
        None => None,
    };
    Ok(Text { rendered, taken: list.len(), added_to })
}

/// The list with these bookings added. `None`: a booking on it can't be read any more.
async fn addition(
    app: &Arc<App>,
    chat: ChatId,
    listing: Listing,
    (first, telegram_message_id): (&DueMessage, i64),
    added: Vec<BookingView>,
) -> Result<Option<Addition>, RenderError> {
    let before = read(outbox::listed_in(&app.db, chat, first.kind, telegram_message_id)).await;
    let Ok(before) = before else { return Ok(None) };
    let before = before?;
    let all: Vec<BookingView> = before.iter().map(BookingView::from).chain(added).collect();
    let texts = app.texts_of(first);
    let rendered = list_text(texts, listing, &all, reach(first), app.clock.now());
    Ok(Some(Addition { telegram_message_id, rendered }))
}

fn list_text(
    texts: &Texts,
    listing: Listing,
    bookings: &[BookingView],
    reach: ClientReach,
    now: DateTime<Utc>,
) -> Rendered {
    match listing {
        Listing::Confirmations => texts.confirmed_together(bookings, now),
        Listing::Cancellations => texts.cancelled_together(bookings, now),
        Listing::Reminders => texts.reminder_together(bookings, now),
        Listing::Questions => texts.feedback_together(bookings, now),
        Listing::CreatedCards => texts.staff_created_together(bookings, reach, now),
        Listing::CancelledCards => texts.staff_cancelled_together(bookings, reach, now),
    }
}

/// The card of one message, or of several that are one list.
async fn card(app: &Arc<App>, chat: ChatId, list: &[DueMessage]) -> Result<Rendered, RenderError> {
    let now = app.clock.now();
    let [first, others @ ..] = list else { return Err(RenderError::Missing("message")) };
    match first.kind.listing().filter(|_| !others.is_empty()) {
        Some(listing) => {
            let views: Result<Vec<_>, _> = list.iter().map(view).collect();
            Ok(list_text(app.texts_of(first), listing, &views?, reach(first), now))
        }
        None => render(app, chat, first, now).await,
    }
}

/// A panic while rendering counts as a fault of the row, and stops neither the chat nor the worker.
async fn safely<T>(
    rendering: impl Future<Output = Result<T, RenderError>>,
) -> Result<T, RenderError> {
    AssertUnwindSafe(rendering)
        .catch_unwind()
        .await
        .unwrap_or(Err(RenderError::Missing("text that can be made")))
}

/// One message as it is. Several staff cards joined into one text, and how many of their messages fit. Old ones are
/// lines of a summary, which takes them all.
fn joined(app: &App, mut cards: Vec<(Rendered, usize)>, is_old: bool) -> Text {
    if let [(_, taken)] = cards[..] {
        let (rendered, _) = cards.remove(0);
        return Text { rendered, taken, added_to: None };
    }
    let keyboards: Vec<Keyboard> = cards.iter().map(|(card, _)| card.keyboard.clone()).collect();
    let (texts, sizes): (Vec<String>, Vec<usize>) =
        cards.into_iter().map(|(card, size)| (card.html, size)).unzip();
    let (html, taken) = match is_old {
        true => (app.texts.venue().staff_summary(&texts), texts.len()),
        false => join_cards(&texts),
    };
    let keyboard = match is_old {
        true => Keyboard::Keep,
        false => joined_keyboard(keyboards.iter().take(taken)),
    };
    let taken = sizes.iter().take(taken).sum();
    let rendered = Rendered { html, keyboard, form: Form::Message };
    Text { rendered, taken, added_to: None }
}
