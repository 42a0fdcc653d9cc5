//! Applies an update in one transaction: claims the update, reads the client's state, decides, and
//! stores the new state together with the replies.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        booking::{BookingStatus, Stars},
        consent::Consent,
        dialogue::Dialogue,
        ids::{BookingId, ChatId, UserId},
        message::{Content, MessageKind},
        status::Meaning,
        venue::Venue,
    },
    store::{
        DatabaseConnection, DatabaseTransaction, DbErr, QueueWork, TransactionTrait,
        bookings::{self, Rated},
        consents, dialogues, join, limited,
        outbox::{self, NewMessage},
        person::{Person, Who},
        registration, staff_binding,
        updates::{self, Claim},
        users::{self, User},
        visits,
    },
    telemetry::metrics::{self, UpdateOutcome},
};

use super::{
    binding,
    cause::{Cause, Received},
    decide::{concerned_booking, decide, ended, proven_phone},
    decision::{Client, ConcernedBooking, Decision, Ended, Setting},
    intent::{BindIntent, Intent, ParsedUpdate, StaffIntent},
    repeats::{REPEATED_AFTER, admit},
    reply::Reply,
    settings::is_deletion,
    staff,
};

/// A card about a rating waits until the client has not changed it for this long: many presses are one card.
const CARD_AFTER: TimeDelta = TimeDelta::seconds(3);

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
    if matches!(update.intent, Intent::Staff(_) | Intent::Bind(_)) {
        // Another worker may have bound another chat a moment ago.
        staff_binding::refresh(&venue.staff_chat, db).await?;
    }
    let whose = match (update.sender.as_ref(), &update.intent) {
        _ if update.unreadable => Err(UpdateOutcome::Unreadable),
        (None, Intent::Bind(intent)) => Ok(Author::Binder(intent)),
        (None, Intent::Staff(intent)) if intent.is_in(&venue.staff_chat) => {
            Ok(Author::Staff(intent))
        }
        (None, _) | (_, Intent::Ignore) => Err(UpdateOutcome::Ignored),
        (Some(sender), _) => Ok(match staff::in_private(db, update, venue).await? {
            Some(intent) => Author::Staff(intent),
            None => Author::Client(sender.chat),
        }),
    };
    let (outcome, work) = match whose {
        Ok(author) => apply_once(db, update, author, (received, venue, now)).await?,
        Err(outcome) => (outcome, QueueWork::default()),
    };
    metrics::update(outcome);
    Ok((outcome, work))
}

/// Whose update it is.
#[derive(Clone, Copy)]
enum Author<'a> {
    Client(ChatId),
    Staff(&'a StaffIntent),
    /// Of a group that wants to be the staff's.
    Binder(&'a BindIntent),
}

async fn apply_once(
    db: &DatabaseConnection,
    update: &ParsedUpdate,
    author: Author<'_>,
    (received, venue, now): (Received<'_>, &Venue, DateTime<Utc>),
) -> Result<(UpdateOutcome, QueueWork), DbErr> {
    if let Author::Staff(intent) = author {
        staff::await_card(db, intent).await?;
    }
    let tx = limited(db.begin()).await?;
    let claim = updates::claim(&tx, update.update_id, &update.identity, now).await?;
    if claim == Claim::Repeated {
        return Ok((UpdateOutcome::Repeated, QueueWork::default()));
    }
    let shares_id = claim == Claim::SharesId;
    let cause = Cause { update, shares_id, received, venue, now };
    let (work, rated) = match author {
        Author::Client(chat) => ClientUpdate { cause, chat }.write(&tx, &update.intent).await?,
        Author::Staff(intent) => (staff::apply(&tx, intent, cause).await?, None),
        Author::Binder(intent) => (binding::apply(&tx, intent, cause).await?, None),
    };
    limited(tx.commit()).await?;
    if matches!(author, Author::Binder(_)) {
        staff_binding::refresh(&venue.staff_chat, db).await?;
    }
    if shares_id {
        let update_id = update.update_id;
        tracing::warn!(update_id, "two updates have one id: one of them was forged");
    }
    if let Some(stars) = rated {
        metrics::rating(stars.get());
    }
    Ok((UpdateOutcome::Applied, work))
}

/// A client's update.
pub(super) struct ClientUpdate<'a> {
    pub cause: Cause<'a>,
    pub chat: ChatId,
}

impl<'a> std::ops::Deref for ClientUpdate<'a> {
    type Target = Cause<'a>;

    fn deref(&self) -> &Cause<'a> {
        &self.cause
    }
}

