//! Each command of the staff's chat with its answer: in reply to it, once, as things are when it is sent.

use std::time::{Duration, Instant};

use serde_json::json;
use testing::harness::fleet::Database;

use super::{answer, handled, write};
use crate::common::{
    Booking, Options, Outcome, SOON, STAFF_CHAT, World, applied, in_seconds, message_count, person,
    register, settled,
};

/// The venue's day, so many days from today, at noon.
fn noon_of(days: i64) -> String {
    format!(
        "(date_trunc('day', now() AT TIME ZONE 'Asia/Yekaterinburg') + interval '{days} days 12 hours') \
         AT TIME ZONE 'Asia/Yekaterinburg'"
    )
}

/// Books for the fourth day from now, and moves the booking in the database to noon of a day: at whatever hour the test
/// runs, that is this day.
async fn booked_on(world: &World, code: &str, name: &str, phone: &str, days: i64) -> Outcome {
    let booking =
        Booking { name: name.to_owned(), ..Booking::at(code, phone, in_seconds(4 * 86_400)) };
    world.accept(&booking.created()).await?;
    applied(world, code, "active", 1).await?;
    let noon = noon_of(days);
    let moved = format!(
        "UPDATE bookings SET starts_at = {noon}, ends_at = {noon} + interval '1 hour' \
         WHERE bukza_booking_id = '{code}'"
    );
    world.database.execute(&moved).await?;
    Ok(())
}

#[tokio::test]
async fn the_agenda_shows_who_comes_and_who_cannot_be_reached() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "")).await?;
    let client = person(1);
    register(&world, &client).await?;
    booked_on(&world, "COMES1", "Анна", &client.phone, 0).await?;
    booked_on(&world, "SILENT", "Мария", &client.phone, 0).await?;
    booked_on(&world, "NOTBOT", "Пётр", "+79990000555", 0).await?;
    booked_on(&world, "GONE01", "Иван", "+79990000556", 0).await?;
    booked_on(&world, "NEXT01", "Ольга", "+79990000557", 1).await?;
    world
        .database
        .execute(
            "INSERT INTO visit_answers SELECT id, version, 'comes', now() FROM bookings \
             WHERE bukza_booking_id = 'COMES1'",
        )
        .await?;
    world
        .database
        .execute(
            "UPDATE bookings SET status = 'cancelled', meaning = 'cancelled' \
                  WHERE bukza_booking_id = 'GONE01'",
        )
        .await?;
    let today = answer(&world, "/today", "📅").await?;
    for line in ["3 визита", "12:00 · VR Арена · Анна ✅", "12:00 · VR Арена · Мария ❓", "Пётр 🔕"]
    {
        assert!(today.text.contains(line), "{line} is missing:\n{}", today.text);
    }
    assert!(!today.text.contains("Иван") && !today.text.contains("Ольга"), "{}", today.text);
    // As it is when it is sent.
    world.database.execute("DELETE FROM visit_answers").await?;
    let again = answer(&world, "/today@simulator_bot", "📅").await?;
    assert!(again.text.contains("Анна ❓"), "{}", again.text);
    let tomorrow = answer(&world, "/Tomorrow", "1 визит").await?;
    assert!(tomorrow.text.contains("12:00 · VR Арена · Ольга 🔕"), "{}", tomorrow.text);
    world.database.execute("DELETE FROM bookings").await?;
    answer(&world, "/tomorrow", "визитов нет").await?;
    settled(&world).await
}

#[tokio::test]
async fn bookings_are_found_by_code_phone_and_name() -> Outcome {
    let world = World::start(Options::default()).await?;
    for (code, name, phone) in [
        ("C6UDS3", "Алёна Петрова", "+79991234567"),
        ("D7VET4", "Пётр", "+79991114567"),
        ("E8WFU5", "Ольга", "+79991110000"),
    ] {
        let booking =
            Booking { name: name.into(), ..Booking::at(code, phone, in_seconds(2 * 86_400)) };
        world.accept(&booking.created()).await?;
        applied(&world, code, "active", 1).await?;
    }
    for (command, count, codes) in [
        ("/find c6uds3", "найдена 1 запись", &["C6UDS3"][..]),
        ("/find 4567", "найдены 2 записи", &["C6UDS3", "D7VET4"]),
        ("/find 8 (999) 123-45-67", "найдена 1 запись", &["C6UDS3"]),
        ("/find петр", "найдены 2 записи", &["C6UDS3", "D7VET4"]),
        ("/find АЛЕНА", "найдена 1 запись", &["C6UDS3"]),
    ] {
        let found = answer(&world, command, count).await?;
        for code in ["C6UDS3", "D7VET4", "E8WFU5"] {
            let is_there = codes.contains(&code);
            assert_eq!(found.text.contains(code), is_there, "{command}: {}", found.text);
        }
        assert_eq!(found.autolinks, Vec::<String>::new(), "{}", found.source);
    }
    let found = answer(&world, "/find D7VET4", "найдена").await?;
    assert!(found.text.contains("👤 Пётр, +79991114567"), "{}", found.text);
    answer(&world, "/find никого", "ничего не найдено").await?;
    let hostile = answer(&world, "/find <b>t.me/x</b>", "ничего не найдено").await?;
    assert_eq!(hostile.autolinks, Vec::<String>::new(), "{}", hostile.source);
    for too_little in ["/find", "/find я", "/find 12"] {
        answer(&world, too_little, "от четырёх").await?;
    }
    Ok(())
}

