//! The sender: a job for one chat sends what is due there until nothing is left, a limit is reached,
//! or another worker holds the chat.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use shared::{
    clock::sleep_until,
    domain::{
        ids::{ChatId, MessageId},
        message::{MessageStatus, Priority},
        outcome::{Delivery, SendOutcome},
    },
    queue::{Job, QueueName, WakeChat},
    store::outbox::{self, Claim, Claimed, DueDecision, DueMessage, NotClaimed, Refused, ToClaim},
};

use tokio::time::Instant;

use super::{
    bad_hours,
    error::{DeliveryError, RenderError},
    next_due::{NextDue, gets_cards, next},
    record_outcome::{self, Call},
    render::before,
    together::{Addition, Text, text_of},
};
use crate::{
    app::App,
    telegram::{
        CopyMessage, EditButtons, EditText, Edited, SendDocument, SendText, ThumbUp, copy, edit,
        limiter::{Acquired, Answered, Permit, Share, health::PROBE_EVERY},
        markup, send, send_document,
    },
    texts::{Form, Keyboard, Rendered, Texts},
};

/// How long one job sends before it makes room for other chats. Together with the longest single message
/// (rate limiter, then Telegram) it stays below the job timeout, so that no call to Telegram is cut off.
const TIME_SLICE: Duration = Duration::from_secs(8);
/// Waits this short happen within the job: the queue starts jobs up to a second early.
const SHORT_WAIT: Duration = Duration::from_millis(1500);

/// How soon a job looks again into a chat that another one is sending to.
const BUSY: Duration = Duration::from_secs(1);

enum Step {
    /// A message was sent or skipped: look for the next one.
    Next,
    /// Wake the chat again after this time.
    Later(Duration),
    /// Nothing is due.
    Idle,
}

/// Sends what is due in the chat that `wake` names.
///
/// # Errors
/// When PostgreSQL or Redis fails. A claimed message is covered by its lease.
pub async fn wake(app: &Arc<App>, queue: QueueName, wake: &WakeChat) -> Result<(), DeliveryError> {
    if !sleep_until(&*app.clock, wake.due_at, SHORT_WAIT).await {
        // A machine whose clock runs ahead took the job from the queue, and may do so again.
        return Ok(app.queue.push(&[Job::wake_anew(queue, wake.chat, wake.due_at)]).await?);
    }
    let priority = if queue == QueueName::Answers { Priority::Interactive } else { Priority::Bulk };
    let started = Instant::now();
    while started.elapsed() < TIME_SLICE && !app.stop.is_cancelled() {
        match send_next(app, priority, wake.chat).await? {
            Step::Next => {}
            Step::Later(after) => return wake_later(app, queue, wake.chat, after).await,
            Step::Idle => return Ok(()),
        }
    }
    wake_later(app, queue, wake.chat, Duration::ZERO).await
}

async fn wake_later(
    app: &Arc<App>,
    queue: QueueName,
    chat: ChatId,
    after: Duration,
) -> Result<(), DeliveryError> {
    // Later than now: the queue still holds the running job, and would ignore another with the same
    // id.
    let after = after.saturating_add(Duration::from_millis(1));
    let after = TimeDelta::from_std(after).unwrap_or(TimeDelta::seconds(60));
    app.queue.push(&[Job::wake_later(queue, chat, app.clock.now() + after)]).await?;
    Ok(())
}

