//! Rows that cannot be taken over are listed with the reason; whoever was deleted or has registered here is left as they are.

use anyhow::ensure;

use super::{OldBot, ledger};
use crate::common::{Options, Outcome, World, person, register};

/// Rows of a database that has changed, each broken in a way of its own.
const BROKEN: &[&str] = &[
    "ALTER TYPE bookingstatus ADD VALUE 'ARCHIVED'",
    "ALTER TYPE messagetype ADD VALUE 'PROMO'",
    "ALTER TABLE messages DROP CONSTRAINT messages_booking_id_fkey",
    "INSERT INTO users VALUES (1, 20001, '+79990000001', '2026-01-01'), (2, 20002, '8 999 000-00-01', '2026-02-01'), \
     (3, 20003, NULL, NULL), (4, 20004, 'no phone', NULL), (5, NULL, '+79990000005', NULL), (6, -100, '+79990000006', NULL)",
    "INSERT INTO bookings (id, bukza_booking_id, client_phone, booking_datetime, duration_minutes, status, rating) VALUES \
     (1, 'GOOD01', '8 999 000-00-01', '2026-01-10 12:00', 60, 'ACTIVE', 4), \
     (2, NULL, '+79990000001', '2026-01-10 12:00', 60, 'ACTIVE', NULL), \
     (3, ' GOOD01', '+79990000001', '2026-01-10 12:00', 60, 'ACTIVE', NULL), \
     (4, 'BAD004', '+79990000001', NULL, 60, 'ACTIVE', NULL), \
     (5, 'BAD005', '+79990000001', 'infinity', 60, 'ACTIVE', NULL), \
     (6, 'BAD006', '+79990000001', '2026-01-10 12:00', NULL, 'ACTIVE', NULL), \
     (7, 'BAD007', '+79990000001', '2026-01-10 12:00', -5, 'ACTIVE', NULL), \
     (8, 'BAD008', '+79990000001', '2026-01-10 12:00', 60, NULL, NULL), \
     (9, 'BAD009', '+79990000001', '2026-01-10 12:00', 60, 'ARCHIVED', NULL), \
     (10, 'PART10', 'no phone', '2026-01-10 12:00', 60, 'COMPLETED', 9)",
    "INSERT INTO messages (id, booking_id, message_type, sent_at) VALUES (1, 1, 'BOOKING_CREATED', '2026-01-05 10:00'), \
     (2, 1, 'PROMO', '2026-01-05 10:00'), (3, 1, NULL, '2026-01-05 10:00'), (4, 1, 'REMINDER', NULL), \
     (5, 1, 'REMINDER', 'infinity'), (6, 9, 'REMINDER', '2026-01-05 10:00'), (7, 999, 'REMINDER', '2026-01-05 10:00')",
];

#[tokio::test]
async fn each_broken_row_is_listed_with_the_reason_and_no_phone_whole() -> Outcome {
    let world = World::start(Options::default().ingests(0).workers(0).set("LOCALE", "en")).await?;
    let old = OldBot::create(&world).await?;
    for statement in BROKEN {
        old.run(statement).await?;
    }
    let report = old.import(&world, &[]).await?;
    for line in [
        "client 1 (+79*******01): the same phone as client 2, who is newer",
        "client 3 (—): no phone",
        "client 4 (******ne): the phone is not readable",
        "client 5 (+79*******05): no account of Telegram",
        "client 6 (+79*******06): no account of Telegram",
        "booking 2 (—): no code",
        "booking 1 (GOOD01): the same code as booking 3, which is newer",
        "booking 4 (BAD004): no time",
        "booking 5 (BAD005): there is no such time: \"infinity\"",
        "booking 6 (BAD006): no duration",
        "booking 7 (BAD007): there is no such duration: \"-5\"",
        "booking 8 (BAD008): no status",
        "booking 9 (BAD009): unknown status \"ARCHIVED\"",
        "booking 10 (PART10): taken over without a phone: none is readable",
        "booking 10 (PART10): taken over without its rating: \"9\" is not 1 to 5",
        "message 6: its booking is missing or was left out",
        "message 7: its booking is missing or was left out",
        "Clients: 6 rows, 1 new, 0 known here, 5 left out",
        "Bookings: 10 rows, 2 new, 0 changed, 0 unchanged, 8 left out",
    ] {
        ensure!(report.lines().any(|printed| printed == line), "{line}\nis missing in\n{report}");
    }
    ensure!(!report.contains("9990000"), "no phone is shown whole: {report}");

    // Of two rows with one code the one that was changed later counts.
    old.run("UPDATE bookings SET updated_at = '2026-01-06 10:00' WHERE id = 1").await?;
    let report = old.import(&world, &[]).await?;
    for line in [
        "booking 3 (GOOD01): the same code as booking 1, which is newer",
        "message 2: unknown type \"PROMO\"",
        "message 3: no type",
        "message 4: no time",
        "message 5: the time is not readable",
        "Messages of the former bot: 7 rows, 1 new, 0 known here, 6 left out",
    ] {
        ensure!(report.lines().any(|printed| printed == line), "{line}\nis missing in\n{report}");
    }
    let before = ledger(&world).await?;
    old.import(&world, &[]).await?;
    assert_eq!(ledger(&world).await?, before);
    Ok(())
}

