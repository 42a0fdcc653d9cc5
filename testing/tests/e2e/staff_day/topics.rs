//! Commands in a group with topics: where one of them is the staff's, a command counts there alone.

use simulator::model::{ChatKind, ChatMessage, UserMessage};

use super::{ANNA, handled};
use crate::common::{Options, Outcome, STAFF_CHAT, World, settled};

const STAFFS: i64 = 17;
const ANOTHER: i64 = 30;
/// The topics, whose opening is an update each.
const TOPICS: usize = 2;

/// A group with the staff's topic and another one, and a world whose cards go to this place of it.
async fn world_of(place: &str) -> anyhow::Result<World> {
    let mut world =
        World::start(Options::default().workers(0).set("SUPPORT_CHANNEL_ID", place)).await?;
    world.telegram.set_chat_kind(STAFF_CHAT, ChatKind::Forum).await?;
    for (name, topic) in [("Записи", STAFFS), ("Разное", ANOTHER)] {
        let opened = world.telegram.open_topic(ANNA, name, false, Some(topic)).await?;
        assert_eq!(opened.message_id, Some(topic));
    }
    world.start_worker()?;
    world.ready().await?;
    handled(&world, TOPICS).await?;
    Ok(world)
}

/// Gives the command in each topic, the general one included. What the bot answers.
async fn answers(world: &World, command: &str) -> anyhow::Result<Vec<ChatMessage>> {
    for (topic, count) in [None, Some(ANOTHER), Some(STAFFS)].into_iter().zip(TOPICS + 1..) {
        let words = UserMessage { thread_id: topic, ..UserMessage::text(command) };
        let given = world.telegram.send_in(ANNA, &words).await?;
        anyhow::ensure!(given.delivered, "the bot gets {command} of {topic:?}");
        handled(world, count).await?;
        settled(world).await?;
    }
    let messages = world.telegram.chat(STAFF_CHAT).await?;
    Ok(messages.into_iter().filter(|message| message.from_bot).collect())
}

#[tokio::test]
async fn a_command_is_answered_in_the_staffs_topic_and_in_no_other_one() -> Outcome {
    let world = world_of(&format!("{STAFF_CHAT}:{STAFFS}")).await?;
    let answers = answers(&world, "/today").await?;
    let [answer] = answers.as_slice() else { anyhow::bail!("one answer: {answers:?}") };
    assert!(answer.text.contains("визитов нет"), "{answer:?}");
    assert_eq!(answer.thread_id, Some(STAFFS));
    let planned: i64 =
        world.database.one("SELECT count(*) FROM messages WHERE kind = 'staff_answer'").await?;
    assert_eq!(planned, 1);
    Ok(())
}

#[tokio::test]
async fn where_the_whole_group_is_the_staffs_each_topic_gets_its_answer() -> Outcome {
    let world = world_of(&STAFF_CHAT.to_string()).await?;
    let answers = answers(&world, "/today").await?;
    let topics: Vec<Option<i64>> = answers.iter().map(|message| message.thread_id).collect();
    assert_eq!(topics, [None, Some(ANOTHER), Some(STAFFS)], "{answers:?}");
    Ok(())
}
