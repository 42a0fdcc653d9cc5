//! The settings of both binaries: databases, how requests are read, and logging.

use std::{net::SocketAddr, path::PathBuf};

use secrecy::SecretString;

use super::{
    environment::Environment,
    names::{self, Setting},
    reader::{Reader, SettingsError},
    values,
};
use crate::{
    bukza::Rules,
    domain::{
        phone::PhoneRegion,
        status::{OwnLists, OwnWords, StatusRules},
        time::VenueZone,
        venue::Locale,
    },
};

/// The settings that ingest and worker share.
#[derive(Debug, Clone)]
pub struct Common {
    pub database_url: SecretString,
    /// A replica for reads that may lag behind.
    pub database_replica_url: Option<SecretString>,
    /// Most connections to PostgreSQL at once.
    pub database_pool: u32,
    pub redis_url: SecretString,
    /// The prefix of every key in Redis.
    pub queue_prefix: String,
    /// The address of `/metrics`, `/healthz` and `/readyz`. Keep it private.
    pub metrics_addr: SocketAddr,
    pub rules: Rules,
    /// The language of texts, of what the operator's commands print and of refusals.
    pub locale: Locale,
    /// The log filter, in the syntax of `RUST_LOG`.
    pub log_filter: String,
    pub log_format: LogFormat,
    /// The folder of log files. `None`: logs go to standard error.
    pub log_dir: Option<PathBuf>,
    /// Days of log files that are kept.
    pub log_keep: usize,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Common {
    /// The shared settings alone, for an operator's tools.
    ///
    /// # Errors
    /// One error that names every fault.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        let metrics_addr = SocketAddr::from(([127, 0, 0, 1], 9101));
        Reader::read(environment, |reader| Self::read(reader, metrics_addr))
    }

    pub(super) fn read(reader: &mut Reader<'_>, metrics_addr: SocketAddr) -> Option<Self> {
        const POSTGRES: &[&str] = &["postgres", "postgresql"];
        let database_url = reader.required(names::DATABASE_URL, values::service_url(POSTGRES));
        let database_replica_url =
            reader.optional(names::DATABASE_REPLICA_URL, values::service_url(POSTGRES));
        let database_pool = reader.or(names::DATABASE_POOL, 10, values::number(1..=1000));
        let redis_url = reader.required(names::REDIS_URL, values::service_url(&["redis"]));
        let queue_prefix = reader.or(names::QUEUE_PREFIX, "bukza".to_owned(), values::queue_prefix);
        let metrics_addr = reader.or(names::METRICS_ADDR, metrics_addr, |text| text.parse().ok());
        let zone = reader.required(names::TIMEZONE, |text| text.parse().ok().map(VenueZone));
        let region = reader.or(names::PHONE_REGION, PhoneRegion::default(), PhoneRegion::parse);
        let statuses = statuses(reader);
        let locale = reader.or(names::LOCALE, Locale::default(), values::locale);
        let log_filter = reader.or(names::RUST_LOG, LOG_FILTER.to_owned(), log_filter);
        let log_format = reader.or(names::LOG_FORMAT, LogFormat::default(), LogFormat::parse);
        let log_dir = reader.optional(names::LOG_DIR, |text| Some(PathBuf::from(text)));
        let log_keep = reader.or(names::LOG_KEEP, 14, values::number(1..=3650));
        Some(Self {
            database_url: database_url?,
            database_replica_url,
            database_pool: database_pool?,
            redis_url: redis_url?,
            queue_prefix: queue_prefix?,
            metrics_addr: metrics_addr?,
            rules: Rules { zone: zone?, region: region?, statuses: statuses? },
            locale: locale?,
            log_filter: log_filter?,
            log_format: log_format?,
            log_dir,
            log_keep: log_keep?,
        })
    }
}

/// The owner's lists of status words. One that is not set leaves the built-in words in place.
fn statuses(reader: &mut Reader<'_>) -> Option<StatusRules> {
    let named = |text: &str| OwnWords::parse(text).filter(|list| !list.is_empty());
    let cancelled = reader.or(names::CANCELLED_STATUSES, None, |text| named(text).map(Some));
    let pending = own_words(reader, names::PENDING_STATUSES);
    let no_show = own_words(reader, names::NO_SHOW_STATUSES);
    let ignored = own_words(reader, names::IGNORED_STATUSES);
    let lists =
        OwnLists { cancelled: cancelled?, pending: pending?, no_show: no_show?, ignored: ignored? };
    Some(lists.into())
}

/// A list that may be set to nothing: then no word has the meaning. `None` if it is refused.
fn own_words(reader: &mut Reader<'_>, setting: Setting) -> Option<Option<OwnWords>> {
    let Some(text) = reader.given(setting) else { return Some(None) };
    let words = OwnWords::parse(text).filter(|words| text.is_empty() || !words.is_empty());
    if words.is_none() {
        reader.refuse(setting, text);
    }
    words.map(Some)
}

/// apalis logs the start of each of its workers at `info`: our own lines are enough.
const LOG_FILTER: &str = "info,apalis_core=warn";

fn log_filter(text: &str) -> Option<String> {
    tracing_subscriber::EnvFilter::try_new(text).ok().map(|_| text.to_owned())
}

impl LogFormat {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "pretty" => Some(Self::Pretty),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}
