//! Presses of buttons in the staff's chat: as a member does it, and as Telegram sends it of a button that the message may not
//! have.

use serde_json::{Value, json};
use simulator::model::{ChatMessage, Member};

use super::{Outcome, SOON, STAFF_CHAT, World};

/// The data of the button with these words.
pub fn button(card: &ChatMessage, words: &str) -> anyhow::Result<String> {
    let button = card.button(|button| button.text.contains(words));
    let data = button.and_then(|button| button.data.clone());
    data.ok_or_else(|| anyhow::anyhow!("no {words:?}: {:?}", card.buttons))
}

/// Presses a button, and waits for the answer with these words.
pub async fn press(
    world: &World,
    member: Member,
    (card, data): (&ChatMessage, &str),
    words: &str,
) -> Outcome {
    let before = world.telegram.chat(STAFF_CHAT).await?.last().map_or(0, |last| last.message_id);
    world.telegram.press_in(member, Some(card.message_id), data).await?;
    let answers = |message: &ChatMessage| {
        message.reply_to == Some(card.message_id) && message.text.contains(words)
    };
    world.telegram.wait_for_message_after(STAFF_CHAT, before, answers, SOON).await?;
    Ok(())
}

/// A press as Telegram sends it, of a button that the message may not have.
pub fn pressed(id: &str, chat: Value, message: i64, data: &str) -> Value {
    json!({"callback_query": {
        "id": id, "chat_instance": "1", "data": data,
        "from": {"id": 77_777, "is_bot": false, "first_name": "x"},
        "message": {"message_id": message, "date": 1_700_000_000, "chat": chat,
            "from": {"id": 1, "is_bot": true, "first_name": "Bot"}, "text": "x"},
    }})
}
