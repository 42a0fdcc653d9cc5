//! Clients' rights: what they turn off stays off, and what is to be deleted is gone.

use serde_json::json;
use simulator::model::{Button, ChatMessage};
use testing::harness::traces;

use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, World, clients_settled, expect_message,
    expect_message_after, in_seconds, message_count, message_states, person, phrases, register,
    settled, warm_up,
};

/// The data of the button whose label has these words.
fn data(message: &ChatMessage, label: &str) -> anyhow::Result<String> {
    let button = message.button(|button: &Button| button.text.contains(label));
    let data = button.and_then(|button| button.data.clone());
    data.ok_or_else(|| anyhow::anyhow!("no button {label}: {message:?}"))
}

/// Presses a button, and waits until the message above it has these words.
async fn press(
    world: &World,
    person: &Person,
    message: &ChatMessage,
    label: &str,
    words: &str,
) -> anyhow::Result<ChatMessage> {
    let data = data(message, label)?;
    world.telegram.press(person.chat, Some(message.message_id), &data).await?;
    let is = |it: &ChatMessage| it.message_id == message.message_id && it.text.contains(words);
    Ok(world.telegram.wait_for_message(person.chat, is, SOON).await?)
}

/// A booking whose reminder is due in some seconds.
async fn remind_soon(world: &World, person: &Person, code: &str) -> Outcome {
    world.accept(&Booking::at(code, &person.phone, in_seconds(3_612)).created()).await?;
    let planned = format!(
        "SELECT count(*) FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = 'confirmation' AND m.status = 'sent'"
    );
    world.until(&planned, 1_i64, SOON).await
}

/// Waits until the reminder of a booking has ended.
async fn reminder_ended(world: &World, code: &str, how: &str) -> Outcome {
    let ended = format!(
        "SELECT m.status || coalesce(' ' || m.reason, '') FROM messages m \
         JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = 'reminder'"
    );
    world.until(&ended, how.to_owned(), SOON).await
}

#[tokio::test]
async fn reminders_that_are_turned_off_are_not_sent_and_come_again_when_turned_on() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "1h")).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    remind_soon(&world, &client, "SILENT").await?;
    world.telegram.say(client.chat, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    let off = press(&world, &client, &settings, "Не напоминать", "визитах: выключены").await?;
    reminder_ended(&world, "SILENT", "cancelled turned_off").await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 0);
    // What changes a booking is always sent.
    let cancelled = Booking::at("SILENT", &client.phone, in_seconds(3_600)).cancelled();
    world.accept(&cancelled).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;

    press(&world, &client, &off, "Напоминать", "визитах: включены").await?;
    remind_soon(&world, &client, "LOUD").await?;
    reminder_ended(&world, "LOUD", "sent").await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
    let states = message_states(&world, "LOUD").await?;
    assert!(states.contains(&"reminder sent".to_owned()), "{states:?}");
    Ok(())
}

const QUESTIONS_OFF: &str = "Не спрашивать";
const QUESTIONS_ON: &str = "⭐ Спрашивать";

/// A visit that is over in some seconds. Its question ends so.
async fn question_ended(world: &World, person: &Person, code: &str, how: &str) -> Outcome {
    let mut booking = Booking::at(code, &person.phone, in_seconds(-3_600));
    booking.end = in_seconds(5);
    world.accept(&booking.created()).await?;
    let ended = format!(
        "SELECT m.status || coalesce(' ' || m.reason, '') FROM messages m \
         JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = 'feedback'"
    );
    world.until(&ended, how.to_owned(), SOON).await
}

#[tokio::test]
async fn questions_that_are_turned_off_are_not_sent_and_come_again_when_turned_on() -> Outcome {
    let world = World::start(Options::default()).await?;
    let (client, other) = (person(1), person(2));
    for person in [&client, &other] {
        register(&world, person).await?;
    }
    warm_up(&world).await?;
    world.telegram.say(client.chat, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    let off = press(&world, &client, &settings, QUESTIONS_OFF, "визита: выключен").await?;
    // A second press of the same button changes nothing.
    let again = data(&settings, QUESTIONS_OFF)?;
    let forged = json!({"callback_query": {"id": "again", "chat_instance": "1", "data": again,
        "from": {"id": client.chat, "is_bot": false, "first_name": "x"}}});
    world.telegram.inject(&forged, 1, false).await?;
    question_ended(&world, &client, "QUIET1", "cancelled turned_off").await?;
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 0);
    // It is one client's choice, and no reason against reminders.
    question_ended(&world, &other, "OTHERS", "sent").await?;
    let reminders = "SELECT count(*) FROM users WHERE reminders_off";
    assert_eq!(world.database.one::<i64>(reminders).await?, 0);

    press(&world, &client, &off, QUESTIONS_ON, "визита: включён").await?;
    question_ended(&world, &client, "AGAIN1", "sent").await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 1);
    Ok(())
}

