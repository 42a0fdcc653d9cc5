//! Decides how a client joins a booking by its token or code: pure rules. A code gets the same answers whether it is
//! known or not, and whatever became of its booking: nothing can be learnt by trying.

use shared::domain::{
    dialogue::Dialogue,
    join::{JoinFacts, LastDigits, Scope, Target},
};

use super::{
    decision::{Act, Client, Decision},
    reply::Reply,
};

/// A link was opened. It ends all dialogues, as a command does.
pub(super) fn linked(facts: Option<&JoinFacts>, client: Client) -> Decision {
    let client = Client { dialogue: Dialogue::Idle, ..client };
    match facts {
        Some(facts) => opened(facts, client),
        None => dead(client),
    }
}

/// The digits that are awaited, or a code.
pub(super) fn typed(text: &str, facts: &JoinFacts, client: Client) -> Decision {
    match LastDigits::typed(text) {
        Some(typed) => digits(typed, facts, client),
        None => opened(facts, client),
    }
}

/// A token or code was given, or the consent to what was given before.
pub(super) fn opened(facts: &JoinFacts, client: Client) -> Decision {
    match (facts.target, facts.join.by_token) {
        (Target::Own(_), true) => Decision::reply(client, Reply::Known),
        (Target::Own(booking), false) => {
            Decision::reply(client, Reply::Booking { booking, changed: false })
        }
        (Target::Nothing, true) => dead(client),
        (Target::Free { booking, digits: None }, true) if client.consent.allows() => Decision {
            acts: vec![Act::Join(booking), Act::End(Dialogue::Digits(facts.join))],
            ..Decision::reply(Client { registered: true, ..client }, Reply::Joined)
        },
        (Target::Free { .. } | Target::Nothing, _) => request_digits(facts, client),
    }
}

/// Without a consent that is requested first, and the way to the booking is kept.
fn request_digits(facts: &JoinFacts, client: Client) -> Decision {
    if facts.chat.are_locked(facts.now) {
        return Decision::reply(client, Reply::JoinLocked);
    }
    let reply = if client.consent.allows() { Reply::AskDigits } else { client.ask_consent() };
    let acts = vec![Act::Open(Dialogue::Digits(facts.join))];
    Decision { acts, ..Decision::reply(client, reply) }
}

fn digits(typed: LastDigits, facts: &JoinFacts, client: Client) -> Decision {
    // Only the dialogue that awaits them ends.
    let awaits = client.dialogue == Dialogue::Digits(facts.join);
    let after = if awaits { Dialogue::Idle } else { client.dialogue };
    let idle = Client { dialogue: after, ..client };
    if !client.consent.allows() {
        return Decision::reply(client, client.ask_consent());
    }
    if facts.chat.are_locked(facts.now) {
        return Decision::reply(client, Reply::JoinLocked);
    }
    match (facts.target, facts.join.by_token) {
        (Target::Own(booking), _) => {
            Decision::reply(idle, Reply::Booking { booking, changed: false })
        }
        (Target::Nothing, true) => dead(idle),
        (Target::Free { booking, digits }, _)
            if !is_locked(facts) && is_right(digits, typed, facts) =>
        {
            let client = Client { registered: true, ..idle };
            let acts = vec![Act::Join(booking), Act::End(Dialogue::Digits(facts.join))];
            Decision { acts, ..Decision::reply(client, Reply::Joined) }
        }
        (Target::Free { .. } | Target::Nothing, _) => wrong(facts, client),
    }
}

/// Whether nobody joins the booking by its code for now. A token is no guess.
fn is_locked(facts: &JoinFacts) -> bool {
    !facts.join.by_token && facts.booking.are_locked(facts.now)
}

/// The phone may have been taken off the booking since a token led to it.
fn is_right(digits: Option<LastDigits>, typed: LastDigits, facts: &JoinFacts) -> bool {
    digits.map_or(facts.join.by_token, |digits| digits == typed)
}

/// The digits are awaited on: they may be right next time.
fn wrong(facts: &JoinFacts, client: Client) -> Decision {
    let account = if facts.join.by_token { Scope::Token } else { Scope::Chat };
    let chat = facts.chat.and_wrong(account, facts.now);
    let mut acts = vec![Act::Tries(account, chat)];
    if let (Target::Free { booking, .. }, false) = (facts.target, facts.join.by_token)
        && !is_locked(facts)
    {
        let scope = Scope::Booking(booking);
        acts.push(Act::Tries(scope, facts.booking.and_wrong(scope, facts.now)));
    }
    let is_last = chat.are_locked(facts.now);
    let reply = if is_last { Reply::JoinLocked } else { Reply::WrongDigits };
    Decision { acts, ..Decision::reply(client, reply) }
}

fn dead(client: Client) -> Decision {
    Decision::reply(client, Reply::DeadLink { registered: client.registered })
}

#[cfg(test)]
#[path = "join_tests.rs"]
mod tests;
