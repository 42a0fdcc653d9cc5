//! Logs: one id leads from the webhook to the message in Telegram, daily files hold every line, and
//! no line holds a secret or personal data.

use std::path::Path;

use crate::common::{
    Booking, Options, Outcome, Request, SOON, World, expect_message, expect_staff_message,
    in_seconds, person, phrases, register,
};
use serde_json::{Value, json};
use simulator::model::{Fault, FaultKind};
use testing::harness::fleet::{BUKZA_SECRET, TELEGRAM_SECRET};

const TOKEN: &str = "token-hush-hush";
const WORDS: &str = "у меня аллергия на орехи";

/// All lines of the files in a folder.
fn lines(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            lines.extend(std::fs::read_to_string(path)?.lines().map(str::to_owned));
        }
    }
    Ok(lines)
}

/// The lines with this message and event id.
fn about<'a>(lines: &'a [Value], message: &str, event_id: &str) -> Vec<&'a Value> {
    let fits = |line: &&Value| line["message"] == message && line["event_id"] == event_id;
    lines.iter().filter(fits).collect()
}

/// Causes errors while a client's texts and numbers are processed.
async fn troubles(world: &World) -> Outcome {
    let (refused, phone) = (person(2), person(1).phone);
    let url = format!("{}/webhook/bukza?secret=wrong-{BUKZA_SECRET}", world.ingest_url());
    world.http.post(url).body("{}").send().await?;
    let body = json!({"code": phone, "start": "soon", "phone": phone, "name": "Алина"});
    let (status, _) = world.post_bukza(&Request::body(body)).await?;
    anyhow::ensure!(status == 422, "{status}");
    // Undecodable jobs, as another version or tool may leave them.
    let payload = json!({"v": 1, "booking": phone}).to_string();
    world.database.execute(&format!("INSERT INTO inbox (payload) VALUES ('{payload}')")).await?;
    world.until("SELECT count(*) FROM dead_letters", 1_i64, SOON).await?;
    let odd = json!({"update_id": 990, "message": {"text": WORDS, "from": phone}});
    world.telegram.inject(&odd, 1, false).await?;
    register(world, &refused).await?;
    world.telegram.script(&Fault::sending(FaultKind::Forbidden, 1).in_chat(refused.chat)).await?;
    world.accept(&Booking::at("BLOCKS", &refused.phone, in_seconds(86_400)).created()).await?;
    expect_staff_message(world, &[phrases::STAFF_UNREACHABLE, "BLOCKS"]).await.map(drop)
}

#[tokio::test]
async fn one_id_leads_from_the_webhook_to_telegram_and_nothing_personal_is_logged() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut world = World::start(
        Options::default()
            .set("LOG_DIR", folder.path().display())
            .set("RUST_LOG", "info,ingest=debug,worker=debug,shared=debug")
            .set("BOT_TOKEN", format!("42:{TOKEN}")),
    )
    .await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("TRACE1", &client.phone, in_seconds(86_400)).created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    expect_staff_message(&world, &["TRACE1"]).await?;
    world.telegram.say(client.chat, WORDS).await?;
    expect_message(&world, &client, "Передали, ответим здесь").await?;
    troubles(&world).await?;
    crate::common::settled(&world).await?;
    for program in world.workers.drain(..).chain(world.ingests.drain(..)) {
        anyhow::ensure!(program.stop().await?.success());
    }

    let text = lines(folder.path())?;
    let parsed: Result<Vec<Value>, _> =
        text.iter().map(|line| serde_json::from_str(line)).collect();
    let parsed = parsed?;
    for last in ["stopped", "worker stopped"] {
        assert!(parsed.iter().any(|line| line["message"] == last), "{last} was written down");
    }
    let accepted =
        |line: &&Value| line["message"] == "webhook accepted" && line["booking_code"] == "TRACE1";
    let accepted = parsed.iter().find(accepted).expect("the webhook was accepted");
    let id = accepted["event_id"].as_str().expect("an id");
    assert!(accepted["duration_ms"].is_number());
    let applied = about(&parsed, "booking event applied", id);
    assert_eq!((applied.len(), &applied[0]["booking_code"]), (1, &json!("TRACE1")));
    assert!(applied[0]["duration_ms"].is_number());
    let sent = about(&parsed, "message handled", id);
    let sent = sent.iter().find(|line| line["to"] == "client").expect("a message to the client");
    assert_eq!((&sent["outcome"], &sent["booking_code"]), (&json!("Sent"), &json!("TRACE1")));
    assert!(sent["duration_ms"].is_number());
    let in_telegram =
        format!("SELECT telegram_message_id FROM messages WHERE id = {}", sent["message_id"]);
    assert_eq!(world.database.one::<i64>(&in_telegram).await?, confirmed.message_id);

    // The same from a client's message to its reply.
    let update = |line: &&Value| line["message"] == "update accepted";
    for update in parsed.iter().filter(update).filter(|line| line["update_id"] != 990) {
        let id = update["event_id"].as_str().expect("an id");
        assert_eq!(about(&parsed, "update handled", id).len(), 1, "{update}");
        assert!(!about(&parsed, "message handled", id).is_empty(), "{update}");
    }

    let text = [text, lines(&world.folder)?].concat().join("\n");
    let secret = |setting: &str| {
        let url = world.settings.get(setting).expect("it is set");
        url.split(['@', ':']).nth(2).expect("a password").to_owned()
    };
    let (database, redis) = (secret("DATABASE_URL"), secret("REDIS_URL"));
    assert!(text.contains("dead letter") && text.contains("no or wrong secret"));
    for hidden in [
        TOKEN,
        BUKZA_SECRET,
        TELEGRAM_SECRET,
        &database,
        &redis,
        WORDS,
        "Алина",
        "9990000001",
        "9990000002",
    ] {
        let leaked = text.lines().find(|line| line.contains(hidden));
        assert!(leaked.is_none(), "{hidden} stands in a log: {leaked:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_stops_the_start() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    world.settings.set("LOG_DIR", "/proc/logs");
    for program in [true, false] {
        let program = if program { world.start_ingest()? } else { world.start_worker()? };
        let status = program.process.wait(SOON).await?;
        assert!(!status.success() && program.process.log_tail(5).contains("LOG_DIR"), "{status}");
    }
    Ok(())
}
