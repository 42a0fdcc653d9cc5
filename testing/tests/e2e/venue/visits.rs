//! No-shows, visits that are over or corrected, and reminders that would repeat a recent
//! confirmation.

use chrono::TimeDelta;
use futures::future::try_join_all;
use serde_json::{Value, json};
use simulator::model::ChatMessage;

use super::{
    clients, done, expect_cards, expect_received, send_all, status, visit, with, without_staff,
};
use crate::common::{
    Options, Outcome, Person, SOON, STAFF_CHAT, World, expect_message, in_seconds, message_states,
    now, person, phrases, register, warm_up,
};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// A visit that began an hour ago and ends `seconds` from now. It must be announced before its end.
fn ending_in(seconds: i64, code: &str, client: &Person) -> Value {
    visit(code, &client.phone, in_seconds(-3600), TimeDelta::seconds(3600 + seconds))
}

/// The request with the visit moved to next week.
fn next_week(request: &Value) -> Value {
    let start = now() + TimeDelta::days(7);
    with(request.clone(), &json!({"start": start, "end": start + HOUR}))
}

async fn until_over(world: &World, code: &str) -> Outcome {
    let over = format!("SELECT ends_at < now() FROM bookings WHERE bukza_booking_id = '{code}'");
    world.until(&over, true, SOON).await
}

#[tokio::test]
async fn a_no_show_gets_no_feedback_request_and_is_notified_of_a_move_to_next_week() -> Outcome {
    let world = World::start(Options::default().set("FEEDBACK_AFTER", "1h")).await?;
    warm_up(&world).await?;
    let people = clients(&world, 3).await?;
    let during = ending_in(3600, "DURING", &people[0]);
    let after = ending_in(9, "AFTER1", &people[1]);
    let same_word = ending_in(3600, "SAMEWD", &people[2]);
    let all = [&during, &after, &same_word];
    send_all(&world, all.map(Clone::clone)).await?;
    until_over(&world, "AFTER1").await?;
    send_all(&world, all.map(|visit| status(visit, "Не пришёл"))).await?;
    let codes = ["DURING", "AFTER1", "SAMEWD"];
    for (person, code) in people.iter().zip(codes) {
        expect_received(&world, person, &[phrases::CONFIRMED], code).await?;
        expect_cards(&world, code, &[phrases::STAFF_CREATED, "Клиент не пришёл"]).await?;
        assert_eq!(
            message_states(&world, code).await?,
            ["confirmation sent", "feedback cancelled"]
        );
    }
    let moved = [&during, &after].map(next_week);
    send_all(&world, moved).await?;
    send_all(&world, [status(&next_week(&same_word), "Не пришёл")]).await?;
    for (person, code) in people.iter().zip(codes) {
        expect_received(&world, person, &[phrases::CONFIRMED, phrases::MOVED], code).await?;
        let planned = message_states(&world, code).await?;
        assert_eq!(planned[3..], ["reminder scheduled", "feedback scheduled"], "{code}");
    }
    Ok(())
}

#[tokio::test]
async fn a_visit_over_at_its_first_request_is_stored_and_not_announced() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let later = person(2);
    let year_ago = now() - TimeDelta::days(365);
    let hours_ago = now() - TimeDelta::hours(2);
    let requests = [
        visit("YEAR01", &people[0].phone, year_ago, HOUR),
        visit("HOUR01", &people[0].phone, hours_ago, HOUR),
        visit("YEAR02", &later.phone, year_ago, HOUR),
        visit("HOUR02", &later.phone, hours_ago, HOUR),
    ];
    send_all(&world, requests).await?;
    register(&world, &later).await?;
    done(&world).await?;
    expect_received(&world, &people[0], &[], "over").await?;
    expect_received(&world, &later, &[], "over before the client joined").await?;
    for (code, expected) in [("YEAR01", &[][..]), ("HOUR01", &[phrases::STAFF_CREATED][..])] {
        expect_cards(&world, code, expected).await?;
    }
    let kept = "SELECT count(*) FROM bookings WHERE starts_at IS NOT NULL";
    assert_eq!(world.database.one::<i64>(kept).await?, 4);
    let planned =
        "SELECT count(*) FROM messages WHERE recipient = 'client' AND booking_id IS NOT NULL";
    assert_eq!(world.database.one::<i64>(planned).await?, 0);
    Ok(())
}

/// Rates a visit with five stars.
async fn rate(world: &World, client: &Person, question: &ChatMessage) -> Outcome {
    let five = question.button(|button| button.text.contains('5'));
    let data = five.and_then(|button| button.data.clone()).unwrap_or_default();
    world.telegram.press(client.chat, Some(question.message_id), &data).await?;
    expect_message(world, client, phrases::THANKS_FIVE).await.map(drop)
}

