//! What follows from what a client wants: pure rules over the client's state. They decide; writing
//! it down is another's work.

pub use shared::domain::dialogue::Dialogue;

use shared::domain::{
    booking::Stars,
    ids::BookingId,
    phone::{Phone, PhoneRegion},
};

use super::{
    command::Command, contact::read_number, intent::Intent, rating_text::read_stars, reply::Reply,
};
use crate::texts::AskWhy;

/// What the bot knows of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// A phone is proven: the client has bookings to be told of.
    pub registered: bool,
    pub reachable: bool,
    /// What is open at the moment of the update.
    pub dialogue: Dialogue,
}

/// The booking that a rating is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatedBooking {
    pub id: BookingId,
    /// It is the sender's.
    pub own: bool,
    /// The visit took place, or is under way, and was not cancelled.
    pub visited: bool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The client from now on; `None`: nobody is to be remembered.
    pub client: Option<Client>,
    /// The number that the sender has proven to own.
    pub phone: Option<Phone>,
    /// A rating; whether it is a new one, and the last, is known where it is stored.
    pub rating: Option<(BookingId, Stars)>,
    /// What to answer, in order.
    pub answers: Vec<Reply>,
}

/// The booking whose state [`decide`] must know for this intent.
#[must_use]
pub fn concerned_booking(intent: &Intent, client: Option<&Client>) -> Option<BookingId> {
    match (intent, client.map(|client| client.dialogue)) {
        (Intent::Rate { booking, .. }, _) => Some(*booking),
        (Intent::Text(_) | Intent::Contact { own: false, .. }, Some(Dialogue::Rating(booking))) => {
            Some(booking)
        }
        _ => None,
    }
}

/// Decides what `intent` does. `client`: the sender as known so far; `booking`: the
/// [`concerned_booking`], if there is such a booking.
#[must_use]
pub fn decide(
    intent: &Intent,
    client: Option<&Client>,
    booking: Option<&RatedBooking>,
    region: PhoneRegion,
) -> Decision {
    match intent {
        Intent::Ignore | Intent::GroupMigrated { .. } => Decision::nothing(client.copied()),
        // Someone who was never here is not worth a row for having left, or come back silently.
        Intent::BotBlocked => {
            Decision::nothing(client.map(|client| Client { reachable: false, ..*client }))
        }
        Intent::BotUnblocked => {
            Decision::nothing(client.map(|client| Client { reachable: true, ..*client }))
        }
        _ => {
            let client = client.copied().unwrap_or(Client {
                registered: false,
                reachable: true,
                dialogue: Dialogue::Idle,
            });
            // Whoever writes can be written to.
            spoken(intent, Client { reachable: true, ..client }, booking, region)
        }
    }
}

fn spoken(
    intent: &Intent,
    client: Client,
    booking: Option<&RatedBooking>,
    region: PhoneRegion,
) -> Decision {
    let registered = client.registered;
    let idle = Client { dialogue: Dialogue::Idle, ..client };
    match intent {
        Intent::Contact { phone, own } => contact(phone, *own, client, booking),
        Intent::Rate { booking: _, stars, .. } => rate(*stars, client, booking),
        Intent::StaleCallback { .. } => Decision::answer(client, Reply::StaleButton { registered }),
        Intent::Text(text) => typed(text, client, booking, region),
        Intent::Command(Command::Start) if registered => Decision::answer(idle, Reply::Known),
        Intent::Command(Command::Start) => Decision::answer(idle, Reply::Greeting),
        Intent::Command(Command::Bookings) if registered => Decision::answer(idle, Reply::Bookings),
        Intent::Command(Command::Bookings) => {
            Decision::answer(idle, Reply::ask_contact(AskWhy::First))
        }
        Intent::Command(Command::Help) => Decision::answer(idle, Reply::Help { registered }),
        Intent::Command(Command::Address) => Decision::answer(idle, Reply::Address { registered }),
        Intent::Command(Command::Contacts) => {
            Decision::answer(idle, Reply::Contacts { registered })
        }
        Intent::Ignore
        | Intent::GroupMigrated { .. }
        | Intent::BotBlocked
        | Intent::BotUnblocked => Decision::nothing(Some(client)),
    }
}

fn contact(phone: &str, own: bool, client: Client, booking: Option<&RatedBooking>) -> Decision {
    if !own {
        return match ratable(booking).filter(|_| client.registered) {
            Some(booking) => {
                Decision::answer(client, Reply::AskRatingAgain { booking: booking.id })
            }
            None => Decision::answer(
                Client { dialogue: Dialogue::Idle, ..client },
                Reply::ask_contact(AskWhy::Foreign),
            ),
        };
    }
    match read_number(phone) {
        Ok(phone) => {
            let client = Client { registered: true, dialogue: Dialogue::Idle, ..client };
            Decision { phone: Some(phone), ..Decision::answer(client, Reply::Registered) }
        }
        Err(why) => Decision::answer(client, Reply::unusable_number(why)),
    }
}

/// The number that an intent proves, whatever the state of its sender.
#[must_use]
pub fn proven_phone(intent: &Intent) -> Option<Phone> {
    match intent {
        Intent::Contact { phone, own: true } => read_number(phone).ok(),
        _ => None,
    }
}

/// A rating by button, or by a number typed where one was asked for.
fn rate(stars: Stars, client: Client, booking: Option<&RatedBooking>) -> Decision {
    let Some(booking) = ratable(booking) else {
        let registered = client.registered;
        return Decision::answer(client, Reply::StaleButton { registered });
    };
    // The question is answered; one about another visit stays open.
    let open = if client.dialogue == Dialogue::Rating(booking.id) {
        Dialogue::Idle
    } else {
        client.dialogue
    };
    let client = Client { dialogue: open, ..client };
    Decision {
        rating: Some((booking.id, stars)),
        ..Decision::answer(client, Reply::ThanksRating { stars })
    }
}

fn typed(
    text: &str,
    client: Client,
    booking: Option<&RatedBooking>,
    region: PhoneRegion,
) -> Decision {
    let registered = client.registered;
    if let (Dialogue::Rating(_), Some(booking)) = (client.dialogue, ratable(booking)) {
        return match read_stars(text) {
            Some(stars) => rate(stars, client, Some(booking)),
            None => Decision::answer(client, Reply::AskRatingAgain { booking: booking.id }),
        };
    }
    // A question about a visit that was cancelled since, or is another's now, is no question.
    let idle = Client { dialogue: Dialogue::Idle, ..client };
    let answer = if registered {
        Reply::UnknownText { registered }
    } else if looks_like_a_phone(text, region) {
        Reply::ask_contact(AskWhy::Typed)
    } else {
        Reply::ask_contact(AskWhy::First)
    };
    Decision::answer(idle, answer)
}

fn ratable(booking: Option<&RatedBooking>) -> Option<&RatedBooking> {
    booking.filter(|booking| booking.own && booking.visited)
}

/// A number that can be one, or an attempt at one: mostly digits.
fn looks_like_a_phone(text: &str, region: PhoneRegion) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    Phone::parse(text, region).is_ok()
        || (digits >= 5 && !text.chars().any(char::is_alphabetic) && text.chars().count() <= 30)
}

impl Decision {
    fn nothing(client: Option<Client>) -> Self {
        Self { client, phone: None, rating: None, answers: Vec::new() }
    }

    fn answer(client: Client, answer: Reply) -> Self {
        Self { answers: vec![answer], ..Self::nothing(Some(client)) }
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
