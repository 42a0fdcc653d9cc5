//! What follows for people when Telegram refuses or loses a message: cards to the staff, what waits for a client's
//! return, and another chat of the staff.

use std::time::Duration;

use simulator::model::{ChatMessage, Fault, FaultKind};

use crate::common::{
    Booking, Options, Outcome, Person, SOON, STAFF_CHAT, World, applied, expect_message,
    expect_message_after, expect_staff_message, in_seconds, message_count, person, phrases,
    register, settled,
};

/// Longer than the client's pause after a 5xx and the pause before the second attempt.
const SECOND_TRY: Duration = Duration::from_secs(60);
const NEW_CHAT: i64 = -1_001_000_000_002;

async fn world_and_client() -> anyhow::Result<(World, Person, Booking)> {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("FORGIV", &client.phone, in_seconds(3 * 86_400));
    Ok((world, client, booking))
}

#[tokio::test]
async fn a_confirmation_of_unknown_result_makes_one_card_to_the_staff() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    let cut = Fault::sending(FaultKind::CutBeforeAccept, 2).in_chat(client.chat);
    world.telegram.script(&cut).await?;
    world.accept(&booking.created()).await?;
    let has = |message: &ChatMessage| message.text.contains(phrases::STAFF_UNDELIVERED);
    let card = world.telegram.wait_for_message(STAFF_CHAT, has, SECOND_TRY).await?;
    for words in ["FORGIV", "Неизвестно, дошло ли", "подтверждение записи", &client.phone]
    {
        assert!(card.text.contains(words), "{words}: {}", card.text);
    }
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, phrases::STAFF_UNDELIVERED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_refused_cancellation_makes_a_card_to_the_staff() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let refused = Fault::sending(FaultKind::BadRequest, 1).in_chat(client.chat);
    world.telegram.script(&refused).await?;
    world.accept(&booking.cancelled()).await?;
    let words = [phrases::STAFF_UNDELIVERED, "FORGIV", "Не доставлено", "отмена записи"];
    expect_staff_message(&world, &words).await?;
    Ok(())
}

#[tokio::test]
async fn who_blocked_the_bot_and_comes_back_is_sent_the_message_that_met_the_403() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    let forbidden = Fault::sending(FaultKind::Forbidden, 1).in_chat(client.chat);
    world.telegram.script(&forbidden).await?;
    world.accept(&booking.created()).await?;
    expect_staff_message(&world, &[phrases::STAFF_UNREACHABLE, "FORGIV"]).await?;
    let parked = "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'scheduled' \
                  AND chat_id IS NULL AND attempts = 0";
    world.until(parked, 1_i64, SOON).await?;
    world.telegram.say(client.chat, "/start").await?;
    let greeting = expect_message(&world, &client, phrases::KNOWN).await?;
    expect_message_after(&world, &client, &greeting, phrases::CONFIRMED).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, phrases::STAFF_UNDELIVERED).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_block_learnt_from_the_member_update_makes_the_card_too() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    world.telegram.block(client.chat).await?;
    expect_staff_message(&world, &[phrases::STAFF_UNREACHABLE, "FORGIV"]).await?;
    // The move meets a client who is known to be away: no message, and its card says so.
    world.telegram.unblock(client.chat).await?;
    let reachable = format!("SELECT reachable FROM users WHERE telegram_id = {}", client.chat);
    world.until(&reachable, true, SOON).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, phrases::STAFF_UNREACHABLE).await?, 1);
    Ok(())
}

/// A world whose staff's chat is closed, with this many cards that wait for it and no worker.
async fn cards_wait(count: usize) -> anyhow::Result<World> {
    let mut world = World::start(Options::default()).await?;
    let closed = Fault::sending(FaultKind::Forbidden, 1_000).in_chat(STAFF_CHAT);
    world.telegram.script(&closed).await?;
    for number in (1..).take(count) {
        let code = format!("WAITS{number}");
        let booking = Booking::at(&code, &person(number).phone, in_seconds(3 * 86_400));
        world.accept(&booking.created()).await?;
        applied(&world, &code, "active", 1).await?;
    }
    let tried =
        "SELECT count(*) > 0 FROM messages WHERE kind = 'staff_created' AND reason IS NOT NULL";
    world.until(tried, true, SOON).await?;
    world.workers.remove(0).stop().await?;
    world.settings.set("SUPPORT_CHANNEL_ID", NEW_CHAT);
    Ok(world)
}

#[tokio::test]
async fn cards_for_another_staff_chat_go_to_the_new_one_once() -> Outcome {
    let mut world = cards_wait(1).await?;
    for _ in 0..2 {
        world.start_worker()?;
    }
    world.ready().await?;
    let has = |message: &ChatMessage| message.text.contains("WAITS1");
    world.telegram.wait_for_message(NEW_CHAT, has, SOON).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, NEW_CHAT, "WAITS1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn cards_older_than_a_day_are_one_summary() -> Outcome {
    let mut world = cards_wait(3).await?;
    let old = "UPDATE messages SET created_at = created_at - interval '25 hours', \
               due_at = due_at - interval '25 hours' \
               WHERE kind = 'staff_created' AND booking_id IN \
               (SELECT id FROM bookings WHERE bukza_booking_id <> 'WAITS3')";
    world.database.execute(old).await?;
    world.start_worker()?;
    world.ready().await?;
    let has = |words: &'static str| move |message: &ChatMessage| message.text.contains(words);
    let summary =
        world.telegram.wait_for_message(NEW_CHAT, has(phrases::STAFF_SUMMARY), SOON).await?;
    for code in ["WAITS1", "WAITS2"] {
        assert!(summary.text.contains(code), "{code}: {}", summary.text);
    }
    assert!(!summary.text.contains("WAITS3"), "a young card is a card: {}", summary.text);
    assert!(summary.buttons.is_empty());
    assert!(summary.text.lines().count() <= 4, "a line for each: {}", summary.text);
    world.telegram.wait_for_message(NEW_CHAT, has("WAITS3"), SOON).await?;
    settled(&world).await?;
    let sent = "SELECT count(*) FROM messages WHERE kind = 'staff_created' AND status = 'sent'";
    world.until(sent, 3_i64, SOON).await
}
