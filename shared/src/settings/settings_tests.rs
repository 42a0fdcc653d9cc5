//! The settings as a whole: defaults, every fault in one message, no secret in any.

use chrono::TimeDelta;
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::domain::{
    status::Meaning,
    venue::{Company, Locale},
};

const SOUND: &[(&str, &str)] = &[
    ("DATABASE_URL", "postgres://bot:db-hush@db/bukza"),
    ("REDIS_URL", "redis://:redis-hush@redis:6379"),
    ("TIMEZONE", "Asia/Yekaterinburg"),
    ("BUKZA_WEBHOOK_SECRET", "bukza-hush-0123456789"),
    ("TELEGRAM_WEBHOOK_SECRET", "telegram-hush-0123456789-0123456789"),
    ("WEBHOOK_HOST", "bot.example.com"),
    ("BOT_TOKEN", "123:token-hush"),
];

fn with(changes: &[(&str, &str)]) -> Environment {
    SOUND.iter().chain(changes).copied().collect()
}

fn without(name: &str) -> Environment {
    SOUND.iter().copied().filter(|(n, _)| *n != name).collect()
}

fn faults(environment: &Environment) -> Vec<&'static str> {
    let error = WorkerSettings::from_environment(environment).unwrap_err();
    error.faults.iter().map(|fault| fault.name).collect()
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let ingest = IngestSettings::from_environment(&with(&[])).unwrap();
    assert_eq!(ingest.listen_addr.to_string(), "127.0.0.1:8080");
    assert_eq!(ingest.common.metrics_addr.to_string(), "127.0.0.1:9100");
    assert_eq!(ingest.webhook_path, "/webhook/bukza");
    assert!(ingest.bukza_secrets.contain(b"bukza-hush-0123456789"));

    let worker = WorkerSettings::from_environment(&with(&[])).unwrap();
    assert_eq!(worker.common.metrics_addr.to_string(), "127.0.0.1:9101");
    assert_eq!(worker.common.queue_prefix, "bukza");
    assert_eq!(worker.common.database_pool, 10);
    let ways: Vec<&str> = worker.telegram_ways.iter().map(TelegramWay::shown).collect();
    assert_eq!(ways, ["https://api.telegram.org"]);
    assert_eq!(worker.venue.reminder_before, [TimeDelta::hours(24)]);
    assert_eq!(worker.venue.feedback_after, TimeDelta::zero());
    assert_eq!((worker.telegram_rate, worker.concurrency), (30, 64));
    assert_eq!(worker.venue.locale, Locale::Ru);
    assert_eq!(worker.venue.currency, "₽");
    assert_eq!(worker.venue.agenda_at, None);
    assert_eq!(worker.venue.staff_chat.get(), None);
    let WorkerTelegram::Webhook { url, secret } = worker.telegram else { panic!("not a webhook") };
    assert_eq!(url.as_str(), "https://bot.example.com/webhook/telegram");
    assert_eq!(secret.expose_secret(), "telegram-hush-0123456789-0123456789");
}

/// With its documented default, a program has the settings that it has without the setting.
#[test]
fn each_default_of_the_readme_is_that_of_the_programs() {
    let readme = include_str!("../../../README.md").split("\n## Settings").nth(1).unwrap();
    let rows = readme.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| `"));
    let both = |environment: &Environment| {
        let worker = WorkerSettings::from_environment(environment);
        let ingest = IngestSettings::from_environment(environment);
        // The addresses of the two differ, and whether opening hours are set matters to requests.
        worker.and_then(|worker| ingest.map(|ingest| format!("{worker:?} {ingest:?}")))
    };
    let without_any = both(&with(&[])).unwrap();
    let mut compared = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`');
        let documented = ALL.iter().any(|setting| setting.name == name);
        if !documented || ["METRICS_ADDR", "OPENING_HOURS"].contains(&name) {
            continue;
        }
        if cells[2].starts_with("required") {
            assert!(both(&without(name)).is_err(), "{name} is not required");
        } else if let Some(default) = cells[2].split('`').nth(1) {
            assert_eq!(both(&with(&[(name, default)])).unwrap(), without_any, "{name}={default}");
        }
        compared += 1;
    }
    assert!(compared > 25, "{compared}");
}

