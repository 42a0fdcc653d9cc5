//! Updates of Telegram applied to a real database: each once, with its replies, even
//! when repeated or concurrent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/bot.rs"]
mod bot;
mod support;

use bot::*;
use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::{queue::QueueName, telemetry::metrics::UpdateOutcome};

#[tokio::test]
async fn a_repeated_or_concurrent_update_is_applied_once() {
    let bot = Bot::new().await;
    let start = text_update(1, ALINA, "/start");
    let runs = (0..8).map(|_| bot.apply(&start));
    let mut outcomes: Vec<_> = futures::future::join_all(runs).await;
    outcomes.retain(|(outcome, _)| *outcome == UpdateOutcome::Applied);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].1.len(), 1);
    assert_eq!(outcomes[0].1[0].queue, QueueName::Answers);
    assert_eq!(bot.answers().await, [json!({"answer": "greeting"})]);
    assert_eq!(bot.apply(&start).await, (UpdateOutcome::Repeated, vec![]));
}

#[tokio::test]
async fn a_registration_releases_the_planned_messages() {
    let bot = Bot::new().await;
    let booking = bot.has_booking("A1", PHONE, 2).await;
    bot.has_booking("B1", "+79990000000", 2).await;
    let (_, work) = bot.apply(&shares(1, ALINA, "79991234567")).await;
    assert_eq!(bot.user(ALINA).await["phone_number"], PHONE);
    assert_eq!(bot.answers().await, [json!({"answer": "registered"})]);
    let waiting = "SELECT booking_id, kind, job_id FROM messages WHERE chat_id = 42 \
                   AND booking_id IS NOT NULL ORDER BY kind";
    let rows = bot.database.rows(waiting).await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row["booking_id"] == booking));
    let pushed: Vec<&str> = work.iter().map(|job| job.id.0.as_str()).collect();
    assert!(rows.iter().all(|row| pushed.contains(&row["job_id"].as_str().unwrap())));
    assert_eq!(work.len(), 3);
    // The reply comes first, then the planned messages in their order.
    let order = "SELECT kind FROM messages WHERE chat_id = 42 ORDER BY due_at, id";
    let kinds: Vec<Value> = bot.database.rows(order).await;
    assert_eq!(
        kinds.iter().map(|row| row["kind"].as_str().unwrap()).collect::<Vec<_>>(),
        ["answer", "confirmation", "reminder"]
    );
    let owners = bot.database.rows("SELECT count(user_id) AS n FROM bookings").await;
    assert_eq!(owners[0]["n"], 1);
}

#[tokio::test]
async fn the_last_proven_owner_has_the_phone_and_its_bookings() {
    let bot = Bot::new().await;
    bot.has_booking("A1", PHONE, 2).await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    bot.apply(&shares(2, BORIS, PHONE)).await;
    assert_eq!(bot.user(ALINA).await["phone_number"], Value::Null);
    assert_eq!(bot.user(BORIS).await["phone_number"], PHONE);
    let planned = "SELECT DISTINCT chat_id FROM messages WHERE booking_id IS NOT NULL";
    assert_eq!(bot.database.rows(planned).await, [json!({"chat_id": BORIS})]);
    // The former owner is a stranger again.
    bot.apply(&text_update(3, ALINA, "/bookings")).await;
    let answers = bot.answers().await;
    assert_eq!(answers.last(), Some(&json!({"answer": "ask_contact", "why": "first"})));
}

#[tokio::test]
async fn a_rating_is_stored_thanked_for_and_sent_to_the_staff_once() {
    let bot = Bot::new().await;
    let booking = bot.has_booking("A1", PHONE, -1).await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    bot.send_question(ALINA, booking, now()).await;
    bot.apply(&text_update(2, ALINA, "хорошо")).await;
    bot.apply(&text_update(3, ALINA, "4 звезды")).await;
    let (_, work) = bot.apply(&presses(4, ALINA, &format!("rate:{booking}:4"))).await;
    assert_eq!(work, []);
    bot.apply(&presses(5, ALINA, &format!("rate:{booking}:5"))).await;
    bot.apply(&presses(6, BORIS, &format!("rate:{booking}:1"))).await;
    let rated = bot.database.rows("SELECT rating FROM bookings").await;
    assert_eq!(rated, [json!({"rating": 5})]);
    assert!(bot.open(ALINA).await.is_empty());
    assert_eq!(
        bot.answers().await[1..],
        [
            json!({"answer": "ask_rating_again", "booking": booking}),
            json!({"answer": "thanks_rating", "booking": booking, "stars": 4}),
            json!({"answer": "thanks_rating", "booking": booking, "stars": 5}),
            json!({"answer": "stale_button", "registered": false}),
        ]
    );
    let cards = "SELECT content->'rated'->'stars' AS stars, chat_id, booking_id FROM messages \
                 WHERE kind = 'staff_rated' ORDER BY id";
    let card = |stars: u8| json!({"stars": stars, "chat_id": STAFF, "booking_id": booking});
    assert_eq!(bot.database.rows(cards).await, [card(4), card(5)]);
}

