//! One order is one message, and so is what a client books one after another.

use serde_json::{Value, json};
use simulator::model::{Call, Fault, FaultKind};

use super::{booking, clients, expect_received, received, send_all, with, without_staff};
use crate::common::{Outcome, Person, World, phrases};

/// A reservation of order `number`.
fn reservation(code: &str, person: &Person, number: &str) -> Value {
    with(booking(code, &person.phone), &json!({"order": number, "total": "9000"}))
}

/// The calls that confirmed something, by their method.
async fn confirming(world: &World) -> anyhow::Result<Vec<Call>> {
    let calls = world.telegram.journal(0, None).await?.into_iter();
    let confirms =
        |call: &Call| call.body["text"].as_str().is_some_and(|it| it.contains(phrases::CONFIRMED));
    Ok(calls.filter(confirms).collect())
}

/// The Telegram message of each confirmation in the outbox.
async fn messages_of_rows(world: &World) -> anyhow::Result<Vec<i64>> {
    let sql = "SELECT telegram_message_id FROM messages \
               WHERE kind = 'confirmation' AND status = 'sent' ORDER BY id";
    world.database.column(sql).await
}

#[tokio::test]
async fn reservations_of_an_order_are_added_to_the_message_of_the_first() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 1).await?;
    for code in ["ORDER1", "ORDER2", "ORDER3"] {
        send_all(&world, [reservation(code, &people[0], "123456789")]).await?;
    }
    expect_received(&world, &people[0], &[phrases::CONFIRMED], "an order").await?;
    let text = received(&world, &people[0]).await?.remove(0).text.replace('\u{a0}', " ");
    let at: Vec<_> = ["ORDER1", "ORDER2", "ORDER3"].map(|code| text.find(code)).to_vec();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{text}");
    assert_eq!(text.matches("9 000 ₽").count(), 1, "{text}");
    let methods: Vec<String> =
        confirming(&world).await?.into_iter().map(|call| call.method).collect();
    assert_eq!(methods, ["sendMessage", "editMessageText", "editMessageText"]);
    let rows = messages_of_rows(&world).await?;
    assert!(rows.len() == 3 && rows.iter().all(|id| *id == rows[0]), "{rows:?}");
    Ok(())
}

#[tokio::test]
async fn three_bookings_are_three_messages_and_twenty_are_four_at_most() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 2).await?;
    let requests = |person: &Person, count: usize| -> Vec<Value> {
        let code = |number: usize| format!("MANY{}X{number:02}", person.chat % 10);
        (0..count).map(|number| booking(&code(number), &person.phone)).collect()
    };
    send_all(&world, requests(&people[0], 3)).await?;
    expect_received(&world, &people[0], &[phrases::CONFIRMED; 3], "three").await?;
    send_all(&world, requests(&people[1], 20)).await?;
    let texts = received(&world, &people[1]).await?;
    assert!(texts.len() <= 4, "{texts:#?}");
    assert!(texts.iter().any(|message| message.text.contains("и ещё")), "{texts:#?}");
    assert_eq!(messages_of_rows(&world).await?.len(), 23);
    Ok(())
}

#[tokio::test]
async fn an_edit_of_unknown_result_is_repeated_and_changes_one_message() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 1).await?;
    send_all(&world, [reservation("LOST01", &people[0], "1")]).await?;
    let edit = |kind| Fault { method: Some("editMessageText".into()), ..Fault::sending(kind, 1) };
    world.telegram.script(&edit(FaultKind::CutAfterAccept)).await?;
    send_all(&world, [reservation("LOST02", &people[0], "1")]).await?;
    expect_received(&world, &people[0], &["LOST02"], "a lost edit").await?;
    assert_eq!(confirming(&world).await?.len(), 3, "a message, its edit, and the edit again");
    Ok(())
}

#[tokio::test]
async fn where_the_message_is_gone_the_reservation_gets_its_own() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 1).await?;
    send_all(&world, [reservation("GONE01", &people[0], "1")]).await?;
    let gone = Fault {
        method: Some("editMessageText".into()),
        ..Fault::refused("message to edit not found")
    };
    world.telegram.script(&gone).await?;
    send_all(&world, [reservation("GONE02", &people[0], "1")]).await?;
    expect_received(&world, &people[0], &["GONE01", "GONE02"], "a message that is gone").await?;
    let own = received(&world, &people[0]).await?.remove(1).text;
    assert!(!own.contains("GONE01"), "{own}");
    let rows = messages_of_rows(&world).await?;
    assert_ne!(rows[0], rows[1]);
    Ok(())
}
