//! Stores what a decision does besides the client's state: answers about visits, and requests with their cards. Each
//! card is a row of the outbox, in the transaction of the update.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        dialogue::Dialogue,
        ids::{BookingId, ChatId, RequestId},
        message::{Content, MessageKind},
        request::{DELIVERY_PATIENCE, REASON_WAIT, RequestKind, VisitAnswer, WORDS_MAX_CHARS},
    },
    store::{
        DatabaseTransaction, DbErr, QueueWork, bookings, consents, dialogues, join, languages,
        outbox::{self, NewMessage},
        person::{self, By, Deletion, Who},
        preferences,
        requests::{self, NewRequest},
        strangers,
        users::User,
        visits::{self, Answered},
    },
};

use super::{
    apply::ClientUpdate,
    decision::{Act, Decision, Wish},
    reply::Reply,
    visit::answer_of,
};

/// Words wait so long for more of the same client.
const WORDS_WAIT: TimeDelta = TimeDelta::seconds(3);
/// Between two cards of one client's words.
const WORDS_APART: TimeDelta = TimeDelta::seconds(20);
/// Most copies of one client's photos and the like that wait.
const COPIES_MAX: i64 = 10;

/// A request whose card is to be planned.
struct Planned {
    kind: RequestKind,
    /// The booking that it is about, and the version that the client saw.
    booking: Option<(BookingId, Option<i32>)>,
    words: Option<String>,
}

impl Planned {
    fn new(kind: RequestKind, booking: Option<(BookingId, Option<i32>)>) -> Self {
        Self { kind, booking, words: None }
    }
}

