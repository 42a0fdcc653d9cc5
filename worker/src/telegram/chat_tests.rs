//! Each answer of Telegram about the bot in a chat, and what it lacks there.

use serde_json::{Value, json};

use super::*;

fn lacks(chat: Value, member: Value) -> Option<Missing> {
    missing(&serde_json::from_value(chat).unwrap(), &serde_json::from_value(member).unwrap())
}

#[test]
fn what_the_bot_lacks_follows_from_its_status_and_the_kind_of_chat() {
    let (group, channel) = (json!({"type": "supergroup"}), json!({"type": "channel"}));
    let forum = json!({"type": "supergroup", "is_forum": true});
    let silent = json!({"type": "group", "permissions": {"can_send_messages": false}});
    for (chat, member, expected) in [
        (&group, json!({"status": "member", "new_field": {}}), None),
        (&group, json!({"status": "administrator"}), None),
        (&group, json!({"status": "left"}), Some(Missing::NotMember)),
        (&group, json!({"status": "kicked", "until_date": 0}), Some(Missing::NotMember)),
        (&group, json!({"status": "restricted", "is_member": false}), Some(Missing::NotMember)),
        (&group, json!({"status": "restricted", "is_member": true}), Some(Missing::RightToWrite)),
        (&group, json!({"status": "restricted", "can_send_messages": true}), None),
        (&silent, json!({"status": "member"}), Some(Missing::RightToWrite)),
        (&silent, json!({"status": "administrator"}), None),
        (&forum, json!({"status": "member"}), Some(Missing::RightInClosedTopic)),
        (&forum, json!({"status": "administrator"}), None),
        (&channel, json!({"status": "member"}), Some(Missing::RightToPost)),
        (&channel, json!({"status": "administrator"}), Some(Missing::RightToPost)),
        (&channel, json!({"status": "administrator", "can_post_messages": true}), None),
        (&json!({"type": "private"}), json!({"status": "member"}), None),
    ] {
        assert_eq!(lacks(chat.clone(), member.clone()), expected, "{chat} {member}");
    }
}