#[test]
fn an_empty_value_is_one_that_is_not_set() {
    let all_empty = ALL.iter().map(|setting| (setting.name, "  "));
    let environment: Environment = all_empty.chain(SOUND.iter().copied()).collect();
    let worker = WorkerSettings::from_environment(&environment).unwrap();
    assert_eq!(worker.venue.company, Company::default());
    // The exceptions: these have a default, and "none" must be sayable.
    assert!(worker.venue.reminder_before.is_empty());
    let meaning = |status| worker.common.rules.statuses.read(status).meaning;
    for status in ["Ожидает оплаты", "Не пришёл", "Техничка"] {
        assert_eq!(meaning(status), Meaning::Stands, "{status}");
    }
    assert_eq!(meaning("Отменён"), Meaning::Cancelled);
}

#[test]
fn the_owners_lists_of_statuses_replace_the_built_in_words() {
    let environment = with(&[
        ("CANCELLED_STATUSES", "Сня́то, Перенос отменён ,"),
        ("PENDING_STATUSES", "Новая, не оплачен*"),
        ("NO_SHOW_STATUSES", "прогул*"),
    ]);
    let ingest = IngestSettings::from_environment(&environment).unwrap();
    for (status, meaning) in [
        ("снято", Meaning::Cancelled),
        ("перенос отменен", Meaning::Cancelled),
        ("Отменено", Meaning::Stands),
        ("НОВАЯ", Meaning::Pending),
        ("Заказ не оплачен", Meaning::Pending),
        ("Ожидает оплаты", Meaning::Stands),
        ("Прогулял", Meaning::NoShow),
        ("Не пришёл", Meaning::Stands),
        ("Техничка", Meaning::Ignored),
    ] {
        assert_eq!(ingest.common.rules.statuses.read(status).meaning, meaning, "{status}");
    }
}

#[test]
fn a_list_of_statuses_that_names_nothing_is_refused() {
    for value in [" , ", "❌", "*", "не *", "отм*на"] {
        for name in
            ["CANCELLED_STATUSES", "PENDING_STATUSES", "NO_SHOW_STATUSES", "IGNORED_STATUSES"]
        {
            assert_eq!(faults(&with(&[(name, value)])), [name], "{value}");
        }
    }
}

#[test]
fn every_fault_is_named_at_once() {
    let environment = with(&[
        ("DATABASE_URL", "mysql://db-hush@db"),
        ("TIMEZONE", "Moskva"),
        ("METRICS_ADDR", "9100"),
        ("REMINDER_BEFORE", "24h,0s"),
        ("SUPPORT_CHANNEL_ID", "@staff"),
        ("AGENDA_AT", "8 pm"),
        ("WEBHOOK_HOST", "http://bot.example.com"),
        ("BOT_TOKEN", "token-hush"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "info,=="),
    ]);
    let mut named = faults(&environment);
    named.sort_unstable();
    let expected = [
        "AGENDA_AT",
        "BOT_TOKEN",
        "DATABASE_URL",
        "LOG_FORMAT",
        "METRICS_ADDR",
        "REMINDER_BEFORE",
        "RUST_LOG",
        "SUPPORT_CHANNEL_ID",
        "TIMEZONE",
        "WEBHOOK_HOST",
    ];
    assert_eq!(named, expected);
    let message = WorkerSettings::from_environment(&environment).unwrap_err().to_string();
    assert!(message.starts_with("10 faults in the settings"), "{message}");
    assert!(message.contains("TIMEZONE is \"Moskva\": expected the venue's IANA"), "{message}");
    assert!(!message.contains("hush"), "{message}");
}

#[test]
fn each_required_setting_is_missed() {
    for (name, _) in SOUND.iter().filter(|(name, _)| *name != "BUKZA_WEBHOOK_SECRET") {
        assert_eq!(faults(&without(name)), [*name]);
    }
    let error = IngestSettings::from_environment(&without("BUKZA_WEBHOOK_SECRET")).unwrap_err();
    assert!(error.to_string().contains("\n  BUKZA_WEBHOOK_SECRET is missing: expected one or"));
    let short = with(&[("BUKZA_WEBHOOK_SECRET", "short-hush")]);
    let error = IngestSettings::from_environment(&short).unwrap_err();
    assert!(!error.to_string().contains("hush"), "{error}");
}

