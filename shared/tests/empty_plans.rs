//! Plans made while the outbox is empty, which a connection keeps for its life: none may read more than one
//! booking's or one chat's messages once there are many.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// The indexes that lead to one message, or to those of one booking or chat. `messages_leases` holds what is being sent.
const NARROW: [&str; 7] = [
    "messages_pkey",
    "messages_of_booking",
    "messages_once_per_booking",
    "messages_chat_queue",
    "messages_confirmed",
    "messages_questions",
    "messages_leases",
];

/// Tables that grow with the venue.
const LARGE: [&str; 4] = ["messages", "bookings", "users", "dialogues"];

/// The highest number of a parameter in a statement.
fn parameters(sql: &str) -> usize {
    let number = |rest: &str| -> Option<usize> {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok()
    };
    sql.split('$').skip(1).filter_map(number).max().unwrap_or(0)
}

#[tokio::test]
async fn the_hottest_statements_go_into_narrow_indexes_from_the_first_day() {
    let db = common::database_of_one_connection().await;
    // How often each reads messages, at least: a statement of which no scan is recognized proves nothing.
    let statements = [
        ("booking_write", include_str!("../src/store/sql/booking_write.sql"), 3),
        ("due", include_str!("../src/store/sql/due.sql"), 3),
        ("claim", include_str!("../src/store/sql/claim.sql"), 4),
        ("settle_sent", include_str!("../src/store/sql/settle_sent.sql"), 1),
        ("assign_chat", include_str!("../src/store/sql/assign_chat.sql"), 3),
    ];
    db.execute_unprepared("SET plan_cache_mode = force_generic_plan").await.unwrap();
    for (name, sql, reads) in statements {
        let nulls = vec!["NULL"; parameters(sql)].join(", ");
        db.execute_unprepared(&format!("PREPARE {name} AS {sql}")).await.unwrap();
        let explain = format!("EXPLAIN EXECUTE {name} ({nulls})");
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, explain)).await;
        let plan: Vec<String> =
            rows.unwrap().into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        let scans = plan.iter().filter(|line| line.contains(" on messages"));
        let mut narrow = 0;
        for scan in scans.filter(|line| line.contains("Scan")) {
            let is_narrow = NARROW.iter().any(|index| scan.contains(&format!("using {index} ")));
            assert!(is_narrow, "{name}: {scan}\n{}", plan.join("\n"));
            narrow += 1;
        }
        let whole = |line: &&String| {
            LARGE.iter().any(|table| line.contains(&format!("Seq Scan on {table} ")))
        };
        assert_eq!(plan.iter().find(whole), None, "{name}:\n{}", plan.join("\n"));
        assert!(narrow >= reads, "{name} reads messages {narrow} times:\n{}", plan.join("\n"));
    }
}