#[tokio::test]
async fn numbers_and_help() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    booked_on(&world, "RATED1", "Анна", &client.phone, 0).await?;
    booked_on(&world, "NOSHOW", "Пётр", "+79990000555", 0).await?;
    world
        .database
        .execute(
            "UPDATE bookings SET rating = 4, rated_at = now() WHERE bukza_booking_id = 'RATED1'",
        )
        .await?;
    world
        .database
        .execute("UPDATE bookings SET meaning = 'no_show' WHERE bukza_booking_id = 'NOSHOW'")
        .await?;
    let stats = answer(&world, "/stats", "Визиты этой недели").await?;
    let (week, month) = stats.text.split_once("Визиты этого месяца").expect("both");
    for part in [week, month] {
        for line in [
            "Записей: 2\n",
            "Клиент в боте: 1 (50 %)",
            "Подтвердили: 0",
            "Не пришли: 1",
            "VR Арена: 4,0 (1 оценка)",
        ] {
            assert!(part.contains(line), "{line} is missing:\n{part}");
        }
    }
    let help = answer(&world, "/help", "Что можно спросить").await?;
    for command in ["/today", "/tomorrow", "/find", "/stats"] {
        assert!(help.text.contains(command), "{}", help.text);
    }
    // The menu of the staff's chat shows them, in the venue's language; that of clients does not.
    let listed =
        world.telegram.commands_of(&json!({"type": "chat", "chat_id": STAFF_CHAT}), "").await?;
    let names: Vec<_> =
        listed.as_array().expect("a list").iter().map(|it| &it["command"]).collect();
    assert_eq!(names, ["today", "tomorrow", "find", "stats", "help"]);
    assert_eq!(listed[0]["description"], "Визиты сегодня");
    let clients = world.telegram.commands_of(&json!({"type": "all_private_chats"}), "").await?;
    assert!(!clients.to_string().contains("today"), "{clients}");
    Ok(())
}

#[tokio::test]
async fn a_long_day_comes_in_parts_and_each_booking_once() -> Outcome {
    let world = World::start(Options::default()).await?;
    let many = format!(
        "INSERT INTO bookings (bukza_booking_id, client_name, service_name, starts_at, ends_at) \
         SELECT 'LONG' || i, 'Клиент' || i || 'я', 'Большой зал с очень длинным названием', \
         {noon} + i * interval '1 minute', {noon} + i * interval '1 minute' + interval '1 hour' \
         FROM generate_series(1, 65) AS i",
        noon = noon_of(0)
    );
    world.database.execute(&many).await?;
    let given = write(&world, "/today").await?;
    let mut texts = Vec::new();
    for part in 1..=3 {
        let title = format!("(часть {part} из 3)");
        let has = |message: &simulator::model::ChatMessage| {
            message.reply_to == given.message_id && message.text.contains(&title)
        };
        let message = world.telegram.wait_for_message(STAFF_CHAT, has, SOON).await?;
        assert!(message.text.contains("65 визитов"), "{}", message.text);
        texts.push(message.text);
    }
    let all = texts.concat();
    for i in 1..=65 {
        assert_eq!(all.matches(&format!("Клиент{i}я ")).count(), 1, "{i}");
    }
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "65 визитов").await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_command_is_answered_once_however_often_it_is_delivered_and_a_flood_briefly() -> Outcome {
    let world = World::start(Options::default()).await?;
    let text = |id: i64| {
        json!({"message": {
            "message_id": id, "date": 1_700_000_000, "text": "/help",
            "chat": {"id": STAFF_CHAT, "type": "supergroup", "title": "x"},
            "from": {"id": 501, "is_bot": false, "first_name": "Анна"},
        }})
    };
    world.telegram.inject(&text(9_000), 5, true).await?;
    let one = "SELECT count(*) FROM messages WHERE kind = 'staff_answer'";
    world.until(one, 1_i64, SOON).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "Что можно спросить").await?, 1);
    // A member who writes the same fifty times gets few answers, and cards do not wait for them.
    for id in 9_001..9_051 {
        world.telegram.inject(&text(id), 1, false).await?;
    }
    world.until(one, 51_i64, SOON).await?;
    settled(&world).await?;
    let answers = message_count(&world, STAFF_CHAT, "Что можно спросить").await?;
    assert!((2..20).contains(&answers), "{answers} answers");
    handled(&world, 55).await?;
    let replaced = "SELECT count(*) > 30 FROM messages WHERE kind = 'staff_answer' \
                    AND status = 'cancelled' AND reason = 'replaced'";
    assert!(world.database.one::<bool>(replaced).await?);
    Ok(())
}

#[tokio::test]
async fn the_agenda_is_read_from_the_replica_unless_that_lags() -> Outcome {
    let mut world = World::start(Options::default().replica()).await?;
    let client = person(1);
    let url = world.host.replica()?.url(&world.database.name);
    let replica = Database::open(&world.database.name, &url).await?;
    // Nothing else reads bookings there.
    let read = "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables \
                WHERE relname = 'bookings'";
    let deadline = Instant::now() + SOON;
    while replica.one::<i64>(read).await? == 0 {
        anyhow::ensure!(Instant::now() < deadline, "no agenda was read from the replica");
        answer(&world, "/today", "визитов нет").await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    replica.rows("SELECT pg_wal_replay_pause()").await?;
    while replica.one::<String>("SELECT pg_get_wal_replay_pause_state()").await? != "paused" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    booked_on(&world, "LAGS01", "Анна", &client.phone, 0).await?;
    answer(&world, "/today", "1 визит").await?;
    let behind = "SELECT count(*) FROM bookings";
    assert_eq!(replica.one::<i64>(behind).await?, 0, "the replica did lag");
    Ok(())
}