impl ClientUpdate<'_> {
    async fn write(
        &self,
        tx: &DatabaseTransaction,
        intent: &Intent,
    ) -> Result<(QueueWork, Option<Stars>), DbErr> {
        let mut work = QueueWork::default();
        // The phone's lock comes first, as where bookings of that phone are applied: another order of
        // locks could deadlock.
        let consent = consents::of(tx, self.chat, self.venue, self.now).await?;
        if let Some(phone) = proven_phone(intent).filter(|_| consent.allows()) {
            work = registration::register(tx, self.chat, &phone, self.now).await?;
        }
        if is_deletion(intent) {
            Person::lock(tx, Who::Chat(self.chat)).await?;
        }
        let locked = self.lock_named(tx, intent).await?;
        let user = users::lock_by_chat(tx, self.chat).await?;
        let client = match &user {
            Some(user) => Some(self.client(tx, user, consent).await?),
            None => None,
        };
        let booking = match concerned_booking(intent, client.as_ref()) {
            Some(id) => self.concerned_booking(tx, id, user.as_ref()).await?,
            None => None,
        };
        let join = match locked {
            Some(locked) => {
                Some(join::facts(tx, locked, self.chat, user.as_ref(), self.now).await?)
            }
            None => None,
        };
        let has_staff = self.venue.staff_chat.get().is_some();
        let needs_consent = self.venue.consent.is_some();
        let setting = Setting { region: self.venue.phone_region, has_staff, needs_consent };
        let mut decision =
            decide(intent, client.as_ref(), booking.as_ref(), join.as_ref(), setting);
        let open = client.map_or(Dialogue::Idle, |client| client.dialogue);
        let ended = ended(intent, open, &decision);
        work = work.and(self.record_client(tx, user.as_ref(), ended, &decision).await?);
        let user = match user {
            // Whoever writes for the first time has a row now.
            None if !decision.acts.is_empty() => users::by_chat(tx, self.chat).await?,
            user => user,
        };
        let rated = self.rate(tx, user.as_ref().map(|user| user.id), &mut decision).await?;
        work = work.and(self.carry_out(tx, user.as_ref(), &mut decision).await?);
        work = work.and(self.answer(tx, &decision.replies).await?);
        if let Some((booking, stars)) = rated {
            work = work.and(self.rated_card(tx, booking, stars).await?);
        }
        Ok((work, rated.map(|(_, stars)| stars)))
    }

    /// The sender's state. The dialogue is the one open when the update was received: it may have waited.
    async fn client(
        &self,
        tx: &DatabaseTransaction,
        user: &User,
        consent: Consent,
    ) -> Result<Client, DbErr> {
        let words = match &self.update.intent {
            Intent::Text(text) => Some(text.as_str()),
            _ => None,
        };
        Ok(Client {
            registered: user.phone.is_some() || join::has_joined(tx, user.id).await?,
            reachable: user.reachable,
            dialogue: dialogues::open(tx, user.id, self.received.at, words).await?,
            consent,
        })
    }

    async fn concerned_booking(
        &self,
        tx: &DatabaseTransaction,
        id: BookingId,
        user: Option<&User>,
    ) -> Result<Option<ConcernedBooking>, DbErr> {
        let Some(booking) = bookings::by_id(tx, id).await? else { return Ok(None) };
        let own = user.is_some_and(|user| user.owns(&booking));
        let listed = match &self.update.intent {
            Intent::Visit { version, .. } if own => {
                visits::listed_with(tx, self.chat, (id, *version)).await?.len()
            }
            _ => 0,
        };
        let comes = match booking.meaning {
            Meaning::Stands | Meaning::Pending => booking.status == BookingStatus::Active,
            Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => false,
        };
        Ok(Some(ConcernedBooking {
            id,
            own,
            visited: booking.status != BookingStatus::Cancelled
                && booking.visit_time.is_some_and(|visit_time| visit_time.start() <= self.now),
            awaited: comes
                && booking.visit_time.is_some_and(|visit_time| visit_time.end() > self.now),
            version: booking.version,
            listed,
        }))
    }

    async fn record_client(
        &self,
        tx: &DatabaseTransaction,
        user: Option<&User>,
        ended: Ended,
        decision: &Decision,
    ) -> Result<QueueWork, DbErr> {
        let Some(client) = decision.client else { return Ok(QueueWork::default()) };
        if !client.reachable {
            let staff = self.venue.staff_chat.get();
            return users::unreachable(tx, self.chat, staff, self.received.at, self.now).await;
        }
        let work = users::seen(tx, self.chat, self.received.at, self.now).await?;
        let dialogue = match ended {
            Ended::Nothing => return Ok(work),
            Ended::One(dialogue) => Some(dialogue),
            Ended::All => None,
        };
        if let Some(user) = user {
            dialogues::end(tx, user.id, dialogue, self.received.at).await?;
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
                decision.acts.clear();
                Ok(None)
            }
            Rated::NotTheirs => {
                let registered = decision.client.is_some_and(|client| client.registered);
                decision.replies = vec![Reply::StaleButton { registered }];
                decision.acts.clear();
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
            let due_at = loop {
                let around = (self.now - REPEATED_AFTER, self.now + REPEATED_AFTER);
                let known = outbox::known_answers(tx, self.chat, around).await?;
                let admission = admit(reply, &known, self.now);
                let replaced = outbox::cancel_replaced(tx, &admission.replaced, self.now).await?;
                let all_waited = replaced.cancel.len() == admission.replaced.len();
                work = work.and(replaced);
                // One that has begun to be sent meanwhile counts as given.
                if all_waited {
                    break admission.due_at;
                }
            };
            let Some(due_at) = due_at else { continue };
            let answer = self.reply(self.chat, reply, &index.to_string(), due_at)?;
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
            .saying(Content::Rated { stars });
        let card = self.causes(card, "rated");
        Ok(replaced.and(outbox::insert(tx, &[card], self.now).await?))
    }
}