async fn send_next(
    app: &Arc<App>,
    priority: Priority,
    chat: ChatId,
) -> Result<Step, DeliveryError> {
    if let Some(left) = app.group_pauses.left(chat, priority) {
        return Ok(Step::Later(left));
    }
    // Where many cards are due at once, each has a job. One of them sends all.
    let turn = gets_cards(app, chat).then(|| app.group_pauses.turn(chat, priority));
    if matches!(turn, Some(None)) {
        return Ok(Step::Later(BUSY));
    }
    let Some(due) = next(app, chat).await? else { return Ok(Step::Idle) };
    match due.batch.first().map(|first| first.decide(app.clock.now(), &app.venue)) {
        None => return Ok(Step::Next),
        Some(DueDecision::Later(at)) => {
            let after = (at - app.clock.now()).to_std().unwrap_or_default();
            return Ok(Step::Later(after));
        }
        Some(_) => {}
    }
    if !bad_hours::may_try(app, &due.batch).await? {
        return Ok(Step::Later(PROBE_EVERY));
    }
    let to_stranger = due.batch.first().is_some_and(DueMessage::answers_stranger);
    let share = Share::of(priority, to_stranger);
    let (waited, permit) = match app.limiter.acquire(chat, share).await? {
        Acquired::Later(after) => {
            app.group_pauses.record(chat, priority, after);
            return Ok(Step::Later(after));
        }
        Acquired::Down if bad_hours::is_well(app).await? => return Ok(Step::Next),
        Acquired::Down => return Ok(Step::Later(PROBE_EVERY)),
        Acquired::Granted { waited, permit } => (waited, permit),
    };
    let due = if waited { next(app, chat).await? } else { Some(due) };
    let nothing = match due {
        Some(due) if !due.batch.is_empty() => return send_due(app, chat, &due, permit).await,
        Some(_) => Step::Next,
        None => Step::Idle,
    };
    app.limiter.release(permit, Answered::Nothing).await;
    Ok(nothing)
}

enum Prepared<'a> {
    Ready(Ready<'a>),
    /// There is nothing to send now. The step that follows.
    Nothing(Step),
}

/// A claimed message, or several that are sent as one, with the rendered text.
struct Ready<'a> {
    messages: &'a [DueMessage],
    claim: Claim,
    text: Rendered,
    added_to: Option<Box<Addition>>,
}

async fn send_due(
    app: &Arc<App>,
    chat: ChatId,
    due: &NextDue,
    permit: Permit,
) -> Result<Step, DeliveryError> {
    match prepare(app, chat, &due.batch).await? {
        Prepared::Ready(ready) => Ok(match send_claimed(app, chat, ready, permit).await {
            // Another query would find nothing.
            Step::Next if due.last => Step::Idle,
            step => step,
        }),
        Prepared::Nothing(step) => {
            app.limiter.release(permit, Answered::Nothing).await;
            Ok(step)
        }
    }
}

/// Renders and claims.
async fn prepare<'a>(
    app: &Arc<App>,
    chat: ChatId,
    due: &'a [DueMessage],
) -> Result<Prepared<'a>, DeliveryError> {
    let Text { rendered: text, taken, added_to } = match text_of(app, chat, due).await {
        Ok(text) => text,
        Err((_, RenderError::Database(error))) => return Err(error.into()),
        Err((_, RenderError::BotName(error))) => return Err(DeliveryError::BotName(error)),
        Err((message, RenderError::Moot(reason))) => {
            if let Some(message) = due.iter().find(|due| due.id == message) {
                record_outcome::skip(app, message, MessageStatus::Cancelled, reason).await?;
            }
            return Ok(Prepared::Nothing(Step::Next));
        }
        Err((message, error)) => {
            record_outcome::quarantine(app, chat, message, &error.to_string()).await?;
            return Ok(Prepared::Nothing(Step::Next));
        }
    };
    let Some(messages) = due.get(..taken).filter(|some| !some.is_empty()) else {
        return Ok(Prepared::Nothing(Step::Next));
    };
    let ids: Vec<MessageId> = messages.iter().map(|m| m.id).collect();
    let to_claim = ToClaim::new(chat, ids.clone());
    let claim = match app.outbox_batcher.claim(to_claim.clone()).await {
        Ok(Claimed::Yes(claim)) => claim,
        Ok(Claimed::No(obstacle)) => return not_claimed(app, messages, obstacle).await,
        Err(error) => {
            record_outcome::release_lost(app, to_claim.into_claim());
            return Err(error.into());
        }
    };
    if claim.messages.len() != ids.len() {
        // Some cards were cancelled meanwhile: join the remaining ones again.
        return release_claim(app, claim).await;
    }
    if messages.iter().any(|message| message.kind.properties().grows) {
        return render_again(app, chat, messages, claim).await;
    }
    Ok(Prepared::Ready(Ready { messages, claim, text, added_to }))
}

