//! `setMessageReaction`: one emoji of Telegram's free set at a message.

use serde_json::{Value, json};

use super::{
    answer::Answer,
    methods::{Done, Params, bad_request, chat_of, refuse_absent},
    params,
};
use crate::{model::Media, state::State};

/// Bots set at most one.
const MOST: usize = 1;

/// What `ReactionTypeEmoji` takes (Bot API).
const FREE: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ \
    🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 \
    🤷‍♂ 🤷 🤷‍♀ 😡";

pub(super) fn set(state: &mut State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["chat_id", "message_id", "reaction", "is_big"])?;
    let chat_id = chat_of(params)?;
    refuse_absent(state, chat_id)?;
    let reactions = params::array(params, "reaction")
        .map_err(|()| bad_request("Bad Request: can't parse reaction types JSON object"))?;
    let reactions = reactions.iter().map(emoji).collect::<Option<Vec<_>>>();
    let reactions = reactions.ok_or_else(|| bad_request("Bad Request: REACTION_INVALID"))?;
    if reactions.len() > MOST {
        return Err(bad_request("Bad Request: REACTIONS_TOO_MANY"));
    }
    let message = params::integer(params, "message_id")
        .and_then(|message_id| state.chats.find(chat_id, message_id))
        .ok_or_else(|| bad_request("Bad Request: message to react not found"))?;
    if matches!(message.media, Some(Media::Service { .. })) {
        return Err(bad_request("Bad Request: REACTION_INVALID"));
    }
    message.reactions = reactions;
    Ok(Done::plain(json!(true)))
}

/// The emoji of a reaction, if it is one of the free ones. Variation selectors make no difference.
fn emoji(reaction: &Value) -> Option<String> {
    let emoji = reaction.get("emoji").filter(|_| reaction["type"] == "emoji")?.as_str()?;
    let emoji = emoji.replace('\u{fe0f}', "");
    FREE.split_whitespace().any(|free| free == emoji).then_some(emoji)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_free_set_is_taken() {
        let of = |kind: &str, text: &str| emoji(&json!({"type": kind, "emoji": text}));
        assert_eq!(of("emoji", "👍").as_deref(), Some("👍"));
        assert_eq!(of("emoji", "❤\u{fe0f}").as_deref(), Some("❤"));
        assert_eq!(of("emoji", "✅"), None);
        assert_eq!(of("emoji", ""), None);
        assert_eq!(of("custom_emoji", "👍"), None);
        assert_eq!(emoji(&json!("👍")), None);
    }
}