/// A `.env` of the Python bot that this system replaces.
const PYTHON_BOT: &[(&str, &str)] = &[
    ("BOT_TOKEN", "123:token-hush"),
    ("DATABASE_URL", "postgresql+asyncpg://bot:db-hush@localhost:5432/bot"),
    ("BUKZA_API_URL", "https://api.bukza.com/v1"),
    ("BUKZA_API_KEY", "key-hush"),
    ("WEBHOOK_HOST", "https://bot.example.com"),
    ("WEBHOOK_PATH", "/webhook"),
    ("LINK_2GIS", "https://2gis.ru/ufa/firm/1"),
    ("LINK_YANDEX_MAPS", "https://yandex.ru/maps/org/1"),
    ("SUPPORT_CHANNEL_ID", "-1001234567890"),
    ("COMPANY_ADDRESS", "г. Уфа, ул. Ленина, 1"),
    ("COMPANY_PHONE", "+7 999 123-45-67"),
    ("COMPANY_EMAIL", "hello@example.com"),
    ("COMPANY_WEBSITE", "https://example.com"),
    ("COMPANY_INSTAGRAM", "@example"),
    ("COMPANY_HOURS", "10:00 - 22:00"),
    ("BUKZA_BOOKING_URL", "https://app.bukza.com/#/1/2/catalog/3"),
];

