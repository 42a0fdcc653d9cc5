//! What Telegram refuses or answers badly for a while costs no message: server errors, closed chats of the staff,
//! buttons, limits of one chat, cards that are joined.

use crate::common::{
    Booking, Options, Outcome, Person, SOON, STAFF_CHAT, World, expect_message,
    expect_staff_message, in_seconds, message_count, person, phrases, register, settled,
};
use futures::future::try_join_all;
use simulator::model::{ChatMessage, Fault, FaultKind};

async fn clients(world: &World, count: usize) -> anyhow::Result<Vec<Person>> {
    let people: Vec<Person> = (1..).map(person).take(count).collect();
    try_join_all(people.iter().map(|person| register(world, person))).await?;
    Ok(people)
}

fn booking_of(client: &Person, code: &str) -> Booking {
    Booking::at(code, &client.phone, in_seconds(3 * 86_400))
}

#[tokio::test]
async fn through_server_errors_in_a_row_nothing_is_lost_and_telegram_is_only_probed() -> Outcome {
    let world = World::start(Options::default().set("SUPPORT_CHANNEL_ID", "")).await?;
    let clients = clients(&world, 5).await?;
    let bad = Fault { method: None, ..Fault::sending(FaultKind::BadGatewayHtml, 5) };
    world.telegram.script(&bad).await?;
    for (client, number) in clients.iter().zip(0..) {
        world.accept(&booking_of(client, &format!("HOUR{number}")).created()).await?;
    }
    for client in &clients {
        let confirmed = |m: &ChatMessage| m.text.contains(phrases::CONFIRMED);
        world.telegram.wait_for_message(client.chat, confirmed, SOON * 3).await?;
    }
    settled(&world).await?;
    for client in &clients {
        assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    }
    let calls = world.telegram.journal(0, None).await?;
    let failed: Vec<&str> = calls
        .iter()
        .filter(|call| call.outcome == "bad_gateway_html")
        .map(|call| call.method.as_str())
        .collect();
    let sends = failed.iter().filter(|method| **method == "sendMessage").count();
    // Sends that were under way at the third error may have failed, too.
    assert!((3..=5).contains(&sends) && failed.last() == Some(&"getMe"), "{failed:?}");
    Ok(())
}

#[tokio::test]
async fn a_refused_button_costs_the_button() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = clients(&world, 1).await?.remove(0);
    let booking = booking_of(&client, "BUTTON1");
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let refused = Fault::refused("inline keyboard button URL 'x' is invalid: Wrong HTTP URL");
    world.telegram.script(&refused.in_chat(client.chat)).await?;
    world.accept(&booking.cancelled()).await?;
    let message = expect_message(&world, &client, phrases::CANCELLED).await?;
    assert!(message.buttons.is_empty());
    settled(&world).await?;
    let dead: i64 = world.database.one("SELECT count(*) FROM dead_letters").await?;
    assert_eq!(dead, 0);
    Ok(())
}

/// The cards that wait for a closed chat are tried again.
async fn a_minute_later(world: &World) -> Outcome {
    let due = "UPDATE messages SET not_before = now(), pushed_at = 'epoch' \
               WHERE status = 'scheduled' AND recipient = 'staff'";
    world.database.execute(due).await?;
    Ok(())
}

#[tokio::test]
async fn a_closed_chat_of_the_staff_keeps_its_cards() -> Outcome {
    let world = World::start(Options::default()).await?;
    let refusals =
        ["TOPIC_CLOSED", "need administrator rights in the channel chat", "CHAT_RESTRICTED"];
    // Each of another client: a card is added to the list of its client, and that is an edit.
    let clients = clients(&world, refusals.len()).await?;
    for (client, (number, description)) in clients.iter().zip(refusals.into_iter().enumerate()) {
        let code = format!("CLOSED{number}");
        world.telegram.script(&Fault::refused(description).in_chat(STAFF_CHAT)).await?;
        world.accept(&booking_of(client, &code).created()).await?;
        let waits = "SELECT status || ' ' || coalesce(reason, '-') FROM messages \
                     WHERE kind = 'staff_created' ORDER BY id DESC LIMIT 1";
        world.until(waits, "scheduled chat_closed".to_owned(), SOON).await?;
        a_minute_later(&world).await?;
        world.accept(&booking_of(client, &code).moved_to(in_seconds(4 * 86_400)).created()).await?;
        expect_staff_message(&world, &[phrases::STAFF_CREATED, &code]).await?;
    }
    Ok(())
}

