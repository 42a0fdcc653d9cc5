//! The names of all settings, in one place, each with what a right value looks like. The file
//! `.env.example` explains them to the operator; a test holds the two together.

/// The path on which ingest takes Telegram's updates. Not a setting: worker registers it with Telegram.
pub const TELEGRAM_WEBHOOK_PATH: &str = "/webhook/telegram";
/// The path of Bukza's web requests. It works also where `WEBHOOK_PATH` names another: in settings of the Python bot that is
/// Telegram's.
pub const BUKZA_WEBHOOK_PATH: &str = "/webhook/bukza";

/// One setting: its name, what is expected of it, and whether its value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub expected: &'static str,
    /// The value, or a part of it, is a secret: no message ever holds it.
    pub secret: bool,
}

macro_rules! settings {
    ($($kind:ident $name:ident = $expected:literal;)*) => {
        $(pub(super) const $name: Setting = Setting {
            name: stringify!($name),
            expected: $expected,
            secret: settings!(@$kind),
        };)*
        /// Every setting there is.
        pub const ALL: &[Setting] = &[$($name),*];
    };
    (@plain) => { false };
    (@secret) => { true };
}

settings! {
    secret DATABASE_URL =
        "postgres://user:password@host:5432/database, this system's own, without a driver such as +asyncpg";
    secret DATABASE_REPLICA_URL = "postgres://user:password@host:5432/database";
    plain DATABASE_POOL = "a number of connections from 1 to 1000";
    secret REDIS_URL = "redis://[user:password@]host:6379[/number]";
    plain QUEUE_PREFIX = "1 to 64 of a-z, A-Z, 0-9, '_', '-' and '.'";
    plain METRICS_ADDR = "an address and port such as 127.0.0.1:9100";
    plain LISTEN_ADDR = "an address and port such as 127.0.0.1:8080";
    plain TIMEZONE = "the venue's IANA time zone, such as Asia/Yekaterinburg";
    plain OPENING_HOURS = "the hours of a day such as 10:00-22:00 or 18:00-02:00";
    plain PHONE_REGION = "a two-letter country code such as RU";
    plain CANCELLED_STATUSES = "comma-separated statuses, or beginnings of words such as отменен*";
    plain PENDING_STATUSES =
        "comma-separated statuses, or beginnings of words such as ожида* (nothing: none)";
    plain NO_SHOW_STATUSES =
        "comma-separated statuses, or beginnings of words such as неявк* (nothing: none)";
    plain IGNORED_STATUSES =
        "comma-separated statuses, or beginnings of words such as техничк* (nothing: none)";
    plain RUST_LOG = "a tracing filter such as info or info,ingest=debug";
    plain LOG_FORMAT = "pretty or json";
    plain LOG_DIR = "a folder that the program may write to";
    plain LOG_KEEP = "a number of days from 1 to 3650";
    secret BUKZA_WEBHOOK_SECRET =
        "one or several secrets of 16 to 256 characters each, comma-separated";
    plain BUKZA_API_URL = "an https:// address without query or password, such as https://public.bukza.com; with \
        BUKZA_API_TOKEN that of the server (`serverUrl`)";
    plain BUKZA_API_EMAIL = "the e-mail address of an account of Bukza";
    secret BUKZA_API_PASSWORD = "a password of at most 256 characters";
    secret BUKZA_API_TOKEN = "a session's token, 8 to 8192 characters without spaces";
    plain BUKZA_TABLE_ID = "the number of a table of reservations";
    plain BUKZA_SYNC = "show or apply";
    plain BUKZA_SYNC_EVERY = "a duration such as 10m, from 1m to 1d";
    plain WEBHOOK_PATH =
        "a path such as /webhook/bukza: letters, digits and -._~/ only, not Telegram's own";
    plain WEBHOOK_HOST = "the public address, https://host (http only for this machine itself)";
    plain TELEGRAM_MODE = "webhook or polling";
    secret TELEGRAM_WEBHOOK_SECRET =
        "one or several secrets of 32 to 256 of A-Z, a-z, 0-9, '_' and '-', comma-separated";
    secret BOT_TOKEN = "the bot's token as @BotFather gave it, digits:letters";
    secret TELEGRAM_API_URL = "one or two different https:// addresses without query or password, with a comma \
        between (http:// only for this machine and private networks), each with `via` and a proxy of its own or none";
    secret TELEGRAM_PROXY = "http://, https://, socks5:// or socks5h:// with host and port";
    plain TELEGRAM_RATE = "messages a second, 1 to 1000000";
    plain LOCALE = "ru or en";
    plain CURRENCY = "1 to 5 characters such as ₽ or сом, without digits";
    plain REMINDER_BEFORE =
        "at most 10 durations over zero, comma-separated, such as 24h,2h (nothing: no reminders)";
    plain QUIET_HOURS = "the hours of a night such as 22:00-09:00 (nothing: none)";
    plain REMINDER_GAP = "a duration such as 1h or 30m, at most 366d; 0s: none";
    plain FEEDBACK_GAP = "a duration such as 30d, at most 366d";
    plain FEEDBACK_AFTER = "a duration such as 0s, 30m, 2h30m or 1d, at most 366d";
    plain CONSENT_URL = "a public http:// or https:// address";
    plain POLICY_URL = "a public http:// or https:// address";
    plain KEEP_CLIENTS_FOR = "a duration such as 365d or 1095d, from 1d to 36500d";
    secret FORGET_KEY = "32 to 256 characters without spaces";
    plain SUPPORT_CHANNEL_ID = "a chat's number such as -1001234567890, or with a topic -1001234567890:17";
    plain AGENDA_AT = "a time of day such as 20:00";
    plain WORKER_CONCURRENCY = "a number of jobs at once, 1 to 1024";
    plain REVIEW_FROM = "a number of stars, 1 to 5";
    plain LINK_2GIS = "an http:// or https:// address";
    plain LINK_YANDEX_MAPS = "an http:// or https:// address";
    plain BUKZA_BOOKING_URL = "an http:// or https:// address";
    plain VENUE_FILE = "the path of a TOML file";
    plain COMPANY_ADDRESS = "a text of at most 300 characters";
    plain COMPANY_PHONE = "a text of at most 300 characters";
    plain COMPANY_EMAIL = "a text of at most 300 characters";
    plain COMPANY_WEBSITE = "a text of at most 300 characters";
    plain COMPANY_INSTAGRAM = "a text of at most 300 characters";
    plain COMPANY_HOURS = "a text of at most 300 characters";
}
