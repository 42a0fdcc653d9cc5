//! Several requests about one booking. The result depends on their receive times, and not on the
//! order of their application.

use chrono::TimeDelta;
use futures::future::try_join_all;
use serde_json::{Value, json};

use super::{
    FAST, booking, clients, done, expect_cards, expect_received, send_all, send_as_of, status,
    with, without_staff,
};
use crate::common::{Options, Outcome, Request, World, now, phrases};

/// Seconds between the two triggers of a cancellation.
const APART: &[i64] = &[0, 1, 20, -1, -20];

#[tokio::test]
async fn the_two_triggers_of_a_cancellation_cancel_in_any_order_and_a_restored_booking_is_announced_as_new()
-> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, APART.len() * 2).await?;
    let bookings: Vec<Value> =
        (0..).zip(&people).map(|(number, p)| booking(&code(number), &p.phone)).collect();
    let cancelled_at = now() - TimeDelta::seconds(60);
    let booked_at = now() - TimeDelta::seconds(110);
    try_join_all(bookings.iter().map(|booking| send_as_of(&world, booked_at, booking))).await?;
    let pairs = bookings.iter().enumerate().map(async |(number, booking)| {
        let seconds = APART[number / 2];
        let cancel = with(booking.clone(), &json!({"event": "cancel"}));
        let change = status(booking, ["Новая", "Подтверждено"][number % 2]);
        let changed_at = cancelled_at + TimeDelta::seconds(seconds);
        if number.is_multiple_of(2) {
            send_as_of(&world, cancelled_at, &cancel).await?;
            send_as_of(&world, changed_at, &change).await
        } else {
            send_as_of(&world, changed_at, &change).await?;
            send_as_of(&world, cancelled_at, &cancel).await
        }
    });
    try_join_all(pairs).await?;
    let expected = [phrases::CONFIRMED, phrases::CANCELLED, phrases::CONFIRMED];
    for (number, person) in people.iter().enumerate() {
        expect_received(&world, person, &expected[..2], &case(number)).await?;
    }
    send_all(&world, bookings.iter().map(|booking| status(booking, "Восстановлено"))).await?;
    for (number, person) in people.iter().enumerate() {
        expect_received(&world, person, &expected, &case(number)).await?;
    }
    Ok(())
}

fn code(number: usize) -> String {
    format!("TWICE{number:02}")
}

fn case(number: usize) -> String {
    let first = if number.is_multiple_of(2) { "the cancellation" } else { "the change" };
    format!("{} s apart, {first} applied first", APART[number / 2])
}

#[tokio::test]
async fn a_change_within_half_a_minute_after_a_cancellation_is_a_note_and_one_after_it_revives()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let booking = booking("AFTER1", &people[0].phone);
    // However long each application takes, the requests are as far apart as their times say.
    let begun = now();
    let ago = |seconds| begun - TimeDelta::seconds(seconds);
    send_as_of(&world, ago(110), &booking).await?;
    send_as_of(&world, ago(100), &with(booking.clone(), &json!({"event": "cancel"}))).await?;
    send_as_of(&world, ago(80), &status(&booking, "Подтверждено")).await?;
    send_as_of(&world, ago(79), &status(&booking, "Подтверждено")).await?;
    let note = "После отмены пришло: действует";
    expect_cards(&world, "AFTER1", &[phrases::STAFF_CREATED, phrases::STAFF_CANCELLED, note])
        .await?;
    expect_received(&world, &people[0], &[phrases::CONFIRMED, phrases::CANCELLED], "too soon")
        .await?;
    send_as_of(&world, ago(60), &status(&booking, "Подтверждено")).await?;
    let expected = [phrases::CONFIRMED, phrases::CANCELLED, phrases::CONFIRMED];
    expect_received(&world, &people[0], &expected, "saved once more").await
}

/// How many bookings get two requests at the same time.
const RUNS: usize = 40;

#[tokio::test]
async fn details_of_two_requests_in_one_second_fill_in_whichever_is_applied_first() -> Outcome {
    let options = without_staff().workers(2).set("WORKER_CONCURRENCY", 16);
    let world = World::start(options).await?;
    let people = clients(&world, RUNS).await?;
    let halves = |number: usize| {
        let whole = booking(&format!("HALF{number:02}"), &people[number].phone);
        let (mut first, mut second) = (whole.clone(), whole);
        // One request has the phone, the other has the details.
        first["phone"] = json!("[bukza_phone]");
        first["people"] = json!(4);
        second["service"] = json!("");
        if number.is_multiple_of(2) { [first, second] } else { [second, first] }
    };
    let requests = (0..RUNS).flat_map(halves).map(Request::body).collect::<Vec<_>>();
    try_join_all(requests.iter().map(|request| world.accept(request))).await?;
    done(&world).await?;
    for (number, person) in people.iter().enumerate() {
        expect_received(&world, person, &[phrases::CONFIRMED], &format!("run {number}")).await?;
    }
    let whole = "SELECT count(*) FROM bookings WHERE client_phone IS NOT NULL AND people = 4 \
                 AND service_name = 'Квест'";
    assert_eq!(world.database.one::<i64>(whole).await?, RUNS as i64);
    Ok(())
}

#[tokio::test]
async fn a_phone_of_the_older_request_that_is_applied_last_fills_in_and_is_a_card_of_its_own()
-> Outcome {
    let world = World::start(Options::default().set("TELEGRAM_RATE", FAST)).await?;
    let people = clients(&world, 2).await?;
    let second_ago = now() - TimeDelta::seconds(1);
    let older = second_ago - TimeDelta::seconds(1);
    for (person, code, orders) in
        [(&people[0], "LATE01", [second_ago, older]), (&people[1], "LATE02", [older, second_ago])]
    {
        let whole = booking(code, &person.phone);
        let without_phone = with(whole.clone(), &json!({"phone": "-"}));
        send_as_of(&world, orders[0], &without_phone).await?;
        send_as_of(&world, orders[1], &whole).await?;
        expect_received(&world, person, &[phrases::CONFIRMED], code).await?;
        expect_cards(&world, code, &[phrases::STAFF_CREATED, "Телефон добавлен"]).await?;
    }
    Ok(())
}
