//! Commands that are none of the staff's: in other groups and channels, for other bots, forwarded, of clients.

use serde_json::{Value, json};
use simulator::model::{ChatKind, Member, MessageRef, UserMessage};

use super::{ANNA, answer, handled, write};
use crate::common::{
    Options, Outcome, STAFF_CHAT, World, expect_message, person, register, settled,
};

/// Another group that somebody has added the bot to.
const STRANGERS: Member = Member { chat_id: -1_001_700_000_777, user_id: 777 };

fn command(chat: Value, from: Value, text: &str) -> Value {
    json!({"message": {
        "message_id": 9_000, "date": 1_700_000_000, "text": text, "chat": chat, "from": from,
    }})
}

async fn answers(world: &World) -> anyhow::Result<i64> {
    let answers = "SELECT count(*) FROM messages WHERE kind IN ('staff_answer', 'staff_agenda')";
    world.database.one(answers).await
}

#[tokio::test]
async fn nobody_but_the_staff_gets_an_answer() -> Outcome {
    let world = World::start(Options::default()).await?;
    world.telegram.set_privacy(STAFF_CHAT, false).await?;
    world.telegram.set_privacy(STRANGERS.chat_id, false).await?;
    let mut updates = 0;
    for text in ["/today", "/find 4567", "/stats@simulator_bot", "/help"] {
        world.telegram.send_in(STRANGERS, &UserMessage::text(text)).await?;
        updates += 1;
    }
    // For another bot, of another bot, unknown, forwarded, and no command at all.
    for text in [
        "/today@other_bot",
        "/help@simulator_bot2",
        "/today@",
        "/ban@simulator_bot",
        "/kick",
        "today",
    ] {
        write(&world, text).await?;
        updates += 1;
    }
    let original = write(&world, "/stats please").await?.message_id.expect("a message");
    updates += 1;
    super::handled(&world, updates).await?;
    let group = json!({"id": STAFF_CHAT, "type": "supergroup", "title": "x"});
    let bot = json!({"id": 99, "is_bot": true, "first_name": "Other"});
    let anna = json!({"id": 501, "is_bot": false, "first_name": "Анна"});
    world.telegram.inject(&command(group, bot, "/today"), 1, false).await?;
    let channel = json!({"id": STAFF_CHAT, "type": "channel", "title": "x"});
    world.telegram.inject(&command(channel, anna, "/today"), 1, false).await?;
    let forward = MessageRef { chat_id: STAFF_CHAT, message_id: original };
    world.telegram.send_in(ANNA, &UserMessage::forward(forward)).await?;
    updates += 3;
    handled(&world, updates).await?;
    settled(&world).await?;
    // Only the one that was forwarded is the staff's own.
    assert_eq!(answers(&world).await?, 1);
    assert!(world.telegram.chat(STRANGERS.chat_id).await?.iter().all(|message| !message.from_bot));
    Ok(())
}

#[tokio::test]
async fn a_clients_command_is_a_clients_word() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.telegram.say(client.chat, "/help").await?;
    expect_message(&world, &client, crate::common::phrases::HELP).await?;
    for text in ["/today", "/find 4567", "/stats"] {
        world.telegram.say(client.chat, text).await?;
    }
    handled(&world, 6).await?;
    settled(&world).await?;
    assert_eq!(answers(&world).await?, 0);
    for message in world.telegram.chat(client.chat).await? {
        assert!(!message.from_bot || !message.text.contains('📅'), "{}", message.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_channel_has_no_commands_and_what_waits_for_a_former_chat_is_not_sent_there() -> Outcome {
    let mut world = World::start(Options::default().workers(0)).await?;
    world.telegram.set_chat_kind(STAFF_CHAT, ChatKind::Channel).await?;
    world.start_worker()?;
    world.ready().await?;
    let registered = |call: &simulator::model::Call| call.method == "getChatMenuButton";
    world.telegram.wait_for_call(0, registered, crate::common::SOON).await?;
    let calls = world.telegram.journal(0, Some("getChat")).await?;
    let listed =
        world.telegram.commands_of(&json!({"type": "chat", "chat_id": STAFF_CHAT}), "").await?;
    assert_eq!(listed, json!([]), "{calls:?}");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_waits_when_the_staffs_chat_changes_is_not_sent() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    answer(&world, "/help", "Что можно спросить").await?;
    world.workers.remove(0).stop().await?;
    let waiting = format!(
        "INSERT INTO messages (kind, recipient, lane, chat_id, due_at, job_id, content, pushed_at) \
         VALUES ('staff_answer', 'staff', 'interactive', {STAFF_CHAT}, now(), 'waits', \
         '{{\"staff_answer\": {{\"to\": null, \"answer\": \"help\"}}}}', 'epoch')"
    );
    world.database.execute(&waiting).await?;
    world.settings.set("SUPPORT_CHANNEL_ID", STRANGERS.chat_id);
    world.start_worker()?;
    let ended = "SELECT concat_ws(' ', status, reason) FROM messages WHERE job_id = 'waits'";
    world.until(ended, "cancelled other_staff_chat".to_owned(), crate::common::SOON).await?;
    assert_eq!(crate::common::message_count(&world, STAFF_CHAT, "Что можно спросить").await?, 1);
    assert_eq!(
        crate::common::message_count(&world, STRANGERS.chat_id, "Что можно спросить").await?,
        0
    );
    Ok(())
}
