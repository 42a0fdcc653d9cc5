//! Decides about a client's presses in the settings: pure rules. The reply takes the place of the pressed message.

use shared::domain::message_kind::Switch;

use super::{
    decision::{Act, Client, Decision},
    keyboard::SettingsAction,
    reply::Reply,
};

/// Decides what a press does. `message`: the one above the button.
pub(super) fn pressed(action: SettingsAction, message: Option<i64>, client: Client) -> Decision {
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
    }
}
