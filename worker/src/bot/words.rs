//! Decides about what a client types or sends: the answer to an open question, or words for the staff. Pure rules.

use shared::domain::{
    dialogue::Dialogue,
    ids::BookingId,
    join::JoinFacts,
    phone::{Phone, PhoneRegion},
    request::{RequestKind, kept_words},
};

use super::{
    decision::{Act, Client, ConcernedBooking, Decision, Setting, Wish},
    join,
    rating::{ratable, rate},
    rating_text::{TypedRating, read_rating},
    reply::Reply,
};
use crate::texts::AskWhy;

/// A text that is no command. `join`: what the awaited digits, or a code in it, lead to.
pub(super) fn typed(
    text: &str,
    client: Client,
    booking: Option<&ConcernedBooking>,
    join: Option<&JoinFacts>,
    setting: Setting,
) -> Decision {
    let words = kept_words(text);
    if !client.registered {
        return match join {
            Some(facts) => join::typed(text, facts, client),
            None => from_stranger(words, client, setting.region, setting.has_staff),
        };
    }
    // The dialogue takes the words and ends, but for a rating that is none.
    let idle = Client { dialogue: Dialogue::Idle, ..client };
    match (client.dialogue, booking) {
        (Dialogue::Reason(request), _) => {
            let acts = vec![Act::Reason { request, words: Some(words) }];
            Decision { acts, ..Decision::nothing(Some(idle)) }
        }
        (Dialogue::NewTime(_), Some(visit)) if visit.own && visit.awaited => {
            wish(idle, Wish::about(RequestKind::Move, visit.id, words))
        }
        (Dialogue::Complaint(_), Some(visit)) if visit.own => {
            wish(idle, Wish::about(RequestKind::Complaint, visit.id, words))
        }
        (Dialogue::Rating(_), Some(_))
            if ratable(booking).is_some() && (join.is_none() || read_rating(text).is_some()) =>
        {
            rating(text, words, client, booking, setting)
        }
        (
            Dialogue::Idle
            | Dialogue::NewTime(_)
            | Dialogue::Complaint(_)
            | Dialogue::Digits(_)
            | Dialogue::Rating(_),
            _,
        ) => match join {
            Some(facts) => join::typed(text, facts, client),
            None => to_staff(idle, None, words, setting),
        },
    }
}

/// Words while a visit may be rated: a rating, with or without more words, or none.
fn rating(
    text: &str,
    words: String,
    client: Client,
    booking: Option<&ConcernedBooking>,
    setting: Setting,
) -> Decision {
    let about = booking.map(|booking| booking.id);
    let forwarded = |words: String| {
        let words =
            Wish { kind: RequestKind::Words, booking: about, words: Some(words), attachment: None };
        setting.has_staff.then_some(Act::Request(words))
    };
    match (read_rating(text), about) {
        (Some(TypedRating { stars, words: more }), _) => {
            let mut decision = rate(stars, client, booking, setting);
            decision.acts.extend(more.map(kept_words).and_then(forwarded));
            decision
        }
        (None, Some(booking)) => Decision {
            acts: forwarded(words).into_iter().collect(),
            ..Decision::reply(client, Reply::AskRatingAgain { booking })
        },
        (None, None) => to_staff(client, None, words, setting),
    }
}

/// A photo, a voice message or the like, with its caption.
pub(super) fn attached(
    (message, caption): (i64, &str),
    client: Client,
    booking: Option<&ConcernedBooking>,
    setting: Setting,
) -> Decision {
    if !client.registered {
        return Decision::reply(client, Reply::ask_contact(AskWhy::First));
    }
    if !setting.has_staff {
        return Decision::reply(client, Reply::UnknownText { registered: true });
    }
    let attachment = Some((message, kept_words(caption)));
    let visit = booking.filter(|booking| booking.own);
    let about = visit.map(|visit| visit.id);
    match (client.dialogue, about) {
        (Dialogue::Complaint(_), Some(_)) => {
            let client = Client { dialogue: Dialogue::Idle, ..client };
            let kind = RequestKind::Complaint;
            wish(client, Wish { kind, booking: about, words: None, attachment })
        }
        (
            Dialogue::Idle
            | Dialogue::Reason(_)
            | Dialogue::NewTime(_)
            | Dialogue::Complaint(_)
            | Dialogue::Digits(_)
            | Dialogue::Rating(_),
            _,
        ) => {
            let kind = RequestKind::Words;
            wish(client, Wish { kind, booking: about, words: None, attachment })
        }
    }
}

/// What the client learns of it depends on its delivery.
fn wish(client: Client, wish: Wish) -> Decision {
    Decision { acts: vec![Act::Request(wish)], ..Decision::nothing(Some(client)) }
}

fn to_staff(
    client: Client,
    booking: Option<BookingId>,
    words: String,
    setting: Setting,
) -> Decision {
    if !setting.has_staff || words.is_empty() {
        return Decision::reply(client, Reply::UnknownText { registered: client.registered });
    }
    let kind = RequestKind::Words;
    wish(client, Wish { kind, booking, words: Some(words), attachment: None })
}

fn from_stranger(words: String, client: Client, region: PhoneRegion, has_staff: bool) -> Decision {
    let client = Client { dialogue: Dialogue::Idle, ..client };
    if looks_like_a_phone(&words, region) {
        return Decision::reply(client, Reply::ask_contact(AskWhy::Typed));
    }
    let is_read = has_staff && !words.is_empty();
    let acts = is_read.then_some(Act::StrangersWords(words)).into_iter().collect();
    Decision { acts, ..Decision::reply(client, Reply::ask_contact(AskWhy::First)) }
}

impl Wish {
    fn about(kind: RequestKind, booking: BookingId, words: String) -> Self {
        Self { kind, booking: Some(booking), words: Some(words), attachment: None }
    }
}

/// A phone number, or an attempt at one: mostly digits.
fn looks_like_a_phone(text: &str, region: PhoneRegion) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    Phone::parse(text, region).is_ok()
        || (digits >= 5 && !text.chars().any(char::is_alphabetic) && text.chars().count() <= 30)
}
