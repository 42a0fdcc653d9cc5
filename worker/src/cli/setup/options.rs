//! The flags of a set-up: an answer each, for scripts.

use std::{io::Read, path::PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use shared::settings::ALL;

/// Settings that a set-up takes from the environment and writes: without them Telegram may not be reached.
const FROM_ENVIRONMENT: [&str; 2] = ["TELEGRAM_API_URL", "TELEGRAM_PROXY"];

/// The folder that systemd's units name.
pub(super) const UNITS_FOLDER: &str = "/etc/bukza-bridge";

/// Longest file with a secret.
const SECRET_MAX: u64 = 1000;

/// Answers, and what to do.
#[derive(Debug, Default, Args)]
pub struct SetupOptions {
    /// The language of this set-up and of the bot: ru or en
    #[arg(long, value_name = "LANGUAGE")]
    pub locale: Option<String>,
    /// A file with the bot's token, or - for standard input. Without it the variable BOT_TOKEN
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The domain that leads to this server
    #[arg(long)]
    pub domain: Option<String>,
    /// The venue's time zone, such as Asia/Yekaterinburg
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// Any other setting of .env.example, such as COMPANY_PHONE; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// Write the files of systemd's units instead of Docker Compose's .env, in /etc/bukza-bridge or FOLDER
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true, default_missing_value = UNITS_FOLDER, conflicts_with = "check")]
    pub systemd: Option<PathBuf>,
    /// Take every proposal without a question
    #[arg(long)]
    pub yes: bool,
    /// Check the running system from outside with a test booking, and change nothing
    #[arg(long)]
    pub check: bool,
    /// For --check: a file with Bukza's secret, or - for standard input. Without it BUKZA_WEBHOOK_SECRET
    #[arg(long, value_name = "FILE", requires = "check")]
    pub secret_file: Option<PathBuf>,
    /// For --check: how many seconds the card may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "check")]
    pub wait: u64,
}

impl SetupOptions {
    /// The token that was given, not typed.
    pub(super) fn token(&self) -> anyhow::Result<Option<String>> {
        match &self.token_file {
            Some(file) => secret_of(file).map(Some),
            None => Ok(variable("BOT_TOKEN")),
        }
    }

    /// Further settings: of the flags, and what the environment has of the way to Telegram.
    pub(super) fn further(&self, example: &str) -> anyhow::Result<Vec<(String, String)>> {
        let from_environment =
            FROM_ENVIRONMENT.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?)));
        let mut further: Vec<(String, String)> = from_environment.collect();
        for setting in &self.settings {
            let (name, value) = setting.split_once('=').context("--set NAME=VALUE")?;
            if !is_setting(name, example) {
                bail!("--set {name}: there is no such setting");
            }
            further.retain(|(other, _)| other != name);
            further.push((name.to_owned(), value.to_owned()));
        }
        Ok(further)
    }
}

/// Those of the programs, and those that the example explains.
fn is_setting(name: &str, example: &str) -> bool {
    let explained = example.lines().any(|line| {
        let line = line.trim_start_matches(['#', ' ']);
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
    });
    !name.is_empty() && (ALL.iter().any(|setting| setting.name == name) || explained)
}

/// A variable of the environment that is set to something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The secret in a file, or in standard input.
pub(super) fn secret_of(file: &std::path::Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().take(SECRET_MAX).read_to_string(&mut text)?;
    } else {
        let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
        opened.take(SECRET_MAX).read_to_string(&mut text)?;
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_names_a_setting_that_there_is() {
        let settings = |list: &[&str]| {
            let settings = list.iter().map(|setting| (*setting).to_owned()).collect();
            let further = SetupOptions { settings, ..SetupOptions::default() }
                .further("# NGINX_SITE=https\n");
            further.ok().map(|further| further.into_iter().rev().collect::<Vec<_>>())
        };
        let phone = ("COMPANY_PHONE".to_owned(), "+7=1".to_owned());
        let site = ("NGINX_SITE".to_owned(), "http".to_owned());
        let given = settings(&["COMPANY_PHONE=x", "NGINX_SITE=http", "COMPANY_PHONE=+7=1"]);
        assert_eq!(given, Some(vec![phone, site]));
        for wrong in ["COMPANY_FON=1", "NGINX=1", "=1", "COMPANY_PHONE"] {
            assert_eq!(settings(&[wrong]), None, "{wrong}");
        }
    }
}
