//! Quarantine: work that always fails becomes a dead letter after a bounded number of attempts,
//! other work goes on, and an operator replays it once.

use std::time::Duration;

use crate::common::{
    Booking, Options, Outcome, SOON, World, applied, clients_settled, expect_message, in_seconds,
    message_count, person, phrases, register, settled, waits_for_lock,
};
use serde_json::json;
use simulator::model::{Fault, FaultKind};
use testing::harness::fleet::Database;

/// Five attempts with pauses of 1, 2, 4 and 8 seconds.
const SET_ASIDE: Duration = Duration::from_secs(90);

/// The number of the only dead letter.
async fn dead_letter(world: &World) -> anyhow::Result<String> {
    let id: i64 =
        world.database.one("SELECT id FROM dead_letters WHERE replayed_at IS NULL").await?;
    Ok(id.to_string())
}

async fn replay(world: &World, id: &str) -> Outcome {
    let output = world.operate(&["dead", "replay", id]).await?;
    anyhow::ensure!(output.contains("снова в очереди"), "{output}");
    Ok(())
}

/// Puts a job into Redis as apalis would.
async fn put(world: &World, queue: &str, id: &str, payload: &[u8]) -> Outcome {
    let mut redis = world.redis().await?;
    let key = |part: &str| format!("{{{}:{queue}}}:{part}", world.database.name);
    let meta = [("attempts", "0"), ("max_attempts", "5"), ("status", "Pending")];
    redis::pipe()
        .hset(key("data"), id, payload)
        .hset_multiple(format!("{}:{id}", key("meta")), &meta)
        .rpush(key("active"), id)
        .query_async::<()>(&mut redis)
        .await?;
    Ok(())
}

#[tokio::test]
async fn undecodable_jobs_are_quarantined_at_once_and_the_queues_go_on() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    for (id, queue, payload) in [
        ("p1", "events", &b"\xff\xfe\x00 no text"[..]),
        ("p2", "events", b"{\"v\":1,\"booking\":{}}"),
        ("p3", "updates", b"[[[["),
        ("p4", "answers", b""),
        ("p5", "bulk", b"{\"v\":99,\"c\":1,\"d\":1}"),
    ] {
        put(&world, queue, id, payload).await?;
    }
    world.until("SELECT count(*) FROM dead_letters", 5_i64, SOON).await?;
    // Each queue still does its work.
    register(&world, &client).await?;
    world.accept(&Booking::at("FLOWS1", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;

    let listed = world.operate(&["dead", "list"]).await?;
    assert!(listed.contains("отложено сбоев: 5"), "{listed}");
    assert!(listed.contains("payload version 99 is newer than this program"), "{listed}");
    let newer = "SELECT id FROM dead_letters WHERE queue = 'bulk'";
    let id = world.database.one::<i64>(newer).await?.to_string();
    let shown = world.operate(&["dead", "show", &id]).await?;
    assert!(shown.contains("очередь bulk, задание p5") && shown.contains("\"v\":99"), "{shown}");
    // A failed replay makes a new dead letter. The old one is closed.
    replay(&world, &id).await?;
    world.until("SELECT count(*) FROM dead_letters", 6_i64, SOON).await?;
    let listed = world.operate(&["dead", "list"]).await?;
    assert!(listed.contains("отложено сбоев: 5"), "{listed}");
    let worker = world.workers.first().expect("one worker");
    let restarts = worker.metric(&world.http, "bukza_bridge_queue_worker_restarts_total", "");
    assert_eq!(restarts.await?, 0.0, "poison ended a part of the worker");
    Ok(())
}

#[tokio::test]
async fn an_update_that_always_fails_is_quarantined_after_five_attempts_and_replayed_once()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    // The database refuses this update, and counts attempts in a sequence, which survives the
    // rollback.
    for sql in [
        "CREATE SEQUENCE attempts",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM nextval('attempts'); RAISE EXCEPTION 'poison'; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON processed_updates FOR EACH ROW \
         WHEN (new.update_id = 900) EXECUTE FUNCTION refuse()",
    ] {
        world.database.execute(sql).await?;
    }
    let update = json!({"update_id": 900, "message": {
        "message_id": 1, "date": 1_700_000_000, "text": "/address",
        "from": {"id": client.chat, "is_bot": false, "first_name": "Client"},
        "chat": {"id": client.chat, "type": "private", "first_name": "Client"},
    }});
    world.telegram.inject(&update, 1, false).await?;
    world.until("SELECT last_value > 1 FROM attempts", true, SOON).await?;
    // The same chat is served meanwhile.
    world.telegram.say(client.chat, "/help").await?;
    expect_message(&world, &client, phrases::HELP).await?;
    world.until("SELECT count(*) FROM dead_letters", 1_i64, SET_ASIDE).await?;
    assert_eq!(world.database.one::<i64>("SELECT last_value FROM attempts").await?, 5);
    assert_eq!(message_count(&world, client.chat, phrases::ADDRESS).await?, 0);

    let id = dead_letter(&world).await?;
    let shown = world.operate(&["dead", "show", &id]).await?;
    assert!(shown.contains("попыток: 5") && shown.contains("poison"), "{shown}");
    world.database.execute("DROP TRIGGER refuse ON processed_updates").await?;
    replay(&world, &id).await?;
    replay(&world, &id).await?;
    expect_message(&world, &client, phrases::ADDRESS).await?;
    replay(&world, &id).await?;
    world.telegram.say(client.chat, "/contacts").await?;
    expect_message(&world, &client, phrases::CONTACTS).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::ADDRESS).await?, 1);
    let listed = world.operate(&["dead", "list"]).await?;
    assert!(listed.contains("отложено сбоев: 0"), "{listed}");
    Ok(())
}

