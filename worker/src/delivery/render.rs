//! Renders a due message with the booking as it is now.

use chrono::{DateTime, Utc};
use futures::FutureExt;
use shared::{
    domain::{
        booking::{Booking, BookingView},
        ids::{BookingId, ChatId, MessageId, RequestId},
        message::{Content, MessageKind},
    },
    store::{
        DbErr, bookings,
        outbox::DueMessage,
        preferences,
        replica::Fresh,
        requests, start_tokens,
        table_sync::{self, TableCard},
        users, visits,
    },
};

use super::{error::RenderError, staff_answer::staff_answer};
use crate::{
    app::App,
    bot::{ClientView, Needs, Reply},
    texts::{Before, ClientReach, Rendered, Texts, Unread},
};

/// Bookings read for each part of a list: ten pages of them.
const LISTED: u64 = 60;

/// The text of a message as of `now`.
///
/// # Errors
/// [`RenderError::Database`] and [`RenderError::BotName`] may be retried. The others are faults of the row.
pub async fn render(
    app: &App,
    chat: ChatId,
    message: &DueMessage,
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    if let Some(Content::Answer(answer)) = &message.content {
        let answer: Reply = serde_json::from_value(answer.clone())?;
        let client = match answer.needs() {
            Needs::Nothing => ClientView::default(),
            Needs::Preferences => {
                let preferences = preferences::of(&app.db, chat).await?;
                ClientView { preferences, ..ClientView::default() }
            }
            Needs::Bookings => client_view(app, chat, message.id, now).await?,
            Needs::List(booking) => {
                answered(app, bookings::announced_with(&app.db, chat, booking).await?).await?
            }
            Needs::One(booking) => one_view(app, chat, booking).await?,
            Needs::Visits(booking, version) => {
                answered(app, visits::listed_with(&app.db, chat, (booking, version)).await?).await?
            }
        };
        return Ok(answer.render(app.texts_of(message), &client, now));
    }
    if let Some(Content::Request { id, again }) = message.content {
        return request(app, message, (id, again), now).await;
    }
    if let Some(Content::Invitation { to }) = message.content {
        return invitation(app, message, to, now).await;
    }
    if let Some(Content::TableDifferences { card }) = message.content {
        let card = TableCard(card);
        let lines = table_sync::lines(&app.db, card, &app.venue, now).await?;
        let rendered = app.texts.venue().table_card(card, &lines, now);
        return rendered.ok_or(RenderError::Moot("table_agrees"));
    }
    if let Some(Content::TableButtons { telegram_message_id, card }) = message.content {
        let card = TableCard(card);
        let lines = table_sync::lines(&app.db, card, &app.venue, now).await?;
        return Ok(app.texts.venue().table_buttons((card, telegram_message_id), &lines));
    }
    if let Some(Content::StaffAnswer { to, answer }) = &message.content {
        return staff_answer(app, (chat, message), (*to, answer), now).await;
    }
    about_booking(app.texts_of(message), message, now)
}

/// The card of a request. One that comes again has nothing to say once somebody took the request, or the booking has
/// changed.
async fn request(
    app: &App,
    message: &DueMessage,
    (id, again): (RequestId, bool),
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    let request = requests::by_id(&app.db, id).await?.ok_or(RenderError::Missing("request"))?;
    let booking = message.booking.as_ref().map(BookingView::from);
    let is_settled = request.taken_by.is_some()
        || request.withdrawn
        || booking.as_ref().is_some_and(|booking| {
            booking.cancelled || booking.completed || request.version != Some(booking.version)
        });
    if again && is_settled {
        return Err(RenderError::Moot("request_settled"));
    }
    let client = users::by_chat(&app.db, request.chat).await?;
    let phone = client.and_then(|client| client.phone);
    Ok(app.texts.venue().staff_request(&request, (booking.as_ref(), phone.as_ref()), again, now))
}

/// The invitation of a client, as the booking is now.
async fn invitation(
    app: &App,
    message: &DueMessage,
    to: i64,
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    let booking = view(message)?;
    let bot = app.telegram.username().await.map_err(RenderError::BotName)?;
    let token = start_tokens::of(&app.db, booking.id).await?;
    let way = token.as_ref().map(|token| (bot, token));
    Ok(app.texts.venue().staff_invitation(&booking, (to, reach(message)), way, now))
}

