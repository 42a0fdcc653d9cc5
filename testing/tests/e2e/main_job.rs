//! The main job: a Bukza web request becomes a message in Telegram, later a reminder, a feedback
//! request and a rating. Moves, cancellations, and late registration.

use crate::common::{
    Booking, Options, Outcome, Request, STAFF_CHAT, World, accept_as_of, applied, clients_settled,
    expect_message, expect_message_after, expect_staff_message, in_seconds, job_ids, jobs_planned,
    message_count, message_states, person, phrases, register, settled, warm_up,
};

#[tokio::test]
async fn the_production_payload_reaches_the_client_and_the_staff() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Request::production("newrega", "8 (999) 000-00-01", "Алина")).await?;
    let message = expect_message(&world, &client, phrases::CONFIRMED).await?;
    for part in ["VR Арена", "27 декабря", "12:00", "1 час", "8\u{a0}990", "10 человек", "C6UDS3"]
    {
        let text = message.text.replace(['\u{202f}', ' '], "\u{a0}");
        assert!(text.contains(&part.replace(' ', "\u{a0}")), "{part} is missing: {text}");
    }
    let card = expect_staff_message(&world, &[phrases::STAFF_CREATED, "C6UDS3"]).await?;
    for part in ["Алина", phrases::STAFF_IN_BOT] {
        assert!(card.text.contains(part), "{part} is missing: {}", card.text);
    }
    assert!(card.source.contains("9831520"), "the order's link: {}", card.source);
    Ok(())
}

#[tokio::test]
async fn a_client_who_registers_later_gets_the_confirmation_at_registration() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    world.accept(&Booking::at("EARLY1", &client.phone, in_seconds(7200)).created()).await?;
    expect_staff_message(&world, &["EARLY1", phrases::STAFF_NOT_IN_BOT]).await?;
    assert!(world.telegram.chat(client.chat).await?.is_empty());
    register(&world, &client).await?;
    let message = expect_message(&world, &client, phrases::CONFIRMED).await?;
    assert!(message.text.contains("EARLY1"));
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_reminder_then_a_feedback_request_then_a_rating_by_button() -> Outcome {
    let options = Options::default().set("REMINDER_BEFORE", "5s").set("FEEDBACK_AFTER", "1s");
    let world = World::start(options).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    // Time enough to plan the reminder on a busy machine. A late one would not be planned.
    let start = in_seconds(14);
    let mut booking = Booking::at("VISIT1", &client.phone, start);
    booking.end = in_seconds(15);
    world.accept(&booking.created()).await?;

    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    let early = (start - reminder.at).num_milliseconds();
    assert!((1..=5_050).contains(&early), "reminded {early} ms before the visit");
    let request = expect_message(&world, &client, phrases::FEEDBACK).await?;
    assert!(request.at >= booking.end + chrono::TimeDelta::milliseconds(950));
    let data = |stars: &str| {
        let button = request.button(|button| button.text.contains(stars)).cloned();
        button.and_then(|button| button.data).expect("five buttons")
    };
    let press = world.telegram.press(client.chat, Some(request.message_id), &data("4")).await?;
    expect_message(&world, &client, phrases::THANKS_LESS).await?;
    let answered = |call: &simulator::model::Call| {
        call.body.get("callback_query_id").and_then(|id| id.as_str())
            == press.callback_query_id.as_deref()
    };
    world.telegram.wait_for_call(0, answered, crate::common::SOON).await?;

    world.telegram.press(client.chat, Some(request.message_id), &data("5")).await?;
    let thanks = expect_message(&world, &client, phrases::THANKS_FIVE).await?;
    let links: Vec<_> = thanks.buttons.iter().flatten().filter_map(|b| b.url.clone()).collect();
    assert_eq!(links, ["https://2gis.example/reviews", "https://yandex.example/reviews"]);
    expect_staff_message(&world, &["VISIT1", "5 из 5"]).await?;
    let rating = "SELECT rating FROM bookings WHERE bukza_booking_id = 'VISIT1'";
    assert_eq!(world.database.one::<i16>(rating).await?, 5, "the last answer counts");

    world.telegram.press(client.chat, Some(request.message_id), &data("5")).await?;
    clients_settled(&world).await?;
    assert_eq!(
        message_count(&world, client.chat, phrases::THANKS_FIVE).await?,
        1,
        "a second press"
    );
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_typed_number_rates_and_other_text_repeats_the_question() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    // Time enough to announce it on a busy machine. A visit that is over is not announced.
    let mut booking = Booking::at("TYPED1", &client.phone, in_seconds(-3600));
    booking.end = in_seconds(9);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::FEEDBACK).await?;
    world.telegram.say(client.chat, "было здорово").await?;
    expect_message(&world, &client, phrases::RATE_AGAIN).await?;
    world.telegram.say(client.chat, "5").await?;
    expect_message(&world, &client, phrases::THANKS_FIVE).await?;
    let rating = "SELECT rating FROM bookings WHERE bukza_booking_id = 'TYPED1'";
    assert_eq!(world.database.one::<i16>(rating).await?, 5);
    world.telegram.say(client.chat, "3").await?;
    expect_staff_message(&world, &["Клиент пишет", "TYPED1", "3"]).await?;
    assert_eq!(world.database.one::<i16>(rating).await?, 5, "the conversation was over");
    Ok(())
}

