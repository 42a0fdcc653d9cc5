//! The worker's settings: the bot, the source of updates, and the venue.

use std::{net::SocketAddr, sync::Arc};

use secrecy::SecretString;
use url::Url;

use super::{
    bukza_api::BukzaApi,
    common::Common,
    environment::Environment,
    names::{self, TELEGRAM_WEBHOOK_PATH},
    reader::{Reader, SettingsError},
    secrets::Secrets,
    table_sync::TableSync,
    telegram_ways::{Addresses, PROXIES, TelegramWay},
    values, venue,
};
use crate::domain::venue::Venue;

/// Shortest secret token of Telegram's webhook, in bytes: who knows it can speak for every client.
pub(super) const TELEGRAM_SECRET_MIN: usize = 32;

/// All settings of worker.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub common: Common,
    pub bot_token: SecretString,
    /// One or two, in the order in which they are tried.
    pub telegram_ways: Vec<TelegramWay>,
    pub telegram: WorkerTelegram,
    /// Most messages a second, of the whole fleet.
    pub telegram_rate: u32,
    pub venue: Arc<Venue>,
    /// Bukza's own table. `None`: it is not read.
    pub bukza_api: Option<BukzaApi>,
    /// How it is compared with the bookings, where it is read.
    pub table_sync: TableSync,
    /// Most jobs at once in one worker process.
    pub concurrency: usize,
}

/// How Telegram's updates come in.
#[derive(Debug, Clone)]
pub enum WorkerTelegram {
    /// Telegram posts them to ingest, at this URL and with this secret token: the first of the list.
    Webhook { url: Url, secret: SecretString },
    /// Fetched by worker, for a machine without a public address.
    Polling,
}

impl WorkerSettings {
    /// Reads these values.
    ///
    /// # Errors
    /// One error that names every fault.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        Reader::read(environment, Self::read)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let common = Common::read(reader, SocketAddr::from(([127, 0, 0, 1], 9101)));
        let bot_token = reader.required(names::BOT_TOKEN, values::bot_token);
        let telegram_ways = read_ways(reader);
        let telegram = WorkerTelegram::read(reader);
        let telegram_rate = reader.or(names::TELEGRAM_RATE, 30, values::number(1..=1_000_000));
        let venue = venue::read(reader, common.as_ref());
        let columns = venue.as_ref().map(|venue| venue.file.columns.clone());
        let bukza_api = BukzaApi::read(reader, columns.unwrap_or_default());
        let table_sync = TableSync::read(reader);
        let concurrency = reader.or(names::WORKER_CONCURRENCY, 64, values::number(1..=1024));
        Some(Self {
            common: common?,
            bot_token: bot_token?,
            telegram_ways: telegram_ways?,
            telegram: telegram?,
            telegram_rate: telegram_rate?,
            venue: Arc::new(venue?),
            bukza_api: bukza_api?,
            table_sync: table_sync?,
            concurrency: concurrency?,
        })
    }
}

/// The ways of `TELEGRAM_API_URL`. `TELEGRAM_PROXY` is the proxy of those that name none.
fn read_ways(reader: &mut Reader<'_>) -> Option<Vec<TelegramWay>> {
    let proxy = reader.optional(names::TELEGRAM_PROXY, values::service_url(PROXIES));
    let ways = |text: &str| Addresses::parse(text)?.ways(proxy.as_ref());
    let official = Addresses::official().and_then(|official| official.ways(proxy.as_ref()));
    reader.or(names::TELEGRAM_API_URL, official, |text| ways(text).map(Some)).flatten()
}

/// The setting `TELEGRAM_MODE`, before what it needs is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TelegramMode {
    Webhook,
    Polling,
}

impl TelegramMode {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.or(names::TELEGRAM_MODE, Self::Webhook, |text| {
            match text.to_ascii_lowercase().as_str() {
                "webhook" => Some(Self::Webhook),
                "polling" => Some(Self::Polling),
                _ => None,
            }
        })
    }
}

impl WorkerTelegram {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match TelegramMode::read(reader)? {
            TelegramMode::Polling => Some(Self::Polling),
            TelegramMode::Webhook => {
                let host = reader.required(names::WEBHOOK_HOST, values::public_host);
                let secrets = reader.required(names::TELEGRAM_WEBHOOK_SECRET, |text| {
                    Secrets::parse_tokens(text, TELEGRAM_SECRET_MIN)
                });
                let url = host?.join(TELEGRAM_WEBHOOK_PATH).ok()?;
                Some(Self::Webhook { url, secret: secrets?.first() })
            }
        }
    }
}
