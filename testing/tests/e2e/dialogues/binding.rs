//! The staff's chat bound by a link: once, for an hour, and revocable. Cards, replies and waiting cards follow.

use simulator::model::{Call, ChatKind, ChatMessage, Fault, FaultKind, Member, UserMessage};

use super::{ANNA, TAKE, booked, data, world_with};
use crate::common::{
    Booking, Options, Outcome, Person, SOON, STAFF_CHAT, World, clients_settled, expect_message,
    expect_staff_message, in_seconds, message_count, person, register, settled,
};

const NEW_CHAT: i64 = -1_001_000_000_077;
const FOREIGN: i64 = -1_001_000_000_088;
/// A member of the new chat, and one of a foreign group.
const VERA: Member = Member { chat_id: NEW_CHAT, user_id: 503 };
const GLEB: Member = Member { chat_id: FOREIGN, user_id: 504 };

const BOUND: &str = "Это чат сотрудников";
const LEFT: &str = "Карточки теперь приходят в чат";
const LINK_OVER: &str = "Эта ссылка больше не действует";

/// The secret in the link that `worker bind` prints.
async fn new_link(world: &World) -> anyhow::Result<String> {
    let printed = world.operate(&["bind"]).await?;
    let secret =
        printed.split("?startgroup=").nth(1).and_then(|rest| rest.split_whitespace().next());
    let secret = secret.ok_or_else(|| anyhow::anyhow!("no link in {printed}"))?;
    assert!(secret.len() <= 64, "Telegram takes 64 characters: {secret}");
    assert!(printed.starts_with("https://t.me/"), "{printed}");
    Ok(secret.to_owned())
}

async fn expect_in(world: &World, chat: i64, words: &str) -> anyhow::Result<ChatMessage> {
    let has = |message: &ChatMessage| message.from_bot && message.text.contains(words);
    Ok(world.telegram.wait_for_message(chat, has, SOON).await?)
}

/// Waits until the update of a message in this chat has been applied.
async fn applied(world: &World, chat: i64, message: Option<i64>) -> Outcome {
    let message = message.unwrap_or_default();
    let update = format!(
        "SELECT count(*) FROM processed_updates WHERE identity LIKE 'message:{chat}:{message}:%'"
    );
    world.until(&update, 1_i64, SOON).await
}

async fn bind(world: &World, member: Member) -> Outcome {
    let secret = new_link(world).await?;
    world.telegram.add_bot(member, Some(&secret)).await?;
    expect_in(world, member.chat_id, BOUND).await.map(drop)
}

async fn book(world: &World, client: &Person, code: &str) -> Outcome {
    let booking = Booking::at(code, &client.phone, in_seconds(3 * 86_400));
    world.accept(&booking.created()).await
}

#[tokio::test]
async fn a_link_binds_a_group_and_cards_and_replies_follow_it() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default().workers(2), &[&client]).await?;
    book(&world, &client, "OLDONE").await?;
    let old = expect_staff_message(&world, &["OLDONE"]).await?;
    bind(&world, VERA).await?;
    let left = expect_staff_message(&world, &[LEFT]).await?;
    assert!(left.text.contains("Staff"), "the new chat's title: {}", left.text);
    let commands = |chat: i64, listed: bool| {
        move |call: &Call| {
            let of = call.body["commands"].as_array().is_some_and(|all| all.is_empty() != listed);
            call.method == "setMyCommands" && call.body["scope"]["chat_id"] == chat && of
        }
    };
    world.telegram.wait_for_call(0, commands(NEW_CHAT, true), SOON).await?;
    world.telegram.wait_for_call(0, commands(STAFF_CHAT, false), SOON).await?;

    book(&world, &client, "NEWONE").await?;
    let card = expect_in(&world, NEW_CHAT, "NEWONE").await?;
    world.telegram.reply_in(VERA, card.message_id, "Ждём вас").await?;
    expect_message(&world, &client, "Ждём вас").await?;
    // The former chat is a foreign one now.
    let late = world.telegram.reply_in(ANNA, old.message_id, "из старого чата").await?;
    world.telegram.say(client.chat, "/help").await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, "из старого чата").await?, 0, "{late:?}");
    assert_eq!(message_count(&world, STAFF_CHAT, "NEWONE").await?, 0);
    assert_eq!(message_count(&world, NEW_CHAT, BOUND).await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, LEFT).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_link_that_was_used_taken_back_or_is_too_old_binds_nothing_and_says_so() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let used = new_link(&world).await?;
    world.telegram.add_bot(VERA, Some(&used)).await?;
    expect_in(&world, NEW_CHAT, BOUND).await?;
    let replaced = new_link(&world).await?;
    let old = new_link(&world).await?;
    world
        .database
        .execute(
            "UPDATE staff_links SET expires_at = now() - interval '1 s' WHERE ended_at IS NULL",
        )
        .await?;
    let mut answered = 0_i64;
    for secret in [&used, &replaced, &old] {
        world.telegram.add_bot(GLEB, Some(secret)).await?;
        answered += 1;
        let over =
            format!("SELECT count(*) FROM messages WHERE chat_id = {FOREIGN} AND status = 'sent'");
        world.until(&over, answered, SOON).await?;
    }
    assert_eq!(message_count(&world, FOREIGN, LINK_OVER).await?, 3);
    // What is no secret at all is not answered.
    let forged: String = used.chars().rev().collect();
    for words in [format!("/start {forged}"), "/start".into(), format!("/start {used} x")] {
        let made = world.telegram.send_in(GLEB, &UserMessage::text(&words)).await?;
        if words.contains(&forged) {
            applied(&world, FOREIGN, made.message_id).await?;
        }
    }
    settled(&world).await?;
    assert_eq!(message_count(&world, FOREIGN, "").await?, 3);
    book(&world, &client, "STAYED").await?;
    expect_in(&world, NEW_CHAT, "STAYED").await?;
    Ok(())
}

