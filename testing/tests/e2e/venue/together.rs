//! One order is one message, and so is what a client books one after another.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulator::model::{Call, ChatMessage, Fault, FaultKind};

use super::{
    FAST, booking, clients, done, expect_received, received, send_all, status, visit, with,
    without_staff,
};
use crate::common::{
    Options, Outcome, Person, Request, SOON, STAFF_CHAT, World, accept_as_of, applied, in_seconds,
    now, phrases, settled,
};

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
async fn twenty_bookings_in_a_minute_are_one_message_and_one_card() -> Outcome {
    let world = World::start(Options::default().set("TELEGRAM_RATE", FAST)).await?;
    let people = clients(&world, 1).await?;
    let code = |number: usize| format!("MANY{number:02}");
    let requests = (0..20).map(|number| {
        let order = json!({"order": number.to_string()});
        with(booking(&code(number), &people[0].phone), &order)
    });
    send_all(&world, requests).await?;
    let texts = received(&world, &people[0]).await?;
    assert_eq!(texts.len(), 1, "{texts:#?}");
    assert!(texts[0].text.contains("и ещё 10"), "{texts:#?}");
    assert_eq!(messages_of_rows(&world).await?.len(), 20);
    let cards = world.telegram.chat(STAFF_CHAT).await?;
    assert_eq!(cards.len(), 1, "{cards:#?}");
    assert!(cards[0].text.contains("20 новых записей"), "{cards:#?}");
    assert_eq!(cards[0].text.matches(&people[0].phone).count(), 1, "{cards:#?}");
    Ok(())
}

#[tokio::test]
async fn the_cards_of_an_order_are_one_and_so_are_its_cancellations() -> Outcome {
    let world = World::start(Options::default().set("TELEGRAM_RATE", FAST)).await?;
    let people = clients(&world, 1).await?;
    let order = ["PART1", "PART2", "PART3"].map(|code| reservation(code, &people[0], "77"));
    send_all(&world, order.clone()).await?;
    let other = with(booking("OTHER1", "+79995550000"), &json!({"order": "78"}));
    send_all(&world, order[..2].iter().map(|it| status(it, "Отменён")).chain([other])).await?;
    expect_received(&world, &people[0], &[phrases::CONFIRMED, "Записи отменены"], "an order")
        .await?;
    let list = received(&world, &people[0]).await?.remove(1).text;
    assert!(list.contains("PART1") && list.contains("PART2") && !list.contains("PART3"), "{list}");
    let cards = world.telegram.chat(STAFF_CHAT).await?;
    // Another client's card may be joined with the list or not.
    assert!((2..=3).contains(&cards.len()), "{cards:#?}");
    let [created, cancelled] = [0, 1].map(|at| &cards[at].text);
    let other = &cards[cards.len() - 1].text;
    assert!(created.contains("3 новые записи") && created.contains("PART3"), "{created}");
    assert_eq!(created.replace('\u{a0}', " ").matches("9 000 ₽").count(), 1, "{created}");
    assert!(cancelled.contains("Отменены 2 записи"), "{cancelled}");
    assert!(other.contains("OTHER1") && other.contains(phrases::STAFF_CREATED), "{other}");

    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    send_all(&world, [status(&order[2], "Отменён")]).await?;
    let all = [phrases::CONFIRMED, "Записи отменены", phrases::CANCELLED];
    expect_received(&world, &people[0], &all, "a cancellation some seconds later").await
}

#[tokio::test]
async fn a_card_that_two_lists_would_take_along_is_shown_once() -> Outcome {
    let world = World::start(Options::default().set("TELEGRAM_RATE", FAST)).await?;
    let people = clients(&world, 1).await?;
    let closed = Fault::refused("TOPIC_CLOSED").in_chat(STAFF_CHAT).lasting();
    world.telegram.script(&closed).await?;
    let twice = booking("TWICE1", &people[0].phone);
    let cancel = with(twice.clone(), &json!({"event": "cancel"}));
    for (ago, request, state, version) in [
        (100, twice.clone(), "active", 1),
        (60, cancel, "cancelled", 2),
        (1, status(&twice, "Восстановлено"), "active", 3),
    ] {
        let at = now() - TimeDelta::seconds(ago);
        accept_as_of(&world, at, &Request::body(&request)).await?;
        applied(&world, "TWICE1", state, version).await?;
    }
    world.accept(&Request::body(booking("AFTER1", &people[0].phone))).await?;
    applied(&world, "AFTER1", "active", 1).await?;
    // Both cards of the booking that was made twice are due. The other one stands behind a card that goes alone.
    let waiting =
        "SELECT count(*) FROM messages WHERE recipient = 'staff' AND status = 'scheduled'";
    world.until(waiting, 4_i64, SOON).await?;
    world.telegram.clear_faults().await?;
    let due = "UPDATE messages m SET not_before = 'epoch', pushed_at = 'epoch', \
        reason = CASE kind WHEN 'staff_cancelled' THEN 'refused_together' END, \
        due_at = now() - interval '1 min' + booking_version * interval '0.5 s' \
            + CASE WHEN kind = 'staff_cancelled' THEN interval '1 s' ELSE '0' END \
            + CASE WHEN b.bukza_booking_id = 'AFTER1' THEN interval '2 s' ELSE '0' END \
        FROM bookings b WHERE b.id = m.booking_id AND m.recipient = 'staff' AND m.status = 'scheduled'";
    world.database.execute(due).await?;
    settled(&world).await?;
    let cards: Vec<String> =
        world.telegram.chat(STAFF_CHAT).await?.into_iter().map(|card| card.text).collect();
    let shown = |code: &str| cards.iter().map(|card| card.matches(code).count()).sum::<usize>();
    assert_eq!((shown("AFTER1"), shown("TWICE1")), (1, 3), "{cards:#?}");
    Ok(())
}