fn about_booking(
    texts: &Texts,
    message: &DueMessage,
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    if let (MessageKind::StaffRejected, Some(Content::Rejected { faults, received_at, numbers })) =
        (message.kind, &message.content)
    {
        return Ok(texts.staff_rejected(faults, *received_at, *numbers, now));
    }
    if let (MessageKind::StaffGroupMoved, Some(Content::GroupMoved { to })) =
        (message.kind, &message.content)
    {
        return Ok(texts.staff_group_moved(*to));
    }
    match &message.content {
        Some(Content::StaffChat { news, topic }) => {
            return Ok(texts.staff_chat_notice(news, *topic));
        }
        Some(Content::Strangers { words }) => return Ok(texts.staff_strangers(words)),
        Some(Content::Copy { from, telegram_message_id, caption }) => {
            return Ok(texts.copy((*from, *telegram_message_id), caption.as_deref()));
        }
        Some(Content::Tutor(card)) => return Ok(texts.staff_tutor(card, now)),
        Some(Content::TableRefused { known, found }) => {
            return Ok(texts.table_refused(*known, *found));
        }
        Some(Content::Receipt { to, outcome }) => return Ok(texts.staff_receipt(*to, *outcome)),
        Some(Content::Buttons { telegram_message_id, taken }) => {
            return Ok(texts.buttons(*telegram_message_id, taken.as_ref()));
        }
        Some(
            Content::MovedFrom { .. }
            | Content::Rejected { .. }
            | Content::Rated { .. }
            | Content::Answer(_)
            | Content::Note(_)
            | Content::Undelivered { .. }
            | Content::GroupMoved { .. }
            | Content::Invitation { .. }
            | Content::StaffAnswer { .. }
            | Content::TableDifferences { .. }
            | Content::TableButtons { .. }
            | Content::Request { .. },
        )
        | None => {}
    }
    let (view, reach) = (view(message)?, reach(message));
    let before = before(message.content.as_ref());
    Ok(match message.kind {
        MessageKind::Confirmation => texts.created(&view, now),
        MessageKind::Moved => texts.moved(&view, &before, now),
        MessageKind::Cancelled => texts.cancelled(&view, now),
        MessageKind::Reminder => texts.reminder(&view, now),
        MessageKind::Feedback => texts.feedback_request(&view, now),
        MessageKind::StaffCreated => texts.staff_created(&view, reach, now),
        MessageKind::StaffMoved => texts.staff_moved(&view, &before, reach, now),
        MessageKind::StaffCancelled => texts.staff_cancelled(&view, reach, now),
        MessageKind::StaffUnreachable => texts.staff_unreachable(&view, now),
        MessageKind::StaffUndelivered => {
            let Some(Content::Undelivered { kind, perhaps }) = &message.content else {
                return Err(RenderError::Missing("kind"));
            };
            texts.staff_undelivered(&view, *kind, *perhaps, now)
        }
        MessageKind::StaffRated => {
            let Some(Content::Rated { stars }) = &message.content else {
                return Err(RenderError::Missing("rating"));
            };
            texts.staff_rated(&view, stars.get(), now)
        }
        MessageKind::StaffNote => {
            let Some(Content::Note(note)) = &message.content else {
                return Err(RenderError::Missing("note"));
            };
            texts.staff_note(&view, note, reach, now)
        }
        MessageKind::StaffJoined => texts.staff_joined(&view, now),
        MessageKind::Answer => return Err(RenderError::Missing("answer")),
        MessageKind::StaffRejected => return Err(RenderError::Missing("faults")),
        MessageKind::StaffGroupMoved => return Err(RenderError::Missing("new id")),
        MessageKind::StaffRequest
        | MessageKind::StaffStrangers
        | MessageKind::StaffTutor
        | MessageKind::StaffCopy
        | MessageKind::StaffReceipt
        | MessageKind::StaffInvitation
        | MessageKind::StaffButtons
        | MessageKind::StaffChatNotice
        | MessageKind::StaffAnswer
        | MessageKind::StaffAgenda
        | MessageKind::StaffTable
        | MessageKind::StaffReply
        | MessageKind::ClientButtons => return Err(RenderError::Missing("content")),
    })
}

