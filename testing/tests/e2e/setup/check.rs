//! `worker setup --check`: a sound system passes and keeps nothing of the test booking; each thing that is broken is
//! named, without a secret.

use serde_json::json;
use testing::harness::{
    fleet::{BUKZA_SECRET, TELEGRAM_SECRET},
    ports,
};

use super::TOKEN;
use crate::common::{self, Options, Outcome, World};

/// Whether a check succeeded, and what it printed.
async fn check(world: &World, wait: &str) -> (bool, String) {
    let (success, output) = match world.operate(&["setup", "--check", "--wait", wait]).await {
        Ok(output) => (true, output),
        Err(error) => (false, error.to_string()),
    };
    for secret in [BUKZA_SECRET, TELEGRAM_SECRET, TOKEN] {
        assert!(!output.contains(secret), "a secret is shown: {output}");
    }
    (success, output)
}

async fn fails(world: &World, words: &str) {
    let (success, output) = check(world, "1").await;
    assert!(!success && output.contains(&format!("✗ {words}")), "{words}: {output}");
}

#[tokio::test]
async fn a_sound_system_passes_and_no_client_hears_of_it() -> Outcome {
    let world = World::start(Options::default()).await?;
    let (success, output) = check(&world, "60").await;
    assert!(success, "{output}");
    for words in ["✓ Телеграм шлёт", "✓ Пробная запись TEST-", "✓ Карточка TEST-", "✓ Запись TEST-"]
    {
        assert!(output.contains(words), "{words}: {output}");
    }
    common::expect_staff_message(&world, &["TEST-"]).await?;
    let sql = "SELECT status || ' ' || (user_id IS NULL) FROM bookings";
    assert_eq!(world.database.column::<String>(sql).await?, ["cancelled true"]);
    let to_clients =
        "SELECT count(*) FROM messages WHERE recipient = 'client' AND chat_id IS NOT NULL";
    assert_eq!(world.database.one::<i64>(to_clients).await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_is_broken_is_named_and_without_a_staffs_chat_the_booking_counts() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let sound = world.settings.clone();
    world.settings.set("BUKZA_WEBHOOK_SECRET", "another-secret-of-bukza");
    fails(&world, "http://127.0.0.1").await;
    world.settings.remove("BUKZA_WEBHOOK_SECRET");
    fails(&world, "Секрет Bukza здесь неизвестен").await;
    world.settings = sound.clone();
    world.settings.set_ingest(ports::free()?);
    fails(&world, "Телеграм шлёт сообщения на http://127.0.0.1").await;
    let (_, output) = check(&world, "1").await;
    assert!(output.contains("не отвечает ("), "{output}");
    world.settings = sound.clone();
    world.settings.set("DATABASE_URL", format!("postgres://nobody@{}/none", ports::free()?));
    fails(&world, "База данных не отвечает").await;
    world.settings = sound.clone();
    world.settings.set("TIMEZONE", "Moskva");
    fails(&world, "Настройки с ошибкой").await;
    let bookings: i64 = world.database.one("SELECT count(*) FROM bookings").await?;
    assert_eq!(bookings, 0, "a check that can't go on leaves nothing behind");

    world.settings = sound.clone();
    world.settings.remove("SUPPORT_CHANNEL_ID");
    let (success, output) = check(&world, "60").await;
    assert!(success && output.contains("ещё не привязан"), "{output}");

    // Telegram knows no address.
    world.settings = sound;
    world.telegram.call("deleteWebhook", json!({})).await?;
    fails(&world, "Телеграму адрес не назван").await;
    world.workers.remove(0).kill().await?;
    fails(&world, "Запись TEST-").await;
    Ok(())
}