impl ClientUpdate<'_> {
    /// Carries out the acts of a decision. Where a booking has changed since the client saw it, nothing is stored, and
    /// the reply shows it as it is.
    pub(super) async fn carry_out(
        &self,
        tx: &DatabaseTransaction,
        user: Option<&User>,
        decision: &mut Decision,
    ) -> Result<QueueWork, DbErr> {
        let mut work = QueueWork::default();
        for act in std::mem::take(&mut decision.acts) {
            let done = match (act, user) {
                (Act::StrangersWords(words), _) => self.strangers_words(tx, &words).await?,
                (Act::TakeButtons { message }, _) => self.take_buttons(tx, message).await?,
                (Act::Consent, _) => {
                    consents::give(tx, self.chat, self.venue, self.received.at).await?;
                    QueueWork::default()
                }
                (Act::ConsentRequested, _) => {
                    consents::requested(tx, self.chat, self.now).await?;
                    QueueWork::default()
                }
                (Act::Forget, _) => self.forget(tx).await?,
                (Act::Turn { switch, on }, _) => {
                    preferences::turn(tx, self.chat, switch, on, self.now).await?;
                    QueueWork::default()
                }
                (Act::Language(language), _) => {
                    languages::choose(tx, self.chat, language, self.received.at).await?;
                    QueueWork::default()
                }
                (Act::Tries(scope, tries), _) => {
                    join::keep_tries(tx, scope, self.chat, tries).await?;
                    QueueWork::default()
                }
                (Act::Join(booking), Some(user)) => self.join(tx, user, booking).await?,
                (Act::Comes { booking, version }, Some(_)) => {
                    self.comes(tx, (booking, version), decision).await?
                }
                (Act::Keep { booking, version }, Some(_)) => {
                    self.keep(tx, (booking, version)).await?
                }
                (Act::Cancel { booking, version }, Some(user)) => {
                    self.cancel(tx, user, (booking, version), decision).await?
                }
                (Act::Reason { request, words }, Some(user)) => {
                    self.reason(tx, user, request, words).await?
                }
                (Act::Request(wish), Some(user)) => self.request(tx, user, wish).await?,
                (Act::End(dialogue), Some(user)) => {
                    dialogues::end(tx, user.id, Some(dialogue), self.received.at).await?;
                    QueueWork::default()
                }
                (Act::Open(dialogue), Some(user)) => {
                    dialogues::start(tx, user.id, dialogue, self.received.at).await?;
                    QueueWork::default()
                }
                // Only clients who have a row decide these.
                (
                    Act::Join(_)
                    | Act::Comes { .. }
                    | Act::Keep { .. }
                    | Act::Cancel { .. }
                    | Act::Reason { .. }
                    | Act::Request(_)
                    | Act::End(_)
                    | Act::Open(_),
                    None,
                ) => QueueWork::default(),
            };
            work = work.and(done);
        }
        Ok(work)
    }

    async fn forget(&self, tx: &DatabaseTransaction) -> Result<QueueWork, DbErr> {
        let deletion = Deletion {
            by: By::Client,
            key: self.venue.forget_key.as_ref(),
            update_id: Some(self.update.update_id),
            now: self.now,
        };
        let (_, work) = person::erase(tx, Who::Chat(self.chat), deletion).await?;
        Ok(work)
    }

    async fn comes(
        &self,
        tx: &DatabaseTransaction,
        pressed: (BookingId, i32),
        decision: &mut Decision,
    ) -> Result<QueueWork, DbErr> {
        let mut work = QueueWork::default();
        let listed = visits::listed_with(tx, self.chat, pressed).await?;
        let mut visits: Vec<_> = listed.iter().map(|visit| (visit.id, visit.version)).collect();
        if !visits.contains(&pressed) {
            visits.push(pressed);
        }
        for visit in visits {
            let comes = VisitAnswer::Comes;
            let answered = visits::answer(tx, self.chat, visit, comes, self.received.at).await?;
            if answered == Answered::Stored {
                work = work.and(self.withdraw_cancellation(tx, visit).await?);
            } else if visit == pressed {
                decision.replies = vec![Reply::Booking { booking: visit.0, changed: true }];
            }
        }
        Ok(work)
    }

    async fn keep(
        &self,
        tx: &DatabaseTransaction,
        visit: (BookingId, i32),
    ) -> Result<QueueWork, DbErr> {
        let work = self.withdraw_cancellation(tx, visit).await?;
        let (booking, at) = (visit.0, self.received.at);
        visits::take_back(tx, booking, at).await?;
        Ok(work)
    }

    /// Takes a request to cancel back. Staff who have seen it learn that the client comes.
    async fn withdraw_cancellation(
        &self,
        tx: &DatabaseTransaction,
        (booking, version): (BookingId, i32),
    ) -> Result<QueueWork, DbErr> {
        let standing = requests::standing(tx, RequestKind::Cancel, (booking, version)).await?;
        let Some(request) = standing else { return Ok(QueueWork::default()) };
        requests::withdraw(tx, &request, self.now).await?;
        if request.delivered_at.is_none() {
            return Ok(QueueWork::default());
        }
        let kind = RequestKind::Comes;
        let about = Some((booking, Some(version)));
        let name = format!("comes {booking}");
        let (_, work) = self.plan_request(tx, Planned::new(kind, about), &name, self.now).await?;
        Ok(work)
    }

    /// A request to cancel. A second one about the same version changes nothing.
    async fn cancel(
        &self,
        tx: &DatabaseTransaction,
        user: &User,
        visit: (BookingId, i32),
        decision: &mut Decision,
    ) -> Result<QueueWork, DbErr> {
        let cannot = VisitAnswer::CannotCome;
        if visits::answer(tx, self.chat, visit, cannot, self.received.at).await?
            == Answered::Outdated
        {
            decision.replies = vec![Reply::Booking { booking: visit.0, changed: true }];
            return Ok(QueueWork::default());
        }
        let kind = RequestKind::Cancel;
        if let Some(request) = requests::standing(tx, kind, visit).await? {
            decision.replies = vec![match request.delivered_at {
                Some(_) => Reply::RequestDelivered { kind: kind.as_str().to_owned() },
                None => Reply::RequestPending,
            }];
            return Ok(QueueWork::default());
        }
        let about = Some((visit.0, Some(visit.1)));
        let due_at = self.now + REASON_WAIT;
        let (request, work) =
            self.plan_request(tx, Planned::new(kind, about), "request", due_at).await?;
        dialogues::start(tx, user.id, Dialogue::Reason(request), self.received.at).await?;
        decision.replies = vec![Reply::AskReason { request }];
        Ok(work)
    }

    /// The reason of a request. What comes after its card are words like any other.
    async fn reason(
        &self,
        tx: &DatabaseTransaction,
        user: &User,
        request: RequestId,
        words: Option<String>,
    ) -> Result<QueueWork, DbErr> {
        let Some(request) = requests::by_id(tx, request).await? else {
            return Ok(QueueWork::default());
        };
        let job = requests::hurry(tx, &request, self.now).await?;
        match (job, words) {
            (Some(job), words) => {
                if let Some(words) = words {
                    requests::add_words(tx, request.id, &words, WORDS_MAX_CHARS).await?;
                }
                Ok(QueueWork { push: vec![job], cancel: Vec::new() })
            }
            (None, Some(words)) => {
                let kind = RequestKind::Words;
                let booking = request.booking;
                self.request(tx, user, Wish { kind, booking, words: Some(words), attachment: None })
                    .await
            }
            (None, None) => Ok(QueueWork::default()),
        }
    }

    async fn request(
        &self,
        tx: &DatabaseTransaction,
        user: &User,
        Wish { kind, booking, words, attachment }: Wish,
    ) -> Result<QueueWork, DbErr> {
        let booking = match booking {
            Some(booking) => Some(booking),
            None => bookings::nearest(tx, user.id, self.now).await?,
        };
        let version = match booking {
            Some(booking) => bookings::by_id(tx, booking).await?.map(|booking| booking.version),
            None => None,
        };
        if let Some((visit, answer)) = booking.zip(version).zip(answer_of(kind)) {
            // Where the booking has changed meanwhile, the card says so.
            visits::answer(tx, self.chat, visit, answer, self.received.at).await?;
        }
        let joined = match (kind, &words) {
            (RequestKind::Words, Some(words)) => self.join_words(tx, words).await?,
            _ => false,
        };
        let mut work = QueueWork::default();
        let mut due_at = self.now;
        if !joined {
            let about = booking.map(|booking| (booking, version));
            due_at = self.card_due(tx, kind).await?;
            let request = Planned { words, ..Planned::new(kind, about) };
            let planned = self.plan_request(tx, request, "request", due_at).await?;
            work = planned.1;
        }
        if let Some((message, caption)) = attachment {
            let after = due_at + TimeDelta::milliseconds(1);
            work = work.and(self.copy_to_staff(tx, message, caption, after).await?);
        }
        Ok(work)
    }

    /// Adds words to a card of this client that waits. `false`: none does.
    async fn join_words(&self, tx: &DatabaseTransaction, words: &str) -> Result<bool, DbErr> {
        let since = self.now - DELIVERY_PATIENCE;
        let Some(waiting) = requests::waiting_words(tx, self.chat, since).await? else {
            return Ok(false);
        };
        requests::add_words(tx, waiting, words, WORDS_MAX_CHARS).await?;
        Ok(true)
    }

    async fn card_due(
        &self,
        tx: &DatabaseTransaction,
        kind: RequestKind,
    ) -> Result<DateTime<Utc>, DbErr> {
        match kind {
            RequestKind::Words => {
                let last = requests::last_words_at(tx, self.chat).await?;
                let apart = last.map_or(self.now, |last| last + WORDS_APART);
                Ok(apart.max(self.now + WORDS_WAIT))
            }
            RequestKind::Cancel
            | RequestKind::Move
            | RequestKind::Complaint
            | RequestKind::Comes => Ok(self.now),
        }
    }

    /// Stores a request and plans its card, and for the client whom to call if that is not delivered in time.
    async fn plan_request(
        &self,
        tx: &DatabaseTransaction,
        Planned { kind, booking, words }: Planned,
        name: &str,
        due_at: DateTime<Utc>,
    ) -> Result<(RequestId, QueueWork), DbErr> {
        let update_id = self.update.update_id;
        let request = NewRequest { kind, chat: self.chat, booking, words, update_id };
        let id = requests::insert(tx, &request, self.now).await?;
        let Some(staff) = self.venue.staff_chat.get() else {
            return Ok((id, QueueWork::default()));
        };
        let card = NewMessage::staff_card(MessageKind::StaffRequest, staff, due_at)
            .about_client(self.chat)
            .saying(Content::Request { id, again: false });
        let card = match booking {
            Some((booking, _)) => card.about(booking),
            None => card,
        };
        let mut messages = vec![self.causes(card, name)];
        if kind.is_awaited() {
            let late = due_at + DELIVERY_PATIENCE;
            messages.push(self.reply(self.chat, &Reply::RequestPending, PENDING, late)?);
        }
        Ok((id, outbox::insert(tx, &messages, self.now).await?))
    }

    async fn copy_to_staff(
        &self,
        tx: &DatabaseTransaction,
        message: i64,
        caption: String,
        due_at: DateTime<Utc>,
    ) -> Result<QueueWork, DbErr> {
        let Some(staff) = self.venue.staff_chat.get() else { return Ok(QueueWork::default()) };
        if outbox::waiting_copies(tx, staff, self.chat).await? >= COPIES_MAX {
            return Ok(QueueWork::default());
        }
        let caption = Some(caption).filter(|caption| !caption.is_empty());
        let (from, telegram_message_id) = (self.chat, message);
        let copy = NewMessage::staff_card(MessageKind::StaffCopy, staff, due_at)
            .about_client(self.chat)
            .saying(Content::Copy { from, telegram_message_id, caption });
        outbox::insert(tx, &[self.causes(copy, "copy")], self.now).await
    }

    async fn strangers_words(
        &self,
        tx: &DatabaseTransaction,
        words: &str,
    ) -> Result<QueueWork, DbErr> {
        let Some(staff) = self.venue.staff_chat.get() else { return Ok(QueueWork::default()) };
        let name = self.update.sender.as_ref().map_or("", |sender| sender.name.as_str());
        strangers::add(tx, staff, (name, words), self.received.event, self.now).await
    }

    async fn take_buttons(
        &self,
        tx: &DatabaseTransaction,
        message: Option<i64>,
    ) -> Result<QueueWork, DbErr> {
        let Some(telegram_message_id) = message else { return Ok(QueueWork::default()) };
        let content = Content::Buttons { telegram_message_id, taken: None };
        let (kind, chat): (_, ChatId) = (MessageKind::ClientButtons, self.chat);
        let edit = NewMessage::to_client(kind, chat, self.now).saying(content);
        outbox::insert(tx, &[self.causes(edit, "buttons")], self.now).await
    }
}

/// The name of the message that tells a client whom to call.
pub(super) const PENDING: &str = "pending";