/// The message's booking as it is now.
pub(super) fn view(message: &DueMessage) -> Result<BookingView, RenderError> {
    let booking = message.booking.as_ref().ok_or(RenderError::Missing("booking"))?;
    let total_shown_elsewhere = message.total_shown_elsewhere;
    let answer = message.client_answer;
    Ok(BookingView { total_shown_elsewhere, answer, ..BookingView::from(booking) })
}

/// Whether the bot can write to the booking's client.
pub(super) fn reach(message: &DueMessage) -> ClientReach {
    let user = message.booking.as_ref().and_then(|booking| booking.user);
    match (message.client_in_bot, user) {
        (true, _) => ClientReach::InBot,
        (false, Some(_)) => ClientReach::Blocked,
        (false, None) => ClientReach::NotInBot,
    }
}

/// Where a moved booking was before.
pub(super) fn before(content: Option<&Content>) -> Before {
    match content {
        Some(Content::MovedFrom { start, service }) => {
            Before { service: service.clone(), start: Some(*start) }
        }
        Some(
            Content::Rejected { .. }
            | Content::Rated { .. }
            | Content::Answer(_)
            | Content::Note(_)
            | Content::Undelivered { .. }
            | Content::GroupMoved { .. }
            | Content::StaffChat { .. }
            | Content::Request { .. }
            | Content::Strangers { .. }
            | Content::Tutor(_)
            | Content::Copy { .. }
            | Content::Receipt { .. }
            | Content::Invitation { .. }
            | Content::StaffAnswer { .. }
            | Content::TableDifferences { .. }
            | Content::TableRefused { .. }
            | Content::TableButtons { .. }
            | Content::Buttons { .. },
        )
        | None => Before::default(),
    }
}

/// A booking, if it is the client's.
async fn one_view(app: &App, chat: ChatId, booking: BookingId) -> Result<ClientView, DbErr> {
    let client = users::by_chat(&app.db, chat).await?;
    let found = bookings::by_id(&app.db, booking).await?;
    let own = found.filter(|booking| client.is_some_and(|client| client.owns(booking)));
    answered(app, own.into_iter().collect()).await
}

/// These bookings, each with what the client answered about it.
async fn answered(app: &App, bookings: Vec<Booking>) -> Result<ClientView, DbErr> {
    let ids: Vec<BookingId> = bookings.iter().map(|booking| booking.id).collect();
    let answers = visits::answers(&app.db, &ids).await?;
    let view = |booking: &Booking| BookingView {
        answer: answers.get(&booking.id).copied(),
        ..BookingView::from(booking)
    };
    let bookings = bookings.iter().map(view).collect();
    Ok(ClientView { bookings, ..ClientView::default() })
}

/// The bookings for a client's list. A replica is read only if it holds the reply's row already, and
/// thus everything that was sent to the client before.
async fn client_view(
    app: &App,
    chat: ChatId,
    answer: MessageId,
    now: DateTime<Utc>,
) -> Result<ClientView, DbErr> {
    let fresh = Fresh::Message(answer);
    let listed = app.reads.read(&fresh, |tx| {
        async move {
            let Some(user) = users::by_chat(tx, chat).await? else { return Ok(None) };
            bookings::of_client(tx, user.id, now, LISTED).await.map(Some)
        }
        .boxed()
    });
    let listed = listed.await?.unwrap_or_default();
    let all: Vec<Booking> = listed.upcoming.iter().chain(&listed.past).cloned().collect();
    let view = answered(app, all).await?;
    let unread = |total: u64, read: usize| total.saturating_sub(u64::try_from(read).unwrap_or(0));
    let unread = Unread {
        upcoming: unread(listed.upcoming_total, listed.upcoming.len()),
        past: unread(listed.past_total, listed.past.len()),
    };
    Ok(ClientView { unread, ..view })
}
