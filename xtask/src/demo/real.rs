//! The demo against real Telegram: with `BOT_TOKEN` in the environment or in `.env` there is no
//! simulator, the worker polls, and the person at the keyboard is the client.

use std::process::ExitCode;

use anyhow::Context;

use super::hints;
use testing::harness::{
    fleet::{Local, Settings},
    project::{Profile, Project},
};

/// Settings that a local run overrides.
const OURS: &[&str] = &[
    "DATABASE_URL",
    "DATABASE_REPLICA_URL",
    "REDIS_URL",
    "QUEUE_PREFIX",
    "LISTEN_ADDR",
    "METRICS_ADDR",
    "WEBHOOK_HOST",
    "WEBHOOK_PATH",
    "TELEGRAM_MODE",
    "BUKZA_WEBHOOK_SECRET",
];

/// The base settings with the user's; `None` without a bot token.
///
/// # Errors
/// When `.env` can't be read.
pub fn settings(project: &Project) -> anyhow::Result<Option<Settings>> {
    let mut given: Vec<(String, String)> = Vec::new();
    let file = project.root().join(".env");
    if file.exists() {
        for item in dotenvy::from_path_iter(&file).context("cannot read .env")? {
            // The parser's error quotes the line, which may hold a secret.
            given.push(item.map_err(|_| anyhow::anyhow!("a line of .env is not NAME=value"))?);
        }
    }
    if let Ok(token) = std::env::var("BOT_TOKEN") {
        given.push(("BOT_TOKEN".to_owned(), token));
    }
    given.retain(|(name, value)| !value.is_empty() && !OURS.contains(&name.as_str()));
    if !given.iter().any(|(name, _)| name == "BOT_TOKEN") {
        return Ok(None);
    }
    let mut settings = Settings::base();
    settings.remove("SUPPORT_CHANNEL_ID");
    settings.remove("TELEGRAM_API_URL");
    for (name, value) in given {
        settings.set(&name, value);
    }
    settings.set("TELEGRAM_MODE", "polling");
    Ok(Some(settings))
}

/// Runs until interrupted.
///
/// # Errors
/// When a part doesn't start.
pub async fn run(project: &Project, mut settings: Settings) -> anyhow::Result<ExitCode> {
    println!("BOT_TOKEN is set: this runs against real Telegram, by polling.");
    let mut local = Local::set_up(project, "demo", Profile::Dev).await?;
    for name in ["DATABASE_URL", "REDIS_URL", "QUEUE_PREFIX"] {
        settings.set(name, local.settings.get(name).unwrap_or_default());
    }
    local.settings = settings;
    local.launch(1, 1).await?;
    println!("\nOpen your bot in Telegram, send /start and share your contact.");
    println!("Then put your own phone number into these lines:");
    hints::bookings(&local.ingest_url(), "+7…");
    hints::operations(&local);
    println!("Logs: {}\n\nCtrl-C stops everything.", local.folder.display());
    std::future::pending().await
}