/// Nothing of a person is in PostgreSQL, and soon nothing in Redis.
async fn expect_no_trace(world: &World, personal: &[String]) -> Outcome {
    let unfinished = "SELECT count(*) FROM deletions WHERE finished_at IS NULL";
    world.until(unfinished, 0_i64, SOON).await?;
    let is_personal = |text: &str| personal.iter().any(|it| text.contains(it));
    let found = traces::in_database(&world.database, &is_personal).await?;
    anyhow::ensure!(found.is_empty(), "PostgreSQL holds {found:#?}");
    // The job of an answer that was cancelled waits for its time: a minute.
    let deadline = std::time::Instant::now() + 3 * SOON;
    let mut redis = world.redis().await?;
    loop {
        let found = traces::in_redis(&mut redis, &world.database.name, &is_personal).await?;
        if found.is_empty() {
            return Ok(());
        }
        anyhow::ensure!(std::time::Instant::now() < deadline, "Redis holds {found:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
}

/// What is personal of a client: the phone's digits, the account, the name in Bukza.
fn personal(person: &Person) -> Vec<String> {
    vec![person.phone[1..].to_owned(), person.chat.to_string(), "Алина".to_owned()]
}

#[tokio::test]
async fn a_client_who_is_deleted_while_a_reminder_is_due_stays_away_when_bukza_sends_again()
-> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "1h")).await?;
    let client = Person { chat: 7_100_200_300, ..person(1) };
    register(&world, &client).await?;
    // A refused request with the number, as people write it.
    let refused = json!({"code": "REFUSE", "phone": "8 999 000-00-01", "start": "?", "end": "?"});
    let (status, _) = world.post_bukza(&Request::body(&refused)).await?;
    assert_eq!(status, 422);
    warm_up_other(&world).await?;
    let start = in_seconds(3_618);
    let booking = Booking::at("FORGET", &client.phone, start);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    world.telegram.say(client.chat, "буду с собакой").await?;
    expect_message(&world, &client, "Передали").await?;

    world.telegram.say(client.chat, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    let first = press(&world, &client, &settings, "Удалить мои данные", "Удалить ваши").await?;
    let second = press(&world, &client, &first, "Да, удалить", "Точно удалить").await?;
    press(&world, &client, &second, "Удалить навсегда", "Ваши данные удалены").await?;
    let mut words = personal(&client);
    words.push("собакой".to_owned());
    expect_no_trace(&world, &words).await?;
    let last = world.telegram.chat(client.chat).await?.pop().map(|it| it.message_id);

    // Bukza sends the booking again, and then moved; its number and name stay away.
    world.accept(&booking.created()).await?;
    world.accept(&booking.moved_to(start + chrono::TimeDelta::days(1)).created()).await?;
    let moved = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'FORGET' \
                 AND starts_at > now() + interval '1 day' AND client_phone IS NULL";
    world.until(moved, 1_i64, SOON).await?;
    let after_reminder = "SELECT now() > '{}'";
    let past = after_reminder.replace("{}", &(start - chrono::TimeDelta::hours(1)).to_rfc3339());
    world.until(&past, true, SOON).await?;
    settled(&world).await?;
    expect_no_trace(&world, &words).await?;
    let after = world.telegram.chat(client.chat).await?.pop().map(|it| it.message_id);
    assert_eq!(last, after, "the client gets nothing any more");

    // A new booking of the same number is new data.
    world.accept(&Booking::at("ANEW", &client.phone, in_seconds(86_400)).created()).await?;
    let anew = format!(
        "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'ANEW' AND client_phone = '{}'",
        client.phone
    );
    world.until(&anew, 1_i64, SOON).await
}

/// As [`crate::common::warm_up`], under another name than the client's.
async fn warm_up_other(world: &World) -> Outcome {
    let other = Booking::at("WARMUP", "+79990009999", in_seconds(86_400));
    world.accept(&Booking { name: "Борис".to_owned(), ..other }.created()).await
}

