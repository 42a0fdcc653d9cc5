//! Where the venue has a document to consent to: no phone is taken, and no button for it is shown, before the client
//! has pressed. Pure rules.

use shared::domain::consent::Consent;

use super::{
    decision::{Act, Client, Decision},
    intent::Intent,
    reply::Reply,
};

/// The decision about a contact that comes without a consent: nothing of it is stored.
pub(super) fn refuse(intent: &Intent, client: Client) -> Option<Decision> {
    let shares = matches!(intent, Intent::Contact { .. });
    (shares && !client.consent.allows()).then(|| Decision::reply(client, ask(client)))
}

/// The client consents. Whoever has no phone yet is requested to share it now.
pub(super) fn given(message: Option<i64>, client: Client) -> Decision {
    match client.consent {
        Consent::NotNeeded => {
            Decision::reply(client, Reply::StaleButton { registered: client.registered })
        }
        Consent::Given | Consent::Missing | Consent::Requested => {
            let next = if client.registered { Reply::Consented } else { Reply::Greeting };
            Decision {
                acts: vec![Act::Consent, Act::TakeButtons { message }],
                ..Decision::reply(Client { consent: Consent::Given, ..client }, next)
            }
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
                *reply = ask(client);
            }
        }
    } else if client.consent == Consent::Missing && is_word(intent) {
        decision.replies.push(ask(client));
        decision.acts.push(Act::ConsentRequested);
    }
    decision
}

fn ask(client: Client) -> Reply {
    Reply::AskConsent { registered: client.registered }
}

/// Whether the client wrote or pressed something.
fn is_word(intent: &Intent) -> bool {
    match intent {
        Intent::Command(_)
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
        | Intent::BotBlocked
        | Intent::BotUnblocked
        | Intent::Ignore => false,
    }
}
