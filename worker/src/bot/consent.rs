//! Where the venue has a document to consent to: no phone is taken, and no button for it is shown, before the client
//! has pressed. Pure rules.

use shared::domain::{consent::Consent, join::JoinFacts};

use super::{
    decision::{Act, Client, Decision},
    intent::Intent,
    join,
    reply::Reply,
};

/// The decision about a contact that comes without a consent: nothing of it is stored.
pub(super) fn refuse(intent: &Intent, client: Client) -> Option<Decision> {
    let shares = matches!(intent, Intent::Contact { .. });
    (shares && !client.consent.allows()).then(|| Decision::reply(client, client.ask_consent()))
}

/// The client consents. Whoever is about to join a booking goes on with that; whoever has no phone yet is requested to
/// share it now.
pub(super) fn given(message: Option<i64>, client: Client, join: Option<&JoinFacts>) -> Decision {
    match client.consent {
        Consent::NotNeeded => {
            Decision::reply(client, Reply::StaleButton { registered: client.registered })
        }
        Consent::Given | Consent::Missing | Consent::Requested => {
            let client = Client { consent: Consent::Given, ..client };
            let mut next = match join {
                Some(facts) => join::opened(facts, client),
                None if client.registered => Decision::reply(client, Reply::Consented),
                None => Decision::reply(client, Reply::Greeting),
            };
            next.acts.splice(0..0, [Act::Consent, Act::TakeButtons { message }]);
            next
        }
    }
}

/// Without a consent, the question for it takes the place of a request for the phone. A client of before gets it in
/// addition, once in a while.
pub(super) fn guard(intent: &Intent, mut decision: Decision) -> Decision {
    let Some(client) = decision.client.filter(|client| !client.consent.allows()) else {
        return decision;
    };
    if !client.registered {
        for reply in &mut decision.replies {
            if matches!(reply, Reply::Greeting | Reply::AskContact { number: None, .. }) {
                *reply = client.ask_consent();
            }
        }
    } else if client.consent == Consent::Missing
        && is_word(intent)
        && !decision.replies.contains(&client.ask_consent())
    {
        decision.replies.push(client.ask_consent());
        decision.acts.push(Act::ConsentRequested);
    }
    decision
}

/// Whether the client wrote or pressed something.
fn is_word(intent: &Intent) -> bool {
    match intent {
        Intent::Command(_)
        | Intent::Join(_)
        | Intent::Contact { .. }
        | Intent::Rate { .. }
        | Intent::Calendar { .. }
        | Intent::Visit { .. }
        | Intent::NoReason { .. }
        | Intent::Page { .. }
        | Intent::Text(_)
        | Intent::Attachment { .. }
        | Intent::StaleCallback { .. } => true,
        // In the settings the client is about to decide on it.
        Intent::Settings { .. }
        | Intent::Language { .. }
        | Intent::Staff(_)
        | Intent::Bind(_)
        | Intent::BotBlocked
        | Intent::BotUnblocked
        | Intent::Ignore => false,
    }
}

#[cfg(test)]
mod tests {
    use shared::domain::{dialogue::Dialogue, phone::PhoneRegion};

    use super::*;
    use crate::bot::{Setting, command::Command, decide, keyboard::SettingsAction};

    const NEEDED: Setting =
        Setting { region: PhoneRegion::RUSSIA, has_staff: false, needs_consent: true };

    fn client(registered: bool, consent: Consent) -> Client {
        Client { registered, reachable: true, dialogue: Dialogue::Idle, consent }
    }

    fn run(intent: &Intent, client: Option<Client>) -> Decision {
        decide(intent, client.as_ref(), None, None, NEEDED)
    }

    fn contact() -> Intent {
        Intent::Contact { phone: "+79991234567".into(), own: true }
    }

    fn agrees() -> Intent {
        let (action, callback) = (SettingsAction::Consent, "q".to_owned());
        Intent::Settings { action, message: Some(5), callback }
    }

    #[test]
    fn without_a_consent_no_number_is_requested_or_taken() {
        let question = Reply::AskConsent { registered: false };
        for before in [None, Some(client(false, Consent::Missing))] {
            for intent in [
                Intent::Command(Command::Start),
                Intent::Command(Command::Bookings),
                Intent::Text("+79991234567".into()),
                contact(),
            ] {
                let decision = run(&intent, before);
                assert_eq!(decision.replies, std::slice::from_ref(&question), "{intent:?}");
                assert!(decision.client.is_some_and(|client| !client.registered), "{intent:?}");
            }
        }
        let agreed = run(&agrees(), Some(client(false, Consent::Missing)));
        assert_eq!(agreed.replies, [Reply::Greeting]);
        assert!(agreed.acts.contains(&Act::Consent));
        let shared = run(&contact(), Some(client(false, Consent::Given)));
        assert_eq!(shared.replies, [Reply::Registered]);
    }

    #[test]
    fn a_client_of_before_gets_the_question_once_beside_the_answer() {
        let help = Intent::Command(Command::Help);
        let first = run(&help, Some(client(true, Consent::Missing)));
        let both = [Reply::Help { registered: true }, Reply::AskConsent { registered: true }];
        assert_eq!(first.replies, both);
        assert_eq!(first.acts, [Act::ConsentRequested]);
        let again = run(&help, Some(client(true, Consent::Requested)));
        assert_eq!(again.replies, both[..1]);
        let agreed = run(&agrees(), Some(client(true, Consent::Requested)));
        assert_eq!(agreed.replies, [Reply::Consented]);
        for consent in [Consent::Given, Consent::NotNeeded] {
            assert_eq!(run(&help, Some(client(true, consent))).replies, both[..1]);
        }
    }
}
