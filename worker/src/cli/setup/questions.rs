//! The questions of a set-up in their order: language, token, domain, zone. What a flag or `.env` answers is no question,
//! and after an answer that cannot be right the question comes again.

use std::path::Path;

use anyhow::bail;
use chrono_tz::Tz;
use shared::{
    clock::{Clock, SystemClock},
    domain::venue::Locale,
};
use url::Url;

use super::{
    answers::{host, host_text, is_accepted, is_loopback},
    ask::Ask,
    bot::{self, Bot},
    domain::{self, Dns},
    env_file::EnvFile,
    options::{SetupOptions, secret_of},
    zone,
};
use crate::cli::{print_text, words::Wording};

/// The language: of the flag, of `.env`, else of whoever answers.
pub(super) fn locale(ask: Ask, options: &SetupOptions, known: &EnvFile) -> anyhow::Result<Locale> {
    if let Some(given) = &options.locale {
        return Locale::parse(given).ok_or_else(|| anyhow::anyhow!("--locale: ru, en"));
    }
    if let Some(locale) = known.get("LOCALE").and_then(Locale::parse) {
        return Ok(locale);
    }
    let texts = Wording::of(Locale::Ru);
    let languages = vec!["Русский".to_owned(), "English".to_owned()];
    let chosen = ask.choice(&texts, "Язык / Language", languages)?;
    Ok(Locale::ALL.get(chosen).copied().unwrap_or_default())
}

/// The rest of the questions.
pub(super) struct Questions<'a> {
    pub(super) ask: Ask,
    pub(super) texts: &'a Wording,
    pub(super) options: &'a SetupOptions,
    /// What `.env` has from before.
    pub(super) known: &'a EnvFile,
    /// Settings from flags and the environment.
    pub(super) further: &'a [(String, String)],
}