#[tokio::test]
async fn a_correction_of_a_finished_visit_keeps_the_rating_and_repeats_no_feedback_request()
-> Outcome {
    let world = World::start(without_staff()).await?;
    warm_up(&world).await?;
    let people = clients(&world, 4).await?;
    let codes = ["ENDED1", "START1", "LONGER", "AGAIN1"];
    let visits: Vec<Value> =
        codes.iter().zip(&people).map(|(code, p)| ending_in(9, code, p)).collect();
    send_all(&world, visits.clone()).await?;
    try_join_all(people.iter().map(async |person| {
        let question = expect_message(&world, person, phrases::FEEDBACK).await?;
        rate(&world, person, &question).await
    }))
    .await?;
    done(&world).await?;
    let corrections = [
        json!({"end": in_seconds(-1200)}),
        json!({"start": in_seconds(-7200)}),
        json!({"end": in_seconds(1800)}),
        json!({"start": now() + TimeDelta::days(7), "end": now() + TimeDelta::days(7) + HOUR}),
    ];
    send_all(&world, visits.into_iter().zip(&corrections).map(|(v, change)| with(v, change)))
        .await?;
    let news = [None, None, Some("Запись изменена"), Some(phrases::MOVED)];
    for ((person, code), news) in people.iter().zip(codes).zip(news) {
        let expected =
            [phrases::CONFIRMED, phrases::FEEDBACK, phrases::THANKS_FIVE].into_iter().chain(news);
        expect_received(&world, person, &expected.collect::<Vec<_>>(), code).await?;
        let rating = format!("SELECT rating FROM bookings WHERE bukza_booking_id = '{code}'");
        assert_eq!(world.database.one::<i16>(&rating).await?, 5, "{code}");
        // Only a visit in the future gets another feedback request.
        let second_question =
            message_states(&world, code).await?.contains(&"feedback scheduled".to_owned());
        assert_eq!(second_question, code == "AGAIN1", "{code}");
    }
    assert_eq!(world.telegram.chat(STAFF_CHAT).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn an_unanswered_feedback_request_is_not_repeated_when_the_visit_is_corrected() -> Outcome {
    let world = World::start(without_staff()).await?;
    warm_up(&world).await?;
    let people = clients(&world, 2).await?;
    let visits = [ending_in(9, "LONGER", &people[0]), ending_in(9, "SHORTR", &people[1])];
    send_all(&world, visits.clone()).await?;
    try_join_all(people.iter().map(|person| expect_message(&world, person, phrases::FEEDBACK)))
        .await?;
    done(&world).await?;
    let [longer, shorter] = visits;
    let longer = with(longer, &json!({"end": in_seconds(1800)}));
    send_all(&world, [longer, with(shorter, &json!({"end": in_seconds(-600)}))]).await?;
    let expected = [phrases::CONFIRMED, phrases::FEEDBACK, "Запись изменена"];
    expect_received(&world, &people[0], &expected, "it goes on for longer").await?;
    expect_received(&world, &people[1], &expected[..2], "it was over before").await?;
    let planned = "SELECT count(*) FROM messages WHERE kind = 'feedback' AND status = 'scheduled' \
                   AND chat_id IS NOT NULL";
    assert_eq!(world.database.one::<i64>(planned).await?, 0);
    Ok(())
}

#[tokio::test]
async fn no_reminder_repeats_a_confirmation_sent_a_minute_ago() -> Outcome {
    let world = World::start(without_staff().set("REMINDER_GAP", "1h")).await?;
    let people = clients(&world, 2).await?;
    let ahead = |hours, minutes| now() + TimeDelta::hours(hours) + TimeDelta::minutes(minutes);
    let (late, early) = (person(3), person(4));
    send_all(
        &world,
        [
            visit("MINUTE", &people[0].phone, ahead(24, 1), HOUR),
            visit("THREE1", &people[1].phone, ahead(27, 0), HOUR),
            visit("LATER1", &late.phone, ahead(41, 0), HOUR),
            visit("EARLY1", &early.phone, ahead(41, 0), HOUR),
        ],
    )
    .await?;
    let one = ["confirmation sent", "feedback scheduled"];
    let two = ["confirmation sent", "reminder scheduled", "feedback scheduled"];
    assert_eq!(message_states(&world, "MINUTE").await?, one, "24 hours and a minute ahead");
    assert_eq!(message_states(&world, "THREE1").await?, two, "27 hours ahead");

    // One client registers 16 hours before the visit, the other 30.
    for (code, hours) in [("LATER1", 25), ("EARLY1", 11)] {
        age(&world, code, hours).await?;
    }
    for (person, code) in [(&late, "LATER1"), (&early, "EARLY1")] {
        register(&world, person).await?;
        done(&world).await?;
        expect_received(&world, person, &[phrases::CONFIRMED], code).await?;
    }
    let planned: Vec<String> = message_states(&world, "LATER1").await?;
    assert!(!planned.contains(&"reminder scheduled".to_owned()), "{planned:?}");
    assert_eq!(message_states(&world, "EARLY1").await?, two);
    Ok(())
}

/// Shifts a booking and its messages `hours` into the past.
async fn age(world: &World, code: &str, hours: i64) -> Outcome {
    let by = format!("interval '{hours} hours'");
    let booking = format!("bukza_booking_id = '{code}'");
    let messages = format!(
        "UPDATE messages SET due_at = due_at - {by}, expires_at = expires_at - {by}, \
         created_at = created_at - {by} \
         WHERE booking_id = (SELECT id FROM bookings WHERE {booking})"
    );
    world.database.execute(&messages).await?;
    let times = format!(
        "UPDATE bookings SET starts_at = starts_at - {by}, ends_at = ends_at - {by} WHERE {booking}"
    );
    world.database.execute(&times).await.map(drop)
}
