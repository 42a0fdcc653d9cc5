//! The worker's settings: the bot, the source of updates, the times of messages, and the company's details.

use std::net::SocketAddr;

use chrono::TimeDelta;
use secrecy::SecretString;
use url::Url;

use super::{
    common::Common,
    durations::{self, ReminderOffset},
    environment::Environment,
    names::{self, TELEGRAM_WEBHOOK_PATH},
    reader::{Reader, SettingsError},
    values,
};
use crate::domain::{hours::OpeningHours, ids::ChatId, quiet::QuietHours, schedule::Pace};

/// All settings of worker.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub common: Common,
    pub bot_token: SecretString,
    /// The base of the Bot API; another one in tests, or a local Bot API server.
    pub telegram_api_url: Url,
    pub telegram: WorkerTelegram,
    /// A proxy to Telegram; may hold a password.
    pub telegram_proxy: Option<SecretString>,
    /// Most messages a second, of the whole fleet.
    pub telegram_rate: u32,
    pub locale: Locale,
    /// What stands behind an amount of money.
    pub currency: String,
    /// The longest first; empty: no reminders.
    pub reminder_before: Vec<ReminderOffset>,
    /// Hours at which clients are not woken. `None`: no hours are quiet.
    pub quiet_hours: Option<QuietHours>,
    /// A reminder that is due sooner than this after the booking's confirmation or move is left out.
    pub reminder_gap: TimeDelta,
    /// A client gets no second feedback request within this time. `None`: no such limit.
    pub feedback_gap: Option<TimeDelta>,
    /// How long after a visit's end its feedback request is due.
    pub feedback_after: TimeDelta,
    pub links: ReviewLinks,
    /// The staff's chat (`SUPPORT_CHANNEL_ID`).
    pub staff_chat: Option<ChatId>,
    pub company: Company,
    /// When bookings are made: alerts on missing webhooks are muted at other times.
    pub opening_hours: OpeningHours,
    /// Most jobs at once in one worker process.
    pub concurrency: usize,
}

/// How Telegram's updates come in.
#[derive(Debug, Clone)]
pub enum WorkerTelegram {
    /// Telegram posts them to ingest, at this URL and with this secret token.
    Webhook { url: Url, secret: SecretString },
    /// Fetched by worker, for a machine without a public address.
    Polling,
}

/// The language of all texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    #[default]
    Ru,
    En,
}

/// Where a happy client may leave a review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewLinks {
    pub two_gis: Option<String>,
    pub yandex_maps: Option<String>,
}

/// The company's details in texts. One that is not set is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub instagram: Option<String>,
    pub hours: Option<String>,
    /// Where to book (`BUKZA_BOOKING_URL`).
    pub booking_url: Option<String>,
}

