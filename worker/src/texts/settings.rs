//! A client's settings: what is turned on, and the buttons that change it.

use shared::store::preferences::Preferences;

use super::{Args, Button, Keyboard, Lines, Rendered, Texts};
use crate::bot::keyboard::{CallbackData, SettingsAction};

/// How long a backup can hold what was deleted: deploy/backup keeps the first one of six months.
pub const BACKUPS_KEPT_DAYS: i64 = 184;

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
        let mut rows = self.settings_rows(registered);
        rows.push(self.language_row());
        if self.venue.consent.is_some() && preferences.is_some_and(|it| it.consented) {
            rows.extend(self.document_rows());
            rows.push(vec![self.settings_button("button-withdraw", SettingsAction::Withdraw)]);
        }
        rows.push(vec![self.settings_button("button-forget", SettingsAction::Forget)]);
        Rendered::new(lines.text(), Keyboard::rows(rows))
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

    /// Asks whether everything is to be deleted, for the first or the second time. Who takes a consent back learns that
    /// it is the same.
    #[must_use]
    pub fn ask_forget(&self, again: bool, withdraws: bool) -> Rendered {
        let sure = ("button-forget-sure", SettingsAction::ForgetSure);
        let (text, (button, action)) = match (again, withdraws) {
            (false, false) => ("ask-forget", sure),
            (false, true) => ("ask-withdraw", sure),
            (true, _) => ("ask-forget-again", ("button-forget-now", SettingsAction::ForgetNow)),
        };
        let buttons = [(button, action), ("button-forget-no", SettingsAction::Open)];
        let rows = buttons.map(|(key, action)| vec![self.settings_button(key, action)]);
        Rendered::new(self.plain(text), Keyboard::rows(rows))
    }

    /// Everything is deleted, but for the backups.
    #[must_use]
    pub fn forgotten(&self) -> Rendered {
        let args = Args::new().number("n", BACKUPS_KEPT_DAYS);
        Rendered::new(self.get("forgotten", args), Keyboard::Keep)
    }

    pub(super) fn settings_button(&self, key: &str, action: SettingsAction) -> Button {
        Button::press(self.plain(key), CallbackData::Settings { action })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::fixtures;

    #[test]
    fn the_time_of_backups_is_that_of_the_script() {
        let script = include_str!("../../../deploy/backup");
        assert!(script.contains("keep \"$kind/monthly\" 6"), "BACKUPS_KEPT_DAYS has changed, too");
        // The longest six months: from July on.
        assert_eq!(BACKUPS_KEPT_DAYS, 31 + 31 + 30 + 31 + 30 + 31);
        assert!(fixtures::texts().forgotten().html.contains("184 дня"));
    }

    #[test]
    fn deletion_is_offered_to_everybody_and_switches_to_the_registered() {
        let texts = fixtures::texts();
        let rows = |preferences| match texts.settings(preferences).keyboard {
            Keyboard::Inline(rows) => rows.len(),
            Keyboard::Keep | Keyboard::Menu | Keyboard::AskContact => 0,
        };
        let known =
            Preferences { registered: true, reminders: true, questions: false, consented: false };
        // The language is everybody's choice, too.
        assert_eq!((rows(None), rows(Some(known))), (2, 4));
        assert_eq!(rows(Some(Preferences { registered: false, ..known })), 2);
    }
}
