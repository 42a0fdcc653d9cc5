//! What an operator has done again: dead letters one by one, by kind or all, and messages of which it is
//! unknown whether they arrived.

use crate::common::{
    Booking, Options, Outcome, SOON, World, applied, clients_settled, expect_message, in_seconds,
    message_count, person, phrases, register, settled,
};
use anyhow::ensure;

/// Sets an event aside that can be applied.
async fn set_aside(world: &World, number: i64, queue: &str, payload: &str) -> Outcome {
    let insert = format!(
        "INSERT INTO dead_letters (queue, job_id, payload, reason, attempts) \
         VALUES ('{queue}', 'dead{number}', '{payload}', 'tested', 5)"
    );
    world.database.execute(&insert).await.map(drop)
}

async fn open(world: &World) -> anyhow::Result<i64> {
    world.database.one("SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL").await
}

#[tokio::test]
async fn dead_letters_are_replayed_by_kind_or_all_at_once() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("DEAD01", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    // Two messages that failed by a fault of ours, and work of other queues.
    let failed = "UPDATE messages SET status = 'failed', reason = 'tested', \
                  job_id = CASE kind WHEN 'confirmation' THEN 'dead1' ELSE 'dead2' END \
                  WHERE kind IN ('confirmation', 'staff_created')";
    assert_eq!(world.database.execute(failed).await?, 2);
    let wake = |chat: i64| format!(r#"{{"v":1,"c":{chat},"d":0}}"#);
    let staff = testing::harness::fleet::STAFF_CHAT;
    set_aside(&world, 1, "bulk", &wake(client.chat)).await?;
    set_aside(&world, 2, "bulk", &wake(staff)).await?;
    set_aside(&world, 3, "bulk", &wake(staff)).await?;

    for arguments in [vec![], vec!["1", "--all"], vec!["--all", "--kind", "reminder"]] {
        let arguments = [vec!["dead", "replay"], arguments].concat();
        ensure!(world.operate(&arguments).await.is_err(), "{arguments:?}");
    }
    let none = world.operate(&["dead", "replay", "--kind", "reminder"]).await?;
    ensure!(none.contains("снова в очередях: 0") && open(&world).await? == 3, "{none}");
    let one = world.operate(&["dead", "replay", "--kind", "confirmation"]).await?;
    ensure!(one.contains("снова в очередях: 1") && open(&world).await? == 2, "{one}");
    let sent = "SELECT count(*) FROM messages WHERE status = 'sent' AND kind = ";
    world.until(&format!("{sent}'confirmation'"), 1_i64, SOON).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 2);
    let all = world.operate(&["dead", "replay", "--all"]).await?;
    ensure!(all.contains("снова в очередях: 2") && open(&world).await? == 0, "{all}");
    world.until(&format!("{sent}'staff_created'"), 1_i64, SOON).await?;
    Ok(())
}

#[tokio::test]
async fn what_may_not_have_arrived_is_sent_again_while_it_is_news() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    for code in ["MAYBE1", "MAYBE2", "MAYBE3"] {
        world.accept(&Booking::at(code, &client.phone, in_seconds(86_400)).created()).await?;
        world.telegram.wait_for_message(client.chat, |m| m.text.contains(code), SOON).await?;
    }
    clients_settled(&world).await?;
    // Their answers were lost. Then one is cancelled, and the time of another passes.
    let unknown = "UPDATE messages SET status = 'unknown', reason = 'timeout', attempts = 2 \
                   WHERE kind = 'confirmation'";
    assert_eq!(world.database.execute(unknown).await?, 3);
    let of = |code: &str| {
        format!(
            "SELECT m.id FROM messages m JOIN bookings b ON b.id = m.booking_id \
             WHERE m.kind = 'confirmation' AND b.bukza_booking_id = '{code}'"
        )
    };
    let cancelled = Booking::at("MAYBE2", &client.phone, in_seconds(86_400)).cancelled();
    world.accept(&cancelled).await?;
    applied(&world, "MAYBE2", "cancelled", 2).await?;
    let passed = format!("UPDATE messages SET expires_at = now() WHERE id IN ({})", of("MAYBE3"));
    world.database.execute(&passed).await?;

    let listed = world.operate(&["unknown", "list"]).await?;
    ensure!(listed.contains("MAYBE1") && listed.contains("timeout"), "{listed}");
    ensure!(!listed.contains("MAYBE2") && !listed.contains("MAYBE3"), "{listed}");
    let help = world.operate(&["unknown", "resend", "--help"]).await?;
    ensure!(help.contains("gets it twice"), "{help}");

    let id: i64 = world.database.one(&of("MAYBE1")).await?;
    world.operate(&["unknown", "resend", &id.to_string()]).await?;
    let status = format!("SELECT status FROM messages WHERE id = {id}");
    world.until(&status, "sent".to_owned(), SOON).await?;
    let again = world.operate(&["unknown", "resend", &id.to_string()]).await.expect_err("sent");
    ensure!(again.to_string().contains("не из тех, что могли не дойти: отправлено"), "{again}");
    for code in ["MAYBE2", "MAYBE3"] {
        let id: i64 = world.database.one(&of(code)).await?;
        let error = world.operate(&["unknown", "resend", &id.to_string()]).await.expect_err("old");
        ensure!(error.to_string().contains("уже не новость"), "{error}");
    }
    let all = world.operate(&["unknown", "resend", "--all"]).await?;
    ensure!(all.contains("отправляется ещё раз: 0"), "{all}");
    clients_settled(&world).await?;
    let chat = world.telegram.chat(client.chat).await?;
    let received = |code: &str| chat.iter().filter(|m| m.from_bot && m.text.contains(code)).count();
    assert_eq!((received("MAYBE1"), received("MAYBE2"), received("MAYBE3")), (2, 2, 1));
    Ok(())
}