#[tokio::test]
async fn a_move_is_announced_once_and_replaces_the_planned_jobs() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "24h,2h")).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("MOVED1", &client.phone, in_seconds(44 * 3600));
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    clients_settled(&world).await?;
    let old = job_ids(&world, "MOVED1", "scheduled").await?;
    assert_eq!(old.len(), 3, "two reminders and a feedback request");
    assert_eq!(jobs_planned(&world, &old).await?, 3);

    let later = booking.moved_to(in_seconds(45 * 3600));
    world.accept(&later.created()).await?;
    world.accept(&later.created()).await?;
    expect_message(&world, &client, phrases::MOVED).await?;
    expect_staff_message(&world, &["MOVED1", phrases::STAFF_CHANGED]).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::MOVED).await?, 1);
    let new = job_ids(&world, "MOVED1", "scheduled").await?;
    assert_eq!((new.len(), jobs_planned(&world, &new).await?), (3, 3));
    assert_eq!(jobs_planned(&world, &old).await?, 0, "the old jobs are gone from Redis");
    Ok(())
}

#[tokio::test]
async fn a_cancellation_is_announced_and_removes_the_planned_jobs() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("CANCEL", &client.phone, in_seconds(44 * 3600));
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let planned = job_ids(&world, "CANCEL", "scheduled").await?;
    assert_eq!(planned.len(), 2);
    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    expect_staff_message(&world, &["CANCEL", phrases::STAFF_CANCELLED]).await?;
    clients_settled(&world).await?;
    assert_eq!(jobs_planned(&world, &planned).await?, 0);
    let states = message_states(&world, "CANCEL").await?;
    let expected =
        ["confirmation sent", "reminder cancelled", "feedback cancelled", "cancelled sent"];
    assert_eq!(states, expected);
    Ok(())
}

#[tokio::test]
async fn a_cancellation_of_an_unknown_booking_is_stored_and_a_later_event_revives_it() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("NOBODY", &client.phone, in_seconds(86_400));
    // A request within 30 s after a cancellation counts as its second trigger.
    accept_as_of(&world, in_seconds(-60), &booking.cancelled()).await?;
    applied(&world, "NOBODY", "cancelled", 1).await?;
    world.accept(&booking.created()).await?;
    applied(&world, "NOBODY", "active", 2).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    Ok(())
}

#[tokio::test]
async fn planned_messages_outlive_the_worker() -> Outcome {
    let mut world = World::start(Options::default().set("REMINDER_BEFORE", "10s")).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    world.accept(&Booking::at("RESTAR", &client.phone, in_seconds(25)).created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    let worker = world.workers.remove(0);
    let status = worker.stop().await?;
    assert!(status.success(), "exit code 0 after SIGTERM: {status}");
    world.start_worker()?;
    world.ready().await?;
    expect_message_after(&world, &client, &confirmed, phrases::REMINDER).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_reminder_whose_time_has_passed_is_not_planned() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "24h,1h")).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("TONIGH", &client.phone, in_seconds(7200)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    clients_settled(&world).await?;
    let expected = ["confirmation sent", "reminder scheduled", "feedback scheduled"];
    assert_eq!(message_states(&world, "TONIGH").await?, expected);
    Ok(())
}

