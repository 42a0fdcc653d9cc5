//! The table of outcomes: what each response of Telegram means for a message, with the real worker
//! and scripted faults.

use std::time::Duration;

use crate::common::{
    Booking, Options, Outcome, Person, SOON, STAFF_CHAT, World, clients_settled, expect_message,
    expect_staff_message, in_seconds, message_count, message_states, person, phrases, register,
    settled, warm_up,
};
use simulator::model::{Fault, FaultKind};

/// Longer than the client's pause after a 5xx (10 s) and the pause before the second attempt (5 s).
const SECOND_TRY: Duration = Duration::from_secs(60);

/// Starts a world with a registered client, and a booking to post.
async fn world_and_client() -> anyhow::Result<(World, Person, Booking)> {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("FAULT1", &client.phone, in_seconds(3 * 86_400));
    Ok((world, client, booking))
}

/// Waits until the booking's first message has this status.
async fn ends(world: &World, kind: &str, status: &str) -> Outcome {
    let sql = format!("SELECT status FROM messages WHERE kind = '{kind}' AND chat_id IS NOT NULL");
    world.until(&sql, status.to_owned(), SECOND_TRY).await
}

#[tokio::test]
async fn too_many_requests_pauses_all_workers_for_retry_after() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    let other = person(2);
    register(&world, &other).await?;
    let fault = FaultKind::TooManyRequests { retry_after: 3 };
    world.telegram.script(&Fault::sending(fault, 1).in_chat(client.chat)).await?;
    world.accept(&booking.created()).await?;
    let refused =
        world.telegram.wait_for_call(0, |call| call.outcome == "too_many_requests", SOON).await?;
    world.telegram.say(other.chat, "/help").await?;
    let help = expect_message(&world, &other, phrases::HELP).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    for message in [help, confirmed] {
        let waited = (message.at - refused.at).num_milliseconds();
        assert!(waited >= 2_950, "sent {waited} ms after the 429: {}", message.text);
    }
    clients_settled(&world).await?;
    let attempts = "SELECT attempts FROM messages WHERE kind = 'confirmation'";
    assert!(world.database.one::<i32>(attempts).await? <= 1, "a 429 is no attempt");
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_client_who_blocked_the_bot_gets_nothing_until_they_write_again() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    world.telegram.script(&Fault::sending(FaultKind::Forbidden, 1).in_chat(client.chat)).await?;
    world.accept(&booking.created()).await?;
    let reachable = format!("SELECT reachable FROM users WHERE telegram_id = {}", client.chat);
    world.until(&reachable, false, SOON).await?;
    expect_staff_message(&world, &[phrases::STAFF_UNREACHABLE, "FAULT1"]).await?;
    world.telegram.say(client.chat, "/start").await?;
    expect_message(&world, &client, phrases::KNOWN).await?;
    world.until(&reachable, true, SOON).await
}

#[tokio::test]
async fn blocking_and_unblocking_the_bot_is_noticed() -> Outcome {
    let (world, client, _) = world_and_client().await?;
    let reachable = format!("SELECT reachable FROM users WHERE telegram_id = {}", client.chat);
    world.telegram.block(client.chat).await?;
    world.until(&reachable, false, SOON).await?;
    world.telegram.unblock(client.chat).await?;
    world.until(&reachable, true, SOON).await
}

#[tokio::test]
async fn a_server_error_of_telegram_is_retried_once() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    world.telegram.script(&Fault::sending(FaultKind::ServerError, 1).in_chat(client.chat)).await?;
    world.accept(&booking.created()).await?;
    ends(&world, "confirmation", "sent").await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn after_two_unknown_results_a_confirmation_is_given_up() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    world.telegram.script(&Fault::sending(FaultKind::Garbage, 1).in_chat(client.chat)).await?;
    let cut = Fault::sending(FaultKind::CutBeforeAccept, 9).in_chat(client.chat);
    world.telegram.script(&cut).await?;
    world.accept(&booking.created()).await?;
    ends(&world, "confirmation", "unknown").await?;
    let left = world.telegram.faults().await?;
    assert_eq!(left.first().map(|fault| fault.times), Some(8), "tried twice in all");
    Ok(())
}