#[tokio::test]
async fn an_update_that_always_panics_is_quarantined_and_the_worker_lives() -> Outcome {
    let world = World::start(Options::default()).await?;
    let (client, other) = (person(1), person(2));
    register(&world, &client).await?;
    // A value from another tool: the driver panics at an infinite timestamp.
    let set = |instant: &str| {
        format!("UPDATE users SET created_at = '{instant}' WHERE telegram_id = {}", client.chat)
    };
    world.database.execute(&set("infinity")).await?;
    world.telegram.say(client.chat, "/address").await?;
    register(&world, &other).await?;
    world.until("SELECT count(*) FROM dead_letters", 1_i64, SET_ASIDE).await?;
    let id = dead_letter(&world).await?;
    let shown = world.operate(&["dead", "show", &id]).await?;
    assert!(shown.contains("попыток: 5") && shown.contains("panicked"), "{shown}");

    world.database.execute(&set("2026-01-01")).await?;
    replay(&world, &id).await?;
    replay(&world, &id).await?;
    expect_message(&world, &client, phrases::ADDRESS).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::ADDRESS).await?, 1);
    let worker = world.workers.first().expect("one worker");
    assert!(worker.readiness(&world.http).await.is_some_and(|(ready, _)| ready));
    Ok(())
}

#[tokio::test]
async fn a_row_that_cannot_be_rendered_leaves_its_chat_free_and_is_replayed_once_repaired()
-> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("BROKEN", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    // The first message of its chat, with content that this program can't have written.
    world
        .database
        .execute(&format!(
            "INSERT INTO messages (kind, recipient, chat_id, booking_id, booking_version, slot, \
             content, due_at, job_id, pushed_at) SELECT 'moved', 'client', {}, id, 1, '', \
             '{{\"telepathy\": 5}}', now() - interval '1 hour', 'mbroken', 'epoch' FROM bookings",
            client.chat
        ))
        .await?;
    world.accept(&Booking::at("BEHIND", &client.phone, in_seconds(90_000)).created()).await?;
    world.telegram.wait_for_message(client.chat, |m| m.text.contains("BEHIND"), SOON).await?;
    let status = "SELECT status FROM messages WHERE job_id = 'mbroken'";
    world.until(status, "failed".to_owned(), SOON).await?;

    let id = dead_letter(&world).await?;
    let listed = world.operate(&["dead", "list"]).await?;
    assert!(listed.contains("mbroken") && listed.contains("отложено сбоев: 1"), "{listed}");
    // In vain: it is as it was.
    replay(&world, &id).await?;
    world.until("SELECT replayed_at IS NULL FROM dead_letters", true, SOON).await?;
    assert_eq!(world.database.one::<String>(status).await?, "failed");

    let mend = "UPDATE messages SET content = NULL WHERE job_id = 'mbroken'";
    world.database.execute(mend).await?;
    replay(&world, &id).await?;
    replay(&world, &id).await?;
    world.until(status, "sent".to_owned(), SOON).await?;
    replay(&world, &id).await?;
    clients_settled(&world).await?;
    let chat = world.telegram.chat(client.chat).await?;
    let changed = chat.iter().filter(|m| m.from_bot && m.text.contains("BROKEN")).count();
    assert_eq!(changed, 2, "confirmed, and the mended message once");
    Ok(())
}

