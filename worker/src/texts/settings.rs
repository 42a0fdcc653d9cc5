//! A client's settings: what is turned on, and the buttons that change it.

use shared::store::preferences::Preferences;

use super::{Button, Keyboard, Lines, Rendered, Texts};
use crate::bot::keyboard::{CallbackData, SettingsAction};

impl Texts {
    /// The settings as they are. Whoever is not registered has none to turn.
    #[must_use]
    pub fn settings(&self, preferences: Option<Preferences>) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("settings-title"));
        lines.gap();
        let registered = preferences.filter(|preferences| preferences.registered);
        if let Some(Preferences { reminders, questions, .. }) = registered {
            let reminders = if reminders { "reminders-are-on" } else { "reminders-are-off" };
            let questions = if questions { "questions-are-on" } else { "questions-are-off" };
            lines.add(self.plain(reminders));
            lines.add(self.plain(questions));
            lines.gap();
        }
        lines.add(self.plain("settings-always"));
        Rendered::new(lines.text(), Keyboard::rows(self.settings_rows(registered)))
    }

    /// The rows of buttons below the settings.
    fn settings_rows(&self, registered: Option<Preferences>) -> Vec<Vec<Button>> {
        let mut rows = Vec::new();
        if let Some(Preferences { reminders, questions, .. }) = registered {
            let (key, action) = match reminders {
                true => ("button-reminders-off", SettingsAction::RemindersOff),
                false => ("button-reminders-on", SettingsAction::RemindersOn),
            };
            rows.push(vec![self.settings_button(key, action)]);
            let (key, action) = match questions {
                true => ("button-questions-off", SettingsAction::QuestionsOff),
                false => ("button-questions-on", SettingsAction::QuestionsOn),
            };
            rows.push(vec![self.settings_button(key, action)]);
        }
        rows
    }

    pub(super) fn settings_button(&self, key: &str, action: SettingsAction) -> Button {
        Button::press(self.plain(key), CallbackData::Settings { action })
    }
}