#[tokio::test]
async fn after_a_day_a_typed_digit_is_no_rating() {
    let bot = Bot::new().await;
    let booking = bot.has_booking("A1", PHONE, -30).await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    let ended = now() - TimeDelta::days(1);
    bot.send_question(ALINA, booking, ended).await;
    let sticker = json!({"sticker": {"file_id": "a", "file_unique_id": "b", "type": "regular",
        "width": 1, "height": 1, "is_animated": false, "is_video": false}});
    bot.apply(&message(2, ALINA, sticker)).await;
    bot.apply(&text_update(3, ALINA, "5")).await;
    // Both go to the staff.
    assert_eq!(bot.answers().await.len(), 1);
    let cards = bot.database.rows("SELECT kind FROM requests ORDER BY id").await;
    assert_eq!(cards, [json!({"kind": "words"})]);
    // A rating typed in time and delayed by an outage counts.
    bot.apply_late(&text_update(4, ALINA, "4"), now() - TimeDelta::minutes(1)).await;
    assert_eq!(
        bot.answers().await[1..],
        [json!({"answer": "thanks_rating", "booking": booking, "stars": 4})]
    );
    // The button never expires.
    bot.apply(&presses(5, ALINA, &format!("rate:{booking}:5"))).await;
    let rated = bot.database.rows("SELECT rating FROM bookings").await;
    assert_eq!(rated, [json!({"rating": 5})]);
}

#[tokio::test]
async fn any_command_ends_the_dialogue() {
    let shared_again = shares(9, ALINA, PHONE);
    let foreign = json!({"contact": {"phone_number": PHONE, "first_name": "A", "user_id": BORIS}});
    for (update, open) in [
        (text_update(9, ALINA, "/start"), false),
        (text_update(9, ALINA, "/bookings"), false),
        (text_update(9, ALINA, "📍 Адрес"), false),
        (shared_again, false),
        (text_update(9, ALINA, "5"), false),
        (text_update(9, ALINA, "хорошо"), true),
        (message(9, ALINA, foreign), true),
        (shares(9, ALINA, "88801234567"), true),
    ] {
        let bot = Bot::new().await;
        let booking = bot.has_booking("A1", PHONE, -1).await;
        bot.apply(&shares(1, ALINA, PHONE)).await;
        bot.send_question(ALINA, booking, now() - TimeDelta::hours(1)).await;
        bot.apply(&update).await;
        assert_eq!(!bot.open(ALINA).await.is_empty(), open, "{update}");
    }
}

#[tokio::test]
async fn a_number_that_no_booking_can_have_registers_no_client() {
    let bot = Bot::new().await;
    for (update, number, why) in [
        (1, "88801234567", "anonymous"),
        (2, "call me", "not_a_number"),
        (3, "89991234567", "unknown"),
    ] {
        bot.apply(&shares(update, ALINA, number)).await;
        let answer = json!({"answer": "ask_contact", "why": "unreadable", "number": why});
        assert_eq!(bot.answers().await.last(), Some(&answer));
        assert_eq!(bot.user(ALINA).await["phone_number"], Value::Null, "{number}");
    }
    bot.apply(&shares(4, ALINA, PHONE)).await;
    bot.apply(&shares(5, ALINA, "88801234567")).await;
    assert_eq!(bot.user(ALINA).await["phone_number"], PHONE, "the number before stays");
}

