//! Meanings of statuses: cancelled in any form, waiting for payment, and time that the venue blocks
//! for itself.

use serde_json::{Value, json};

use super::{
    booking, cards, clients, done, expect_cards, expect_received, send_all, status, with,
    without_staff,
};
use crate::common::{Options, Outcome, Request, STAFF_CHAT, World, message_states, phrases};

const CANCELLED: &[&str] = &[
    "❌ Отменено",
    "Отменён: нет оплаты",
    "Заказ отменён",
    "Отменён клиентом",
    "ОТМЕНЕНО",
    "Cancelled by guest",
];
const STANDS: &[&str] =
    &["не отменено", "Без права отмены", "Отменный вечер", "Удалённая игра", "Заказ закрыт"];

/// Requests that cancel a booking, each in another layer.
fn layers(code: &str) -> Vec<(&'static str, Request)> {
    let base = booking(code, "");
    let item = json!({
        "code": code, "status": "Новая", "start": base["start"], "end": base["end"],
    });
    let order = json!({"order_status": "Отменено", "reservations": [item]});
    let two = json!({"reservation_status": "Новая", "order_status": "Отменено"});
    let body = Request::body;
    let mut by_url = body(with(base.clone(), &json!({"status": "Новая"})));
    by_url.query.push_str("?message=cancel");
    vec![
        ("the order's status beside the reservation's", body(with(without(&base, "status"), &two))),
        ("the order's status above an item's", body(order)),
        ("the URL's message beside an event", by_url),
    ]
}

fn without(request: &Value, field: &str) -> Value {
    let mut request = request.clone();
    request.as_object_mut().and_then(|fields| fields.remove(field));
    request
}

#[tokio::test]
async fn words_that_cancel_do_so_in_every_form_and_lookalikes_do_not() -> Outcome {
    let world = World::start(without_staff()).await?;
    let words = || CANCELLED.iter().chain(STANDS);
    let people = clients(&world, words().count()).await?;
    let bookings: Vec<Value> =
        (0..).zip(&people).map(|(n, p)| booking(&code(n), &p.phone)).collect();
    send_all(&world, bookings.clone()).await?;
    let changes = bookings.iter().zip(words()).map(|(booking, words)| status(booking, words));
    send_all(&world, changes).await?;
    for (number, (person, words)) in people.iter().zip(words()).enumerate() {
        let cancelled = number < CANCELLED.len();
        let expected = [phrases::CONFIRMED, phrases::CANCELLED];
        expect_received(&world, person, &expected[..1 + usize::from(cancelled)], words).await?;
    }
    Ok(())
}

fn code(number: usize) -> String {
    format!("WORD{number:02}")
}

#[tokio::test]
async fn a_cancellation_counts_in_whichever_layer_of_a_request_it_stands() -> Outcome {
    let world = World::start(without_staff()).await?;
    let codes = ["LAYER0", "LAYER1", "LAYER2"];
    let people = clients(&world, codes.len()).await?;
    let bookings = codes.iter().zip(&people).map(|(code, p)| booking(code, &p.phone));
    send_all(&world, bookings).await?;
    for (number, code) in codes.iter().enumerate() {
        let (_, request) = layers(code).swap_remove(number);
        world.accept(&request).await?;
    }
    done(&world).await?;
    for ((code, person), number) in codes.iter().zip(&people).zip(0..) {
        let (case, _) = layers(code).swap_remove(number);
        expect_received(&world, person, &[phrases::CONFIRMED, phrases::CANCELLED], case).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_unpaid_booking_is_announced_once_it_stands_and_not_if_it_is_cancelled() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 3).await?;
    let waits =
        |n: usize| status(&booking(&format!("WAITS{n}"), &people[n].phone), "Ожидает оплаты");
    send_all(&world, (0..3).map(waits)).await?;
    for (person, case) in people.iter().zip(["never paid", "confirmed", "paid"]) {
        expect_received(&world, person, &[], case).await?;
    }
    let (cancelled, confirmed) = (status(&waits(0), "Отменено"), status(&waits(1), "Подтверждено"));
    send_all(&world, [cancelled, confirmed, status(&waits(2), "Оплачено")]).await?;
    expect_received(&world, &people[0], &[], "cancelled").await?;
    expect_received(&world, &people[1], &[phrases::CONFIRMED], "confirmed").await?;
    expect_received(&world, &people[2], &[phrases::CONFIRMED], "paid").await?;
    expect_cards(&world, "WAITS0", &["ждёт оплаты", phrases::STAFF_CANCELLED]).await?;
    expect_cards(&world, "WAITS1", &["ждёт оплаты", "Запись действует"]).await
}

