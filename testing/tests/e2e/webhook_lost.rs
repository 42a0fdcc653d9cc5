//! Another program with the bot's token: what it does to the webhook is noticed, repaired and counted.

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{Options, Outcome, SOON, World, expect_message, person, phrases};

/// Longer than the pause between two checks.
const CHECKED: Duration = Duration::from_secs(60);

/// Waits until getWebhookInfo's answer satisfies `wanted`.
async fn until_webhook(world: &World, wanted: impl Fn(&Value) -> bool) -> Outcome {
    let reached = async {
        loop {
            let info = world.telegram.call("getWebhookInfo", json!({})).await?;
            if wanted(&info["result"]) {
                return Outcome::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(CHECKED, reached).await?
}

/// Waits until the worker has counted a repair of this cause.
async fn counted(world: &World, cause: &str) -> Outcome {
    let (name, label) =
        ("bukza_bridge_telegram_webhook_repairs_total", format!("cause=\"{cause}\""));
    let found = async {
        while world.workers[0].metric(&world.http, name, &label).await? < 1.0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Outcome::Ok(())
    };
    tokio::time::timeout(SOON, found).await?
}

#[tokio::test]
async fn a_webhook_taken_away_is_set_again() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    let own = world.telegram.call("getWebhookInfo", json!({})).await?["result"]["url"].clone();
    let theirs = json!({"url": "https://other.example/hidden-secret"});
    world.telegram.call("setWebhook", theirs).await?;
    until_webhook(&world, |info| info["url"] == own).await?;
    counted(&world, "url").await?;
    let log = world.workers[0].process.log_tail(200);
    assert!(log.contains("other.example") && !log.contains("hidden-secret"), "{log}");
    world.telegram.say(client.chat, "/start").await?;
    expect_message(&world, &client, phrases::GREETING).await?;
    Ok(())
}

#[tokio::test]
async fn narrowed_kinds_of_updates_are_widened_again() -> Outcome {
    let world = World::start(Options::default()).await?;
    let info = world.telegram.call("getWebhookInfo", json!({})).await?["result"].clone();
    // A call that leaves out the secret would lose it: the same address, with fewer kinds.
    let narrowed = json!({
        "url": info["url"],
        "secret_token": testing::harness::fleet::TELEGRAM_SECRET,
        "allowed_updates": ["message"],
    });
    world.telegram.call("setWebhook", narrowed).await?;
    until_webhook(&world, |now| now["allowed_updates"] == info["allowed_updates"]).await?;
    counted(&world, "allowed_updates").await
}

#[tokio::test]
async fn in_polling_mode_a_webhook_of_another_program_is_removed() -> Outcome {
    let world = World::start(Options::default().set("TELEGRAM_MODE", "polling")).await?;
    let client = person(1);
    world.telegram.say(client.chat, "/start").await?;
    expect_message(&world, &client, phrases::GREETING).await?;
    let theirs = json!({"url": "https://other.example/hidden-secret"});
    world.telegram.call("setWebhook", theirs).await?;
    until_webhook(&world, |info| info["url"] == "").await?;
    counted(&world, "url").await?;
    world.telegram.say(client.chat, "/help").await?;
    expect_message(&world, &client, phrases::HELP).await?;
    Ok(())
}