impl WorkerSettings {
    /// What keeps messages apart from the night and from each other.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace {
            zone: self.common.zone,
            quiet: self.quiet_hours,
            reminder_gap: self.reminder_gap,
            feedback_gap: self.feedback_gap,
        }
    }

    /// Reads the process's environment and `.env`.
    ///
    /// # Errors
    /// One error that names every fault.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_environment(&Environment::of_process())
    }

    /// Reads these values.
    ///
    /// # Errors
    /// One error that names every fault.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let settings = Self::read(&mut reader);
        reader.finish(settings)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let common = Common::read(reader, SocketAddr::from(([127, 0, 0, 1], 9101)));
        let bot_token = reader.required(names::BOT_TOKEN, values::bot_token);
        let official = Url::parse("https://api.telegram.org").ok();
        let telegram_api_url = match reader.text(names::TELEGRAM_API_URL) {
            None => official,
            Some(_) => reader.optional(names::TELEGRAM_API_URL, values::api_url),
        };
        let telegram = WorkerTelegram::read(reader);
        const PROXIES: &[&str] = &["http", "https", "socks5", "socks5h"];
        let telegram_proxy = reader.optional(names::TELEGRAM_PROXY, values::service_url(PROXIES));
        let telegram_rate = reader.or(names::TELEGRAM_RATE, 30, values::number(1..=1_000_000));
        let locale = reader.or(names::LOCALE, Locale::default(), Locale::parse);
        let currency = reader.or(names::CURRENCY, "₽".to_owned(), values::currency);
        let reminder_before = reminders(reader);
        let feedback_after =
            reader.or(names::FEEDBACK_AFTER, TimeDelta::zero(), durations::parse_duration);
        let quiet_hours = quiet_hours(reader);
        let reminder_gap =
            reader.or(names::REMINDER_GAP, TimeDelta::hours(1), durations::parse_duration);
        let feedback_gap = reader.optional(names::FEEDBACK_GAP, durations::parse_duration);
        let links = ReviewLinks {
            two_gis: reader.optional(names::LINK_2GIS, values::web_link),
            yandex_maps: reader.optional(names::LINK_YANDEX_MAPS, values::web_link),
        };
        let staff_chat = reader.optional(names::SUPPORT_CHANNEL_ID, |text| {
            text.parse().ok().filter(|id| *id != 0).map(ChatId)
        });
        let company = Company::read(reader);
        let opening_hours =
            reader.or(names::OPENING_HOURS, OpeningHours::default(), OpeningHours::parse);
        let concurrency = reader.or(names::WORKER_CONCURRENCY, 64, values::number(1..=1024));
        Some(Self {
            common: common?,
            bot_token: bot_token?,
            telegram_api_url: telegram_api_url?,
            telegram: telegram?,
            telegram_proxy,
            telegram_rate: telegram_rate?,
            locale: locale?,
            currency: currency?,
            reminder_before: reminder_before?,
            quiet_hours: quiet_hours?,
            reminder_gap: reminder_gap?,
            feedback_gap,
            feedback_after: feedback_after?,
            links,
            staff_chat,
            company,
            opening_hours: opening_hours?,
            concurrency: concurrency?,
        })
    }
}

/// Default: a day before. Set to nothing: no reminders.
fn reminders(reader: &mut Reader<'_>) -> Option<Vec<ReminderOffset>> {
    let text = reader.given(names::REMINDER_BEFORE).unwrap_or("24h");
    let offsets = durations::parse_reminders(text);
    if offsets.is_none() {
        reader.refuse(names::REMINDER_BEFORE, text);
    }
    offsets
}

/// Default: the night. Set to nothing: no hours are quiet.
fn quiet_hours(reader: &mut Reader<'_>) -> Option<Option<QuietHours>> {
    match reader.given(names::QUIET_HOURS) {
        None => Some(Some(QuietHours::default())),
        Some("") => Some(None),
        Some(_) => reader.optional(names::QUIET_HOURS, QuietHours::parse).map(Some),
    }
}

impl Company {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            address: reader.optional(names::COMPANY_ADDRESS, values::shown_text),
            phone: reader.optional(names::COMPANY_PHONE, values::shown_text),
            email: reader.optional(names::COMPANY_EMAIL, values::shown_text),
            website: reader.optional(names::COMPANY_WEBSITE, values::shown_text),
            instagram: reader.optional(names::COMPANY_INSTAGRAM, values::shown_text),
            hours: reader.optional(names::COMPANY_HOURS, values::shown_text),
            booking_url: reader.optional(names::BUKZA_BOOKING_URL, values::web_link),
        }
    }
}

impl Locale {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "ru" => Some(Self::Ru),
            "en" => Some(Self::En),
            _ => None,
        }
    }
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
                let secret = reader.required(names::TELEGRAM_WEBHOOK_SECRET, values::webhook_token);
                let url = host?.join(TELEGRAM_WEBHOOK_PATH).ok()?;
                Some(Self::Webhook { url, secret: secret? })
            }
        }
    }
}
