//! A large old database, a tenth of it broken, is taken over quickly, and a second time without a change.

use std::time::{Duration, Instant};

use anyhow::ensure;
use testing::harness::environment;

use super::{OldBot, ledger};
use crate::common::{Options, Outcome, World};

/// A tenth of each table is broken: `$1` clients and five bookings of each.
fn rows(clients: i64) -> [String; 4] {
    let bookings = clients * 5;
    [
        "ALTER TYPE bookingstatus ADD VALUE 'ARCHIVED'".to_owned(),
        format!(
            "INSERT INTO users SELECT i, CASE WHEN i % 40 = 10 THEN NULL ELSE 100000 + i END, \
             CASE i % 40 WHEN 20 THEN NULL WHEN 30 THEN 'phone ' || i \
             WHEN 0 THEN '8 (900) ' || lpad((i - 1)::text, 7, '0') \
             ELSE '+7900' || lpad(i::text, 7, '0') END, \
             timestamp '2025-01-01' + i * interval '1 minute' FROM generate_series(1, {clients}) AS i"
        ),
        format!(
            "INSERT INTO bookings SELECT i, CASE i % 70 WHEN 7 THEN NULL WHEN 14 THEN ' C' || i - 1 ELSE 'C' || i END, \
             u.id, 'VR', 'Клиент ' || u.id, CASE i % 70 WHEN 21 THEN NULL ELSE u.phone_number END, \
             CASE i % 70 WHEN 28 THEN NULL WHEN 35 THEN 'infinity' ELSE date_trunc('minute', now()::timestamp) \
             + (i % 4001 - 2000) * interval '13 minutes' END, \
             CASE i % 70 WHEN 42 THEN NULL WHEN 49 THEN 0 ELSE 60 END, \
             CASE WHEN i % 70 = 56 THEN NULL WHEN i % 70 = 63 THEN 'ARCHIVED' WHEN i % 9 = 0 THEN 'CANCELLED' \
             WHEN i % 4001 < 1990 THEN 'COMPLETED' ELSE 'ACTIVE' END::bookingstatus, \
             CASE WHEN i % 11 = 0 THEN i % 6 END, \
             timestamp '2025-06-01' + i * interval '1 second', timestamp '2025-07-01' + i * interval '1 second' \
             FROM generate_series(1, {bookings}) AS i JOIN users u ON u.id = 1 + i % {clients}"
        ),
        format!(
            "INSERT INTO messages (user_id, booking_id, message_type, sent_at) SELECT b.user_id, b.id, k::messagetype, \
             CASE WHEN b.id % 500 = 3 THEN NULL ELSE b.created_at END FROM bookings b \
             CROSS JOIN unnest(ARRAY['BOOKING_CREATED', 'REMINDER', 'FEEDBACK_REQUEST']) AS k \
             WHERE k = 'BOOKING_CREATED' OR b.booking_datetime < now() AND b.id <= {bookings}"
        ),
    ]
}

#[tokio::test]
async fn a_large_old_database_is_taken_over_in_under_a_minute_and_again_without_a_change() -> Outcome
{
    let world = World::start(Options::default().ingests(0).workers(0).set("LOCALE", "en")).await?;
    let old = OldBot::create(&world).await?;
    let clients = if environment::is_long() { 10_000 } else { 1_000 };
    for statement in rows(clients) {
        old.run(&statement).await?;
    }
    let nothing = ledger(&world).await?;
    let dry = old.import(&world, &["--dry-run"]).await?;
    assert_eq!(ledger(&world).await?, nothing);
    let started = Instant::now();
    let first = old.import(&world, &[]).await?;
    let took = started.elapsed();
    println!("{clients} clients and {} bookings took {took:?}", clients * 5);
    ensure!(took < Duration::from_secs(60), "{took:?}");
    let numbers = |report: &str| {
        let lines: Vec<String> = report.lines().map(str::to_owned).collect();
        lines[lines.len() - 5..lines.len() - 1].to_vec()
    };
    assert_eq!(numbers(&dry), numbers(&first), "a dry run prints the same");
    // Each way of being broken has its share: a tenth of the clients, and nine of seventy of the bookings.
    let counts: Vec<i64> = world
        .database
        .column("SELECT count(*) FROM users UNION ALL SELECT count(*) FROM bookings")
        .await?;
    ensure!(counts[0] == clients * 9 / 10, "{counts:?}\n{}", numbers(&first).join("\n"));
    let broken = (1..=clients * 5).filter(|i| [7, 14, 28, 35, 42, 49, 56, 63].contains(&(i % 70)));
    ensure!(
        counts[1] == clients * 5 - broken.count() as i64,
        "{counts:?}\n{}",
        numbers(&first).join("\n")
    );

    let before = ledger(&world).await?;
    let again = old.import(&world, &[]).await?;
    ensure!(again.contains(" 0 new, 0 changed, "), "{}", numbers(&again).join("\n"));
    assert_eq!(ledger(&world).await?, before, "the ledger is the same");
    // Nothing is due that the old bot's clients have heard already.
    let stale = "SELECT count(*) FROM messages m JOIN bookings b ON b.id = m.booking_id WHERE m.status = 'scheduled' \
                 AND (m.kind NOT IN ('reminder', 'feedback') OR m.due_at < now() OR b.status <> 'active')";
    assert_eq!(world.database.one::<i64>(stale).await?, 0);
    let planned =
        "SELECT count(*) > 100 FROM messages WHERE status = 'scheduled' AND chat_id IS NOT NULL";
    assert!(world.database.one::<bool>(planned).await?);
    Ok(())
}