#[tokio::test]
async fn two_groups_that_open_one_link_at_once_do_not_both_get_the_cards() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default().workers(2), &[&client]).await?;
    let secret = new_link(&world).await?;
    let (one, other) = tokio::join!(
        world.telegram.add_bot(VERA, Some(&secret)),
        world.telegram.add_bot(GLEB, Some(&secret)),
    );
    one?;
    other?;
    let answered = format!(
        "SELECT count(*) FROM messages WHERE chat_id IN ({NEW_CHAT}, {FOREIGN}) AND status = 'sent'"
    );
    world.until(&answered, 2_i64, SOON).await?;
    let mut bound = 0;
    for chat in [NEW_CHAT, FOREIGN] {
        bound += message_count(&world, chat, BOUND).await?;
        assert_eq!(message_count(&world, chat, "").await?, 1);
    }
    assert_eq!(bound, 1);
    Ok(())
}

#[tokio::test]
async fn without_a_staff_chat_a_link_gives_one_and_unbinding_takes_it_away() -> Outcome {
    let (client, other) = (person(1), person(2));
    let options = Options::default().set("SUPPORT_CHANNEL_ID", "");
    let mut world = world_with(options, &[&client, &other]).await?;
    let alone = booked(&world, &client, "ALONE1").await?;
    assert!(data(&alone, super::CANNOT).is_err(), "nobody reads requests: {:?}", alone.buttons);
    bind(&world, VERA).await?;
    let heard = booked(&world, &client, "HEARD1").await?;
    assert!(data(&heard, super::CANNOT).is_ok());
    expect_in(&world, NEW_CHAT, "HEARD1").await?;
    // It is kept over a restart.
    world.workers.remove(0).stop().await?;
    world.start_worker()?;
    world.ready().await?;
    book(&world, &client, "AFTER1").await?;
    expect_in(&world, NEW_CHAT, "AFTER1").await?;

    // Cards that wait are not sent to a chat that is no longer the staff's.
    let closed = Fault::sending(FaultKind::Forbidden, 1_000).in_chat(NEW_CHAT);
    world.telegram.script(&closed).await?;
    book(&world, &other, "WAITS1").await?;
    let tried =
        "SELECT count(*) > 0 FROM messages WHERE kind = 'staff_created' AND reason IS NOT NULL";
    world.until(tried, true, SOON).await?;
    let printed = world.operate(&["unbind"]).await?;
    assert!(printed.contains(&NEW_CHAT.to_string()), "{printed}");
    let ended =
        "SELECT count(*) FROM messages WHERE kind = 'staff_created' AND reason = 'no_staff_chat'";
    world.until(ended, 1_i64, SOON).await?;
    world.telegram.clear_faults().await?;
    let notice =
        "SELECT count(*) FROM messages WHERE kind = 'staff_chat_notice' AND status = 'sent'";
    world.database.execute("UPDATE messages SET not_before = 'epoch', pushed_at = 'epoch'").await?;
    world.until(notice, 2_i64, SOON).await?;
    expect_in(&world, NEW_CHAT, "больше не приходят").await?;
    let printed = world.operate(&["unbind"]).await?;
    assert!(printed.contains("ни один чат не был привязан"), "{printed}");
    Ok(())
}