#[tokio::test]
async fn visits_of_the_former_owner_of_a_number_are_not_rated_by_the_new_one() {
    let bot = Bot::new().await;
    let former = bot.has_booking("A1", PHONE, -10).await;
    let own = bot.has_booking("A2", PHONE, -1).await;
    bot.apply(&shares(1, BORIS, PHONE)).await;
    let taken = now() - TimeDelta::days(5);
    bot.database.run(&format!("UPDATE users SET number_taken_at = '{taken}'")).await;
    bot.apply(&presses(2, BORIS, &format!("rate:{former}:1"))).await;
    bot.send_question(BORIS, former, now()).await;
    bot.apply(&text_update(3, BORIS, "1")).await;
    assert!(bot.open(BORIS).await.is_empty());
    bot.apply(&presses(4, BORIS, &format!("rate:{own}:5"))).await;
    assert_eq!(
        bot.answers().await[1..],
        [
            json!({"answer": "stale_button", "registered": true}),
            json!({"answer": "thanks_rating", "booking": own, "stars": 5}),
        ]
    );
    let rated = bot.database.rows("SELECT id, rating FROM bookings WHERE rating IS NOT NULL").await;
    assert_eq!(rated, [json!({"id": own, "rating": 5})]);
}

#[tokio::test]
async fn a_cancelled_or_coming_visit_cannot_be_rated() {
    let bot = Bot::new().await;
    let coming = bot.has_booking("A1", PHONE, 2).await;
    let cancelled = bot.has_booking("A2", PHONE, -1).await;
    bot.database
        .run("UPDATE bookings SET status = 'cancelled' WHERE bukza_booking_id = 'A2'")
        .await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    bot.apply(&presses(2, ALINA, &format!("rate:{coming}:5"))).await;
    bot.apply(&presses(3, ALINA, &format!("rate:{cancelled}:5"))).await;
    let stale = json!({"answer": "stale_button", "registered": true});
    assert_eq!(bot.answers().await[1..], [stale.clone(), stale]);
    let rated = bot.database.rows("SELECT rating FROM bookings WHERE rating IS NOT NULL").await;
    assert!(rated.is_empty());
}

#[tokio::test]
async fn a_blocked_bot_waits_for_the_client_to_come_back() {
    let bot = Bot::new().await;
    bot.has_booking("A1", PHONE, 2).await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    let planned = "SELECT count(chat_id) AS n FROM messages WHERE recipient = 'client' AND booking_id IS NOT NULL";
    bot.apply(&member(2, ALINA, "kicked")).await;
    assert_eq!(bot.user(ALINA).await["reachable"], false);
    assert_eq!(bot.database.rows(planned).await[0]["n"], 0);
    let (_, work) = bot.apply(&member(3, ALINA, "member")).await;
    assert_eq!(bot.user(ALINA).await["reachable"], true);
    assert_eq!(bot.database.rows(planned).await[0]["n"], 2);
    assert_eq!(work.len(), 2);
    // An unknown user who blocks the bot gets no row.
    bot.apply(&member(4, BORIS, "kicked")).await;
    assert_eq!(bot.user(BORIS).await, Value::Null);
}

#[tokio::test]
async fn an_update_delayed_by_an_outage_does_not_undo_a_later_one() {
    let bot = Bot::new().await;
    let booking = bot.has_booking("A1", PHONE, -1).await;
    let (earlier, later) = (now() - TimeDelta::minutes(2), now() - TimeDelta::minutes(1));
    bot.apply_late(&shares(1, ALINA, PHONE), now() - TimeDelta::minutes(3)).await;
    bot.apply_late(&presses(3, ALINA, &format!("rate:{booking}:5")), later).await;
    bot.apply_late(&presses(2, ALINA, &format!("rate:{booking}:1")), earlier).await;
    let rated = bot.database.rows("SELECT rating FROM bookings").await;
    assert_eq!(rated, [json!({"rating": 5})]);
    assert_eq!(
        bot.answers().await[1..],
        [json!({"answer": "thanks_rating", "booking": booking, "stars": 5})]
    );

    bot.apply_late(&member(5, ALINA, "member"), later).await;
    bot.apply_late(&member(4, ALINA, "kicked"), earlier).await;
    assert_eq!(bot.user(ALINA).await["reachable"], true, "blocked before they came back");
    bot.apply_late(&member(7, ALINA, "kicked"), now()).await;
    bot.apply_late(&text_update(6, ALINA, "/help"), later).await;
    assert_eq!(bot.user(ALINA).await["reachable"], false, "blocked after what they wrote");
}