#[tokio::test]
async fn reminders_of_an_order_within_an_hour_are_one_message() -> Outcome {
    let day = TimeDelta::hours(24);
    let world = World::start(without_staff().set("REMINDER_BEFORE", "24h")).await?;
    let people = clients(&world, 2).await?;
    let first = now() + day + TimeDelta::seconds(8);
    let reservation = |code: &str, person: &Person, number: &str, after: TimeDelta| {
        let visit = visit(code, &person.phone, first + after, TimeDelta::hours(1));
        with(visit, &json!({ "order": number }))
    };
    let minutes = TimeDelta::minutes;
    let requests = [
        reservation("SOON01", &people[0], "5", minutes(0)),
        reservation("SOON02", &people[0], "5", minutes(59)),
        reservation("LATER1", &people[0], "5", minutes(70)),
        reservation("ALONE1", &people[0], "6", minutes(1)),
        reservation("SOON03", &people[1], "5", minutes(1)),
    ];
    send_all(&world, requests).await?;
    let has = |message: &ChatMessage| message.text.contains(phrases::REMINDER);
    let reminder = world.telegram.wait_for_message(people[0].chat, has, SOON).await?.text;
    done(&world).await?;
    assert!(reminder.contains("SOON01") && reminder.contains("SOON02"), "{reminder}");
    let others = ["LATER1", "ALONE1", "SOON03"];
    assert!(others.iter().all(|code| !reminder.contains(code)), "{reminder}");
    let sql = "SELECT b.bukza_booking_id FROM messages m JOIN bookings b ON b.id = m.booking_id \
               WHERE m.kind = 'reminder' AND m.status = 'sent' ORDER BY b.starts_at";
    assert_eq!(world.database.column::<String>(sql).await?, ["SOON01", "SOON02"]);
    Ok(())
}

#[tokio::test]
async fn one_question_follows_the_last_visit_of_an_order_and_rates_each() -> Outcome {
    let world = World::start(Options::default().set("FEEDBACK_AFTER", "1s")).await?;
    let people = clients(&world, 1).await?;
    let begun = in_seconds(-3600);
    let reservation = |code: &str, number: &str, seconds: i64| {
        let length = TimeDelta::seconds(3600 + seconds);
        with(visit(code, &people[0].phone, begun, length), &json!({ "order": number }))
    };
    let requests = [
        reservation("FIRST1", "9", 4),
        reservation("LAST01", "9", 9),
        reservation("ELSE01", "10", 600),
    ];
    send_all(&world, requests).await?;
    let has = |message: &ChatMessage| message.text.contains(phrases::FEEDBACK);
    let question = world.telegram.wait_for_message(people[0].chat, has, SOON).await?;
    let late = "SELECT coalesce(bool_and(m.sent_at > (SELECT max(ends_at) FROM bookings \
                WHERE order_id = '9')), false) \
                FROM messages m JOIN bookings b ON b.id = m.booking_id \
                WHERE b.order_id = '9' AND m.kind = 'feedback' AND m.status = 'sent'";
    world.until(late, true, SOON).await?;
    let button = question.buttons.iter().flatten().find(|it| it.text.starts_with('5'));
    let data = button.and_then(|button| button.data.clone()).unwrap_or_default();
    world.telegram.press(people[0].chat, Some(question.message_id), &data).await?;
    let rated = "SELECT count(*) FROM bookings WHERE rating = 5 AND order_id = '9'";
    world.until(rated, 2_i64, SOON).await?;
    done(&world).await?;
    let of_all = "SELECT count(*) FROM bookings WHERE rating IS NOT NULL";
    assert_eq!(world.database.one::<i64>(of_all).await?, 2);
    let questions = received(&world, &people[0]).await?;
    assert_eq!(questions.iter().filter(|it| has(it)).count(), 1, "{questions:#?}");
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

#[tokio::test]
async fn a_booking_that_is_made_again_is_confirmed_by_a_message_of_its_own() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 1).await?;
    let made = reservation("AGAIN1", &people[0], "3");
    for words in ["Новая", "Отменён", "Восстановлено"] {
        send_all(&world, [status(&made, words)]).await?;
    }
    let expected = [phrases::CONFIRMED, phrases::CANCELLED, phrases::CONFIRMED];
    expect_received(&world, &people[0], &expected, "made, cancelled and made again").await?;
    send_all(&world, [reservation("AGAIN2", &people[0], "3")]).await?;
    let last = received(&world, &people[0]).await?.remove(2).text;
    assert!(last.contains("AGAIN1") && last.contains("AGAIN2"), "{last}");
    Ok(())
}
