//! Which files a set-up writes: the one `.env` of Docker Compose; or for the units of systemd an `.env` that the programs'
//! accounts read, and beside it a file for each program with its secrets, which root alone reads.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::bail;

use super::{
    env_file::{DOTENV, EnvFile, Readers, read},
    options::UNITS_FOLDER,
};

/// What is done after the set-up, as root in the folder of the release. docs/systemd.md has the same.
const UNITS_COMMANDS: &str = include_str!("units.sh.txt");

/// The files of secrets: their names, and the settings that they hold. `DATABASE_URL` and `REDIS_URL` are made of the first
/// one's passwords.
const SECRETS: [(&str, &[&str]); 4] = [
    (
        "databases.env",
        &[
            "POSTGRES_PASSWORD",
            "POSTGRES_INGEST_PASSWORD",
            "POSTGRES_WORKER_PASSWORD",
            "REDIS_PASSWORD",
            "REDIS_INGEST_PASSWORD",
            "REDIS_WORKER_PASSWORD",
        ],
    ),
    ("migrate.env", &["DATABASE_URL"]),
    (
        "ingest.env",
        &["DATABASE_URL", "REDIS_URL", "BUKZA_WEBHOOK_SECRET", "TELEGRAM_WEBHOOK_SECRET"],
    ),
    (
        "worker.env",
        &["DATABASE_URL", "REDIS_URL", "TELEGRAM_WEBHOOK_SECRET", "BOT_TOKEN", "FORGET_KEY"],
    ),
];

/// A file with its new text.
pub(super) struct Output {
    pub(super) path: PathBuf,
    pub(super) before: Option<String>,
    pub(super) text: String,
    pub(super) readers: Readers,
}

/// Where the files are.
pub(super) struct Layout {
    /// The folder of the files of systemd's units.
    units: Option<PathBuf>,
    example: String,
}

impl Layout {
    /// # Errors
    /// When the folder for the units is missing: its accounts are to be made first.
    pub(super) fn new(units: Option<&Path>, example: String) -> anyhow::Result<Self> {
        match units {
            Some(folder) if !folder.is_dir() => {
                bail!("{}: docs/systemd.md, Install", folder.display())
            }
            Some(_) | None => Ok(Self { units: units.map(Path::to_owned), example }),
        }
    }

    /// A file of this set-up.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.units.as_deref().map_or_else(|| name.into(), |folder| folder.join(name))
    }

    /// The names of its files.
    pub(super) fn names(&self) -> String {
        let secrets = SECRETS.iter().map(|(name, _)| *name).filter(|_| self.units.is_some());
        [DOTENV].into_iter().chain(secrets).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn example(&self) -> &str {
        &self.example
    }

    /// The folder of the units' files, if it is for them.
    pub(super) fn units(&self) -> Option<&Path> {
        self.units.as_deref()
    }

    /// `.env` as it is. An unchanged example says nothing of this venue.
    fn dotenv(&self) -> anyhow::Result<Option<String>> {
        let text = read(&self.path(DOTENV))?;
        Ok(text.filter(|text| self.units.is_none() || *text != self.example))
    }

    /// All settings that are there. `None`: there are none.
    pub(super) fn present(&self) -> anyhow::Result<Option<String>> {
        let mut texts: Vec<String> = self.dotenv()?.into_iter().collect();
        for (name, _) in SECRETS.iter().filter(|_| self.units.is_some()) {
            texts.extend(read(&self.path(name))?);
        }
        Ok((!texts.is_empty()).then(|| texts.join("\n")))
    }

    /// Whether a setting is used here.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.units.is_none() || name != "GRAFANA_PASSWORD"
    }

    /// The files that differ from what is there, for these settings of which some changed.
    pub(super) fn outputs(
        &self,
        settings: &EnvFile,
        changes: &[(String, String)],
    ) -> anyhow::Result<Vec<Output>> {
        let before = read(&self.path(DOTENV))?;
        let mut outputs = Vec::new();
        let mut put = |name: &str, before: Option<String>, text: &str, readers| {
            if before.as_deref() != Some(text) {
                let path = self.path(name);
                outputs.push(Output { path, before, text: text.to_owned(), readers });
            }
        };
        if self.units.is_none() {
            put(DOTENV, before, settings.text(), Readers::Owner);
            return Ok(outputs);
        }
        let is_secret = |name: &str| SECRETS.iter().any(|(_, names)| names.contains(&name));
        let dotenv =
            EnvFile::parse(&self.dotenv()?.unwrap_or_else(|| without_secrets(&self.example)))?;
        let common: Vec<(String, String)> =
            changes.iter().filter(|(name, _)| !is_secret(name)).cloned().collect();
        put(DOTENV, before, dotenv.with(&common)?.text(), Readers::Group);
        for (file, names) in SECRETS {
            let before = read(&self.path(file))?;
            let present = EnvFile::parse(before.as_deref().unwrap_or_default())?;
            let addresses = addresses(file, settings.values());
            let value = |name: &&str| match addresses.get(*name) {
                // A database elsewhere keeps its address.
                Some(made) => present.get(name).is_none().then(|| made.clone()),
                None => settings.get(name).map(str::to_owned),
            };
            let wanted: Vec<(String, String)> = names
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), value(name)?)))
                .filter(|(name, value)| present.values().get(name) != Some(value))
                .collect();
            put(file, before, present.with(&wanted)?.text(), Readers::Owner);
        }
        Ok(outputs)
    }
}

/// What is done next with systemd, where the units' files are in this folder.
pub(super) fn commands(folder: &str) -> String {
    UNITS_COMMANDS.replace(UNITS_FOLDER, folder)
}

/// The addresses of the databases for the program whose file this is, on this machine.
fn addresses(file: &str, passwords: &HashMap<String, String>) -> HashMap<&'static str, String> {
    let password = |name: &str| passwords.get(name).map(String::as_str).unwrap_or_default();
    let database =
        |role: &str, name| format!("postgres://{role}:{}@127.0.0.1:5432/bukza", password(name));
    let redis = |user, name| format!("redis://{user}:{}@127.0.0.1:6379", password(name));
    match file {
        "migrate.env" => [("DATABASE_URL", database("bukza", "POSTGRES_PASSWORD"))].into(),
        "ingest.env" => [
            ("DATABASE_URL", database("bukza_ingest", "POSTGRES_INGEST_PASSWORD")),
            ("REDIS_URL", redis("ingest", "REDIS_INGEST_PASSWORD")),
        ]
        .into(),
        "worker.env" => [
            ("DATABASE_URL", database("bukza_worker", "POSTGRES_WORKER_PASSWORD")),
            ("REDIS_URL", redis("worker", "REDIS_WORKER_PASSWORD")),
        ]
        .into(),
        _ => HashMap::new(),
    }
}

/// The example without the lines whose values stand in the files of secrets.
fn without_secrets(example: &str) -> String {
    let is_secret = |line: &&str| {
        let name = line.split_once('=').map_or("", |(name, _)| name);
        SECRETS.iter().any(|(_, names)| names.contains(&name))
    };
    example.lines().filter(|line| !is_secret(line)).map(|line| format!("{line}\n")).collect()
}
