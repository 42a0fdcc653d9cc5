//! `Повторить` on the card of refused requests: it goes the way of `worker rejected replay`, once.

use serde_json::json;
use simulator::model::{ChatMessage, Member};

use super::{ANNA, BORIS, handled};
use crate::common::{
    Options, Outcome, Request, SOON, STAFF_CHAT, World, applied, expect_staff_message,
    message_count, person, phrases,
    presses::{self, button, pressed},
    settled,
};

const REPLAY: &str = "Повторить";

/// Refused for a day that does not exist.
fn refused(code: &str) -> Request {
    Request::body(format!(r#"{{"code": "{code}", "start": "31.02.2099 12:00", "end": "?"}}"#))
}

/// Mends the bodies of the kept requests.
async fn mend(world: &World) -> Outcome {
    let start = r#"regexp_replace(body, '31.02.2099', '27.12.2099')"#;
    let mended = format!(
        "UPDATE rejected_requests SET body = replace({start}, '\"?\"', '\"27.12.2099 13:00\"')"
    );
    world.database.execute(&mended).await?;
    Ok(())
}

fn replay_of(card: &ChatMessage) -> anyhow::Result<String> {
    button(card, REPLAY)
}

async fn press(world: &World, member: Member, card: &ChatMessage, words: &str) -> Outcome {
    presses::press(world, member, (card, &replay_of(card)?), words).await
}

#[tokio::test]
async fn a_refused_request_is_replayed_from_its_card_once_it_can_be_used() -> Outcome {
    let world = World::start(Options::default()).await?;
    let (status, _) = world.post_bukza(&refused("MENDED")).await?;
    assert_eq!(status, 422);
    let card = expect_staff_message(&world, &[phrases::STAFF_REJECTED, "№ 1"]).await?;
    assert!(
        card.button(|button| button.text == "🔁 Повторить № 1").is_some(),
        "{:?}",
        card.buttons
    );
    // Still refused, with the fault in the staff's words. The button stays.
    press(&world, ANNA, &card, "№ 1 всё ещё не принят:\n• start: такого дня или часа не бывает")
        .await?;
    mend(&world).await?;
    press(&world, BORIS, &card, "Запрос принят").await?;
    applied(&world, "MENDED", "active", 1).await?;
    expect_staff_message(&world, &[phrases::STAFF_CREATED, "MENDED"]).await?;
    let gone =
        |message: &ChatMessage| message.message_id == card.message_id && message.buttons.is_empty();
    world.telegram.wait_for_message(STAFF_CHAT, gone, SOON).await?;
    // Whoever still sees the button learns that it was done.
    let here = json!({"id": STAFF_CHAT, "type": "supergroup", "title": "x"});
    world
        .telegram
        .inject(&pressed("late", here, card.message_id, &replay_of(&card)?), 1, false)
        .await?;
    expect_staff_message(&world, &["Уже повторён"]).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, phrases::STAFF_CREATED).await?, 1);
    let listed = world.operate(&["rejected", "list"]).await?;
    assert!(listed.contains("отклонено запросов: 0"), "{listed}");
    Ok(())
}

#[tokio::test]
async fn two_members_who_press_at_once_replay_once() -> Outcome {
    let world = World::start(Options::default()).await?;
    world.post_bukza(&refused("ATONCE")).await?;
    let card = expect_staff_message(&world, &[phrases::STAFF_REJECTED]).await?;
    mend(&world).await?;
    let data = replay_of(&card)?;
    let message = Some(card.message_id);
    tokio::try_join!(
        world.telegram.press_in(ANNA, message, &data),
        world.telegram.press_in(BORIS, message, &data)
    )?;
    expect_staff_message(&world, &["Запрос принят"]).await?;
    expect_staff_message(&world, &["Уже повторён"]).await?;
    applied(&world, "ATONCE", "active", 1).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "Запрос принят").await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, phrases::STAFF_CREATED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn refusals_of_one_cause_are_replayed_together_and_others_are_left() -> Outcome {
    let world = World::start(Options::default()).await?;
    // The staff's chat is busy: cards wait, and grow.
    let held = format!(
        "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id, status, lease_until) \
         VALUES ('staff_created', 'staff', {STAFF_CHAT}, now(), 'held', 'sending', \
         now() + interval '1 hour')"
    );
    world.database.execute(&held).await?;
    let nameless =
        Request::body(r#"{"code": "", "start": "27.12.2099 12:00", "end": "27.12.2099 13:00"}"#);
    for (count, request) in
        (1_i64..).zip([&refused("FIRST1"), &nameless, &refused("SECOND"), &refused("THIRD1")])
    {
        world.post_bukza(request).await?;
        world.until("SELECT count(*) FROM rejected_requests", count, SOON).await?;
    }
    world.database.execute("DELETE FROM messages WHERE job_id = 'held'").await?;
    // Two causes in one message: each has its button.
    let card = expect_staff_message(&world, &["№ 1–4, 3 запроса", "№ 2, "]).await?;
    let labels: Vec<_> = card.buttons.iter().flatten().map(|button| button.text.as_str()).collect();
    assert_eq!(labels, ["🔁 Повторить все № 1–4", "🔁 Повторить № 2"]);
    mend(&world).await?;
    press(&world, ANNA, &card, "Принято запросов: 3").await?;
    for code in ["FIRST1", "SECOND", "THIRD1"] {
        applied(&world, code, "active", 1).await?;
    }
    let open = "SELECT string_agg(id::text, ',') FROM rejected_requests WHERE replayed_at IS NULL";
    assert_eq!(world.database.one::<String>(open).await?, "2");
    press(&world, ANNA, &card, "Уже повторены: 3").await?;
    Ok(())
}

#[tokio::test]
async fn a_press_elsewhere_or_of_other_numbers_replays_nothing() -> Outcome {
    let world = World::start(Options::default()).await?;
    world.post_bukza(&refused("HERE01")).await?;
    let card = expect_staff_message(&world, &[phrases::STAFF_REJECTED]).await?;
    mend(&world).await?;
    let data = replay_of(&card)?;
    let group = |id: i64| json!({"id": id, "type": "supergroup", "title": "x"});
    let channel = json!({"id": STAFF_CHAT, "type": "channel", "title": "x"});
    let private = json!({"id": 77_777, "type": "private", "first_name": "x"});
    let here = group(STAFF_CHAT);
    for (id, chat, message, data) in [
        ("elsewhere", group(-999), card.message_id, data.as_str()),
        ("channel", channel, card.message_id, &data),
        ("private", private, card.message_id, &data),
        ("other", here.clone(), card.message_id + 1_000, &data),
        ("numbers", here.clone(), card.message_id, "replay:1:9999"),
        ("form", here, card.message_id, "replay:01:2"),
    ] {
        world.telegram.inject(&pressed(id, chat, message, data), 1, false).await?;
    }
    handled(&world, 6).await?;
    settled(&world).await?;
    let replayed = "SELECT count(*) FROM rejected_requests WHERE replayed_at IS NOT NULL";
    assert_eq!(world.database.one::<i64>(replayed).await?, 0);
    assert_eq!(message_count(&world, STAFF_CHAT, "принят").await?, 1);
    // Telegram takes the buttons off a forward; the real one still works.
    let client = person(1);
    let forward = simulator::model::UserMessage::forward(simulator::model::MessageRef {
        chat_id: STAFF_CHAT,
        message_id: card.message_id,
    });
    world.telegram.send(client.chat, &forward).await?;
    world.telegram.press_in(ANNA, Some(card.message_id), &data).await?;
    world.until(replayed, 1_i64, SOON).await
}
