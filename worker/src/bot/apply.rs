//! Applies an update in one transaction: claims the update, reads the client's state, decides, and
//! stores the new state together with the replies.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        booking::{BookingStatus, Stars},
        ids::{BookingId, ChatId, EventId, UserId},
        message::{Content, MessageKind},
        venue::Venue,
    },
    store::{
        DatabaseConnection, DatabaseTransaction, DbErr, QueueWork, TransactionTrait,
        bookings::{self, Rated},
        dialogues, limited,
        outbox::{self, NewMessage},
        registration,
        updates::{self, Claim},
        users::{self, User},
    },
    telemetry::metrics::{self, UpdateOutcome},
};

use super::{
    decide::{Client, Decision, Dialogue, RatedBooking, concerned_booking, decide, proven_phone},
    intent::{Intent, ParsedUpdate},
    repeats::{REPEATED_AFTER, admit},
    reply::Reply,
};

/// A card about a rating waits until the client has not changed it for this long: many presses are one card.
const CARD_AFTER: TimeDelta = TimeDelta::seconds(3);

/// The receipt of an update.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// Traces messages back to the update.
    pub event: &'a EventId,
    /// Orders updates, even when an outage delayed some.
    pub at: DateTime<Utc>,
}

/// Applies an update and counts it. A repeated update changes nothing. The returned work is to be done on
/// the queue after the commit.
///
/// # Errors
/// When the database fails. Nothing was stored, and the update can be applied again.
pub async fn apply(
    db: &DatabaseConnection,
    update: &ParsedUpdate,
    received: Received<'_>,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<(UpdateOutcome, QueueWork), DbErr> {
    let sender = update.sender.as_ref().map(|sender| sender.chat);
    let (outcome, work, rated) = match (sender, &update.intent) {
        _ if update.unreadable => (UpdateOutcome::Unreadable, QueueWork::default(), None),
        (None, _) | (_, Intent::Ignore) => (UpdateOutcome::Ignored, QueueWork::default(), None),
        (Some(chat), intent) => {
            let tx = limited(db.begin()).await?;
            let claim = updates::claim(&tx, update.update_id, &update.identity, now).await?;
            if claim == Claim::Repeated {
                (UpdateOutcome::Repeated, QueueWork::default(), None)
            } else {
                let shares_id = claim == Claim::SharesId;
                let client_update = ClientUpdate { update, shares_id, chat, received, venue, now };
                let (work, rated) = client_update.write(&tx, intent).await?;
                limited(tx.commit()).await?;
                if shares_id {
                    tracing::warn!(
                        update_id = update.update_id,
                        "two updates have one id: one of them was forged"
                    );
                }
                (UpdateOutcome::Applied, work, rated)
            }
        }
    };
    metrics::update(outcome);
    if let Some(stars) = rated {
        metrics::rating(stars.get());
    }
    Ok((outcome, work))
}

/// A client's update and what its application depends on.
struct ClientUpdate<'a> {
    update: &'a ParsedUpdate,
    /// Another update with this id was applied.
    shares_id: bool,
    chat: ChatId,
    received: Received<'a>,
    venue: &'a Venue,
    now: DateTime<Utc>,
}

