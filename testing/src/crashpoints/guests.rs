//! The guests' story: one of the staff invites who booked without a phone, looks at tomorrow, and binds another chat;
//! another guest types Bukza's code and the phone's digits.

use std::time::Duration;

use anyhow::Context;
use simulator::model::{Call, Member};

use super::{
    fleet::Fleet,
    story::{ANNA, Actor, CHAT},
};
use crate::harness::{fleet::STAFF_CHAT, phrases};

/// The steps, in order.
pub const STEPS: [&str; 8] =
    ["arrive", "invite", "open", "tomorrow", "bind", "announce", "code", "digits"];
/// A booking without a phone, and one with another's.
pub const INVITED: &str = "GUEST1";
pub const TYPED: &str = "TYPED1";
/// Who types the code.
pub const GUEST: i64 = 10_002;
const PHONE: &str = "+79990000002";
/// The chat that is bound in the middle of the story.
pub const BOUND: i64 = -1_001_000_000_077;
const VERA: Member = Member { chat_id: BOUND, user_id: 503 };
const COMMANDS_WITHIN: Duration = Duration::from_secs(100);

/// The secret of a new link that binds the staff's chat.
///
/// # Errors
/// When the command fails.
pub async fn link(fleet: &Fleet) -> anyhow::Result<String> {
    let printed = fleet.operate(&["bind"]).await?;
    let secret = printed.split("?startgroup=").nth(1).and_then(|it| it.split_whitespace().next());
    secret.map(str::to_owned).with_context(|| format!("no link in {printed}"))
}

impl Actor {
    /// Returns `false` when there is nothing to press or to open.
    pub(super) async fn act_with_guests(&mut self, step: &str) -> anyhow::Result<bool> {
        match step {
            "arrive" => self.post_of("", "update", &[INVITED], self.visit).await?,
            "invite" => {
                return self.press_card(phrases::STAFF_CREATED, phrases::INVITE).await;
            }
            "open" => return self.open_invitation().await,
            "tomorrow" => {
                let words = simulator::model::UserMessage::text("/tomorrow");
                self.telegram.send_in(ANNA, &words).await?;
            }
            "bind" => {
                self.telegram.add_bot(VERA, Some(&self.link)).await?;
                let commands = |call: &Call| {
                    call.method == "setMyCommands"
                        && call.status == 200
                        && call.body.to_string().contains(&BOUND.to_string())
                };
                self.telegram.wait_for_call(0, commands, COMMANDS_WITHIN).await?;
            }
            "announce" => self.post_of(PHONE, "update", &[TYPED], self.visit).await?,
            "code" => {
                self.telegram.say(GUEST, TYPED).await?;
            }
            _ => {
                self.telegram.say(GUEST, "0002").await?;
            }
        }
        Ok(true)
    }

    async fn open_invitation(&self) -> anyhow::Result<bool> {
        let shown = self.telegram.chat(STAFF_CHAT).await?;
        let after_link =
            |text: &str| text.split("?start=").nth(1)?.split_whitespace().next().map(str::to_owned);
        let Some(token) = shown.iter().rev().find_map(|message| after_link(&message.text)) else {
            return Ok(false);
        };
        self.telegram.open_link(CHAT, &token).await?;
        Ok(true)
    }
}
