//! `worker setup`: at a terminal and by flags, the first time and again; what it writes, and what it refuses.

mod check;
mod first_hour;
mod terminal;
mod units;

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use simulator::model::{Fault, FaultKind};
use testing::harness::environment::TestEnvironment;
use tokio::process::Command;

use self::terminal::Terminal;
use crate::common::Outcome;

pub const TOKEN: &str = "42:simulated";
const DOMAIN: &str = "http://127.0.0.1:8080";

/// A folder, a simulated Telegram, and the program.
struct Desktop {
    folder: tempfile::TempDir,
    telegram: simulator::Running,
    worker: PathBuf,
}

impl Desktop {
    async fn new() -> anyhow::Result<Self> {
        let worker = TestEnvironment::read()?.binaries.join("worker");
        let (folder, telegram) = (tempfile::tempdir()?, simulator::spawn().await?);
        Ok(Self { folder, telegram, worker })
    }

    fn settings(&self) -> [(&'static str, String); 2] {
        [("TELEGRAM_API_URL", self.telegram.url()), ("TZ", "Asia/Yekaterinburg".into())]
    }

    fn terminal(&self) -> anyhow::Result<Terminal> {
        let command = format!("{} setup", self.worker.display());
        Terminal::start(&command, self.folder.path(), &self.settings())
    }

    /// Runs a set-up by flags: whether it succeeded, and its output.
    async fn run(&self, flags: &[&str], token: &str) -> anyhow::Result<(bool, String)> {
        let output = Command::new(&self.worker)
            .arg("setup")
            .args(flags)
            .env_clear()
            .envs(self.settings())
            .env("BOT_TOKEN", token)
            .current_dir(self.folder.path())
            .output()
            .await?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8(text)?))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn mode(&self, name: &str) -> anyhow::Result<u32> {
        Ok(std::fs::metadata(self.path(name))?.permissions().mode() & 0o777)
    }
}

/// The plain values of a `.env`.
pub fn values(dotenv: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(dotenv)?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let values = lines.filter_map(|line| line.split_once('='));
    Ok(values.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect())
}

const FLAGS: &[&str] = &["--yes", "--locale", "en", "--domain", DOMAIN];

#[tokio::test]
async fn a_token_and_a_domain_are_all_that_is_typed_and_a_second_time_changes_nothing() -> Outcome {
    let here = Desktop::new().await?;
    let mut terminal = here.terminal()?;
    terminal.enter("Язык / Language").await?;
    terminal.types("Ключ бота", TOKEN).await?;
    terminal.types("Домен", DOMAIN).await?;
    terminal.enter("Который час").await?;
    terminal.enter("Записать .env?").await?;
    terminal.shows("X-Webhook-Secret: ").await?;
    let text = terminal.text();
    assert!(terminal.ends().await?, "{text}");
    let text = terminal.text();
    assert_eq!(terminal.typed, [TOKEN, DOMAIN]);
    assert!(!text.contains(TOKEN), "the token is shown: {text}");
    let dotenv = values(&here.path(".env"))?;
    assert_eq!(dotenv["TIMEZONE"], "Asia/Yekaterinburg");
    assert_eq!(dotenv["WEBHOOK_HOST"], DOMAIN);
    assert_eq!((here.mode(".env")?, here.mode("bukza.txt")?), (0o600, 0o600));
    let secret = &dotenv["BUKZA_WEBHOOK_SECRET"];
    assert!(here.read("bukza.txt").contains(&format!("X-Webhook-Secret: {secret}\n")));
    // Secrets differ from each other and are shown only where they are pasted from.
    for (name, value) in &dotenv {
        let is_secret = name.ends_with("PASSWORD")
            || name.ends_with("_KEY")
            || name == "TELEGRAM_WEBHOOK_SECRET";
        let twin = dotenv.iter().any(|(other, same)| other != name && same == value);
        assert!(!is_secret || (!text.contains(value) && value.len() >= 48 && !twin), "{name}");
    }

    let before = here.read(".env");
    let mut again = here.terminal()?;
    again.enter("Оставить этого бота?").await?;
    again.enter("Домен").await?;
    again.enter("Который час").await?;
    again.shows("менять нечего").await?;
    assert!(again.ends().await?, "{}", again.text());
    assert_eq!(here.read(".env"), before);
    assert!(!here.path(".env.before").exists());
    Ok(())
}

#[tokio::test]
async fn after_a_wrong_token_the_question_comes_again_and_a_no_writes_nothing() -> Outcome {
    let here = Desktop::new().await?;
    let telegram = simulator::Client::new(&here.telegram.url());
    let wrong =
        Fault { method: Some("getMe".into()), ..Fault::sending(FaultKind::Unauthorized, 1) };
    telegram.script(&wrong).await?;
    let mut terminal = here.terminal()?;
    terminal.enter("Язык / Language").await?;
    terminal.types("Ключ бота", "no token").await?;
    terminal.shows("не похоже").await?;
    terminal.types("Ключ бота", "7:wrong").await?;
    terminal.shows("не знает такого ключа").await?;
    terminal.types("Ключ бота", TOKEN).await?;
    terminal.types("Домен", "127.0.0.1/path").await?;
    terminal.shows("Нужно имя вида").await?;
    terminal.types("Домен", DOMAIN).await?;
    terminal.enter("Который час").await?;
    terminal.types("Записать .env?", "н").await?;
    terminal.shows("Ничего не записано").await?;
    assert!(terminal.ends().await?);
    assert!(!here.path(".env").exists() && !here.path("bukza.txt").exists());
    Ok(())
}

