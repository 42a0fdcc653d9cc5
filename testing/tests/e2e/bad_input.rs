//! Invalid input: answered by field as problem+json, stored for the owner, and reported to the
//! staff. Accepted input does no harm.

use crate::common::{Options, Outcome, Request, SOON, World, expect_staff_message, phrases};
use rand::{SeedableRng, rngs::StdRng};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// A valid body with one field changed.
fn with(field: &str, value: Value) -> String {
    let mut body = json!({
        "code": "GOOD01", "service": "Квест",
        "start": "27.12.2099 12:00", "end": "27.12.2099 13:00", "phone": "+79990000001",
    });
    body[field] = value;
    body.to_string()
}

#[tokio::test]
async fn each_error_is_named_by_field_and_the_request_is_stored() -> Outcome {
    let world = World::start(Options::default()).await?;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let table = [
        (400, None, "not json at all".to_owned()),
        (400, None, "[1, 2]".to_owned()),
        (400, None, deep),
        (422, Some("start"), with("start", json!("31.02.2099 12:00"))),
        (422, Some("end"), with("end", json!("27.12.2099 11:00"))),
        (422, Some("code"), with("code", json!("x".repeat(5_000)))),
        (422, Some("code"), with("code", json!("a\u{0}b"))),
        (422, Some("code"), with("code", Value::Null)),
        (413, None, with("name", json!("я".repeat(40_000)))),
    ];
    for (count, (status, field, body)) in (1_i64..).zip(table) {
        let (answered, problem) = world.post_bukza(&Request::body(&body)).await?;
        let shown: String = body.chars().take(80).collect();
        assert_eq!(answered, status, "{shown}: {problem}");
        assert_eq!(problem["status"], status, "{shown}: {problem}");
        if let Some(field) = field {
            let faults = problem["errors"].as_array().into_iter().flatten();
            let fields: Vec<_> = faults.filter_map(|fault| fault["field"].as_str()).collect();
            assert!(fields.contains(&field), "{shown}: {problem}");
        }
        world.until("SELECT count(*) FROM rejected_requests", count, SOON).await?;
    }
    expect_staff_message(&world, &[phrases::STAFF_REJECTED]).await?;
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM bookings").await?, 0);
    Ok(())
}

#[tokio::test]
async fn several_errors_are_reported_in_one_problem_json() -> Outcome {
    let world = World::start(Options::default().workers(0)).await?;
    let url = format!("{}/webhook/bukza", world.ingest_url());
    let body = json!({"start": "yesterday", "name": "x"}).to_string();
    let answer = world
        .http
        .post(url)
        .header("X-Webhook-Secret", testing::harness::fleet::BUKZA_SECRET)
        .body(body)
        .send()
        .await?;
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    let problem: Value = answer.json().await?;
    let faults = problem["errors"].as_array().into_iter().flatten();
    let fields: Vec<_> = faults.filter_map(|fault| fault["field"].as_str()).collect();
    assert_eq!(fields, ["code", "start", "end"], "{problem}");
    Ok(())
}

#[tokio::test]
async fn without_the_secret_nothing_is_read_or_stored() -> Outcome {
    let world = World::start(Options::default()).await?;
    let url = format!("{}/webhook/bukza", world.ingest_url());
    let post = |url: String| world.http.post(url).body(with("code", json!("GOOD01")));
    for (request, status) in [
        (post(url.clone()), 401),
        (post(url.clone()).header("X-Webhook-Secret", "wrong-secret-of-this-machine"), 401),
        (post(format!("{url}?secret=wrong")), 401),
        (post(format!("{url}?secret={}", testing::harness::fleet::BUKZA_SECRET)), 200),
    ] {
        assert_eq!(request.send().await?.status(), status);
    }
    world.until("SELECT count(*) FROM bookings", 1_i64, SOON).await?;
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM rejected_requests").await?, 0);
    let ingest = world.ingests.first().expect("one ingest");
    let log = std::fs::read_to_string(ingest.process.log())?;
    assert!(!log.contains(testing::harness::fleet::BUKZA_SECRET), "the secret is in the log");
    assert!(!log.contains("9990000001"), "a phone is in the log");
    Ok(())
}

#[tokio::test]
async fn a_quote_inside_a_name_does_not_break_the_booking() -> Outcome {
    let world = World::start(Options::default()).await?;
    let body = "{\"code\": \"QUOTE1\", \"name\": \"Анна \"Аня\" О'Нил\nвторая строка\", \
        \"start\": \"27.12.2099 12:00\", \"end\": \"27.12.2099 13:00\", \"phone\": \"[bukza_phone]\"}";
    world.accept(&Request::body(body)).await?;
    let card = expect_staff_message(&world, &["QUOTE1"]).await?;
    assert!(card.text.contains("Анна \"Аня\" О'Нил"), "{}", card.text);
    Ok(())
}

#[tokio::test]
async fn a_missing_or_wrong_setting_is_named_and_nothing_starts() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    world.settings.set("TIMEZONE", "Moskva");
    world.settings.set("REDIS_URL", "localhost");
    world.settings.set("BOT_TOKEN", "");
    let worker = world.start_worker()?;
    let status = worker.process.wait(SOON).await?;
    assert!(!status.success());
    let output = worker.process.log_tail(50);
    for name in ["TIMEZONE", "REDIS_URL", "BOT_TOKEN"] {
        assert!(output.contains(name), "{name} is not named: {output}");
    }
    Ok(())
}

#[tokio::test]
async fn damaged_updates_are_acknowledged_and_counted_and_do_no_harm() -> Outcome {
    const SOUND: &str = r#"{"update_id":1,"message":{"message_id":5,"date":1766000000,
        "from":{"id":42,"is_bot":false,"first_name":"A"},
        "chat":{"id":42,"first_name":"A","type":"private"},"text":"/help",
        "entities":[{"offset":0,"length":5,"type":"bot_command"}]}}"#;
    let world = World::start(Options::default()).await?;
    let url = format!("{}/webhook/telegram", world.ingest_url());
    let mut accepted = 0_u32;
    for seed in 0..400_u64 {
        let sound = SOUND.replacen("\"update_id\":1", &format!("\"update_id\":{}", seed + 1), 1);
        let body = simulator::hostile::json(&mut StdRng::seed_from_u64(seed), &sound);
        let answer = world
            .http
            .post(&url)
            .header("X-Telegram-Bot-Api-Secret-Token", testing::harness::fleet::TELEGRAM_SECRET)
            .body(body)
            .send()
            .await?;
        let status = answer.status();
        assert!(status == 200 || status.is_client_error(), "seed {seed}: {status}");
        accepted += u32::from(status == 200);
    }
    assert!((50..350).contains(&accepted), "{accepted} of 400 were taken");
    let client = crate::common::person(1);
    crate::common::register(&world, &client).await?;

    // Each was counted or quarantined. None was lost or is retried for ever.
    let worker = world.workers.first().expect("one worker");
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let counted = worker.metric(&world.http, "bukza_bridge_telegram_updates_total", "").await?;
        let dead: i64 = world.database.one("SELECT count(*) FROM dead_letters").await?;
        // Including the client's own two.
        if counted + dead as f64 == f64::from(accepted + 2) {
            break;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "{accepted} were taken, {counted} counted, {dead} set aside"
        );
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let log = std::fs::read_to_string(worker.process.log())?;
    assert!(!log.contains("panicked"), "the worker panicked");
    Ok(())
}