#[tokio::test]
async fn columns_may_be_missing_and_another_database_is_refused() -> Outcome {
    let world = World::start(Options::default().ingests(0).workers(0).set("LOCALE", "en")).await?;
    let old = OldBot::create(&world).await?;
    old.run("ALTER TABLE bookings DROP rating, DROP updated_at, DROP service_name").await?;
    old.run("ALTER TABLE users DROP created_at").await?;
    old.run(
        "INSERT INTO bookings (bukza_booking_id, client_phone, booking_datetime, duration_minutes, status) \
         VALUES ('LESS01', '+79990000001', '2026-01-10 12:00', 60, 'ACTIVE')",
    )
    .await?;
    let report = old.import(&world, &[]).await?;
    ensure!(report.contains("Bookings: 1 rows, 1 new"), "{report}");

    let own = world.operate(&["import", "--from", &world.database.url]).await;
    let refused = own.expect_err("its own database").to_string();
    ensure!(refused.contains("a database of the present system"), "{refused}");
    old.run("DROP TABLE messages").await?;
    let refused = old.import(&world, &[]).await.expect_err("a table is missing").to_string();
    ensure!(refused.contains("there are no tables messages"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn who_registered_or_was_deleted_here_stays_so() -> Outcome {
    let world = World::start(Options::default()).await?;
    let (here, moved, gone) = (person(1), person(2), person(3));
    register(&world, &here).await?;
    let old = OldBot::create(&world).await?;
    // The phone of who has registered is another account's there, and their account has another phone.
    old.run(&format!(
        "INSERT INTO users VALUES (1, {}, '{}', '2026-01-01'), (2, {}, '+79990009999', '2026-01-01'), \
         (3, {}, '{}', '2026-01-01')",
        moved.chat, here.phone, here.chat, gone.chat, gone.phone
    ))
    .await?;
    old.run(&format!(
        "INSERT INTO bookings VALUES (1, 'GONE01', 3, 'VR', 'Вера', '{}', now() + interval '9 days', 60, 'ACTIVE', NULL, \
         '2026-01-01', '2026-01-01')",
        gone.phone
    ))
    .await?;
    old.run("INSERT INTO messages VALUES (1, 3, 1, 'BOOKING_CREATED', '2026-01-02')").await?;
    let report = old.import(&world, &[]).await?;
    ensure!(
        report.contains("клиент 1 (+79*******01): этот телефон здесь уже у другого аккаунта"),
        "{report}"
    );
    ensure!(
        report.contains("клиент 2 (+79*******99): у этого аккаунта здесь уже другой телефон"),
        "{report}"
    );
    let phones = "SELECT phone_number::text FROM users ORDER BY telegram_id";
    assert_eq!(
        world.database.column::<String>(phones).await?,
        [here.phone.clone(), gone.phone.clone()]
    );

    let exported = world.operate(&["export", &gone.phone]).await?;
    ensure!(exported.contains("\"old:1\"") && exported.contains("Вера"), "{exported}");
    world.operate(&["forget", &gone.phone]).await?;
    let report = old.import(&world, &[]).await?;
    ensure!(
        report.contains("клиент 3 (+79*******03): данные этого человека здесь удалены"),
        "{report}"
    );
    ensure!(report.contains("запись 1 (GONE01): данные этого человека здесь удалены"), "{report}");
    let held = "SELECT count(*) FROM messages WHERE chat_id = 10003 \
                UNION ALL SELECT count(*) FROM users WHERE telegram_id = 10003 \
                UNION ALL SELECT count(*) FROM bookings WHERE client_phone IS NOT NULL";
    assert_eq!(world.database.column::<i64>(held).await?, [0, 0, 0]);
    Ok(())
}