/// Renders claimed cards again: something may have been added to them before the claim.
async fn render_again<'a>(
    app: &Arc<App>,
    chat: ChatId,
    messages: &'a [DueMessage],
    claim: Claim,
) -> Result<Prepared<'a>, DeliveryError> {
    let mut contents = match outbox::contents(&app.db, &claim.messages).await {
        Ok(contents) => contents,
        Err(error) => {
            record_outcome::release_lost(app, claim);
            return Err(error.into());
        }
    };
    let with_content = |message: &DueMessage| DueMessage {
        content: contents.remove(&message.id).flatten(),
        ..message.clone()
    };
    let again: Vec<DueMessage> = messages.iter().map(with_content).collect();
    match text_of(app, chat, &again).await {
        Ok(Text { rendered: text, taken, added_to }) if taken == messages.len() => {
            Ok(Prepared::Ready(Ready { messages, claim, text, added_to }))
        }
        // The cards no longer fit one message, or one of them can't be rendered any more.
        Ok(_) | Err(_) => release_claim(app, claim).await,
    }
}

async fn release_claim<'a>(app: &Arc<App>, claim: Claim) -> Result<Prepared<'a>, DeliveryError> {
    if let Err(error) = outbox::release(&app.db, &claim, app.clock.now()).await {
        record_outcome::release_lost(app, claim);
        return Err(error.into());
    }
    Ok(Prepared::Nothing(Step::Next))
}

/// What follows where messages could not be claimed. What may never be sent is ended here: it would be read
/// as due again and again, and keep the chat's other messages waiting.
async fn not_claimed<'a>(
    app: &Arc<App>,
    messages: &[DueMessage],
    obstacle: NotClaimed,
) -> Result<Prepared<'a>, DeliveryError> {
    let (status, reason) = match obstacle {
        // Another worker holds this chat. Check again in a second, in case that worker dies.
        NotClaimed::HeldByOther => {
            return Ok(Prepared::Nothing(Step::Later(BUSY)));
        }
        NotClaimed::Ended | NotClaimed::NotYet => return Ok(Prepared::Nothing(Step::Next)),
        NotClaimed::Refused(Refused::Expired) => (MessageStatus::Expired, "too_late"),
        NotClaimed::Refused(Refused::Superseded) => (MessageStatus::Cancelled, "superseded"),
    };
    if let [message] = messages {
        record_outcome::skip(app, message, status, reason).await?;
    }
    Ok(Prepared::Nothing(Step::Next))
}

async fn send_claimed(app: &Arc<App>, chat: ChatId, ready: Ready<'_>, permit: Permit) -> Step {
    let Ready { messages, claim, text, added_to } = ready;
    let silent = is_silent(app, messages);
    let texts = messages.first().map_or(app.texts.venue(), |first| app.texts_of(first));
    let started = Instant::now();
    let (outcome, delivery) = deliver((app, texts), chat, text, added_to, silent).await;
    let call = Call { outcome, delivery, took: started.elapsed() };
    let of_telegram = Answered::of(&call.outcome);
    let stop =
        matches!(call.outcome, SendOutcome::NotConnected | SendOutcome::TooManyRequests { .. });
    let (after, ()) = tokio::join!(
        record_outcome::record(app, chat, messages, claim, call),
        app.limiter.release(permit, of_telegram)
    );
    match after {
        Some(after) => Step::Later(after),
        None if stop => Step::Later(Duration::from_secs(1)),
        None => Step::Next,
    }
}