#[tokio::test]
async fn a_feedback_request_of_unknown_result_is_not_sent_again() -> Outcome {
    let (world, client, mut booking) = world_and_client().await?;
    warm_up(&world).await?;
    booking.start = in_seconds(-600);
    booking.end = in_seconds(8);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let cut = Fault::sending(FaultKind::CutAfterAccept, 1).in_chat(client.chat);
    world.telegram.script(&cut).await?;
    ends(&world, "feedback", "unknown").await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_the_request_itself_is_final() -> Outcome {
    let (world, client, booking) = world_and_client().await?;
    world.telegram.script(&Fault::sending(FaultKind::BadRequest, 1).in_chat(client.chat)).await?;
    world.accept(&booking.created()).await?;
    ends(&world, "confirmation", "failed").await?;
    clients_settled(&world).await?;
    assert_eq!(message_states(&world, "FAULT1").await?[0], "confirmation failed");
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 0);
    let reachable = format!("SELECT reachable FROM users WHERE telegram_id = {}", client.chat);
    assert!(world.database.one::<bool>(&reachable).await?, "the client stays reachable");
    Ok(())
}

#[tokio::test]
async fn the_staffs_group_is_followed_to_its_new_id() -> Outcome {
    let (world, _, booking) = world_and_client().await?;
    let new = STAFF_CHAT - 77;
    let migrated = Fault::sending(FaultKind::Migrate { to: new }, 1).in_chat(STAFF_CHAT);
    world.telegram.script(&migrated).await?;
    world.accept(&booking.created()).await?;
    let in_new = async |text: &str| {
        world.telegram.wait_for_message(new, |m| m.text.contains(text), SOON).await
    };
    in_new(phrases::STAFF_CREATED).await?;
    world.accept(&booking.cancelled()).await?;
    in_new(phrases::STAFF_CANCELLED).await?;
    in_new(&new.to_string()).await?;
    settled(&world).await?;
    let cards = "SELECT count(*) FROM messages WHERE kind = 'staff_group_moved'";
    assert_eq!(world.database.one::<i64>(cards).await?, 1);
    assert!(world.telegram.chat(STAFF_CHAT).await?.is_empty(), "the old id is not used again");
    Ok(())
}