#[tokio::test]
async fn cards_that_wait_for_the_former_chat_reach_the_new_one() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let closed = Fault::sending(FaultKind::Forbidden, 1_000).in_chat(STAFF_CHAT);
    world.telegram.script(&closed).await?;
    book(&world, &client, "PARKED").await?;
    let tried =
        "SELECT count(*) > 0 FROM messages WHERE kind = 'staff_created' AND reason IS NOT NULL";
    world.until(tried, true, SOON).await?;
    bind(&world, VERA).await?;
    expect_in(&world, NEW_CHAT, "PARKED").await?;
    // The notice to the former chat waits for that one.
    let refused = "SELECT count(*) FROM messages WHERE kind = 'staff_chat_notice' \
                   AND status = 'scheduled' AND reason IS NOT NULL";
    world.until(refused, 1_i64, SOON).await?;
    world.telegram.clear_faults().await?;
    world.database.execute("UPDATE messages SET not_before = 'epoch', pushed_at = 'epoch'").await?;
    expect_staff_message(&world, &[LEFT]).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, NEW_CHAT, "PARKED").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_card_that_was_being_sent_to_the_former_chat_is_tried_again_in_the_new_one() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let silent = Fault::sending(FaultKind::Hang { ms: 10_000 }, 1).in_chat(STAFF_CHAT);
    world.telegram.script(&silent).await?;
    book(&world, &client, "FLYING").await?;
    let sending =
        "SELECT count(*) FROM messages WHERE kind = 'staff_created' AND status = 'sending'";
    world.until(sending, 1_i64, SOON).await?;
    bind(&world, VERA).await?;
    expect_in(&world, NEW_CHAT, "FLYING").await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "FLYING").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_setting_that_is_changed_after_the_binding_is_the_newer_wish() -> Outcome {
    let client = person(1);
    let mut world = world_with(Options::default(), &[&client]).await?;
    bind(&world, VERA).await?;
    world.workers.remove(0).stop().await?;
    world.settings.set("SUPPORT_CHANNEL_ID", FOREIGN);
    world.start_worker()?;
    world.ready().await?;
    book(&world, &client, "CHOSEN").await?;
    expect_in(&world, FOREIGN, "CHOSEN").await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, NEW_CHAT, "CHOSEN").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_bound_group_that_becomes_a_supergroup_stays_the_staffs() -> Outcome {
    const BASIC: Member = Member { chat_id: -4_077, user_id: 503 };
    let client = person(1);
    let mut world = world_with(Options::default(), &[&client]).await?;
    bind(&world, BASIC).await?;
    let migrate = Fault::sending(FaultKind::Migrate { to: NEW_CHAT }, 1_000).in_chat(-4_077);
    world.telegram.script(&migrate).await?;
    book(&world, &client, "GROWN1").await?;
    expect_in(&world, NEW_CHAT, "GROWN1").await?;
    let moved = expect_in(&world, NEW_CHAT, "У группы новый номер").await?;
    assert!(!moved.text.contains("SUPPORT_CHANNEL_ID"), "nothing is to be done: {}", moved.text);
    world.workers.remove(0).stop().await?;
    world.start_worker()?;
    world.ready().await?;
    book(&world, &client, "GROWN2").await?;
    let card = expect_in(&world, NEW_CHAT, "GROWN2").await?;
    world.telegram.reply_in(VERA, card.message_id, "Принято, ждём").await?;
    expect_message(&world, &client, "Принято, ждём").await?;
    Ok(())
}

/// A forum with a topic; its id.
async fn forum(world: &World, chat: i64) -> anyhow::Result<i64> {
    let opener = Member { chat_id: chat, user_id: 501 };
    world.telegram.set_chat_kind(chat, ChatKind::Forum).await?;
    let topic = world.telegram.open_topic(opener, "Записи", false, Some(9_000)).await?;
    Ok(topic.message_id.unwrap_or_default())
}

