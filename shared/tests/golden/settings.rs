//! The names of all settings, and the path that is registered with Telegram.

use shared::settings::{ALL, TELEGRAM_WEBHOOK_PATH};

use crate::held::hold;

#[test]
fn settings_have_the_names_of_the_file() {
    let names: Vec<_> = ALL.iter().map(|setting| setting.name).collect();
    let paths = format!("# path of Telegram's webhook\n{TELEGRAM_WEBHOOK_PATH}\n");
    hold("settings.txt", &format!("# names\n{}\n{paths}", names.join("\n")));
}