#[tokio::test]
async fn while_telegram_cannot_be_reached_messages_wait() -> Outcome {
    let (mut world, client, booking) = world_and_client().await?;
    let address = world.host.simulator.address();
    world.host.simulator.stop().await;
    world.accept(&booking.created()).await?;
    let waits = "SELECT coalesce(reason, '') FROM messages WHERE kind = 'confirmation'";
    world.until(waits, "not_connected".to_owned(), SOON).await?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    let _telegram = tokio::spawn(simulator::serve(listener));
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

/// `status attempts reason` of the only message of this kind in a chat.
async fn end_in(world: &World, kind: &str, chat: i64, end: &str) -> Outcome {
    let sql = format!(
        "SELECT status || ' ' || attempts || ' ' || coalesce(reason, '-') FROM messages \
         WHERE kind = '{kind}' AND chat_id = {chat} ORDER BY id DESC LIMIT 1"
    );
    world.until(&sql, end.to_owned(), SECOND_TRY).await
}

/// All rows of the table at once, each with its own client.
#[tokio::test]
async fn each_response_has_the_outcome_of_the_table() -> Outcome {
    let world = World::start(Options::default()).await?;
    let hang = FaultKind::Hang { ms: 60_000 };
    let cut = FaultKind::CutAfterAccept;
    let table = [
        // Unknown: one more attempt.
        (FaultKind::BadGatewayHtml, "sent 2 -", 1),
        (hang, "sent 2 -", 1),
        (cut.clone(), "sent 2 -", 2),
        (FaultKind::CutBeforeAccept, "sent 2 -", 1),
        (FaultKind::Garbage, "sent 2 -", 1),
        // They wait for the client's return.
        (FaultKind::UserDeactivated, "scheduled 0 user_deactivated", 0),
        (FaultKind::ChatNotFound, "scheduled 0 chat_not_found", 0),
        (FaultKind::Forbidden, "scheduled 0 bot_blocked", 0),
    ];
    let clients: Vec<Person> = (1..).take(table.len()).map(person).collect();
    futures::future::try_join_all(clients.iter().map(|client| register(&world, client))).await?;
    for (client, (fault, ..)) in clients.iter().zip(&table) {
        world.telegram.script(&Fault::sending(fault.clone(), 1).in_chat(client.chat)).await?;
    }
    for (client, number) in clients.iter().zip(0..) {
        let booking = Booking::at(&format!("TABLE{number}"), &client.phone, in_seconds(3 * 86_400));
        world.accept(&booking.created()).await?;
    }
    for ((client, (fault, end, shown)), number) in clients.iter().zip(table).zip(0..) {
        let sql = format!(
            "SELECT m.status || ' ' || attempts || ' ' || coalesce(reason, '-') FROM messages m \
             JOIN bookings b ON b.id = m.booking_id \
             WHERE kind = 'confirmation' AND bukza_booking_id = 'TABLE{number}'"
        );
        let ended = world.until(&sql, end.to_owned(), SECOND_TRY).await;
        ended.map_err(|error| error.context(format!("{fault:?}")))?;
        let count = message_count(&world, client.chat, phrases::CONFIRMED).await?;
        assert_eq!(count, shown, "{fault:?}");
        let reachable = format!("SELECT reachable FROM users WHERE telegram_id = {}", client.chat);
        let left = end.starts_with("scheduled");
        assert_eq!(world.database.one::<bool>(&reachable).await?, !left, "{fault:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reply_of_unknown_result_is_not_sent_again_but_a_move_a_cancellation_and_a_card_are()
-> Outcome {
    let (world, client, booking) = world_and_client().await?;
    let [other, third, mover, leaver] = [2, 3, 4, 5].map(person);
    for person in [&other, &third, &mover, &leaver] {
        register(&world, person).await?;
    }
    let book = async |code: &str, client: &Person| {
        let booking = Booking::at(code, &client.phone, in_seconds(3 * 86_400));
        world.accept(&booking.created()).await?;
        expect_message(&world, client, phrases::CONFIRMED).await?;
        anyhow::Ok(booking)
    };
    let moved = book("FAULT2", &mover).await?.moved_to(in_seconds(4 * 86_400));
    let cancelled = book("FAULT3", &leaver).await?;
    settled(&world).await?;
    let cut = |chat| Fault::sending(FaultKind::CutAfterAccept, 1).in_chat(chat);

    world.telegram.script(&cut(other.chat)).await?;
    world.telegram.say(other.chat, "/help").await?;
    world.telegram.script(&Fault::sending(FaultKind::ServerError, 1).in_chat(third.chat)).await?;
    world.telegram.say(third.chat, "/help").await?;

    // All of these at once: each waits for its second attempt.
    for chat in [STAFF_CHAT, mover.chat, leaver.chat] {
        world.telegram.script(&cut(chat)).await?;
    }
    for request in [booking.created(), moved.created(), cancelled.cancelled()] {
        world.accept(&request).await?;
    }
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    end_in(&world, "staff_created", STAFF_CHAT, "sent 2 -").await?;
    let of_booking = world
        .telegram
        .chat(STAFF_CHAT)
        .await?
        .into_iter()
        .filter(|card| card.text.contains("FAULT1"));
    assert_eq!(of_booking.count(), 2);
    end_in(&world, "moved", mover.chat, "sent 2 -").await?;
    assert_eq!(message_count(&world, mover.chat, phrases::MOVED).await?, 2);
    end_in(&world, "cancelled", leaver.chat, "sent 2 -").await?;
    assert_eq!(message_count(&world, leaver.chat, phrases::CANCELLED).await?, 2);

    end_in(&world, "answer", other.chat, "unknown 1 connection_lost").await?;
    assert_eq!(message_count(&world, other.chat, phrases::HELP).await?, 1);
    end_in(&world, "answer", third.chat, "unknown 1 server_error").await?;
    assert_eq!(message_count(&world, third.chat, phrases::HELP).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_reminder_of_unknown_result_is_retried_once_only_before_the_visit() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "30s,4s")).await?;
    // The reminder of the second is due four seconds before the visit: the next attempt would be five seconds later,
    // when it has begun.
    let visits = [(person(1), "30s", 38, "sent 2", 2), (person(2), "4s", 12, "unknown 1", 1)];
    for (client, ..) in &visits {
        register(&world, client).await?;
    }
    warm_up(&world).await?;
    for (client, slot, start, ..) in &visits {
        let booking = Booking::at(&format!("SLOT{slot}"), &client.phone, in_seconds(*start));
        world.accept(&booking.created()).await?;
    }
    for (client, ..) in &visits {
        expect_message(&world, client, phrases::CONFIRMED).await?;
        let cut = Fault::sending(FaultKind::CutAfterAccept, 1).in_chat(client.chat);
        world.telegram.script(&cut).await?;
    }
    for (client, slot, _, end, shown) in &visits {
        let sql = format!(
            "SELECT status || ' ' || attempts FROM messages WHERE kind = 'reminder' \
             AND chat_id = {} AND slot = '{slot}'",
            client.chat
        );
        world.until(&sql, (*end).to_owned(), SECOND_TRY).await?;
        assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, *shown);
    }
    clients_settled(&world).await
}
