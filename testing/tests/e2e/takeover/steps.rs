//! The takeover as docs/ru/takeover.md has it, step by step.

use anyhow::ensure;
use chrono::{DateTime, Utc};
use serde_json::json;
use testing::harness::{
    bukza::ZONE,
    fleet::{BUKZA_SECRET, STAFF_CHAT},
};

use super::{OldBot, ledger};
use crate::common::{
    Booking, Options, Outcome, Person, SOON, World, clients_settled, expect_message, in_seconds,
    message_count, message_states, person, phrases, settled,
};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A time of the old table: the venue's, without a zone.
fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A client of the old bot, in the spelling that the client typed.
async fn client(old: &OldBot, id: i64, person: &Person, phone: &str) -> Outcome {
    let chat = person.chat;
    old.run(&format!(
        "INSERT INTO users VALUES ({id}, {chat}, '{phone}', now() AT TIME ZONE 'UTC' - interval '90 days')"
    ))
    .await
}

/// A booking of the old bot for a visit of an hour, with the messages that it has sent: type and seconds from now.
#[derive(Clone, Copy)]
struct OldVisit<'a> {
    id: i64,
    code: &'a str,
    user: Option<i64>,
    phone: &'a str,
    start: DateTime<Utc>,
    status: &'a str,
    rating: Option<i16>,
    messages: &'a [(&'a str, i64)],
}

impl OldVisit<'_> {
    async fn insert(&self, old: &OldBot) -> Outcome {
        let Self { id, code, user, phone, start, status, rating, messages } = self;
        let user = user.map_or("NULL".to_owned(), |user| user.to_string());
        let rating = rating.map_or("NULL".to_owned(), |rating| rating.to_string());
        let start = local(*start);
        old.run(&format!(
            "INSERT INTO bookings VALUES ({id}, '{code}', {user}, 'VR Арена', 'Алина', '{phone}', '{start}', 60, \
             '{status}', {rating}, now() AT TIME ZONE 'UTC' - interval '10 days', \
             now() AT TIME ZONE 'UTC' - interval '9 days')"
        ))
        .await?;
        for (kind, seconds) in *messages {
            old.run(&format!(
                "INSERT INTO messages (user_id, booking_id, message_type, sent_at) \
                 VALUES ({user}, {id}, '{kind}', now() AT TIME ZONE 'UTC' + interval '{seconds} s')"
            ))
            .await?;
        }
        Ok(())
    }
}

/// What the bot has sent to a client and to the staff.
async fn heard(world: &World, chats: &[i64]) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for chat in chats {
        let messages = world.telegram.chat(*chat).await?.into_iter();
        texts.extend(messages.filter(|message| message.from_bot).map(|message| message.text));
    }
    Ok(texts)
}

/// A request of the production template at the URL of before, with the secret behind it.
async fn request(
    world: &World,
    message: &str,
    phone: &str,
    code: &str,
    start: DateTime<Utc>,
) -> Outcome {
    let time = |at: DateTime<Utc>| at.with_timezone(&ZONE).format("%d.%m.%Y %H:%M:%S").to_string();
    let (start, end) = (time(start), time(start + chrono::TimeDelta::hours(1)));
    let body =
        json!({"code": code, "name": "Алина", "start": start, "end": end, "resource": "VR Арена"});
    let url = format!(
        "{}/webhook/bukza?message={message}&phone={phone}&name=Алина&secret={BUKZA_SECRET}",
        world.ingest_url()
    );
    let answer = world.http.post(url).body(body.to_string()).send().await?;
    ensure!(answer.status() == 200, "not accepted: {}", answer.text().await?);
    Ok(())
}

