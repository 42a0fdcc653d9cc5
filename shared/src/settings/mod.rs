//! Settings: every name, default and rule of the environment (and `.env`). Read once at start; one error
//! names every fault.

mod bukza_api;
mod common;
mod durations;
mod environment;
mod ingest;
mod names;
mod reader;
mod secret_file;
mod secrets;
mod table_sync;
mod telegram_ways;
mod values;
mod venue;
mod venue_file;
mod worker;

pub use bukza_api::{BukzaAccess, BukzaApi};
pub use common::{Common, LogFormat};
pub use environment::Environment;
pub use ingest::{IngestSettings, IngestTelegram};
pub use names::{ALL, BUKZA_WEBHOOK_PATH, Setting, TELEGRAM_WEBHOOK_PATH};
pub use reader::{SettingFault, SettingsError};
pub use secrets::Secrets;
pub use table_sync::TableSync;
pub use telegram_ways::TelegramWay;
pub use venue::forget_key;
pub use worker::{WorkerSettings, WorkerTelegram};

#[cfg(test)]
mod settings_tests;