#[tokio::test]
async fn two_updates_of_one_chat_at_once_are_both_applied() {
    let bot = Bot::new().await;
    let booking = bot.has_booking("A1", PHONE, -1).await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    let updates: Vec<Value> = (2..20)
        .map(|id| match id % 3 {
            0 => presses(id, ALINA, &format!("rate:{booking}:{}", id % 5 + 1)),
            1 => text_update(id, ALINA, "/help"),
            _ => shares(id, if id % 2 == 0 { ALINA } else { BORIS }, PHONE),
        })
        .collect();
    let outcomes = futures::future::join_all(updates.iter().map(|update| bot.apply(update))).await;
    assert!(outcomes.iter().all(|(outcome, _)| *outcome == UpdateOutcome::Applied));
    let owners = "SELECT count(phone_number) AS n FROM users";
    assert_eq!(bot.database.rows(owners).await[0]["n"], 1);
}

#[tokio::test]
async fn an_id_that_was_used_in_advance_swallows_no_update() {
    let bot = Bot::new().await;
    let (forged, real) = (text_update(7, BORIS, "/start"), text_update(7, ALINA, "/start"));
    assert_eq!(bot.apply(&forged).await.0, UpdateOutcome::Applied);
    assert_eq!(bot.apply(&real).await.0, UpdateOutcome::Applied);
    let press = presses(7, ALINA, "rate:1:5");
    assert_eq!(bot.apply(&press).await.0, UpdateOutcome::Applied);
    for again in [&forged, &real, &press] {
        assert_eq!(bot.apply(again).await, (UpdateOutcome::Repeated, vec![]));
    }
    assert_eq!(bot.answers().await.len(), 3);
}

/// A build before stored the id alone.
#[tokio::test]
async fn an_update_that_a_build_before_applied_is_repeated() {
    let bot = Bot::new().await;
    bot.database.run("INSERT INTO processed_updates (update_id) VALUES (7)").await;
    let outcome = bot.apply(&text_update(7, ALINA, "/start")).await;
    assert_eq!(outcome, (UpdateOutcome::Repeated, vec![]));
}

#[tokio::test]
async fn an_update_moves_no_group_whoever_sends_it() {
    let bot = Bot::new().await;
    let waits = format!(
        "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id) \
         VALUES ('staff_rejected', 'staff', {}, now(), 'j')",
        STAFF.0
    );
    bot.database.run(&waits).await;
    for (update_id, id, migrates) in
        [(1, STAFF.0, "migrate_to_chat_id"), (2, -1009, "migrate_from_chat_id")]
    {
        let mut migrated = json!({"update_id": update_id, "message": {
            "message_id": 1, "date": 1_766_000_000,
            "chat": {"id": id, "type": "supergroup", "title": "Staff"},
            "from": {"id": ALINA, "is_bot": false, "first_name": "A"},
        }});
        migrated["message"][migrates] = json!(if id == -1009 { STAFF.0 } else { -1009 });
        assert_eq!(bot.apply(&migrated).await, (UpdateOutcome::Ignored, vec![]));
    }
    let chats = bot.database.rows("SELECT chat_id FROM messages").await;
    assert_eq!(chats, [json!({"chat_id": STAFF.0})]);
    assert!(bot.database.rows("SELECT 1 AS n FROM chat_aliases").await.is_empty());
}

#[tokio::test]
async fn an_unreadable_update_is_ignored() {
    let bot = Bot::new().await;
    let unknown = json!({"update_id": 1, "telepathy": {"thought": "hello"}});
    assert_eq!(bot.apply(&unknown).await, (UpdateOutcome::Unreadable, vec![]));
    let group = json!({"update_id": 2, "message": {
        "message_id": 1, "date": 1_766_000_000, "text": "/start",
        "chat": {"id": -5, "type": "group", "title": "Staff"},
        "from": {"id": ALINA, "is_bot": false, "first_name": "A"},
    }});
    assert_eq!(bot.apply(&group).await, (UpdateOutcome::Ignored, vec![]));
    assert!(bot.database.rows("SELECT 1 AS n FROM users").await.is_empty());
}