/// Opens the staff's chat again, and posts one more booking: its card brings those along that waited.
async fn opened(world: &World, client: &Person, code: &str) -> Outcome {
    world.telegram.clear_faults().await?;
    a_minute_later(world).await?;
    world.accept(&booking_of(client, code).created()).await
}

/// Posts two bookings while the staff's chat refuses whatever is written or changed there.
async fn closed(world: &World, client: &Person, codes: [&str; 2]) -> Outcome {
    let closed = Fault { method: None, ..Fault::refused("TOPIC_CLOSED") };
    world.telegram.script(&closed.in_chat(STAFF_CHAT).lasting()).await?;
    for code in codes {
        world.accept(&booking_of(client, code).created()).await?;
    }
    let waiting = "SELECT count(*) FROM messages WHERE kind = 'staff_created' \
                   AND status = 'scheduled' AND reason = 'chat_closed'";
    world.until(waiting, 2_i64, SOON).await
}

#[tokio::test]
async fn cards_of_one_client_that_waited_are_added_to_a_new_list_and_not_to_an_old_one() -> Outcome
{
    let world = World::start(Options::default()).await?;
    let client = clients(&world, 1).await?.remove(0);
    world.accept(&booking_of(&client, "FIRST1").created()).await?;
    expect_staff_message(&world, &[phrases::STAFF_CREATED, "FIRST1"]).await?;
    closed(&world, &client, ["CLOSED1", "CLOSED2"]).await?;
    opened(&world, &client, "OPEN1").await?;
    let new = ["FIRST1", "CLOSED1", "CLOSED2", "OPEN1"];
    expect_staff_message(&world, &new).await?;

    closed(&world, &client, ["CLOSED3", "CLOSED4"]).await?;
    let hour_later = "UPDATE messages SET due_at = due_at - interval '1 hour', \
                      sent_at = sent_at - interval '1 hour' WHERE recipient = 'staff'";
    world.database.execute(hour_later).await?;
    opened(&world, &client, "OPEN2").await?;
    let later = ["CLOSED3", "CLOSED4", "OPEN2"];
    expect_staff_message(&world, &later).await?;
    settled(&world).await?;
    let cards = world.telegram.chat(STAFF_CHAT).await?;
    let shown = |codes: &[&str]| {
        codes.iter().all(|code| cards.iter().filter(|card| card.text.contains(code)).count() == 1)
    };
    assert!(cards.len() == 2 && shown(&new) && shown(&later), "{cards:#?}");
    Ok(())
}

#[tokio::test]
async fn a_429_of_the_staffs_group_does_not_delay_clients() -> Outcome {
    let world = World::start(Options::default()).await?;
    let clients = clients(&world, 2).await?;
    let limit = FaultKind::TooManyRequests { retry_after: 600 };
    world.telegram.script(&Fault::sending(limit, 1).in_chat(STAFF_CHAT)).await?;
    world.accept(&booking_of(&clients[0], "GROUP1").created()).await?;
    world.telegram.wait_for_call(0, |call| call.outcome == "too_many_requests", SOON).await?;
    world.accept(&booking_of(&clients[1], "GROUP2").created()).await?;
    for client in &clients {
        expect_message(&world, client, phrases::CONFIRMED).await?;
    }
    let waiting =
        "SELECT count(*) FROM messages WHERE kind = 'staff_created' AND status = 'scheduled'";
    world.until(waiting, 2_i64, SOON).await?;
    Ok(())
}

#[tokio::test]
async fn of_cards_that_are_refused_together_each_is_sent_alone() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = clients(&world, 1).await?.remove(0);
    // While the group is silent all three cards come together.
    let limit = FaultKind::TooManyRequests { retry_after: 5 };
    world.telegram.script(&Fault::sending(limit, 1).in_chat(STAFF_CHAT)).await?;
    world.telegram.script(&Fault::refused("can't parse entities").in_chat(STAFF_CHAT)).await?;
    for code in ["JOINED1", "JOINED2", "JOINED3"] {
        world.accept(&booking_of(&client, code).created()).await?;
    }
    for code in ["JOINED1", "JOINED2", "JOINED3"] {
        expect_staff_message(&world, &[phrases::STAFF_CREATED, code]).await?;
    }
    settled(&world).await?;
    let dead: i64 = world.database.one("SELECT count(*) FROM dead_letters").await?;
    assert_eq!(dead, 0);
    Ok(())
}
