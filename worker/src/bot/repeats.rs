//! Answers to a client who presses or writes faster than answers are sent: what repeats is answered once, and at
//! most three answers wait. Pure rules.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{domain::ids::MessageId, store::outbox::KnownAnswer};

use super::reply::Reply;

/// Most answers that wait in a chat. The oldest give way.
const WAITING: usize = 3;
/// The answer given last is not repeated within this time.
pub(super) const REPEATED_AFTER: TimeDelta = TimeDelta::seconds(5);

/// What becomes of a new reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Admission {
    /// When it is due. `None`: the client has just read the same.
    pub due_at: Option<DateTime<Utc>>,
    /// Waiting answers that it replaces.
    pub replaced: Vec<MessageId>,
}

/// What happens to a reply that is the same as the last one given.
enum Repeated {
    /// It says nothing new.
    LeftOut,
    /// It may show a newer state: it comes a little later, once for all requests meanwhile.
    Later,
    /// It answers something that was done.
    AtOnce,
}

/// Decides about a reply, given the answers that wait, oldest first, and those given within
/// [`REPEATED_AFTER`].
pub(super) fn admit(reply: &Reply, known: &[KnownAnswer], now: DateTime<Utc>) -> Admission {
    let waiting: Vec<_> = known.iter().filter(|answer| answer.given_at.is_none()).collect();
    let is_replaced =
        |answer: &&&KnownAnswer| read(answer).is_some_and(|waiting| replaces(reply, &waiting));
    let mut replaced: Vec<_> = waiting.iter().filter(is_replaced).map(|answer| answer.id).collect();
    let others = waiting.iter().filter(|answer| !is_replaced(answer));
    let kept = waiting.len() - replaced.len();
    replaced.extend(others.take((kept + 1).saturating_sub(WAITING)).map(|answer| answer.id));
    let last = known.iter().filter_map(|answer| Some((answer.given_at?, answer)));
    let last = last.max_by_key(|(at, answer)| (*at, answer.id));
    // With another answer in between, the client no longer looks at the same one.
    let repeated = last.filter(|(_, answer)| kept == 0 && read(answer).as_ref() == Some(reply));
    let due_at = match (repeated, repetition(reply)) {
        (None, _) | (Some(_), Repeated::AtOnce) => Some(now),
        (Some((at, _)), Repeated::Later) => Some((at + REPEATED_AFTER).max(now)),
        (Some(_), Repeated::LeftOut) => None,
    };
    Admission { due_at, replaced }
}

fn read(answer: &KnownAnswer) -> Option<Reply> {
    serde_json::from_value(answer.content.clone()?).ok()
}

/// Whether a waiting answer is not to be read any more once `reply` comes.
fn replaces(reply: &Reply, waiting: &Reply) -> bool {
    if std::mem::discriminant(reply) == std::mem::discriminant(waiting) {
        // Answers about two bookings or requests are two answers.
        let is_about_one = matches!(
            reply,
            Reply::Calendar { .. }
                | Reply::Booking { .. }
                | Reply::VisitConfirmed { .. }
                | Reply::AskReason { .. }
                | Reply::RequestDelivered { .. }
                | Reply::RequestTaken { .. }
        );
        return !is_about_one || reply == waiting;
    }
    match reply {
        Reply::Known | Reply::Registered | Reply::Joined => {
            matches!(waiting, Reply::Greeting | Reply::AskContact { .. } | Reply::AskConsent { .. })
        }
        Reply::ThanksRating { .. } | Reply::AskComplaint => matches!(
            waiting,
            Reply::AskRatingAgain { .. } | Reply::AskComplaint | Reply::ThanksRating { .. }
        ),
        Reply::Greeting
        | Reply::AskContact { .. }
        | Reply::Bookings
        | Reply::Help { .. }
        | Reply::Address { .. }
        | Reply::Contacts { .. }
        | Reply::UnknownText { .. }
        | Reply::AskRatingAgain { .. }
        | Reply::StaleButton { .. }
        | Reply::BookingsPage { .. }
        | Reply::Booking { .. }
        | Reply::VisitConfirmed { .. }
        | Reply::VisitKept
        | Reply::SurelyCannot { .. }
        | Reply::WhichVisit { .. }
        | Reply::AskReason { .. }
        | Reply::AskNewTime
        | Reply::RequestDelivered { .. }
        | Reply::RequestPending
        | Reply::RequestTaken { .. }
        | Reply::CallVenue
        | Reply::Settings { .. }
        | Reply::AskForget { .. }
        | Reply::AskConsent { .. }
        | Reply::Consented
        | Reply::Forgotten { .. }
        | Reply::LanguageChosen { .. }
        | Reply::AskDigits
        | Reply::WrongDigits
        | Reply::JoinLocked
        | Reply::DeadLink { .. }
        | Reply::Calendar { .. } => false,
    }
}

fn repetition(reply: &Reply) -> Repeated {
    match reply {
        Reply::Known
        | Reply::Bookings
        | Reply::BookingsPage { .. }
        | Reply::Booking { .. }
        | Reply::Calendar { .. }
        | Reply::Settings { .. }
        | Reply::AskConsent { .. } => Repeated::Later,
        Reply::Registered
        | Reply::Consented
        | Reply::AskForget { .. }
        | Reply::Forgotten { .. }
        | Reply::ThanksRating { .. }
        | Reply::AskReason { .. }
        | Reply::AskComplaint
        | Reply::RequestDelivered { .. }
        | Reply::RequestPending
        | Reply::RequestTaken { .. }
        | Reply::AskDigits
        | Reply::WrongDigits
        | Reply::Joined
        | Reply::LanguageChosen { .. } => Repeated::AtOnce,
        Reply::Greeting
        | Reply::AskContact { .. }
        | Reply::Help { .. }
        | Reply::Address { .. }
        | Reply::Contacts { .. }
        | Reply::UnknownText { .. }
        | Reply::AskRatingAgain { .. }
        | Reply::VisitConfirmed { .. }
        | Reply::VisitKept
        | Reply::SurelyCannot { .. }
        | Reply::WhichVisit { .. }
        | Reply::AskNewTime
        | Reply::CallVenue
        | Reply::JoinLocked
        | Reply::DeadLink { .. }
        | Reply::StaleButton { .. } => Repeated::LeftOut,
    }
}
