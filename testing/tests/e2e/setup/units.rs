//! `worker setup --systemd`: each unit gets a file with its secrets and no others, the accounts of the programs read `.env`,
//! and what is done next is printed.

use std::{collections::BTreeSet, path::Path};

use testing::harness::project::Project;
use tokio::process::Command;

use super::{DOMAIN, Desktop, FLAGS, TOKEN, values};
use crate::common::Outcome;

const PASSWORDS: [&str; 6] = [
    "POSTGRES_INGEST_PASSWORD",
    "POSTGRES_PASSWORD",
    "POSTGRES_WORKER_PASSWORD",
    "REDIS_INGEST_PASSWORD",
    "REDIS_PASSWORD",
    "REDIS_WORKER_PASSWORD",
];
const SECRETS: [(&str, &[&str]); 4] = [
    ("databases.env", &PASSWORDS),
    ("migrate.env", &["DATABASE_URL"]),
    (
        "ingest.env",
        &["BUKZA_WEBHOOK_SECRET", "DATABASE_URL", "REDIS_URL", "TELEGRAM_WEBHOOK_SECRET"],
    ),
    (
        "worker.env",
        &["BOT_TOKEN", "DATABASE_URL", "FORGET_KEY", "REDIS_URL", "TELEGRAM_WEBHOOK_SECRET"],
    ),
];

/// A release's folder and, in it, the one of the units as docs/systemd.md makes it.
async fn prepared() -> anyhow::Result<(Desktop, String)> {
    let here = Desktop::new().await?;
    let example = Project::find()?.root().join(".env.example");
    std::fs::copy(&example, here.path(".env.example"))?;
    std::fs::create_dir(here.path("etc"))?;
    std::fs::copy(&example, here.path("etc/.env"))?;
    let flag = format!("--systemd={}", here.path("etc").display());
    Ok((here, flag))
}

/// What a program says of its settings, with the files that its unit gives it.
async fn settings_of(folder: &Path, program: &Path) -> anyhow::Result<String> {
    let line = format!(
        "cd {} && set -a && . ./worker.env && {} doctor",
        folder.display(),
        program.display()
    );
    let output = Command::new("sh").args(["-c", &line]).env_clear().output().await?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn each_unit_gets_its_secrets_and_no_others_and_the_next_commands_are_printed() -> Outcome {
    let (here, flag) = prepared().await?;
    let flags = [FLAGS, &[flag.as_str()]].concat();
    let (success, output) = here.run(&flags, TOKEN).await?;
    assert!(success, "{output}");
    assert!(!here.path(".env").exists(), "Compose's file was written");

    let dotenv = values(&here.path("etc/.env"))?;
    let own = [("LOCALE", "en"), ("TIMEZONE", "Asia/Yekaterinburg"), ("WEBHOOK_HOST", DOMAIN)];
    assert_eq!(own.map(|(name, _)| dotenv[name].as_str()), own.map(|(_, value)| value));
    assert_eq!((here.mode("etc/.env")?, here.mode("etc/bukza.txt")?), (0o640, 0o600));
    let mut all = BTreeSet::new();
    for (file, names) in SECRETS {
        assert_eq!(here.mode(&format!("etc/{file}"))?, 0o600, "{file}");
        let found = values(&here.path(&format!("etc/{file}")))?;
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), names, "{file}");
        for (name, value) in found {
            assert!(!dotenv.contains_key(&name), "{name} is in .env, too");
            let is_shown = output.contains(&value);
            assert_eq!(is_shown, name == "BUKZA_WEBHOOK_SECRET", "{name} in: {output}");
            all.insert((name, value));
        }
    }
    let value = |name: &str| -> Vec<&str> {
        let named = all.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(value("TELEGRAM_WEBHOOK_SECRET").len(), 1, "ingest and worker have the same");
    for password in PASSWORDS.iter().filter(|name| **name != "REDIS_PASSWORD") {
        let user = match password.split('_').nth(1) {
            Some("PASSWORD") => "bukza".to_owned(),
            Some(program) if password.starts_with("POSTGRES") => {
                format!("bukza_{}", program.to_lowercase())
            }
            program => program.unwrap_or_default().to_lowercase(),
        };
        let part = format!("://{user}:{}@127.0.0.1:", value(password)[0]);
        let urls = [value("DATABASE_URL"), value("REDIS_URL")].concat();
        assert!(urls.iter().any(|url| url.contains(&part)), "{password}: {urls:?}");
    }

    let commands = Project::find()?.root().join("worker/src/cli/setup/units.sh.txt");
    let folder = here.path("etc").display().to_string();
    let commands = std::fs::read_to_string(commands)?.replace("/etc/bukza-bridge", &folder);
    assert!(output.contains(&commands), "{output}");
    let found = settings_of(&here.path("etc"), &here.worker).await?;
    assert!(found.starts_with("ok    settings"), "{found}");
    Ok(())
}

#[tokio::test]
async fn a_second_time_keeps_what_is_there_and_changes_what_was_answered() -> Outcome {
    let (here, flag) = prepared().await?;
    let flags = [FLAGS, &[flag.as_str()]].concat();
    let (success, output) = here.run(&flags, TOKEN).await?;
    assert!(success, "{output}");
    // A database on another machine, and a line of the owner's.
    let elsewhere = "DATABASE_URL=postgres://bukza_worker:mine@10.0.0.5:5432/bukza\n";
    let worker = here.read("etc/worker.env");
    let kept: String = worker
        .lines()
        .filter(|line| !line.starts_with("DATABASE_URL="))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(here.path("etc/worker.env"), format!("# Ours.\n{kept}{elsewhere}"))?;
    let read = || {
        let names = SECRETS.iter().map(|(name, _)| *name).chain([".env"]);
        names.map(|name| here.read(&format!("etc/{name}"))).collect::<Vec<_>>()
    };
    let before = read();
    let (success, output) = here.run(&flags, "").await?;
    assert!(success && output.contains("needs no change"), "{output}");
    assert_eq!(read(), before);

    let zone = ["--yes", "--timezone", "Asia/Omsk", "--set", "AGENDA_AT=20:00", flag.as_str()];
    let (success, output) = here.run(&zone, "").await?;
    assert!(success, "{output}");
    let now = read();
    assert_eq!(now[..4], before[..4], "the secrets stay");
    assert!(now[4].contains("\nTIMEZONE=Asia/Omsk\n") && now[4].contains("\nAGENDA_AT=20:00\n"));
    assert_eq!(here.read("etc/.env.before"), before[4]);
    assert_eq!((here.mode("etc/.env")?, here.mode("etc/.env.before")?), (0o640, 0o600));
    Ok(())
}

#[tokio::test]
async fn without_the_folder_of_the_units_nothing_is_written() -> Outcome {
    let (here, _) = prepared().await?;
    let flag = format!("--systemd={}", here.path("none").display());
    let (success, output) = here.run(&[FLAGS, &[flag.as_str()]].concat(), TOKEN).await?;
    assert!(!success && output.contains("docs/systemd.md"), "{output}");
    assert!(!here.path("none").exists() && !here.path(".env").exists());
    Ok(())
}
