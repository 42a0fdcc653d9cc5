//! Decides about a client's presses in the settings: pure rules. The reply takes the place of the pressed message.

use shared::domain::{join::JoinFacts, message_kind::Switch};

use super::{
    consent,
    decision::{Act, Client, Decision},
    intent::Intent,
    keyboard::SettingsAction,
    reply::Reply,
};

/// Decides what a press does. `message`: the one above the button. `join`: what the client is about to join.
pub(super) fn pressed(
    action: SettingsAction,
    message: Option<i64>,
    client: Client,
    join: Option<&JoinFacts>,
) -> Decision {
    let settings = Reply::Settings { message };
    let turned = |switch, on| Decision {
        acts: vec![Act::Turn { switch, on }],
        ..Decision::reply(client, Reply::Settings { message })
    };
    match action {
        SettingsAction::Open => Decision::reply(client, settings),
        SettingsAction::RemindersOn => turned(Switch::Reminders, true),
        SettingsAction::RemindersOff => turned(Switch::Reminders, false),
        SettingsAction::QuestionsOn => turned(Switch::Questions, true),
        SettingsAction::QuestionsOff => turned(Switch::Questions, false),
        SettingsAction::Forget => {
            Decision::reply(client, Reply::AskForget { again: false, withdraws: false, message })
        }
        SettingsAction::ForgetSure => {
            Decision::reply(client, Reply::AskForget { again: true, withdraws: false, message })
        }
        SettingsAction::Withdraw => {
            Decision::reply(client, Reply::AskForget { again: false, withdraws: true, message })
        }
        SettingsAction::Consent => consent::given(message, client, join),
        // The account is not noted as seen: nothing is left of it.
        SettingsAction::ForgetNow => Decision {
            acts: vec![Act::Forget],
            replies: vec![Reply::Forgotten { message }],
            ..Decision::nothing(None)
        },
    }
}

/// Whether the client consents: what they are about to join goes on then.
pub(super) fn is_consent(intent: &Intent) -> bool {
    matches!(intent, Intent::Settings { action: SettingsAction::Consent, .. })
}

/// Whether the client wants everything deleted at once. The locks of their phones come first then.
pub(super) fn is_deletion(intent: &Intent) -> bool {
    matches!(intent, Intent::Settings { action: SettingsAction::ForgetNow, .. })
}