impl Questions<'_> {
    fn print(&self, key: &str, values: &[(&str, &str)]) -> anyhow::Result<()> {
        Ok(print_text(&self.texts.with(key, values))?)
    }

    /// A refusal of what a flag or `.env` gave; a person gets the question again.
    fn refuse(&self, key: &str, values: &[(&str, &str)], flag: &str) -> anyhow::Result<()> {
        if self.ask == Ask::Nobody {
            bail!("{flag}: {}", self.texts.with(key, values));
        }
        self.print(key, values)
    }

    /// The token, if it is another one than before.
    pub(super) async fn token(&self) -> anyhow::Result<Option<String>> {
        const FLAG: &str = "--token-file, BOT_TOKEN";
        let before = match (self.known.get("BOT_TOKEN"), self.known.get("BOT_TOKEN_FILE")) {
            (Some(token), _) => Some(token.to_owned()),
            (None, Some(file)) => Some(secret_of(Path::new(file))?),
            (None, None) => None,
        };
        let mut next = self.options.token()?.or_else(|| before.clone());
        let way = self.way_to_telegram();
        loop {
            let token = match next.take() {
                Some(token) => token,
                None => {
                    let question = self.texts.plain("setup-token");
                    self.ask.hidden(self.texts, &question, FLAG)?.trim().to_owned()
                }
            };
            if !is_accepted("BOT_TOKEN", &token) {
                self.refuse("setup-token-form", &[], FLAG)?;
                continue;
            }
            let is_kept = match bot::look_up(&token, &way).await? {
                Bot::Named(name) => {
                    self.print("setup-bot", &[("bot", &name)])?;
                    before.as_ref() != Some(&token)
                        || self.ask.confirm(
                            self.texts,
                            &self.texts.plain("setup-keep-bot"),
                            true,
                        )?
                }
                Bot::Nobody => {
                    self.refuse("setup-token-wrong", &[], FLAG)?;
                    false
                }
                Bot::Unreachable(reason) => {
                    self.print("setup-telegram-away", &[("reason", &reason)])?;
                    self.ask.confirm(self.texts, &self.texts.plain("setup-anyway"), false)?
                }
            };
            if is_kept {
                return Ok(Some(token).filter(|token| before.as_ref() != Some(token)));
            }
        }
    }

    /// How Telegram is reached: as `.env` says, unless a flag says something else.
    fn way_to_telegram(&self) -> Vec<(String, String)> {
        let known = self.known.values().iter().map(|(name, value)| (name.clone(), value.clone()));
        let known = known
            .filter(|(name, _)| ["TELEGRAM_API_URL", "TELEGRAM_PROXY"].contains(&name.as_str()));
        known.chain(self.further.iter().cloned()).collect()
    }

    /// The public address.
    pub(super) async fn host(&self) -> anyhow::Result<Url> {
        const FLAG: &str = "--domain";
        let before = self.known.get("WEBHOOK_HOST").and_then(host);
        let mut next = self.options.domain.clone();
        loop {
            let typed = match next.take() {
                Some(typed) => typed,
                None => {
                    let proposal = before.as_ref().map(host_text);
                    let question = self.texts.plain("setup-domain");
                    self.ask.line(self.texts, &question, proposal.as_deref(), FLAG)?
                }
            };
            let Some(host) = host(&typed) else {
                self.refuse("setup-domain-form", &[], FLAG)?;
                continue;
            };
            if before.as_ref() == Some(&host) || self.leads_here(&host).await? {
                return Ok(host);
            }
        }
    }

    /// Whether a domain is right, by what is seen of it or by whoever answers.
    async fn leads_here(&self, host: &Url) -> anyhow::Result<bool> {
        let name = host.host_str().unwrap_or_default();
        let is_sound = match domain::resolve(host).await {
            Dns::Here => {
                self.print("setup-domain-here", &[("domain", name)])?;
                true
            }
            Dns::Elsewhere(addresses) => {
                let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                let values = [("domain", name), ("addresses", &addresses.join(", "))];
                self.print("setup-domain-elsewhere", &values)?;
                false
            }
            Dns::Unknown => {
                self.print("setup-domain-unknown", &[("domain", name)])?;
                false
            }
        };
        // Not with a port of its own: then something else stands before nginx.
        let taken = if is_loopback(host) || host.port().is_some() {
            Vec::new()
        } else {
            domain::taken_ports().await
        };
        if !taken.is_empty() {
            let ports: Vec<String> = taken.iter().map(ToString::to_string).collect();
            self.print("setup-ports-taken", &[("ports", &ports.join(", "))])?;
        }
        if is_sound && taken.is_empty() {
            return Ok(true);
        }
        self.ask.confirm(self.texts, &self.texts.plain("setup-anyway"), false)
    }

    /// The venue's zone: what was given, else chosen among usual ones, the server's first.
    pub(super) fn zone(&self) -> anyhow::Result<String> {
        const FLAG: &str = "--timezone";
        if let Some(given) = &self.options.timezone {
            if !is_accepted("TIMEZONE", given) {
                bail!("{FLAG}: {}", self.texts.plain("setup-zone-form"));
            }
            return Ok(given.clone());
        }
        let before: Option<Tz> = self.known.get("TIMEZONE").and_then(|name| name.parse().ok());
        let proposal = before.or_else(zone::of_server);
        if self.ask == Ask::Nobody && proposal.is_none() {
            bail!(self.texts.with("setup-missing", &[("flag", FLAG)]));
        }
        let zones = zone::choices(proposal);
        let now = SystemClock.now();
        let mut labels: Vec<String> = zones.iter().map(|zone| zone::labelled(*zone, now)).collect();
        labels.push(self.texts.plain("setup-zone-other"));
        let question = self.texts.plain("setup-zone");
        let chosen = self.ask.choice(self.texts, &question, labels)?;
        if let Some(zone) = zones.get(chosen) {
            return Ok(zone.name().to_owned());
        }
        loop {
            let typed =
                self.ask.line(self.texts, &self.texts.plain("setup-zone-name"), None, FLAG)?;
            if is_accepted("TIMEZONE", typed.trim()) {
                return Ok(typed.trim().to_owned());
            }
            self.print("setup-zone-form", &[])?;
        }
    }
}