#[tokio::test]
async fn ctrl_c_leaves_everything_as_it_is() -> Outcome {
    let here = Desktop::new().await?;
    let mut terminal = here.terminal()?;
    terminal.enter("Язык / Language").await?;
    terminal.types("Ключ бота", TOKEN).await?;
    terminal.interrupts("Домен").await?;
    assert!(!terminal.ends().await?, "{}", terminal.text());
    assert!(terminal.text().contains("ничего не записано"), "{}", terminal.text());
    assert_eq!(std::fs::read_dir(here.folder.path())?.count(), 0);
    Ok(())
}

#[tokio::test]
async fn flags_answer_for_a_script_and_what_is_missing_is_named() -> Outcome {
    let here = Desktop::new().await?;
    let (success, output) = here.run(&["--yes", "--locale", "en"], TOKEN).await?;
    assert!(!success && output.contains("--domain"), "{output}");
    let (success, output) = here.run(FLAGS, "").await?;
    assert!(!success && output.contains("--token-file"), "{output}");
    let (success, output) = here.run(&["--yes", "--locale", "en", "--domain", "x"], TOKEN).await?;
    assert!(!success && output.contains("--domain"), "{output}");
    let zone = [FLAGS, &["--timezone", "Moskva"]].concat();
    let (success, output) = here.run(&zone, TOKEN).await?;
    assert!(!success && output.contains("--timezone"), "{output}");
    let refused = [FLAGS, &["--set", "QUIET_HOURS=at night"]].concat();
    let (success, output) = here.run(&refused, TOKEN).await?;
    assert!(!success && output.contains("QUIET_HOURS is"), "{output}");
    let unknown = [FLAGS, &["--set", "COMPANY_FON=1"]].concat();
    let (success, output) = here.run(&unknown, TOKEN).await?;
    assert!(!success && output.contains("COMPANY_FON"), "{output}");
    let telegram = simulator::Client::new(&here.telegram.url());
    let wrong =
        Fault { method: Some("getMe".into()), ..Fault::sending(FaultKind::Unauthorized, 1) };
    telegram.script(&wrong).await?;
    let (success, output) = here.run(FLAGS, TOKEN).await?;
    assert!(!success && output.contains("knows no such token"), "{output}");
    assert!(!here.path(".env").exists(), "something was written");

    let (success, output) = here.run(FLAGS, TOKEN).await?;
    assert!(success && !output.contains(TOKEN), "{output}");
    assert_eq!(values(&here.path(".env"))?["LOCALE"], "en");
    Ok(())
}

#[tokio::test]
async fn an_owners_file_keeps_its_lines_and_secrets_and_any_value_survives() -> Outcome {
    let here = Desktop::new().await?;
    let own = "# Ours, do not touch.\nCOMPANY_HOURS=\"10:00 - 22:00\" # daily\n\
               REDIS_PASSWORD='mine and $only mine'\nTIMEZONE=Europe/Samara\n";
    std::fs::write(here.path(".env"), own)?;
    let address = "COMPANY_ADDRESS=«У \"Ромашки\"», д. 5 # $1, it's";
    let flags = [FLAGS, &["--set", address]].concat();
    let (success, output) = here.run(&flags, TOKEN).await?;
    assert!(success, "{output}");
    let dotenv = here.read(".env");
    assert!(dotenv.starts_with(own), "{dotenv}");
    assert_eq!(here.mode(".env")?, 0o600);
    assert_eq!((here.read(".env.before").as_str(), here.mode(".env.before")?), (own, 0o600));
    assert!(dotenv.contains(r#"COMPANY_ADDRESS="«У \"Ромашки\"», д. 5 # \$1, it's""#), "{dotenv}");
    // Again with the same, and with another zone.
    let (success, output) = here.run(&flags, TOKEN).await?;
    assert!(success && here.read(".env") == dotenv, "{output}");
    let (success, output) = here.run(&["--yes", "--timezone", "Asia/Omsk"], "").await?;
    assert!(success && output.contains("TIMEZONE"), "{output}");
    let moved = dotenv.replace("TIMEZONE=Europe/Samara", "TIMEZONE=Asia/Omsk");
    assert_eq!(here.read(".env"), moved);
    // A file that the programs can't read is not written over.
    std::fs::write(here.path(".env"), "BOT_TOKEN=1:hush hush\n")?;
    let (success, output) = here.run(FLAGS, TOKEN).await?;
    assert!(!success && !output.contains("hush"), "{output}");
    assert_eq!(here.read(".env"), "BOT_TOKEN=1:hush hush\n");
    Ok(())
}