#[tokio::test]
async fn a_row_at_which_the_driver_panics_leaves_its_chat_free() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("ENDLESS", &client.phone, in_seconds(7_200)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    // Its feedback request is due now, and its booking can't be read.
    let spoil = |instant: &str| format!("UPDATE bookings SET created_at = '{instant}'");
    world.database.execute(&spoil("infinity")).await?;
    let due = "UPDATE messages SET due_at = now() - interval '1 hour', pushed_at = 'epoch' \
               WHERE kind = 'feedback'";
    world.database.execute(due).await?;
    world.accept(&Booking::at("BEHIND", &client.phone, in_seconds(7_200)).created()).await?;
    world.telegram.wait_for_message(client.chat, |m| m.text.contains("BEHIND"), SOON).await?;
    let id = dead_letter(&world).await?;
    let shown = world.operate(&["dead", "show", &id]).await?;
    assert!(shown.contains("driver panic"), "{shown}");

    world.database.execute(&spoil("2026-01-01")).await?;
    replay(&world, &id).await?;
    replay(&world, &id).await?;
    expect_message(&world, &client, phrases::FEEDBACK).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 1);
    Ok(())
}

/// Visits that are over become completed by a later step than the one that deals with lost leases.
#[tokio::test]
async fn a_step_of_the_reconciler_that_fails_stops_no_other() -> Outcome {
    // Each in one transaction, so that the reconciler is not first.
    const REFUSED: &str = "DO $do$ BEGIN \
        UPDATE messages SET status = 'sending', lease_owner = 'lost', \
        lease_until = now() - interval '1 hour' \
        WHERE id = (SELECT min(id) FROM messages WHERE kind = 'confirmation'); \
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF OLD.lease_owner = 'lost' THEN RAISE 'no'; END IF; RETURN NEW; END $$; \
        CREATE TRIGGER refuse BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION refuse(); \
        END $do$";
    const UNREADABLE: &str = "DO $do$ BEGIN DROP TRIGGER refuse ON messages; \
        UPDATE messages SET created_at = 'infinity' WHERE lease_owner = 'lost'; END $do$";
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    for code in ["PAST1", "PAST2"] {
        world.accept(&Booking::at(code, &client.phone, in_seconds(86_400)).created()).await?;
        applied(&world, code, "active", 1).await?;
    }
    settled(&world).await?;
    // PostgreSQL refuses the step's statement; then the row makes the driver panic.
    for (code, spoil) in [("PAST1", REFUSED), ("PAST2", UNREADABLE)] {
        world.database.execute(spoil).await?;
        let over = format!(
            "UPDATE bookings SET starts_at = now() - interval '2 hours', \
             ends_at = now() - interval '1 hour' WHERE bukza_booking_id = '{code}'"
        );
        world.database.execute(&over).await?;
        applied(&world, code, "completed", 1).await?;
        let held =
            "SELECT count(*) FROM messages WHERE lease_owner = 'lost' AND status = 'sending'";
        assert_eq!(world.database.one::<i64>(held).await?, 1, "the failed step has done nothing");
    }
    // Once the row can be read, its step goes on, too.
    let mend = "UPDATE messages SET created_at = now() WHERE lease_owner = 'lost'";
    world.database.execute(mend).await?;
    let held = "SELECT count(*) FROM messages WHERE status = 'sending'";
    world.until(held, 0_i64, SOON).await?;
    Ok(())
}

#[tokio::test]
async fn a_message_that_telegram_refuses_is_dead_lettered_and_sent_when_replayed() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.telegram.script(&Fault::sending(FaultKind::BadRequest, 1).in_chat(client.chat)).await?;
    world.accept(&Booking::at("REFUSE", &client.phone, in_seconds(86_400)).created()).await?;
    world.until("SELECT count(*) FROM dead_letters", 1_i64, SOON).await?;
    let id = dead_letter(&world).await?;
    let shown = world.operate(&["dead", "show", &id]).await?;
    assert!(shown.contains("Bad Request"), "{shown}");
    replay(&world, &id).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    replay(&world, &id).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

/// Between reading a message and claiming it, its booking gets another version by another tool, which cancels
/// no messages: the claim is refused for good. It must not count as another worker's, and block the chat.
#[tokio::test]
async fn a_message_that_is_refused_as_it_is_claimed_ends_and_the_chat_goes_on() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "170s")).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("REFUSE", &client.phone, in_seconds(180)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;

    let locks = Database::open(&world.database.name, &world.database.url).await?;
    locks.execute("BEGIN").await?;
    // The worker still reads, and its claim waits.
    locks.execute("LOCK TABLE messages IN SHARE MODE").await?;
    waits_for_lock(&world, "-- Claims the messages").await?;
    locks.execute("UPDATE bookings SET version = version + 1").await?;
    locks.execute("COMMIT").await?;

    let ended = "SELECT concat_ws(' ', status, reason) FROM messages WHERE kind = 'reminder'";
    world.until(ended, "cancelled superseded".to_owned(), SOON).await?;
    world.accept(&Booking::at("GOESON", &client.phone, in_seconds(86_400)).created()).await?;
    world
        .until(
            "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'",
            2_i64,
            SOON,
        )
        .await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 0);
    Ok(())
}
