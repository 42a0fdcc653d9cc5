//! Locks the booking that a client names by token, code or digits, and attaches it to them. The rules are in `join`.

use shared::{
    domain::{
        ids::BookingId,
        join::{JoinKey, LastDigits, typed_code},
        message::MessageKind,
    },
    store::{
        DatabaseTransaction, DbErr, QueueWork,
        join::{self, Named},
        outbox::{self, NewMessage},
        users::User,
    },
};

use super::{apply::ClientUpdate, intent::Intent, settings::is_consent};

impl ClientUpdate<'_> {
    /// Locks the booking that an intent names by token, code or digits, or that the client was about to join when the
    /// consent was missing.
    pub(super) async fn lock_named(
        &self,
        tx: &DatabaseTransaction,
        intent: &Intent,
    ) -> Result<Option<join::Locked>, DbErr> {
        let code;
        let named = match intent {
            Intent::Join(key) => Named::By(key),
            Intent::Text(text) if LastDigits::typed(text).is_some() => Named::Before,
            Intent::Text(text) => match typed_code(text) {
                Some(typed) => {
                    code = JoinKey::Code(typed);
                    Named::By(&code)
                }
                None => return Ok(None),
            },
            intent if is_consent(intent) => Named::Before,
            _ => return Ok(None),
        };
        join::lock(tx, self.chat, named, self.received.at).await
    }

    /// The booking is the client's from now on, and the staff learn of it.
    pub(super) async fn join(
        &self,
        tx: &DatabaseTransaction,
        user: &User,
        booking: BookingId,
    ) -> Result<QueueWork, DbErr> {
        let work = join::attach(tx, booking, (user.id, self.chat), self.now).await?;
        let Some(staff) = self.venue.staff_chat.get() else { return Ok(work) };
        let card = NewMessage::staff_card(MessageKind::StaffJoined, staff, self.now).about(booking);
        Ok(work.and(outbox::insert(tx, &[self.causes(card, "joined")], self.now).await?))
    }
}
