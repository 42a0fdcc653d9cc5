//! What the words of a status come to: cancelled in any form, waiting for a payment, time that the venue
//! blocks for itself.

use serde_json::{Value, json};

use super::{
    booking, cards, clients, done, expect_cards, expect_heard, send_all, status, with,
    without_staff,
};
use crate::common::{Options, Outcome, Request, STAFF_CHAT, World, ledger, said};

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

/// Requests about a booking that cancel it, each in another of its layers.
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
async fn words_that_cancel_do_so_in_every_form_and_words_that_only_look_like_it_do_not() -> Outcome
{
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
        let expected = [said::CONFIRMED, said::CANCELLED];
        expect_heard(&world, person, &expected[..1 + usize::from(cancelled)], words).await?;
    }
    Ok(())
}

fn code(number: usize) -> String {
    format!("WORD{number:02}")
}

#[tokio::test]
async fn a_cancellation_counts_whichever_layer_of_a_request_says_it() -> Outcome {
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
        expect_heard(&world, person, &[said::CONFIRMED, said::CANCELLED], case).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_booking_that_waits_for_its_payment_is_news_once_it_stands_and_none_if_it_is_cancelled()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 3).await?;
    let waits =
        |n: usize| status(&booking(&format!("WAITS{n}"), &people[n].phone), "Ожидает оплаты");
    send_all(&world, (0..3).map(waits)).await?;
    for (person, case) in people.iter().zip(["never paid", "confirmed", "paid"]) {
        expect_heard(&world, person, &[], case).await?;
    }
    let (cancelled, confirmed) = (status(&waits(0), "Отменено"), status(&waits(1), "Подтверждено"));
    send_all(&world, [cancelled, confirmed, status(&waits(2), "Оплачено")]).await?;
    expect_heard(&world, &people[0], &[], "cancelled").await?;
    expect_heard(&world, &people[1], &[said::CONFIRMED], "confirmed").await?;
    expect_heard(&world, &people[2], &[said::CONFIRMED], "paid").await?;
    expect_cards(&world, "WAITS0", &["ждёт оплаты", said::STAFF_CANCELLED]).await?;
    expect_cards(&world, "WAITS1", &["ждёт оплаты", "Запись действует"]).await
}

#[tokio::test]
async fn a_booking_that_was_told_and_waits_again_is_the_staffs_news_and_keeps_its_reminder()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let told = booking("AGAIN1", &people[0].phone);
    send_all(&world, [told.clone()]).await?;
    send_all(&world, [status(&told, "Ожидает оплаты")]).await?;
    expect_heard(&world, &people[0], &[said::CONFIRMED], "told").await?;
    expect_cards(&world, "AGAIN1", &[said::STAFF_CREATED, "Клиенту раньше сообщили"]).await?;
    let planned = ["confirmation sent", "reminder scheduled", "feedback scheduled"];
    assert_eq!(ledger(&world, "AGAIN1").await?, planned);
    Ok(())
}

#[tokio::test]
async fn time_that_the_venue_blocks_for_itself_is_nobodys_news() -> Outcome {
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
    expect_heard(&world, administrator, &[], "blocked time").await?;
    assert_eq!(world.telegram.chat(STAFF_CHAT).await?.len(), 0, "no card");
    let kept = "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'BLOCK%'";
    assert_eq!(world.database.one::<i64>(kept).await?, 8);
    let planned = "SELECT count(*) FROM messages WHERE booking_id IS NOT NULL";
    assert_eq!(world.database.one::<i64>(planned).await?, 0, "no reminder, no question");
    Ok(())
}

#[tokio::test]
async fn a_client_whose_time_becomes_the_venues_own_is_not_told_and_the_staff_are() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let booked = booking("TAKEN1", &people[0].phone);
    send_all(&world, [booked.clone()]).await?;
    send_all(&world, [status(&booked, "Техническая")]).await?;
    expect_heard(&world, &people[0], &[said::CONFIRMED], "blocked after it was told").await?;
    expect_cards(&world, "TAKEN1", &[said::STAFF_CREATED, "Клиент считает, что записан"]).await?;
    let expected = ["confirmation sent", "reminder cancelled", "feedback cancelled"];
    assert_eq!(ledger(&world, "TAKEN1").await?, expected);
    Ok(())
}

#[tokio::test]
async fn what_may_be_a_cancellation_is_a_note_once_a_day_and_the_owner_sees_what_each_status_means()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 3).await?;
    let base = |n: usize| booking(&format!("SEEN{n}"), &people[n].phone);
    send_all(&world, [status(&base(0), "Частичная отмена"), status(&base(1), "Частичная отмена")])
        .await?;
    send_all(&world, [status(&base(2), "Ожидает оплаты"), status(&base(2), "Отменён: нет оплаты")])
        .await?;
    for person in &people[..2] {
        expect_heard(&world, person, &[said::CONFIRMED], "a cancellation in part").await?;
    }
    let notes = [cards(&world, "SEEN0").await?, cards(&world, "SEEN1").await?].concat().concat();
    assert_eq!(notes.matches("Статус похож на отмену").count(), 1, "{notes}");
    let listed = world.operate(&["statuses"]).await?;
    for (words, meaning) in [
        ("Частичная отмена", "stands"),
        ("Ожидает оплаты", "pending"),
        ("Отменён: нет оплаты", "cancelled"),
    ] {
        let line = listed.lines().find(|line| line.contains(words));
        assert!(line.is_some_and(|line| line.contains(meaning)), "{words}: {listed}");
    }
    Ok(())
}