impl ClientUpdate<'_> {
    /// The key of a message that this update causes: unique among all of its id.
    fn dedup_key(&self, name: &str) -> String {
        if self.shares_id { format!("{name}@{}", self.update.identity) } else { name.to_owned() }
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        intent: &Intent,
    ) -> Result<(QueueWork, Option<Stars>), DbErr> {
        let mut work = QueueWork::default();
        // The phone's lock comes first, as where bookings of that phone are applied: another order of
        // locks could deadlock.
        if let Some(phone) = proven_phone(intent) {
            work = registration::register(tx, self.chat, &phone, self.now).await?;
        }
        let user = users::lock_by_chat(tx, self.chat).await?;
        let client = match &user {
            Some(user) => Some(self.client(tx, user).await?),
            None => None,
        };
        let booking = match concerned_booking(intent, client.as_ref()) {
            Some(id) => self.rated_booking(tx, id, user.as_ref()).await?,
            None => None,
        };
        let mut decision =
            decide(intent, client.as_ref(), booking.as_ref(), self.venue.phone_region);
        let open = client.map_or(Dialogue::Idle, |client| client.dialogue);
        work = work.and(self.record_client(tx, user.as_ref(), open, &decision).await?);
        let rated = self.rate(tx, user.as_ref().map(|user| user.id), &mut decision).await?;
        work = work.and(self.answer(tx, &decision.replies).await?);
        if let Some((booking, stars)) = rated {
            work = work.and(self.rated_card(tx, booking, stars).await?);
        }
        Ok((work, rated.map(|(_, stars)| stars)))
    }

    /// The sender's state. The dialogue is the one open when the update was received: it may have waited.
    async fn client(&self, tx: &DatabaseTransaction, user: &User) -> Result<Client, DbErr> {
        Ok(Client {
            registered: user.phone.is_some(),
            reachable: user.reachable,
            dialogue: dialogues::open(tx, user.id, self.received.at).await?,
        })
    }

    async fn rated_booking(
        &self,
        tx: &DatabaseTransaction,
        id: BookingId,
        user: Option<&User>,
    ) -> Result<Option<RatedBooking>, DbErr> {
        let booking = bookings::by_id(tx, id).await?;
        Ok(booking.map(|booking| RatedBooking {
            id,
            own: user.is_some_and(|user| user.owns(&booking)),
            visited: booking.status != BookingStatus::Cancelled
                && booking.visit_time.is_some_and(|visit_time| visit_time.start() <= self.now),
        }))
    }

    async fn record_client(
        &self,
        tx: &DatabaseTransaction,
        user: Option<&User>,
        open: Dialogue,
        decision: &Decision,
    ) -> Result<QueueWork, DbErr> {
        let Some(client) = decision.client else { return Ok(QueueWork::default()) };
        if !client.reachable {
            let staff = self.venue.staff_chat.get();
            return users::unreachable(tx, self.chat, staff, self.received.at, self.now).await;
        }
        let work = users::seen(tx, self.chat, self.received.at, self.now).await?;
        // A dialogue is opened by sending its question, never here.
        if let Some(user) =
            user.filter(|_| open != Dialogue::Idle && client.dialogue == Dialogue::Idle)
        {
            dialogues::end(tx, user.id, self.received.at).await?;
        }
        Ok(work)
    }

    /// Stores a rating, for each booking that the question was about. If the booking has changed since the decision,
    /// the reply is replaced by the one for its new state.
    async fn rate(
        &self,
        tx: &DatabaseTransaction,
        user: Option<UserId>,
        decision: &mut Decision,
    ) -> Result<Option<(BookingId, Stars)>, DbErr> {
        let Some(((booking, stars), user)) = decision.rating.zip(user) else { return Ok(None) };
        match bookings::rate(tx, booking, user, stars, self.received.at).await? {
            Rated::Stored => {
                for other in bookings::questioned_with(tx, booking, self.now).await? {
                    bookings::rate(tx, other, user, stars, self.received.at).await?;
                }
                Ok(Some((booking, stars)))
            }
            // A repeated or a delayed press: no second thanks.
            Rated::Same | Rated::Late => {
                decision.replies.clear();
                Ok(None)
            }
            Rated::NotTheirs => {
                let registered = decision.client.is_some_and(|client| client.registered);
                decision.replies = vec![Reply::StaleButton { registered }];
                Ok(None)
            }
        }
    }

    /// Plans the replies. Waiting answers that they replace are cancelled.
    async fn answer(
        &self,
        tx: &DatabaseTransaction,
        replies: &[Reply],
    ) -> Result<QueueWork, DbErr> {
        let mut work = QueueWork::default();
        for (index, reply) in replies.iter().enumerate() {
            let since = self.now - REPEATED_AFTER;
            let known = outbox::known_answers(tx, self.chat, since).await?;
            let admission = admit(reply, &known, self.now);
            work = work.and(outbox::cancel_replaced(tx, &admission.replaced, self.now).await?);
            let Some(due_at) = admission.due_at else { continue };
            let content =
                serde_json::to_value(reply).map_err(|error| DbErr::Json(error.to_string()))?;
            let event = self.received.event;
            let dedup_key = self.dedup_key(&index.to_string());
            let update_id = self.update.update_id;
            let answer =
                NewMessage::answer(self.chat, update_id, dedup_key, content, event, due_at);
            work = work.and(outbox::insert(tx, &[answer], self.now).await?);
        }
        Ok(work)
    }

    /// Plans the staff's card about a rating, in place of one that waits.
    async fn rated_card(
        &self,
        tx: &DatabaseTransaction,
        booking: BookingId,
        stars: Stars,
    ) -> Result<QueueWork, DbErr> {
        const CARD: MessageKind = MessageKind::StaffRated;
        let Some(staff) = self.venue.staff_chat.get() else { return Ok(QueueWork::default()) };
        let replaced = outbox::cancel_replaced_card(tx, CARD, booking, self.now).await?;
        let card = NewMessage::staff_card(CARD, staff, self.now + CARD_AFTER)
            .about(booking)
            .caused_by_update(self.update.update_id, self.dedup_key("rated"))
            .saying(Content::Rated { stars })
            .traced_to(self.received.event);
        Ok(replaced.and(outbox::insert(tx, &[card], self.now).await?))
    }
}