#[tokio::test]
async fn after_the_takeover_clients_hear_what_is_new_and_nothing_twice() -> Outcome {
    let options = Options::default().ingests(0).workers(0).set("REMINDER_BEFORE", "24h");
    // Settings of the bot before that mean nothing, or something else, here.
    let options = options
        .set("BUKZA_API_URL", "https://api.bukza.com/v1")
        .set("BUKZA_API_KEY", "a-key-of-before")
        .set("WEBHOOK_PATH", "/tg/webhook");
    let mut world = World::start(options).await?;
    let (alina, boris, guest) = (person(1), person(2), person(3));
    let old = OldBot::create(&world).await?;
    client(&old, 1, &alina, "8 (999) 000-00-01").await?;
    client(&old, 2, &boris, "+7 999 000 00 02").await?;
    let visit = OldVisit {
        id: 0,
        code: "",
        user: Some(1),
        phone: "8 (999) 000-00-01",
        start: in_seconds(3 * DAY),
        status: "ACTIVE",
        rating: None,
        messages: &[("BOOKING_CREATED", -5 * DAY)],
    };
    OldVisit { id: 1, code: "TAKE01", ..visit }.insert(&old).await?;
    let reminded = [("BOOKING_CREATED", -5 * DAY), ("REMINDER", -HOUR)];
    OldVisit { id: 3, code: "TAKE03", start: in_seconds(23 * HOUR), messages: &reminded, ..visit }
        .insert(&old)
        .await?;
    let over = [("BOOKING_CREATED", -5 * DAY), ("FEEDBACK_REQUEST", -3 * HOUR)];
    let over = OldVisit { messages: &over, status: "COMPLETED", rating: Some(5), ..visit };
    OldVisit { id: 4, code: "TAKE04", start: in_seconds(-5 * HOUR), ..over }.insert(&old).await?;
    let of_boris = OldVisit { user: Some(2), phone: "9990000002", ..visit };
    OldVisit { id: 5, code: "TAKE05", messages: &[], ..of_boris }.insert(&old).await?;
    let off = [("BOOKING_CREATED", -5 * DAY), ("BOOKING_CANCELLED", -4 * DAY)];
    OldVisit { id: 6, code: "TAKE06", status: "CANCELLED", messages: &off, ..of_boris }
        .insert(&old)
        .await?;
    OldVisit { id: 7, code: "TAKE07", ..of_boris }.insert(&old).await?;
    let of_guest = OldVisit { user: None, phone: &guest.phone, messages: &[], ..visit };
    OldVisit { id: 8, code: "TAKE08", ..of_guest }.insert(&old).await?;
    // Its reminder is due in some seconds.
    OldVisit { id: 2, code: "TAKE02", start: in_seconds(DAY + 12), ..visit }.insert(&old).await?;

    let nothing = ledger(&world).await?;
    let dry = old.import(&world, &["--dry-run"]).await?;
    ensure!(dry.contains("Записи: строк 8, новых 8"), "{dry}");
    ensure!(dry.contains("Ничего не записано"), "{dry}");
    assert_eq!(ledger(&world).await?, nothing, "a dry run writes nothing");
    let imported = old.import(&world, &[]).await?;
    let numbers = |text: &str| text.lines().take(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(&imported), numbers(&dry));
    ensure!(imported.contains("Клиенты: строк 2, новых 2"), "{imported}");

    world.launch(1, 1).await?;
    let reminder = expect_message(&world, &alina, phrases::REMINDER).await?;
    settled(&world).await?;
    assert_eq!(heard(&world, &[alina.chat, boris.chat, STAFF_CHAT]).await?, [reminder.text]);

    // The next requests of Bukza come here, by the URL of before.
    request(&world, "newrega", "89990000001", "TAKE01", in_seconds(4 * DAY)).await?;
    let moved = expect_message(&world, &alina, phrases::MOVED).await?;
    ensure!(!moved.text.contains(phrases::CONFIRMED), "{moved:?}");
    request(&world, "newrega", "%2B79990000002", "TAKE05", in_seconds(4 * DAY)).await?;
    expect_message(&world, &boris, phrases::CONFIRMED).await?;
    request(&world, "cancel", "9990000002", "TAKE06", in_seconds(3 * DAY)).await?;
    request(&world, "cancel", "9990000002", "TAKE07", in_seconds(3 * DAY)).await?;
    expect_message(&world, &boris, phrases::CANCELLED).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, boris.chat, phrases::CANCELLED).await?, 1, "TAKE07 alone");
    assert_eq!(message_count(&world, alina.chat, phrases::CONFIRMED).await?, 0);
    assert_eq!(message_count(&world, alina.chat, phrases::REMINDER).await?, 1);
    assert_eq!(
        message_states(&world, "TAKE03").await?,
        ["confirmation sent", "reminder sent", "feedback scheduled"]
    );
    assert_eq!(message_states(&world, "TAKE04").await?, ["confirmation sent", "feedback sent"]);

    // Who was not in the bot gets what is to come once they register, and the others' bookings are theirs.
    world.telegram.say(alina.chat, "/bookings").await?;
    expect_message(&world, &alina, phrases::UPCOMING).await?;
    settled(&world).await?;

    // The last import before the old bot is switched off, while this system runs.
    let before = ledger(&world).await?;
    let again = old.import(&world, &[]).await?;
    ensure!(again.contains("Записи: строк 8, новых 0, изменено 0, без изменений 8"), "{again}");
    assert_eq!(ledger(&world).await?, before, "nothing has changed in the old database");
    old.run(
        "UPDATE bookings SET status = 'CANCELLED', updated_at = now() AT TIME ZONE 'UTC' WHERE id = 8",
    )
    .await?;
    let third = old.import(&world, &[]).await?;
    ensure!(third.contains("изменено 1, без изменений 7"), "{third}");
    assert_eq!(
        message_states(&world, "TAKE08").await?,
        ["reminder cancelled", "feedback cancelled"]
    );
    Ok(())
}

#[tokio::test]
async fn the_import_of_a_client_brings_what_waits_and_not_what_the_old_bot_has_sent() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "24h")).await?;
    let (alina, boris) = (person(1), person(2));
    let old = OldBot::create(&world).await?;
    // Both bookings came here, too, while their client was not in the bot.
    let start = in_seconds(3 * DAY);
    for (code, person) in [("BOTH01", &alina), ("BOTH02", &boris)] {
        request(&world, "newrega", &person.phone[1..], code, start).await?;
    }
    world.until("SELECT count(*) FROM messages WHERE kind = 'confirmation'", 2_i64, SOON).await?;
    settled(&world).await?;
    client(&old, 1, &alina, &alina.phone).await?;
    client(&old, 2, &boris, &boris.phone).await?;
    let messages = &[("BOOKING_CREATED", -HOUR)][..];
    let visit = OldVisit {
        id: 1,
        code: "BOTH01",
        user: Some(1),
        phone: &alina.phone,
        start,
        status: "ACTIVE",
        rating: None,
        messages,
    };
    visit.insert(&old).await?;
    OldVisit { id: 2, code: "BOTH02", user: Some(2), phone: &boris.phone, messages: &[], ..visit }
        .insert(&old)
        .await?;
    old.import(&world, &[]).await?;
    // The old bot has not sent this one.
    expect_message(&world, &boris, phrases::CONFIRMED).await?;
    settled(&world).await?;
    assert_eq!(heard(&world, &[alina.chat]).await?, [""; 0]);
    assert_eq!(
        message_states(&world, "BOTH01").await?,
        ["confirmation cancelled", "reminder scheduled", "feedback scheduled", "confirmation sent"]
    );
    let moved = Booking::at("BOTH01", &alina.phone, in_seconds(5 * DAY)).created();
    world.accept(&moved).await?;
    expect_message(&world, &alina, phrases::MOVED).await?;
    Ok(())
}
