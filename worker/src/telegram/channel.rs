//! Whether the staff's chat is a channel. Any subscriber of a channel could press, and no press is read there: cards have no
//! buttons in it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use shared::domain::{ids::ChatId, venue::StaffChat};
use tokio_util::sync::CancellationToken;

use super::{answer::CallError, chat, client::Client};

/// The pause after a call that failed.
const PAUSE: Duration = Duration::from_secs(30);

/// The chat that is known to be a channel.
#[derive(Debug, Default)]
pub struct KnownChannel(AtomicI64);

impl KnownChannel {
    /// Whether a chat is known to be a channel.
    #[must_use]
    pub fn is(&self, chat: ChatId) -> bool {
        self.0.load(Ordering::Relaxed) == chat.0
    }

    /// Finds out what the staff's chat is. Retried until Telegram has answered; a chat that the bot is not in stays unknown.
    pub async fn find_out(&self, client: &Client, staff: &StaffChat, stop: &CancellationToken) {
        let Some(chat) = staff.get() else { return };
        let finding = async {
            loop {
                match chat::kind(client, chat.0).await {
                    Ok(kind) if kind == "channel" => self.0.store(chat.0, Ordering::Relaxed),
                    Ok(_) | Err(CallError::Refused { .. }) => {}
                    Err(_) => {
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                }
                break;
            }
        };
        stop.run_until_cancelled(finding).await;
    }
}
