//! Shows the story: its chapters here and on the page, and messages of chats as text, each once, and again when it
//! was edited.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::bail;
use chrono::Timelike;
use simulator::{Client, model::ChatMessage};

use testing::harness::{bukza::ZONE, fleet::STAFF_CHAT};

/// How wide a bubble may be, in characters.
const WIDTH: usize = 72;
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a wait for a message looks for edits.
const EDITS_SEEN_EVERY: Duration = Duration::from_millis(300);

/// Draws chats and waits for messages in them.
#[derive(Debug)]
pub struct Screen {
    telegram: Client,
    /// Messages are drawn here, not only on the page.
    text: bool,
    /// The text of each message drawn, by chat and id.
    drawn: HashMap<(i64, i64), String>,
}

impl Screen {
    #[must_use]
    pub fn new(telegram: Client, text: bool) -> Self {
        Self { telegram, text, drawn: HashMap::new() }
    }

    /// A heading of the story, and the same for the owner who reads the page.
    ///
    /// # Errors
    /// When the simulator ends.
    pub async fn chapter(&self, title: &str, caption: &str) -> anyhow::Result<()> {
        println!("\n\x1b[1m━━ {title}\x1b[0m");
        Ok(self.telegram.set_caption(caption).await?)
    }

    /// A line between the bubbles.
    pub fn note(&self, text: &str) {
        println!("\x1b[2m   {text}\x1b[0m");
    }

    /// Draws what comes in a chat, or is edited there, until a message of the bot has these words.
    ///
    /// # Errors
    /// When none comes in good time.
    pub async fn expect(&mut self, chat: i64, words: &str) -> anyhow::Result<ChatMessage> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let messages = self.telegram.chat_after(chat, 0, Duration::ZERO).await?;
            let last = messages.last().map_or(0, |message| message.message_id);
            for message in messages {
                if self.draw(chat, &message) && message.from_bot && message.text.contains(words) {
                    return Ok(message);
                }
            }
            self.telegram.chat_after(chat, last, EDITS_SEEN_EVERY).await?;
        }
        bail!("no message with «{words}» came to chat {chat} within {PATIENCE:?}")
    }

    /// Draws what comes in any chat, for ever.
    ///
    /// # Errors
    /// When the simulator ends.
    pub async fn follow(&mut self) -> anyhow::Result<()> {
        let mut seq = 0;
        loop {
            for call in self.telegram.journal_after(seq, Duration::from_secs(20)).await? {
                seq = call.seq;
                let Some(chat) = call.chat_id.filter(|_| call.delivered) else { continue };
                for message in self.telegram.chat_after(chat, 0, Duration::ZERO).await? {
                    self.draw(chat, &message);
                }
            }
        }
    }

    /// Returns whether the message was not drawn before as it is now.
    fn draw(&mut self, chat: i64, message: &ChatMessage) -> bool {
        let before = self.drawn.insert((chat, message.message_id), message.text.clone());
        if before.as_ref() == Some(&message.text) {
            return false;
        }
        if !self.text {
            return true;
        }
        let (indent, color, whose) = match (chat == STAFF_CHAT, message.from_bot) {
            (true, _) => (4, 33, "staff chat".to_owned()),
            (false, true) => (0, 36, format!("client {chat} ← bot")),
            (false, false) => (24, 32, format!("client {chat} writes")),
        };
        let whose = if before.is_some() { format!("{whose}, edited") } else { whose };
        let indent = " ".repeat(indent);
        let at = message.at.with_timezone(&ZONE);
        let time = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
        println!("{indent}\x1b[{color}m╭ {whose} · {time}\x1b[0m");
        for line in message.text.lines().flat_map(wrapped) {
            println!("{indent}\x1b[{color}m│\x1b[0m {line}");
        }
        for row in &message.buttons {
            let row: Vec<String> = row
                .iter()
                .map(|b| match &b.url {
                    Some(url) => format!("[{} → {url}]", b.text),
                    None => format!("[{}]", b.text),
                })
                .collect();
            println!("{indent}\x1b[{color}m│\x1b[0m \x1b[1m{}\x1b[0m", row.join(" "));
        }
        if !message.keyboard.is_empty() {
            let keys = message.keyboard.iter().flatten().map(|key| key.text.as_str());
            let keys: Vec<&str> = keys.collect();
            println!("{indent}\x1b[{color}m│\x1b[0m \x1b[2m⌨  {}\x1b[0m", keys.join(" | "));
        }
        println!("{indent}\x1b[{color}m╰\x1b[0m");
        true
    }
}

/// A line in pieces of at most [`WIDTH`] characters, broken at spaces.
fn wrapped(line: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in line.split(' ') {
        let last = pieces.len() - 1;
        let length = pieces[last].chars().count();
        if length > 0 && length + 1 + word.chars().count() > WIDTH {
            pieces.push(word.to_owned());
        } else {
            if length > 0 {
                pieces[last].push(' ');
            }
            pieces[last].push_str(word);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_at_spaces_and_lose_nothing() {
        let line = "слово ".repeat(40);
        let pieces = wrapped(line.trim());
        assert!(pieces.len() > 1 && pieces.iter().all(|p| p.chars().count() <= WIDTH));
        assert_eq!(pieces.join(" "), line.trim());
        assert_eq!(wrapped(""), [""]);
    }
}
