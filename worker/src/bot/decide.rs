//! Decides the replies and the client's new state for an intent: pure rules. `apply` stores the decision.

use shared::domain::{
    consent::Consent, dialogue::Dialogue, ids::BookingId, join::JoinFacts, phone::Phone,
};

use super::{
    command::Command,
    consent,
    contact::read_number,
    decision::{Act, Client, ConcernedBooking, Decision, Ended, Setting},
    intent::Intent,
    join,
    rating::{ratable, rate},
    reply::Reply,
    settings,
    visit::{self, VisitPress},
    words,
};
use crate::texts::AskWhy;

/// The booking whose state [`decide`] must know for this intent.
#[must_use]
pub fn concerned_booking(intent: &Intent, client: Option<&Client>) -> Option<BookingId> {
    match intent {
        Intent::Rate { booking, .. } | Intent::Visit { booking, .. } => Some(*booking),
        Intent::Text(_) | Intent::Attachment { .. } | Intent::Contact { own: false, .. } => {
            client?.dialogue.booking()
        }
        Intent::Command(_)
        | Intent::Join(_)
        | Intent::Contact { own: true, .. }
        | Intent::Calendar { .. }
        | Intent::NoReason { .. }
        | Intent::Page { .. }
        | Intent::Settings { .. }
        | Intent::Language { .. }
        | Intent::BotBlocked
        | Intent::BotUnblocked
        | Intent::StaleCallback { .. }
        | Intent::Staff(_)
        | Intent::Bind(_)
        | Intent::Ignore => None,
    }
}

/// Decides what `intent` does. `client`: the sender's stored state. `booking`: the
/// [`concerned_booking`], if it exists. `join`: where the intent names a booking by token, code or digits.
#[must_use]
pub fn decide(
    intent: &Intent,
    client: Option<&Client>,
    booking: Option<&ConcernedBooking>,
    join: Option<&JoinFacts>,
    setting: Setting,
) -> Decision {
    let consent = if setting.needs_consent { Consent::Missing } else { Consent::NotNeeded };
    let unknown = Client { registered: false, reachable: true, dialogue: Dialogue::Idle, consent };
    // A user who writes can be reached again.
    let writer = Client { reachable: true, ..client.copied().unwrap_or(unknown) };
    if let Some(refused) = consent::refuse(intent, writer) {
        return refused;
    }
    consent::guard(intent, decide_for(intent, (client, writer), booking, join, setting))
}

fn decide_for(
    intent: &Intent,
    (client, writer): (Option<&Client>, Client),
    booking: Option<&ConcernedBooking>,
    join: Option<&JoinFacts>,
    setting: Setting,
) -> Decision {
    let stale = || Decision::reply(writer, Reply::StaleButton { registered: writer.registered });
    match intent {
        Intent::Command(command) => commanded(*command, writer),
        Intent::Join(_) => join::linked(join, writer),
        Intent::Contact { phone, own } => contact(phone, *own, writer, booking),
        Intent::Rate { stars, .. } => rate(*stars, writer, booking, setting),
        Intent::Visit { action, booking: id, version, message, .. } => {
            let (action, booking_id, version) = (*action, *id, *version);
            let press = VisitPress { action, booking: booking_id, version, message: *message };
            visit::pressed(press, writer, booking, setting.has_staff)
        }
        Intent::NoReason { request, .. } => visit::no_reason(*request, writer),
        // Whose the bookings are shows when they are read.
        Intent::Calendar { booking, .. } if writer.registered => {
            Decision::reply(writer, Reply::Calendar { booking: *booking })
        }
        Intent::Page { page, message, .. } if writer.registered => {
            Decision::reply(writer, Reply::BookingsPage { page: *page, message: *message })
        }
        Intent::Calendar { .. } | Intent::Page { .. } | Intent::StaleCallback { .. } => stale(),
        Intent::Settings { action, message, .. } => {
            settings::pressed(*action, *message, writer, join)
        }
        Intent::Language { language, .. } => {
            let reply = Reply::LanguageChosen { registered: writer.registered };
            Decision { acts: vec![Act::Language(*language)], ..Decision::reply(writer, reply) }
        }
        Intent::Text(text) => words::typed(text, writer, booking, join, setting),
        Intent::Attachment { message, caption } => {
            words::attached((*message, caption), writer, booking, setting)
        }
        // An unknown user who blocks or unblocks the bot gets no row.
        Intent::BotBlocked => {
            Decision::nothing(client.map(|client| Client { reachable: false, ..*client }))
        }
        Intent::BotUnblocked => Decision::nothing(client.map(|_| writer)),
        Intent::Staff(_) | Intent::Bind(_) | Intent::Ignore => Decision::nothing(client.copied()),
    }
}

/// Which dialogues `intent` ends, of a client in this state before and after.
#[must_use]
pub fn ended(intent: &Intent, before: Dialogue, decision: &Decision) -> Ended {
    let after = decision.client.map_or(before, |client| client.dialogue);
    match (intent, decision.rating) {
        (Intent::Command(_) | Intent::Join(_) | Intent::Contact { own: true, .. }, _)
            if after == Dialogue::Idle =>
        {
            Ended::All
        }
        // The one about another visit stays open.
        (_, Some((booking, _))) => Ended::One(Dialogue::Rating(booking)),
        _ if before != after => Ended::One(before),
        _ => Ended::Nothing,
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
        Command::Settings => Reply::Settings { message: None },
    };
    Decision::reply(Client { dialogue: Dialogue::Idle, ..client }, reply)
}

fn contact(phone: &str, own: bool, client: Client, booking: Option<&ConcernedBooking>) -> Decision {
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
        | Intent::Join(_)
        | Intent::Rate { .. }
        | Intent::Calendar { .. }
        | Intent::Visit { .. }
        | Intent::NoReason { .. }
        | Intent::Page { .. }
        | Intent::Settings { .. }
        | Intent::Language { .. }
        | Intent::Text(_)
        | Intent::Attachment { .. }
        | Intent::BotBlocked
        | Intent::BotUnblocked
        | Intent::StaleCallback { .. }
        | Intent::Staff(_)
        | Intent::Bind(_)
        | Intent::Ignore => None,
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "foreign_tests.rs"]
mod foreign;