#[tokio::test]
async fn commands_and_text_of_a_client_are_answered() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    let telegram = &world.telegram;
    telegram.say(client.chat, "+7 999 000-00-01").await?;
    expect_message(&world, &client, phrases::TYPED_NUMBER).await?;
    telegram.share_other_contact(client.chat, "+79990000002", 77).await?;
    expect_message(&world, &client, phrases::FOREIGN_CONTACT).await?;
    register(&world, &client).await?;
    world.accept(&Booking::at("LISTED", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    for (question, answer) in [
        ("/bookings", phrases::UPCOMING),
        ("/help", phrases::HELP),
        ("/address", phrases::ADDRESS),
        ("/contacts", phrases::CONTACTS),
        ("/start again", phrases::KNOWN),
        ("📅 Мои записи", phrases::UPCOMING),
        ("что?", "Передали, ответим здесь"),
    ] {
        let latest = telegram.chat(client.chat).await?.pop().expect("there were messages");
        telegram.say(client.chat, question).await?;
        expect_message_after(&world, &client, &latest, answer).await?;
    }
    let private = serde_json::json!({"type": "all_private_chats"});
    let commands = telegram.commands_of(&private, "").await?;
    let names = commands.as_array().into_iter().flatten().filter_map(|c| c["command"].as_str());
    let names: std::collections::BTreeSet<&str> = names.collect();
    assert_eq!(names, ["start", "bookings", "help", "address", "contacts", "settings"].into());
    settled(&world).await?;
    let staff = telegram.chat(STAFF_CHAT).await?.len();
    assert_eq!(staff, 2, "the staff hear of the booking and of the words only");
    Ok(())
}

#[tokio::test]
async fn a_phone_that_moves_to_another_account_moves_with_its_bookings() -> Outcome {
    let world = World::start(Options::default()).await?;
    let (first, mut second) = (person(1), person(2));
    second.phone.clone_from(&first.phone);
    register(&world, &first).await?;
    let booking = Booking::at("OWNER1", &first.phone, in_seconds(86_400));
    world.accept(&booking.created()).await?;
    expect_message(&world, &first, phrases::CONFIRMED).await?;
    register(&world, &second).await?;
    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &second, phrases::CANCELLED).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, first.chat, phrases::CANCELLED).await?, 0);
    Ok(())
}

#[tokio::test]
async fn names_are_shown_as_written_and_never_as_markup() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let mut booking = Booking::at("MARKUP", &client.phone, in_seconds(86_400));
    "<b>Бар & Гриль</b>".clone_into(&mut booking.service);
    "A <script> & \"Б\"".clone_into(&mut booking.name);
    world.accept(&booking.created()).await?;
    let message = expect_message(&world, &client, phrases::CONFIRMED).await?;
    assert!(message.text.contains("<b>Бар & Гриль</b>"), "{}", message.text);
    expect_staff_message(&world, &["MARKUP", "A <script> & \"Б\""]).await?;
    Ok(())
}

#[tokio::test]
async fn our_own_template_moves_and_cancels_by_status() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let own = |event: &str, status: &str, start: &str, end: &str| {
        Request::body(serde_json::json!({
            "event": event, "code": "OWN001", "status": status, "start": start, "end": end,
            "name": "Аня", "phone": client.phone, "service": "Квест", "people": 4, "total": "1 200,50",
        }))
    };
    let (start, end) = ("2099-06-05T12:00:00+05:00", "2099-06-05T13:30:00+05:00");
    world.accept(&own("created", "Подтверждено", start, end)).await?;
    let message = expect_message(&world, &client, phrases::CONFIRMED).await?;
    for part in ["Квест", "5 июня 2099", "12:00", "1 час 30 минут", "4 человека"]
    {
        assert!(message.text.contains(part), "{part} is missing: {}", message.text);
    }
    let later = "2099-06-06T13:30:00+05:00";
    world.accept(&own("changed", "Подтверждено", "06.06.2099 12:00", later)).await?;
    expect_message(&world, &client, phrases::MOVED).await?;
    world.accept(&own("changed", "Отменено", start, end)).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    Ok(())
}
