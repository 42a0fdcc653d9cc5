//! Clients: late registration, contacts that are no phone numbers, and a number that moves to
//! another account.

use serde_json::json;

use super::{
    booking, clients, done, expect_received, received, send_all, status, visit, with, without_staff,
};
use crate::common::{
    Options, Outcome, Person, World, expect_message, expect_message_after, in_seconds,
    message_states, person, phrases, register, warm_up,
};
use chrono::TimeDelta;

#[tokio::test]
async fn a_booking_over_before_its_client_joined_is_not_announced() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people: Vec<Person> = (1..4).map(person).collect();
    let codes = ["GONE01", "GONE02", "GONE03"];
    let bookings: Vec<_> =
        codes.iter().zip(&people).map(|(code, p)| booking(code, &p.phone)).collect();
    send_all(&world, bookings.clone()).await?;
    let cancelled = status(&bookings[0], "Отменено");
    let by_event = with(bookings[1].clone(), &json!({"event": "cancel"}));
    let blocked = status(&bookings[2], "Техническая");
    send_all(&world, [cancelled, by_event, blocked]).await?;
    for (person, code) in people.iter().zip(codes) {
        register(&world, person).await?;
        done(&world).await?;
        expect_received(&world, person, &[], code).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_contact_without_a_phone_number_gets_a_plain_reply_and_no_repeated_request() -> Outcome {
    let world = World::start(without_staff()).await?;
    for (number, (contact, words)) in [
        ("+88804000001", "+888"),
        ("+888 0400 0001", "+888"),
        ("Анна", "нет телефонного номера"),
        ("", "нет телефонного номера"),
        ("+99912345678", "не знаю"),
    ]
    .into_iter()
    .enumerate()
    {
        let chat = 20_000 + number as i64;
        let stranger = Person { chat, phone: contact.to_owned() };
        world.telegram.say(chat, "/start").await?;
        let greeting = expect_message(&world, &stranger, phrases::GREETING).await?;
        world.telegram.share_contact(chat, contact).await?;
        let answer = expect_message_after(&world, &stranger, &greeting, "").await?;
        assert!(answer.text.contains(words), "{contact}: {}", answer.text);
        // The reply names the venue's contact, and does not request the client's contact again.
        assert!(answer.text.contains("+7 347 200-00-00"), "{contact}: {}", answer.text);
        assert!(!answer.text.contains("ещё раз"), "{contact}: {}", answer.text);
        done(&world).await?;
        assert_eq!(received(&world, &stranger).await?.len(), 2, "{contact}");
    }
    Ok(())
}

#[tokio::test]
async fn weeks_after_an_unanswered_feedback_request_a_sticker_or_text_is_no_rating() -> Outcome {
    let world = World::start(without_staff()).await?;
    warm_up(&world).await?;
    let people = clients(&world, 2).await?;
    let lasts = TimeDelta::seconds(3609);
    let visits = ["RATE1", "RATE2"].into_iter().zip(&people);
    let visits = visits.map(|(code, p)| visit(code, &p.phone, in_seconds(-3600), lasts));
    send_all(&world, visits).await?;
    let mut questions = Vec::new();
    for person in &people {
        questions.push(expect_message(&world, person, phrases::FEEDBACK).await?);
    }
    done(&world).await?;
    let age =
        "started_at = started_at - interval '3 weeks', ends_at = ends_at - interval '3 weeks'";
    let aged = world.database.execute(&format!("UPDATE dialogues SET {age}")).await?;
    assert_eq!(aged, 2, "a question is open with each");

    let chat = people[0].chat;
    let sticker = json!({"message": {
        "message_id": 900, "date": in_seconds(0).timestamp(),
        "from": {"id": chat, "is_bot": false, "first_name": "Анна"},
        "chat": {"id": chat, "type": "private", "first_name": "Анна"},
        "sticker": {"file_id": "A", "file_unique_id": "a", "type": "regular", "width": 512,
            "height": 512, "is_animated": false, "is_video": false, "emoji": "👍"},
    }});
    world.telegram.inject(&sticker, 1, false).await?;
    world.telegram.say(people[1].chat, "5").await?;
    for (person, question) in people.iter().zip(&questions) {
        let answer = expect_message_after(&world, person, question, "").await?;
        assert!(answer.text.contains(phrases::HELP), "{}", answer.text);
        assert!(!answer.text.contains(phrases::RATE_AGAIN), "{}", answer.text);
    }
    let rated = "SELECT count(*) FROM bookings WHERE rating IS NOT NULL";
    assert_eq!(world.database.one::<i64>(rated).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_numbers_new_owner_sees_upcoming_bookings_and_past_ones_of_their_own_time_only() -> Outcome
{
    let world = World::start(without_staff()).await?;
    let (former, mut owner) = (person(1), person(2));
    owner.phone.clone_from(&former.phone);
    warm_up(&world).await?;
    register(&world, &former).await?;
    let hour = TimeDelta::hours(1);
    let past = visit("FORMER", &former.phone, in_seconds(-7200), hour);
    let running = visit("PASSED", &former.phone, in_seconds(-3600), TimeDelta::seconds(3609));
    let ahead = booking("AHEAD1", &former.phone);
    send_all(&world, [past, running, ahead]).await?;
    expect_message(&world, &former, phrases::FEEDBACK).await?;
    done(&world).await?;
    register(&world, &owner).await?;
    done(&world).await?;
    let listed = bookings_of(&world, &owner).await?;
    assert!(listed.contains("AHEAD1"), "{listed}");
    assert!(!listed.contains(phrases::PAST), "{listed}");

    let own = visit("OWNED1", &owner.phone, in_seconds(2), TimeDelta::seconds(7));
    send_all(&world, [own]).await?;
    expect_message(&world, &owner, phrases::FEEDBACK).await?;
    let listed = bookings_of(&world, &owner).await?;
    let (_, past) = listed.split_once(phrases::PAST).expect("a past visit of their own time");
    assert_eq!(past.matches('•').count(), 1, "{listed}");
    // The former owner has no bookings under that number any more.
    let listed = bookings_of(&world, &former).await?;
    assert!(!listed.contains("AHEAD1"), "{listed}");
    assert!(message_states(&world, "PASSED").await?.contains(&"feedback sent".to_owned()));
    Ok(())
}

/// The answer to /bookings.
async fn bookings_of(world: &World, client: &Person) -> anyhow::Result<String> {
    world.telegram.say(client.chat, "/bookings").await?;
    done(world).await?;
    Ok(received(world, client).await?.pop().map(|message| message.text).unwrap_or_default())
}
