//! What the staff do in their chat besides taking requests: they look things up, get the agenda by itself, and replay
//! refused requests.

mod agenda;
mod commands;
mod refusals;
mod replays;
mod topics;

use simulator::model::{ChatMessage, Made, Member, UserMessage};

use crate::common::{SOON, STAFF_CHAT, World};

/// Two of the staff, as members of their group.
const ANNA: Member = Member { chat_id: STAFF_CHAT, user_id: 501 };
const BORIS: Member = Member { chat_id: STAFF_CHAT, user_id: 502 };

/// Writes in the staff's chat. The message.
async fn write(world: &World, text: &str) -> anyhow::Result<Made> {
    Ok(world.telegram.send_in(ANNA, &UserMessage::text(text)).await?)
}

/// Gives a command, and waits for the answer to it that has these words.
async fn answer(world: &World, command: &str, words: &str) -> anyhow::Result<ChatMessage> {
    let given = write(world, command).await?;
    anyhow::ensure!(given.delivered, "the bot gets {command:?}");
    let answers = |message: &ChatMessage| {
        message.from_bot && message.reply_to == given.message_id && message.text.contains(words)
    };
    Ok(world.telegram.wait_for_message(STAFF_CHAT, answers, SOON).await?)
}

/// Waits until so many updates were applied or ignored since the start. Those that are ignored leave no row.
async fn handled(world: &World, count: usize) -> anyhow::Result<()> {
    let deadline = std::time::Instant::now() + SOON;
    while world.workers[0].process.log_lines("update handled")? < count {
        anyhow::ensure!(std::time::Instant::now() < deadline, "{count} updates were not handled");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Ok(())
}
