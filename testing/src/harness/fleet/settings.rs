//! The settings of the programs. All processes of a system share a base, and each adds its own
//! addresses.

use std::{collections::BTreeMap, net::SocketAddr};

/// The shared secrets of a private system. Nothing outside this machine can reach it.
pub const BUKZA_SECRET: &str = "bukza-secret-of-this-machine";
pub const TELEGRAM_SECRET: &str = "telegram-secret-of-this-machine-only";
/// The staff's group.
pub const STAFF_CHAT: i64 = -1_001_000_000_001;

/// Names and values of environment variables.
#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The settings of every system, without the servers' addresses.
    #[must_use]
    pub fn base() -> Self {
        let mut settings = Self::default();
        for (name, value) in [
            ("TIMEZONE", "Asia/Yekaterinburg"),
            ("BUKZA_WEBHOOK_SECRET", BUKZA_SECRET),
            ("TELEGRAM_WEBHOOK_SECRET", TELEGRAM_SECRET),
            ("BOT_TOKEN", "42:simulated"),
            ("LINK_2GIS", "https://2gis.example/reviews"),
            ("LINK_YANDEX_MAPS", "https://yandex.example/reviews"),
            ("BUKZA_BOOKING_URL", "https://booking.example"),
            ("COMPANY_ADDRESS", "Уфа, улица Ленина, 1"),
            ("COMPANY_PHONE", "+7 347 200-00-00"),
            ("COMPANY_HOURS", "10:00–22:00"),
            // No quiet hours and gaps: tests run at any hour, within seconds.
            ("QUIET_HOURS", ""),
            ("REMINDER_GAP", "0s"),
            ("FORGET_KEY", "a-key-of-this-machine-alone-0123456789"),
            ("RUST_LOG", "info"),
            ("LOG_FORMAT", "json"),
        ] {
            settings.set(name, value);
        }
        settings.set("SUPPORT_CHANNEL_ID", STAFF_CHAT);
        settings
    }

    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The same settings with `more` added or replaced.
    #[must_use]
    pub fn with<V: ToString>(&self, more: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let mut settings = self.clone();
        for (name, value) in more {
            settings.set(name, value);
        }
        settings
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets the webhook that Telegram calls: the ingest at `address`.
    pub fn set_ingest(&mut self, address: SocketAddr) {
        self.set("WEBHOOK_HOST", format!("http://{address}"));
    }

    #[must_use]
    pub fn to_vec(&self) -> Vec<(String, String)> {
        self.0.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