#[tokio::test]
async fn the_operator_exports_what_is_held_and_deletes_it() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = Person { chat: 7_100_200_300, ..person(1) };
    register(&world, &client).await?;
    world.accept(&Booking::at("EXPORT", &client.phone, in_seconds(3 * 86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    let shown = world.operate(&["export", "8 999 000-00-01"]).await?;
    let export: serde_json::Value = serde_json::from_str(&shown)?;
    assert_eq!(export["users"][0]["telegram_id"], client.chat);
    assert_eq!(export["bookings"][0]["client_name"], "Алина");
    let printed = world.operate(&["forget", &client.phone]).await?;
    anyhow::ensure!(
        printed.contains("удалено: аккаунтов 1,") && printed.contains("184 дней"),
        "{printed}"
    );
    anyhow::ensure!(!printed.contains("FORGET_KEY"), "{printed}");
    expect_no_trace(&world, &personal(&client)).await?;
    let shown = world.operate(&["export", &client.phone]).await?;
    let export: serde_json::Value = serde_json::from_str(&shown)?;
    let empty = |rows: &serde_json::Value| rows.as_array().is_some_and(Vec::is_empty);
    anyhow::ensure!(export.as_object().is_some_and(|all| all.values().all(empty)), "{shown}");
    let record = "SELECT count(*) FROM deletions WHERE deleted_by = 'operator'";
    assert_eq!(world.database.one::<i64>(record).await?, 1);
    Ok(())
}

const CONSENT: &str = "https://venue.example/consent";

#[tokio::test]
async fn no_number_is_taken_before_the_consent_and_withdrawing_it_deletes() -> Outcome {
    let options = Options::default()
        .set("CONSENT_URL", CONSENT)
        .set("POLICY_URL", "https://venue.example/privacy");
    let world = World::start(options).await?;
    let client = Person { chat: 7_100_200_300, ..person(1) };
    world.telegram.say(client.chat, "/start").await?;
    let question = expect_message(&world, &client, "Согласен(на)").await?;
    let opens =
        |url: &str| question.button(|button: &Button| button.url.as_deref() == Some(url)).is_some();
    anyhow::ensure!(opens(CONSENT) && opens("https://venue.example/privacy"), "{question:?}");
    let requests_contact =
        |message: &ChatMessage| message.keyboard.iter().flatten().any(|key| key.request_contact);
    anyhow::ensure!(!requests_contact(&question), "{question:?}");
    // A contact that is shared all the same is not stored.
    world.telegram.share_contact(client.chat, &client.phone).await?;
    expect_message_after(&world, &client, &question, "Согласен(на)").await?;
    let known = "SELECT count(*) FROM users WHERE phone_number IS NOT NULL";
    assert_eq!(world.database.one::<i64>(known).await?, 0);
    let has_phone = |text: &str| text.contains(&client.phone[1..]);
    assert_eq!(traces::in_database(&world.database, &has_phone).await?, [""; 0]);

    let agree = data(&question, "Согласен(на)")?;
    world.telegram.press(client.chat, Some(question.message_id), &agree).await?;
    let greeting = expect_message(&world, &client, phrases::GREETING).await?;
    anyhow::ensure!(requests_contact(&greeting), "{greeting:?}");
    world.telegram.share_contact(client.chat, &client.phone).await?;
    expect_message(&world, &client, phrases::REGISTERED).await?;
    let stored = "SELECT count(*) FROM users WHERE consented_at IS NOT NULL \
                  AND length(consent_version) = 64";
    assert_eq!(world.database.one::<i64>(stored).await?, 1);

    world.telegram.say(client.chat, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    let first = press(&world, &client, &settings, "Отозвать", "будут удалены").await?;
    let second = press(&world, &client, &first, "Да, удалить", "Точно удалить").await?;
    press(&world, &client, &second, "Удалить навсегда", "Ваши данные удалены").await?;
    expect_no_trace(&world, &personal(&client)).await
}

#[tokio::test]
async fn clients_of_before_get_the_question_once_and_their_messages_go_on() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    for worker in world.workers.drain(..) {
        worker.stop().await?;
    }
    world.settings.set("CONSENT_URL", CONSENT);
    world.start_worker()?;
    world.ready().await?;
    world.accept(&Booking::at("BEFORE", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    for _ in 0..2 {
        world.telegram.say(client.chat, "/help").await?;
        let help = expect_message(&world, &client, phrases::HELP).await?;
        expect_message(&world, &client, "Согласен(на)").await?;
        clients_settled(&world).await?;
        assert!(help.from_bot);
    }
    assert_eq!(message_count(&world, client.chat, "Согласен(на)").await?, 1);
    Ok(())
}

#[tokio::test]
async fn clients_whose_last_visit_is_long_over_are_deleted_and_others_stay() -> Outcome {
    let options = Options::default().workers(0).set("KEEP_CLIENTS_FOR", "2d");
    let mut world = World::start(options).await?;
    world
        .database
        .execute(
            "INSERT INTO users (telegram_id, phone_number, created_at, last_seen_at) \
             SELECT 7100200300 + n, '+7999000000' || n, now() - interval '9 days', \
             now() - interval '9 days' FROM generate_series(1, 3) AS n",
        )
        .await?;
    world
        .database
        .execute(
            "INSERT INTO bookings (bukza_booking_id, client_phone, client_name, starts_at, ends_at, \
             status) SELECT 'KEPT' || n, '+7999000000' || (n % 3 + 1), 'Алина', \
             now() + days * interval '1 day', now() + days * interval '1 day' + interval '1 hour', \
             CASE WHEN days < 0 THEN 'completed' ELSE 'active' END \
             FROM (VALUES (0, -5), (1, -5), (2, -1), (4, 1)) AS v (n, days)",
        )
        .await?;
    world.start_worker()?;
    world.ready().await?;
    let recorded = "SELECT count(*) FROM deletions WHERE deleted_by = 'retention'";
    world.until(recorded, 1_i64, SOON).await?;
    let gone = ["79990000001", "7100200301"].map(str::to_owned);
    expect_no_trace(&world, &gone).await?;
    let kept = "SELECT phone_number::text FROM users ORDER BY 1";
    let kept = world.database.column::<String>(kept).await?;
    assert_eq!(kept, ["+79990000002", "+79990000003"], "one with a visit ahead, one of yesterday");
    Ok(())
}
