//! The settings of ingest: its address and its callers' secrets. It has no bot token.

use std::net::SocketAddr;

use super::{
    common::Common,
    environment::Environment,
    names::{self, BUKZA_WEBHOOK_PATH},
    reader::{Reader, SettingsError},
    secrets::Secrets,
    values,
    worker::{TELEGRAM_SECRET_MIN, TelegramMode},
};

/// Shortest secret of Bukza's web requests, in bytes.
const BUKZA_SECRET_MIN: usize = 16;

/// All settings of ingest.
#[derive(Debug, Clone)]
pub struct IngestSettings {
    pub common: Common,
    pub listen_addr: SocketAddr,
    /// The path of Bukza's web requests.
    pub webhook_path: String,
    pub bukza_secrets: Secrets,
    pub telegram: IngestTelegram,
}

/// How Telegram's updates come in.
#[derive(Debug, Clone)]
pub enum IngestTelegram {
    /// By HTTP, proven by one of these secret tokens.
    Webhook { secrets: Secrets },
    /// Not through ingest: worker fetches them.
    Polling,
}

impl IngestSettings {
    /// Reads these values.
    ///
    /// # Errors
    /// One error that names every fault.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        Reader::read(environment, Self::read)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let common = Common::read(reader, SocketAddr::from(([127, 0, 0, 1], 9100)));
        let listen_addr = SocketAddr::from(([127, 0, 0, 1], 8080));
        let listen_addr = reader.or(names::LISTEN_ADDR, listen_addr, |text| text.parse().ok());
        let webhook_path =
            reader.or(names::WEBHOOK_PATH, BUKZA_WEBHOOK_PATH.to_owned(), values::webhook_path);
        let bukza_secrets = reader
            .required(names::BUKZA_WEBHOOK_SECRET, |text| Secrets::parse(text, BUKZA_SECRET_MIN));
        let telegram = match TelegramMode::read(reader) {
            Some(TelegramMode::Polling) => Some(IngestTelegram::Polling),
            Some(TelegramMode::Webhook) => reader
                .required(names::TELEGRAM_WEBHOOK_SECRET, |text| {
                    Secrets::parse_tokens(text, TELEGRAM_SECRET_MIN)
                })
                .map(|secrets| IngestTelegram::Webhook { secrets }),
            None => None,
        };
        Some(Self {
            common: common?,
            listen_addr: listen_addr?,
            webhook_path: webhook_path?,
            bukza_secrets: bukza_secrets?,
            telegram: telegram?,
        })
    }
}
