//! What a set-up writes: the answers, and for everything that nobody types a proposal. What `.env` has stays. Pure.

use std::net::IpAddr;

use shared::{
    domain::venue::Locale,
    settings::{Environment, IngestSettings, SettingFault, WorkerSettings},
};
use url::{Host, Url};

use super::env_file::{EnvFile, EnvFileError};

/// Secrets that are made where `.env` has none, with their length in bytes.
const MADE: [(&str, usize); 10] = [
    ("BUKZA_WEBHOOK_SECRET", 24),
    ("TELEGRAM_WEBHOOK_SECRET", 32),
    ("FORGET_KEY", 32),
    ("POSTGRES_PASSWORD", 24),
    ("POSTGRES_INGEST_PASSWORD", 24),
    ("POSTGRES_WORKER_PASSWORD", 24),
    ("REDIS_PASSWORD", 24),
    ("REDIS_INGEST_PASSWORD", 24),
    ("REDIS_WORKER_PASSWORD", 24),
    ("GRAFANA_PASSWORD", 24),
];

/// Stand in for the databases, whose addresses Compose makes from the passwords.
const DATABASES: [(&str, &str); 2] =
    [("DATABASE_URL", "postgres://bukza@postgres/bukza"), ("REDIS_URL", "redis://redis:6379")];

/// The answers of a set-up.
pub(super) struct Answers {
    pub(super) locale: Locale,
    /// `None`: the one of before stays, in `.env` or in a file of its own.
    pub(super) token: Option<String>,
    pub(super) host: Url,
    pub(super) zone: String,
    /// Other settings, from flags and the environment.
    pub(super) more: Vec<(String, String)>,
}

/// The values that `.env` gets: those that differ from what it has. `random` makes a secret of so many bytes.
pub(super) fn changes(
    file: &EnvFile,
    answers: &Answers,
    mut random: impl FnMut(usize) -> String,
) -> Vec<(String, String)> {
    let mut wanted = vec![
        ("LOCALE".to_owned(), answers.locale.as_str().to_owned()),
        ("TIMEZONE".to_owned(), answers.zone.clone()),
        ("WEBHOOK_HOST".to_owned(), host_text(&answers.host)),
    ];
    wanted.extend(answers.token.iter().map(|token| ("BOT_TOKEN".to_owned(), token.clone())));
    wanted.extend(answers.more.iter().cloned());
    for (name, bytes) in MADE {
        let is_set = wanted.iter().any(|(given, _)| given == name) || is_set(file, name);
        if !is_set {
            wanted.push((name.to_owned(), random(bytes)));
        }
    }
    wanted.retain(|(name, value)| file.values().get(name) != Some(value));
    wanted
}

/// Whether a value or the name of its file is there.
fn is_set(file: &EnvFile, name: &str) -> bool {
    file.get(name).is_some() || file.get(&format!("{name}_FILE")).is_some()
}

/// Whether these changes replace a value that is there.
pub(super) fn replaces(file: &EnvFile, (name, _): &(String, String)) -> bool {
    file.get(name).is_some()
}