#[tokio::test]
async fn cards_and_replies_stay_in_the_topic_that_the_setting_names() -> Outcome {
    let client = person(1);
    let place = format!("{STAFF_CHAT}:9000");
    let mut world =
        World::start(Options::default().workers(0).set("SUPPORT_CHANNEL_ID", place)).await?;
    let topic = forum(&world, STAFF_CHAT).await?;
    assert_eq!(topic, 9_000);
    world.start_worker()?;
    world.ready().await?;
    register(&world, &client).await?;
    let confirmation = booked(&world, &client, "TOPIC1").await?;
    assert_eq!(confirmation.thread_id, None, "clients have no topics");
    let card = expect_staff_message(&world, &["TOPIC1"]).await?;
    assert_eq!(card.thread_id, Some(topic));
    world.telegram.send(client.chat, &UserMessage::photo("Как вас найти?")).await?;
    let copied =
        |message: &ChatMessage| message.copy_of.is_some() && message.thread_id == Some(topic);
    world.telegram.wait_for_message(STAFF_CHAT, copied, SOON).await?;
    let reply = UserMessage { thread_id: Some(topic), ..UserMessage::text("За углом") };
    world.telegram.send_in(ANNA, &reply.clone().reply_to(card.message_id)).await?;
    expect_message(&world, &client, "За углом").await?;
    // In a topic each message looks like a reply to the topic's root.
    let plain = UserMessage { thread_id: Some(topic), ..UserMessage::text("между нами") };
    world.telegram.send_in(ANNA, &plain.clone().reply_to(topic)).await?;
    world.telegram.say(client.chat, "/help").await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, "между нами").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_link_that_is_written_in_a_topic_binds_the_topic_and_general_is_no_topic() -> Outcome {
    let (client, other) = (person(1), person(2));
    let world = world_with(Options::default(), &[&client, &other]).await?;
    let topic = forum(&world, NEW_CHAT).await?;
    let secret = new_link(&world).await?;
    let words = UserMessage::text(&format!("/start@simulator_bot {secret}"));
    world.telegram.send_in(VERA, &UserMessage { thread_id: Some(topic), ..words }).await?;
    let bound = expect_in(&world, NEW_CHAT, BOUND).await?;
    assert_eq!(bound.thread_id, Some(topic));
    book(&world, &client, "TOPIC2").await?;
    assert_eq!(expect_in(&world, NEW_CHAT, "TOPIC2").await?.thread_id, Some(topic));

    let secret = new_link(&world).await?;
    world.telegram.add_bot(VERA, Some(&secret)).await?;
    let left = expect_in(&world, NEW_CHAT, LEFT).await?;
    assert_eq!(left.thread_id, Some(topic), "those who read the topic learn of it");
    book(&world, &other, "GENERAL").await?;
    assert_eq!(expect_in(&world, NEW_CHAT, "GENERAL").await?.thread_id, None);
    Ok(())
}

#[tokio::test]
async fn in_a_channel_request_cards_have_no_button() -> Outcome {
    let client = person(1);
    let mut world = World::start(Options::default().workers(0)).await?;
    world.telegram.set_chat_kind(STAFF_CHAT, ChatKind::Channel).await?;
    world.start_worker()?;
    world.ready().await?;
    let learnt = |call: &simulator::model::Call| call.method == "getChat";
    world.telegram.wait_for_call(0, learnt, SOON).await?;
    register(&world, &client).await?;
    let confirmation = booked(&world, &client, "CHANNEL").await?;
    super::cannot_come(&world, &client, &confirmation).await?;
    let card = expect_staff_message(&world, &["не сможет прийти"]).await?;
    assert!(card.buttons.is_empty(), "{:?}", card.buttons);
    assert!(!card.text.contains("Ответ на это сообщение"), "{}", card.text);
    // A subscriber who forges the press changes nothing.
    let request: i64 = world.database.one("SELECT id FROM requests").await?;
    let press = serde_json::json!({"callback_query": {"id": "1", "chat_instance": "1",
        "from": {"id": 501, "is_bot": false, "first_name": "Анна"}, "data": format!("taken:{request}"),
        "message": {"message_id": card.message_id, "date": 1_700_000_000, "text": "x",
            "chat": {"id": STAFF_CHAT, "type": "channel", "title": "Staff"}}}});
    world.telegram.inject(&press, 1, false).await?;
    world.telegram.say(client.chat, "/help").await?;
    settled(&world).await?;
    let taken = "SELECT count(*) FROM requests WHERE taken_by IS NOT NULL";
    assert_eq!(world.database.one::<i64>(taken).await?, 0);
    assert_eq!(message_count(&world, STAFF_CHAT, TAKE).await?, 0);
    Ok(())
}
