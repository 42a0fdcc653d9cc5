//! What follows when a card of a request, or a reply of the staff, has been delivered. Stored in the transaction that
//! records the delivery.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        ids::{ChatId, EventId, RequestId},
        message::{Content, MessageKind, ReplyOutcome},
        request::{Request, RequestKind, SHOWN_AGAIN_AFTER},
        venue::Venue,
    },
    store::{
        DatabaseTransaction, DbErr, QueueWork,
        outbox::{self, DueMessage, NewMessage},
        requests,
    },
};

use super::{acts::PENDING, reply::Reply};

/// A client who writes on learns again after this time that the staff have it.
const ACKNOWLEDGED: TimeDelta = TimeDelta::minutes(10);

/// Something that was delivered, and that more follows from.
#[derive(Debug, Clone)]
pub struct Delivered {
    what: What,
    event: Option<EventId>,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// The card of a request.
    Card { request: RequestId, again: bool },
    /// The reply of the staff that is the message `to` of their chat.
    Reply { staff: ChatId, to: i64 },
}

/// Which of the messages something follows from, once they are sent.
pub trait FollowUp {
    /// `None`: nothing follows.
    fn delivered(&self) -> Option<Delivered>;
}

impl FollowUp for DueMessage {
    fn delivered(&self) -> Option<Delivered> {
        let what = match (self.kind, self.content.as_ref()?) {
            (MessageKind::StaffRequest, Content::Request { id, again }) => {
                What::Card { request: *id, again: *again }
            }
            (MessageKind::StaffReply, Content::Copy { from, telegram_message_id, .. }) => {
                What::Reply { staff: *from, to: *telegram_message_id }
            }
            _ => return None,
        };
        Some(Delivered { what, event: self.event.clone() })
    }
}

/// Plans what follows.
///
/// # Errors
/// When the database fails.
pub async fn follow_up(
    tx: &DatabaseTransaction,
    delivered: &Delivered,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let traced = |message: NewMessage| match &delivered.event {
        Some(event) => message.traced_to(event),
        None => message,
    };
    match delivered.what {
        What::Reply { staff, to } => {
            let content = Content::Receipt { to, outcome: ReplyOutcome::Delivered };
            let receipt = NewMessage::staff_card(MessageKind::StaffReceipt, staff, now);
            outbox::insert(tx, &[traced(receipt.saying(content))], now).await
        }
        What::Card { again: true, .. } => Ok(QueueWork::default()),
        What::Card { request, again: false } => {
            let acknowledged = match requests::by_id(tx, request).await? {
                Some(request) if request.kind == RequestKind::Words => {
                    outbox::words_acknowledged(tx, request.chat, now - ACKNOWLEDGED).await?
                }
                Some(_) | None => false,
            };
            let Some(request) = requests::delivered(tx, request, now).await? else {
                return Ok(QueueWork::default());
            };
            let mut messages = Vec::new();
            if request.kind.is_awaited() && !acknowledged {
                messages.push(of_delivery(&request, delivered, now)?);
            }
            messages.extend(shown_again(&request, venue, now).map(traced));
            let pending = outbox::cancel_answer(tx, request.update_id, PENDING, now).await?;
            Ok(pending.and(outbox::insert(tx, &messages, now).await?))
        }
    }
}

/// The client learns that the staff have the request.
fn of_delivery(
    request: &Request,
    delivered: &Delivered,
    now: DateTime<Utc>,
) -> Result<NewMessage, DbErr> {
    let reply = Reply::RequestDelivered { kind: request.kind.as_str().to_owned() };
    let content = serde_json::to_value(&reply).map_err(|error| DbErr::Json(error.to_string()))?;
    let name = format!("delivered {}", request.id);
    let event = delivered.event.clone().unwrap_or_else(EventId::fresh);
    Ok(NewMessage::answer(request.chat, request.update_id, name, content, &event, now))
}

/// The card once more, an hour later within opening hours. None where the owner has set no hours.
fn shown_again(request: &Request, venue: &Venue, now: DateTime<Utc>) -> Option<NewMessage> {
    let (staff, hours) = (venue.staff_chat.get()?, venue.staff_hours?);
    if !request.kind.is_to_be_taken() {
        return None;
    }
    let due_at = hours.next_open(now + SHOWN_AGAIN_AFTER, venue.zone);
    let card = NewMessage::staff_card(MessageKind::StaffRequest, staff, due_at)
        .about_client(request.chat)
        .of_cause(format!("again {}", request.id))
        .saying(Content::Request { id: request.id, again: true });
    Some(card.about(request.booking?))
}