/// The file with the changes, if the programs accept all of it.
pub(super) fn finished(
    file: &EnvFile,
    changes: &[(String, String)],
) -> Result<Result<EnvFile, Vec<SettingFault>>, EnvFileError> {
    let finished = file.with(changes)?;
    let faults =
        faults(finished.values().iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Ok(if faults.is_empty() { Ok(finished) } else { Err(faults) })
}

/// What the programs refuse of these settings.
fn faults<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<SettingFault> {
    let environment: Environment = DATABASES.into_iter().chain(settings).collect();
    let mut faults = Vec::new();
    let worker = WorkerSettings::from_environment(&environment).err();
    let ingest = IngestSettings::from_environment(&environment).err();
    for fault in worker.into_iter().chain(ingest).flat_map(|error| error.faults) {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

/// Whether the programs accept this value.
pub(super) fn is_accepted(name: &str, value: &str) -> bool {
    !value.is_empty() && faults([(name, value)].into_iter()).iter().all(|fault| fault.name != name)
}

/// The public address that a domain or an address stands for.
pub(super) fn host(typed: &str) -> Option<Url> {
    let typed = typed.trim().to_lowercase();
    let is_named = typed.contains("://");
    let text = if is_named { typed } else { format!("https://{typed}") };
    let url = Url::parse(&text).ok().filter(|_| is_accepted("WEBHOOK_HOST", &text))?;
    let is_name = match url.host()? {
        Host::Domain(name) => name.contains('.') || name == "localhost",
        Host::Ipv4(_) | Host::Ipv6(_) => is_named || is_loopback(&url),
    };
    is_name.then_some(url)
}

/// An address as it stands in `.env`.
pub(super) fn host_text(host: &Url) -> String {
    host.as_str().trim_end_matches('/').to_owned()
}

/// Whether an address stays on this machine.
pub(super) fn is_loopback(host: &Url) -> bool {
    match host.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        Answers {
            locale: Locale::Ru,
            token: Some("1:abc".into()),
            host: host("bot.example.com").unwrap(),
            zone: "Europe/Samara".into(),
            more: vec![],
        }
    }

    fn random(bytes: usize) -> String {
        "ab".repeat(bytes)
    }

    #[test]
    fn two_values_and_proposals_make_a_file_that_both_programs_accept() {
        let empty = EnvFile::default();
        let made = changes(&empty, &answers(), random);
        let file = finished(&empty, &made).unwrap().unwrap();
        assert_eq!(file.get("WEBHOOK_HOST"), Some("https://bot.example.com"));
        assert_eq!(file.get("BUKZA_WEBHOOK_SECRET").map(str::len), Some(48));
        assert!(changes(&file, &answers(), |_| panic!("a second secret")).is_empty());
    }

    #[test]
    fn what_is_there_stays_and_a_secret_in_a_file_is_not_made_again() {
        let text =
            "BUKZA_WEBHOOK_SECRET_FILE=./secrets/B\nREDIS_PASSWORD=mine\nTIMEZONE=Asia/Omsk\n";
        let file = EnvFile::parse(text).unwrap();
        let made = changes(&file, &Answers { token: None, ..answers() }, random);
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        for kept in ["BUKZA_WEBHOOK_SECRET", "REDIS_PASSWORD", "BOT_TOKEN"] {
            assert!(!names.contains(&kept), "{kept}");
        }
        let replaced: Vec<_> = made.iter().filter(|change| replaces(&file, change)).collect();
        assert_eq!(replaced, [&("TIMEZONE".to_owned(), "Europe/Samara".to_owned())]);
    }

    #[test]
    fn a_value_that_a_program_would_refuse_is_not_written() {
        let more = vec![("QUIET_HOURS".to_owned(), "at night".to_owned())];
        let made = changes(&EnvFile::default(), &Answers { more, ..answers() }, random);
        let Err(faults) = finished(&EnvFile::default(), &made).unwrap() else { panic!("accepted") };
        assert_eq!(faults.iter().map(|fault| fault.name).collect::<Vec<_>>(), ["QUIET_HOURS"]);
    }

    #[test]
    fn a_domain_is_an_address_by_https() {
        for (typed, expected) in [
            (" Bot.Example.com ", "https://bot.example.com"),
            ("https://bot.example.com/", "https://bot.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("xn--e1afmkfd.xn--p1ai", "https://xn--e1afmkfd.xn--p1ai"),
            ("пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(host(typed).as_ref().map(host_text).as_deref(), Some(expected), "{typed}");
        }
        for typed in
            ["", "bot", "93.184.216.34", "http://bot.example.com", "bot.example.com/x", "a b.c"]
        {
            assert_eq!(host(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_value_is_judged_as_the_programs_judge_it() {
        for (name, good, bad) in [
            ("BOT_TOKEN", "42:simulated", "hush"),
            ("TIMEZONE", "Asia/Yekaterinburg", "Moskva"),
            ("LOCALE", "en", "de"),
        ] {
            assert!(
                is_accepted(name, good) && !is_accepted(name, bad) && !is_accepted(name, ""),
                "{name}"
            );
        }
    }
}