/// Adds to a message of the chat; where that is refused, or there is none, sends a new one. The outcome, and how it
/// went.
async fn deliver(
    (app, texts): (&Arc<App>, &Texts),
    chat: ChatId,
    Rendered { html, keyboard, form }: Rendered,
    added_to: Option<Box<Addition>>,
    silent: bool,
) -> (SendOutcome, Delivery) {
    if let Some(addition) = added_to {
        let Addition { telegram_message_id, rendered } = *addition;
        let keyboard = markup(texts, buttons_of(app, chat, &rendered.keyboard));
        let text = EditText::new(chat, telegram_message_id, rendered.html, keyboard);
        match edit(&app.telegram, text).await {
            Edited::Tried(outcome) => return (outcome, Delivery::Edit),
            Edited::Refused => {}
        }
    }
    let (client, markup) = (&app.telegram, markup(texts, buttons_of(app, chat, &keyboard)));
    let topic = app.venue.staff_chat.topic_in(chat);
    match form {
        Form::Message => {
            let message = SendText::new(chat, html, markup, silent).in_topic(topic);
            (send(client, message).await, Delivery::Message)
        }
        Form::InTopic { topic } => {
            let message = SendText::new(chat, html, markup, silent).in_topic(topic);
            (send(client, message).await, Delivery::Message)
        }
        Form::ReplyTo { telegram_message_id } => {
            // A reply stands in the topic of its message, which may be another than the present one.
            let message =
                SendText::new(chat, html, markup, silent).in_reply_to(telegram_message_id);
            (send(client, message).await, Delivery::Message)
        }
        Form::Document(document) => {
            let message = SendDocument { chat, caption: html, document, silent };
            (send_document(client, message).await, Delivery::Document)
        }
        Form::Copy { from, telegram_message_id } => {
            let message = CopyMessage::new(chat, (from, telegram_message_id), html, silent);
            let message = message.in_topic(topic);
            (copy(client, &message).await, Delivery::Message)
        }
        Form::Edit { telegram_message_id } => {
            let (text, buttons) = (html.clone(), markup.clone());
            match edit(client, EditText::new(chat, telegram_message_id, text, buttons)).await {
                Edited::Tried(outcome) => (outcome, Delivery::Edit),
                Edited::Refused => {
                    let message = SendText::new(chat, html, markup, silent).in_topic(topic);
                    (send(client, message).await, Delivery::Message)
                }
            }
        }
        Form::Buttons { telegram_message_id: message_id } => {
            let buttons = EditButtons { chat_id: chat.0, message_id, reply_markup: markup };
            (or_nothing(edit(client, buttons).await, message_id), Delivery::Edit)
        }
        Form::Thumb { telegram_message_id } => {
            let thumb = ThumbUp::new(chat, telegram_message_id);
            (or_nothing(edit(client, thumb).await, telegram_message_id), Delivery::Edit)
        }
    }
}

/// In a channel there are none.
fn buttons_of<'a>(app: &App, chat: ChatId, keyboard: &'a Keyboard) -> &'a Keyboard {
    let staff = &app.venue.staff_chat;
    if staff.get() == Some(chat) && !staff.has_buttons() { &Keyboard::Keep } else { keyboard }
}

/// A change of a message that is gone changes nothing.
fn or_nothing(edited: Edited, telegram_message_id: i64) -> SendOutcome {
    match edited {
        Edited::Tried(outcome) => outcome,
        Edited::Refused => SendOutcome::Sent { telegram_message_id },
    }
}

/// Whether a message is sent without a sound: decided by quiet hours and the start of the visit.
fn is_silent(app: &App, messages: &[DueMessage]) -> bool {
    let Some(message) = messages.first() else { return false };
    let starts = message.booking.as_ref().and_then(|booking| booking.visit_time);
    let former = before(message.content.as_ref()).start;
    let starts = starts.map(|visit_time| visit_time.start()).into_iter().chain(former);
    app.venue.is_silent(message.kind, starts, app.clock.now())
}