#[test]
fn the_python_bots_names_work_and_what_is_to_be_added_is_named() {
    let old: Environment = PYTHON_BOT.iter().copied().collect();
    let mut expected = vec!["DATABASE_URL", "REDIS_URL", "TELEGRAM_WEBHOOK_SECRET", "TIMEZONE"];
    let mut named = faults(&old);
    named.sort_unstable();
    assert_eq!(named, expected);
    let error = IngestSettings::from_environment(&old).unwrap_err();
    let mut named: Vec<&str> = error.faults.iter().map(|fault| fault.name).collect();
    named.sort_unstable();
    expected.insert(0, "BUKZA_WEBHOOK_SECRET");
    assert_eq!(named, expected);
    let message = error.to_string();
    for words in [
        "DATABASE_URL is not usable: expected postgres://user:password@host:5432/database, this system's own",
        "TIMEZONE is missing: expected the venue's IANA time zone",
        "BUKZA_WEBHOOK_SECRET is missing",
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
    assert!(!message.contains("hush"), "{message}");

    let added: Vec<(&str, &str)> =
        SOUND.iter().copied().filter(|(name, _)| *name != "WEBHOOK_HOST").collect();
    let all: Environment = PYTHON_BOT.iter().copied().chain(added).collect();
    let ingest = IngestSettings::from_environment(&all).unwrap();
    assert_eq!(ingest.webhook_path, "/webhook");
    let venue = WorkerSettings::from_environment(&all).unwrap().venue;
    assert_eq!(venue.company.instagram.as_deref(), Some("@example"));
    assert!(venue.company.two_gis.is_some() && venue.staff_chat.get().is_some());
    // Where that path was Telegram's here, too, the fault says what stands there instead.
    let telegram = all.with("WEBHOOK_PATH", "/webhook/telegram");
    let message = IngestSettings::from_environment(&telegram).unwrap_err().to_string();
    assert!(
        message.contains("WEBHOOK_PATH") && message.contains("not Telegram's own"),
        "{message}"
    );
}

#[test]
fn polling_needs_neither_a_host_nor_a_webhook_secret() {
    let environment = with(&[
        ("TELEGRAM_MODE", "polling"),
        ("WEBHOOK_HOST", ""),
        ("TELEGRAM_WEBHOOK_SECRET", ""),
    ]);
    let worker = WorkerSettings::from_environment(&environment).unwrap();
    assert!(matches!(worker.telegram, WorkerTelegram::Polling));
    let ingest = IngestSettings::from_environment(&environment).unwrap();
    assert!(matches!(ingest.telegram, IngestTelegram::Polling));
}

/// The messages of both programs' faults.
fn messages(environment: &Environment) -> Vec<String> {
    let worker = WorkerSettings::from_environment(environment).map(|_| ());
    let ingest = IngestSettings::from_environment(environment).map(|_| ());
    [worker, ingest].into_iter().filter_map(Result::err).map(|error| error.to_string()).collect()
}

#[test]
fn a_secret_may_be_in_a_file_and_is_read_from_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| {
        let path = folder.path().join(uuid::Uuid::now_v7().to_string());
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let is_secret = |name: &str| ALL.iter().any(|setting| setting.secret && setting.name == name);
    for (name, value) in SOUND.iter().filter(|(name, _)| is_secret(name)) {
        let by_file = format!("{name}_FILE");
        let read = |path: String| {
            let others = SOUND.iter().filter(|(other, _)| other != name);
            let others = others.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            messages(&others.chain([(by_file.clone(), path)]).collect())
        };
        let right = file(&format!("{value}\n"));
        assert_eq!(read(right.clone()), [""; 0], "{name}");
        let too_long = "x".repeat(20_000);
        let wrong = [" \n", &too_long, "hush hush"].map(file);
        for path in wrong.into_iter().chain(["no/such/file".to_owned()]) {
            let faults = read(path);
            assert!(faults.iter().any(|fault| fault.contains(name)), "{name}: {faults:?}");
            assert!(faults.iter().all(|fault| !fault.contains("hush")), "{faults:?}");
        }
        let twice = messages(&with(&[(&by_file, &right)]));
        assert!(twice.iter().any(|fault| fault.contains("is given twice")), "{twice:?}");
    }
}

#[test]
fn ingest_needs_no_bot_token() {
    assert!(IngestSettings::from_environment(&without("BOT_TOKEN")).is_ok());
}

#[test]
fn settings_print_no_secret() {
    let ingest = IngestSettings::from_environment(&with(&[])).unwrap();
    let ways =
        "https://relay.example.com/hush via socks5h://u:hush@proxy:1080, https://api.telegram.org";
    let two = with(&[("TELEGRAM_API_URL", ways), ("TELEGRAM_PROXY", "http://u:hush@proxy:3128")]);
    let worker = WorkerSettings::from_environment(&two).unwrap();
    let printed = format!("{ingest:?} {worker:?} {two:?}");
    assert!(!printed.contains("hush"), "{printed}");
    let three = with(&[("TELEGRAM_API_URL", &format!("{ways}, https://b.example/hush"))]);
    let message = WorkerSettings::from_environment(&three).unwrap_err().to_string();
    assert!(message.contains("TELEGRAM_API_URL is not usable: expected one or two"), "{message}");
    assert!(!message.contains("hush"), "{message}");
}

#[test]
fn the_example_file_explains_every_setting() {
    let example = include_str!("../../../.env.example");
    let mut named: Vec<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='))
        .map(|(name, _)| name)
        .filter(|name| {
            name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut all: Vec<&str> = ALL.iter().map(|setting| setting.name).collect();
    // Read by Compose, docker-compose.yml and the scripts of deploy/, not by the programs.
    all.extend(["POSTGRES_PASSWORD", "REDIS_PASSWORD", "GRAFANA_PASSWORD", "NGINX_SITE"]);
    all.extend(["POSTGRES_INGEST_PASSWORD", "POSTGRES_WORKER_PASSWORD"]);
    all.extend(["REDIS_INGEST_PASSWORD", "REDIS_WORKER_PASSWORD"]);
    all.extend(["ALERT_BOT_TOKEN", "ALERT_CHAT_ID", "COMPOSE_PROFILES", "HEARTBEAT_URL"]);
    all.extend(["BACKUP_AGE_RECIPIENT", "BACKUP_GPG_RECIPIENT", "BACKUP_PLAIN"]);
    all.extend(["BACKUP_SETTINGS_AGE_RECIPIENT", "BACKUP_SETTINGS_GPG_RECIPIENT"]);
    all.extend(["BACKUP_SETTINGS_FOLDER", "TRUSTED_PROXIES"]);
    all.sort_unstable();
    assert_eq!(named, all);
}

proptest! {
    /// Whatever is set: a soundly read setting or a fault, never a panic, never a secret shown.
    #[test]
    fn reading_is_total(at in 0..ALL.len(), value in "\\PC{0,40}hush\\PC{0,40}") {
        let environment = with(&[(ALL[at].name, &value)]);
        for read in [
            WorkerSettings::from_environment(&environment).map(|_| ()),
            IngestSettings::from_environment(&environment).map(|_| ()),
        ] {
            if let Err(error) = read {
                let message = error.to_string();
                prop_assert!(error.faults.iter().all(|fault| fault.name == ALL[at].name));
                prop_assert!(!ALL[at].secret || !message.contains("hush"), "{}", message);
            }
        }
    }
}
