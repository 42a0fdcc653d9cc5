//! Makes a group the staff's by a link, which works once and for an hour. The former chat is notified, and waiting cards
//! go along.

use rand::{Rng, distr::Alphanumeric};
use shared::{
    domain::{
        message::StaffChatNews,
        staff_chat::{Binding, StaffPlace},
    },
    queue::{Job, QueueName},
    store::{
        DatabaseTransaction, DbErr, QueueWork,
        outbox::{self, NewMessage},
        staff_binding::{self, Link},
    },
};

use super::{cause::Cause, intent::BindIntent};

/// Characters of a secret, each a letter or digit: 190 bits.
const SECRET_LENGTH: usize = 32;

/// A secret for a link.
#[must_use]
pub fn new_link_secret() -> String {
    rand::rng().sample_iter(Alphanumeric).take(SECRET_LENGTH).map(char::from).collect()
}

/// Whether a text has the form of a secret. Nothing else is looked up.
#[must_use]
pub fn is_link_secret(text: &str) -> bool {
    text.len() == SECRET_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Binds the group in which a link was opened. A secret that is none is not answered.
///
/// # Errors
/// When the database fails.
pub(super) async fn apply(
    tx: &DatabaseTransaction,
    intent: &BindIntent,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let news = match staff_binding::take_link(tx, &intent.secret, cause.received.at).await? {
        Link::Unknown => return Ok(QueueWork::default()),
        Link::Over => StaffChatNews::LinkOver,
        Link::Taken => StaffChatNews::Bound,
    };
    let is_bound = news == StaffChatNews::Bound;
    let notice = NewMessage::staff_chat_notice(intent.place, news, cause.now);
    let mut notices = vec![cause.causes(notice, "notice")];
    let mut work = QueueWork::default();
    if is_bound {
        notices.extend(former(intent, cause));
        work = bind(tx, intent.place, cause).await?;
    }
    Ok(work.and(outbox::insert(tx, &notices, cause.now).await?))
}

/// The notice to the chat that was the staff's.
fn former(intent: &BindIntent, cause: Cause<'_>) -> Option<NewMessage> {
    let former = cause.venue.staff_chat.place().filter(|place| *place != intent.place)?;
    let news = StaffChatNews::Left { to: Some(intent.title.clone()) };
    Some(cause.causes(NewMessage::staff_chat_notice(former, news, cause.now), "former"))
}

async fn bind(
    tx: &DatabaseTransaction,
    place: StaffPlace,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let instead_of = cause.venue.staff_chat.setting();
    staff_binding::bind(tx, Binding { place, instead_of }, cause.now).await?;
    let cards = outbox::move_staff_cards(tx, place.chat, cause.now).await?;
    tracing::info!(cards, "a link bound another staff's chat: waiting cards were moved to it");
    let wake = vec![Job::wake_later(QueueName::Bulk, place.chat, cause.now)];
    Ok(QueueWork { push: wake, cancel: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_fit_a_link() {
        let (one, other) = (new_link_secret(), new_link_secret());
        assert_ne!(one, other);
        assert!(is_link_secret(&one), "{one}");
        for text in ["", "short", &one[1..], &format!("{one}x"), &one.replacen(&one[..1], "_", 1)] {
            assert!(!is_link_secret(text), "{text}");
        }
    }
}
