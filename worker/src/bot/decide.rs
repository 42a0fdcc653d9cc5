//! Decides the replies and the client's new state for an intent: pure rules. `apply` stores the decision.

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

/// The sender's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The client has proven a phone.
    pub registered: bool,
    pub reachable: bool,
    /// The dialogue open when the update was received.
    pub dialogue: Dialogue,
}

/// The booking that a rating is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatedBooking {
    pub id: BookingId,
    /// The booking is the sender's.
    pub own: bool,
    /// The visit has begun and was not cancelled.
    pub visited: bool,
}

/// What to store and to reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The client's new state. `None`: nothing is stored.
    pub client: Option<Client>,
    /// A rating to store. The store finds out whether it is new.
    pub rating: Option<(BookingId, Stars)>,
    /// Replies, in order.
    pub replies: Vec<Reply>,
}

/// The booking whose state [`decide`] must know for this intent.
#[must_use]
pub fn concerned_booking(intent: &Intent, client: Option<&Client>) -> Option<BookingId> {
    match intent {
        Intent::Rate { booking, .. } => Some(*booking),
        Intent::Text(_) | Intent::Contact { own: false, .. } => match client?.dialogue {
            Dialogue::Rating(booking) => Some(booking),
            Dialogue::Idle => None,
        },
        Intent::Command(_)
        | Intent::Contact { own: true, .. }
        | Intent::Calendar { .. }
        | Intent::BotBlocked
        | Intent::BotUnblocked
        | Intent::StaleCallback { .. }
        | Intent::Ignore => None,
    }
}

/// Decides what `intent` does. `client`: the sender's stored state. `booking`: the
/// [`concerned_booking`], if it exists.
#[must_use]
pub fn decide(
    intent: &Intent,
    client: Option<&Client>,
    booking: Option<&RatedBooking>,
    region: PhoneRegion,
) -> Decision {
    let unknown = Client { registered: false, reachable: true, dialogue: Dialogue::Idle };
    // A user who writes can be reached again.
    let writer = Client { reachable: true, ..client.copied().unwrap_or(unknown) };
    match intent {
        Intent::Command(command) => commanded(*command, writer),
        Intent::Contact { phone, own } => contact(phone, *own, writer, booking),
        Intent::Rate { stars, .. } => rate(*stars, writer, booking),
        // Whose the booking is shows when the entries are made.
        Intent::Calendar { booking, .. } if writer.registered => {
            Decision::reply(writer, Reply::Calendar { booking: *booking })
        }
        Intent::Calendar { .. } | Intent::StaleCallback { .. } => {
            Decision::reply(writer, Reply::StaleButton { registered: writer.registered })
        }
        Intent::Text(text) => typed(text, writer, booking, region),
        // An unknown user who blocks or unblocks the bot gets no row.
        Intent::BotBlocked => {
            Decision::nothing(client.map(|client| Client { reachable: false, ..*client }))
        }
        Intent::BotUnblocked => Decision::nothing(client.map(|_| writer)),
        Intent::Ignore => Decision::nothing(client.copied()),
    }
}

/// Every command ends the dialogue.
fn commanded(command: Command, client: Client) -> Decision {
    let registered = client.registered;
    let reply = match command {
        Command::Start if registered => Reply::Known,
        Command::Start => Reply::Greeting,
        Command::Bookings if registered => Reply::Bookings,
        Command::Bookings => Reply::ask_contact(AskWhy::First),
        Command::Help => Reply::Help { registered },
        Command::Address => Reply::Address { registered },
        Command::Contacts => Reply::Contacts { registered },
    };
    Decision::reply(Client { dialogue: Dialogue::Idle, ..client }, reply)
}

fn contact(phone: &str, own: bool, client: Client, booking: Option<&RatedBooking>) -> Decision {
    if !own {
        return match ratable(booking).filter(|_| client.registered) {
            Some(booking) => Decision::reply(client, Reply::AskRatingAgain { booking: booking.id }),
            None => Decision::reply(
                Client { dialogue: Dialogue::Idle, ..client },
                Reply::ask_contact(AskWhy::Foreign),
            ),
        };
    }
    match read_number(phone) {
        Ok(_) => {
            let client = Client { registered: true, dialogue: Dialogue::Idle, ..client };
            Decision::reply(client, Reply::Registered)
        }
        Err(why) => Decision::reply(client, Reply::unusable_number(why)),
    }
}

/// The number that an intent proves, in any state of the sender.
#[must_use]
pub fn proven_phone(intent: &Intent) -> Option<Phone> {
    match intent {
        Intent::Contact { phone, own: true } => read_number(phone).ok(),
        Intent::Contact { own: false, .. }
        | Intent::Command(_)
        | Intent::Rate { .. }
        | Intent::Calendar { .. }
        | Intent::Text(_)
        | Intent::BotBlocked
        | Intent::BotUnblocked
        | Intent::StaleCallback { .. }
        | Intent::Ignore => None,
    }
}

/// A rating by button, or typed after the question.
fn rate(stars: Stars, client: Client, booking: Option<&RatedBooking>) -> Decision {
    let Some(booking) = ratable(booking) else {
        let registered = client.registered;
        return Decision::reply(client, Reply::StaleButton { registered });
    };
    // The dialogue about this booking ends. One about another booking stays open.
    let open = if client.dialogue == Dialogue::Rating(booking.id) {
        Dialogue::Idle
    } else {
        client.dialogue
    };
    let client = Client { dialogue: open, ..client };
    Decision {
        rating: Some((booking.id, stars)),
        ..Decision::reply(client, Reply::ThanksRating { stars })
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
            None => Decision::reply(client, Reply::AskRatingAgain { booking: booking.id }),
        };
    }
    // The booking was cancelled or is another client's now: the dialogue ends.
    let idle = Client { dialogue: Dialogue::Idle, ..client };
    let reply = if registered {
        Reply::UnknownText { registered }
    } else if looks_like_a_phone(text, region) {
        Reply::ask_contact(AskWhy::Typed)
    } else {
        Reply::ask_contact(AskWhy::First)
    };
    Decision::reply(idle, reply)
}

fn ratable(booking: Option<&RatedBooking>) -> Option<&RatedBooking> {
    booking.filter(|booking| booking.own && booking.visited)
}

/// A phone number, or an attempt at one: mostly digits.
fn looks_like_a_phone(text: &str, region: PhoneRegion) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    Phone::parse(text, region).is_ok()
        || (digits >= 5 && !text.chars().any(char::is_alphabetic) && text.chars().count() <= 30)
}

impl Decision {
    fn nothing(client: Option<Client>) -> Self {
        Self { client, rating: None, replies: Vec::new() }
    }

    fn reply(client: Client, reply: Reply) -> Self {
        Self { replies: vec![reply], ..Self::nothing(Some(client)) }
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