#[tokio::test]
async fn an_announced_booking_that_waits_again_is_a_staff_card_and_keeps_its_reminder() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let announced = booking("AGAIN1", &people[0].phone);
    send_all(&world, [announced.clone()]).await?;
    send_all(&world, [status(&announced, "Ожидает оплаты")]).await?;
    expect_received(&world, &people[0], &[phrases::CONFIRMED], "announced").await?;
    expect_cards(&world, "AGAIN1", &[phrases::STAFF_CREATED, "Клиенту раньше сообщили"]).await?;
    let planned = ["confirmation sent", "reminder scheduled", "feedback scheduled"];
    assert_eq!(message_states(&world, "AGAIN1").await?, planned);
    Ok(())
}

#[tokio::test]
async fn time_that_the_venue_blocks_for_itself_is_not_announced() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let administrator = &people[0];
    let words = ["Техническая", "Техничка", "Блокировка", "Тех. перерыв"];
    let mut requests = Vec::new();
    for (number, words) in words.iter().enumerate() {
        let code = format!("BLOCK{number}");
        requests.push(status(&booking(&code, &administrator.phone), words));
        let nobodys = without(&booking(&format!("{code}X"), ""), "phone");
        requests.push(status(&nobodys, words));
    }
    send_all(&world, requests).await?;
    expect_received(&world, administrator, &[], "blocked time").await?;
    assert_eq!(world.telegram.chat(STAFF_CHAT).await?.len(), 0, "no card");
    let kept = "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'BLOCK%'";
    assert_eq!(world.database.one::<i64>(kept).await?, 8);
    let planned = "SELECT count(*) FROM messages WHERE booking_id IS NOT NULL";
    assert_eq!(world.database.one::<i64>(planned).await?, 0, "no reminder, no question");
    Ok(())
}

#[tokio::test]
async fn a_client_whose_time_becomes_the_venues_own_is_not_notified_and_the_staff_are() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let booked = booking("TAKEN1", &people[0].phone);
    send_all(&world, [booked.clone()]).await?;
    send_all(&world, [status(&booked, "Техническая")]).await?;
    expect_received(&world, &people[0], &[phrases::CONFIRMED], "blocked after it was announced")
        .await?;
    expect_cards(&world, "TAKEN1", &[phrases::STAFF_CREATED, "Клиент считает, что записан"])
        .await?;
    let expected = ["confirmation sent", "reminder cancelled", "feedback cancelled"];
    assert_eq!(message_states(&world, "TAKEN1").await?, expected);
    Ok(())
}

#[tokio::test]
async fn a_possible_cancellation_is_a_note_once_a_day_and_the_owner_sees_what_each_status_means()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 3).await?;
    let base = |n: usize| booking(&format!("SEEN{n}"), &people[n].phone);
    send_all(&world, [status(&base(0), "Частичная отмена"), status(&base(1), "Частичная отмена")])
        .await?;
    send_all(&world, [status(&base(2), "Ожидает оплаты"), status(&base(2), "Отменён: нет оплаты")])
        .await?;
    for person in &people[..2] {
        expect_received(&world, person, &[phrases::CONFIRMED], "a cancellation in part").await?;
    }
    let notes = [cards(&world, "SEEN0").await?, cards(&world, "SEEN1").await?].concat().concat();
    assert_eq!(notes.matches("Статус похож на отмену").count(), 1, "{notes}");
    let listed = world.operate(&["statuses"]).await?;
    for (words, meaning) in [
        ("Частичная отмена", "действует"),
        ("Ожидает оплаты", "ждёт"),
        ("Отменён: нет оплаты", "отменена"),
    ] {
        let line = listed.lines().find(|line| line.contains(words));
        assert!(line.is_some_and(|line| line.contains(meaning)), "{words}: {listed}");
    }
    Ok(())
}
