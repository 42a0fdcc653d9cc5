//! Accounts that write and press without a pause: they slow nobody else down, and get no flood in return.

use crate::common::{
    Options, Outcome, Person, SOON, STAFF_CHAT, World, expect_message, in_seconds, person, phrases,
    register, settled,
};
use futures::{StreamExt, TryStreamExt};
use simulator::model::{Call, ChatMessage};
use testing::harness::bukza::Booking;

const RATE: usize = 30;
const STRANGERS: i64 = 60;
/// Time-out for what comes through a flood. How much goes ahead of it is counted, and not how long it takes.
const THROUGH_FLOOD: std::time::Duration = SOON.saturating_mul(5);
/// More than the strangers' answers of three seconds.
const FLOODED: u64 = 40;
/// The messages of five seconds. Without its share a client waited for more than a thousand.
const HELD_UP: usize = 5 * RATE;

/// Each of the strangers writes once a second, something else each time.
async fn flood(world: &World) -> Outcome {
    let mut second = tokio::time::interval(std::time::Duration::from_secs(1));
    for text in ["/start", "/help", "/address", "/contacts"].into_iter().cycle() {
        second.tick().await;
        futures::stream::iter(50_000..50_000 + STRANGERS)
            .map(|chat| world.telegram.say(chat, text))
            .buffer_unordered(16)
            .try_for_each(|_| async { Ok(()) })
            .await?;
    }
    Ok(())
}

async fn last_call(world: &World) -> anyhow::Result<u64> {
    Ok(world.telegram.journal(0, None).await?.last().map_or(0, |call| call.seq))
}

/// How many messages were sent after `seq` before the first one to the client.
async fn ahead_of(world: &World, client: &Person, seq: u64) -> anyhow::Result<usize> {
    let calls = world.telegram.journal(seq, Some("sendMessage")).await?;
    Ok(calls.iter().take_while(|call| call.chat_id != Some(client.chat)).count())
}

#[tokio::test]
async fn sixty_strangers_who_write_each_second_hold_up_neither_confirmations_nor_answers() -> Outcome
{
    let world = World::start(Options::default().workers(2).set("TELEGRAM_RATE", RATE)).await?;
    let client = person(1);
    register(&world, &client).await?;
    let story = async {
        let before = world.telegram.stats().await?.sent;
        world.telegram.wait_for_sent(before + FLOODED, THROUGH_FLOOD).await?;

        let seq = last_call(&world).await?;
        let booking = Booking::at("FLOOD1", &client.phone, in_seconds(86_400));
        world.accept(&booking.created()).await?;
        let arrived = |words: &'static str| {
            let has = move |message: &ChatMessage| message.text.contains(words);
            world.telegram.wait_for_message(client.chat, has, THROUGH_FLOOD)
        };
        arrived(phrases::CONFIRMED).await?;
        let ahead = ahead_of(&world, &client, seq).await?;
        println!("{ahead} messages went ahead of the confirmation");
        assert!(ahead <= HELD_UP, "{ahead} messages went ahead of the confirmation");

        let seq = last_call(&world).await?;
        world.telegram.say(client.chat, "/help").await?;
        arrived(phrases::HELP).await?;
        let ahead = ahead_of(&world, &client, seq).await?;
        println!("{ahead} messages went ahead of the answer");
        assert!(ahead <= HELD_UP, "{ahead} messages went ahead of the answer");
        let most = "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM messages \
                    WHERE kind = 'answer' AND status = 'scheduled' GROUP BY chat_id) AS chats";
        let most: i64 = world.database.one(most).await?;
        assert!(most <= 3, "{most} answers wait in one chat");
        anyhow::Ok(())
    };
    tokio::select! {
        flooded = flood(&world) => flooded,
        story = story => story,
    }
}

#[tokio::test]
async fn a_hundred_presses_are_acknowledged_and_make_one_card_and_few_answers() -> Outcome {
    const PRESSES: usize = 100;
    let world = World::start(Options::default().workers(2)).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("PRESS1", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    let visited = "UPDATE bookings SET starts_at = now() - interval '2 h', \
                   ends_at = now() - interval '1 h'";
    world.database.execute(visited).await?;
    let asks = "UPDATE messages SET due_at = now() - interval '1 min', pushed_at = 'epoch' \
                WHERE kind = 'feedback'";
    world.database.execute(asks).await?;
    let question = expect_message(&world, &client, phrases::FEEDBACK).await?;
    let booking: i64 = world.database.one("SELECT id FROM bookings").await?;
    futures::stream::iter(0..PRESSES)
        .map(|n| {
            let data = format!("rate:{booking}:{}", n % 5 + 1);
            let (telegram, chat) = (&world.telegram, client.chat);
            let message = Some(question.message_id);
            async move { telegram.press(chat, message, &data).await }
        })
        .buffer_unordered(8)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    world.until("SELECT count(*) FROM processed_updates", PRESSES as i64 + 2, SOON).await?;
    let card = "SELECT count(*) FROM messages WHERE kind = 'staff_rated' AND status = 'sent'";
    world.until(card, 1_i64, SOON).await?;
    settled(&world).await?;

    let acknowledged = |call: &&Call| call.method == "answerCallbackQuery";
    let calls = world.telegram.journal(0, None).await?;
    assert_eq!(calls.iter().filter(acknowledged).count(), PRESSES);
    let messages = world.telegram.chat(STAFF_CHAT).await?;
    let cards: Vec<_> = messages.iter().filter(|m| m.text.contains(phrases::STAFF_RATED)).collect();
    let rating: i16 = world.database.one("SELECT rating FROM bookings").await?;
    assert_eq!(cards.len(), 1, "{cards:?}");
    assert!(cards[0].text.contains(&format!("{rating} {}", phrases::STAFF_RATED)), "{cards:?}");
    let answers = "SELECT count(*) FROM messages WHERE kind = 'answer' AND status = 'sent'";
    let answers: i64 = world.database.one(answers).await?;
    // A client who presses gets three at once, and one a second.
    println!("{answers} answers to {PRESSES} presses");
    assert!(answers <= 20, "{answers} answers");
    Ok(())
}
