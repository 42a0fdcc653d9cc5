//! A person at a terminal: a program in a pseudo-terminal of `script`, what it shows, and what is typed, counted.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use testing::harness::packages::program_path;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const ENTER: &[u8] = b"\r";
const PATIENCE: Duration = Duration::from_secs(60);

/// A program at a terminal.
pub struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    /// All that was shown.
    shown: Vec<u8>,
    /// Where in the text the words end that were waited for last.
    seen: usize,
    /// The values that were typed.
    pub typed: Vec<String>,
}

impl Terminal {
    /// Starts a command of the shell.
    pub fn start(
        command: &str,
        folder: &Path,
        settings: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(program_path("script")?)
            .args(["--quiet", "--return", "--echo", "never", "--command", command, "/dev/null"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        let keyboard = child.stdin.take().context("a keyboard")?;
        let screen = child.stdout.take().context("a screen")?;
        Ok(Self { child, keyboard, screen, shown: Vec::new(), seen: 0, typed: Vec::new() })
    }

    /// All that was shown, without what moves the cursor or colours.
    pub fn text(&self) -> String {
        plain(&String::from_utf8_lossy(&self.shown))
    }

    /// Waits for these words after those that were waited for last.
    pub async fn shows(&mut self, words: &str) -> anyhow::Result<()> {
        let waited = timeout(PATIENCE, async {
            loop {
                let text = self.text();
                if let Some(at) = text[self.seen..].find(words) {
                    self.seen += at + words.len();
                    return Ok(());
                }
                if self.screen.read_buf(&mut self.shown).await? == 0 {
                    bail!("the program ended");
                }
            }
        });
        let waited = waited.await.unwrap_or_else(|_| bail!("it took too long"));
        waited.with_context(|| format!("no {words:?} in:\n{}", self.text()))
    }

    /// Enter at a question.
    pub async fn enter(&mut self, question: &str) -> anyhow::Result<()> {
        // An answered one begins with another sign.
        self.shows(&format!("? {question}")).await?;
        Ok(self.keyboard.write_all(ENTER).await?)
    }

    /// A value and Enter at a question.
    pub async fn types(&mut self, question: &str, value: &str) -> anyhow::Result<()> {
        // An answered one begins with another sign.
        self.shows(&format!("? {question}")).await?;
        self.typed.push(value.to_owned());
        self.keyboard.write_all(&[value.as_bytes(), ENTER].concat()).await?;
        Ok(())
    }

    /// Ctrl-C at a question.
    pub async fn interrupts(&mut self, question: &str) -> anyhow::Result<()> {
        self.shows(&format!("? {question}")).await?;
        Ok(self.keyboard.write_all(b"\x03").await?)
    }

    /// Its end, and whether it succeeded.
    pub async fn ends(&mut self) -> anyhow::Result<bool> {
        let ended = timeout(PATIENCE, async {
            while self.screen.read_buf(&mut self.shown).await? > 0 {}
            self.child.wait().await
        });
        Ok(ended.await.with_context(|| self.text())??.success())
    }
}

/// A text without escape sequences.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        plain += &part[end..];
    }
    plain.replace('\r', "")
}

#[test]
fn what_moves_the_cursor_is_no_text() {
    assert_eq!(plain("a\u{1b}[2K\u{1b}[1;32mb\u{1b}[0m\r\nc"), "ab\nc");
}
