//! Refused requests share a card for each cause, and wait behind the cards of bookings.

use anyhow::ensure;
use serde_json::json;
use testing::harness::bukza::Booking;

use crate::common::{
    Options, Outcome, Request, SOON, STAFF_CHAT, World, applied, in_seconds, person, phrases,
    settled,
};

/// Holds the lock of the staff chat, as a sending worker does.
const HELD: &str = "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id, status, lease_until) \
    VALUES ('staff_created', 'staff', $CHAT, now(), 'held', 'sending', now() + interval '1 hour')";
const RELEASED: &str = "DELETE FROM messages WHERE job_id = 'held'";

#[tokio::test]
async fn refusals_of_one_cause_share_a_card_behind_those_of_bookings() -> Outcome {
    let world = World::start(Options::default()).await?;
    world.database.execute(&HELD.replace("$CHAT", &STAFF_CHAT.to_string())).await?;
    let sound = |code: &str, start: &str| {
        Request::body(json!({"code": code, "start": start, "end": "27.12.2099 13:00"}).to_string())
    };
    let broken = [sound("", "27.12.2099 12:00"), sound("REFUSED", "31.02.2099 12:00")];
    for (count, request) in (1_i64..).zip(broken.iter().cycle().take(9)) {
        world.post_bukza(request).await?;
        world.until("SELECT count(*) FROM rejected_requests", count, SOON).await?;
    }
    let booking = Booking::at("BEHIND", &person(1).phone, in_seconds(86_400));
    world.accept(&booking.created()).await?;
    applied(&world, "BEHIND", "active", 1).await?;
    let due =
        "SELECT due_at <= now() FROM messages WHERE kind = 'staff_created' AND booking_id > 0";
    world.until(due, true, SOON).await?;
    world.database.execute(RELEASED).await?;

    let has = |words: &'static str| {
        move |message: &simulator::model::ChatMessage| message.text.contains(words)
    };
    let card = world.telegram.wait_for_message(STAFF_CHAT, has("BEHIND"), SOON).await?;
    ensure!(!card.text.contains(phrases::STAFF_REJECTED), "{}", card.text);
    let after = card.message_id;
    let refusals =
        world.telegram.wait_for_message_after(STAFF_CHAT, after, has("Bukza"), SOON).await?;
    for part in [
        "№ 1–9, 5 запросов, последний: ",
        "<code>code</code>: не указано",
        "№ 2–8, 4 запроса, последний: ",
        "<code>start</code>: такого дня или часа не бывает",
    ] {
        let plain = part.replace("<code>", "").replace("</code>", "");
        ensure!(refusals.text.contains(&plain), "{part} is missing:\n{}", refusals.text);
    }
    settled(&world).await?;
    ensure!(world.telegram.chat(STAFF_CHAT).await?.len() == 2, "two messages in all");

    // Later ones are sent with a card a minute later.
    world.post_bukza(&broken[0]).await?;
    let waits = "SELECT count(*) FROM messages WHERE kind = 'staff_rejected' AND status = 'scheduled' \
                 AND due_at > now() + interval '30 s'";
    world.until(waits, 1_i64, SOON).await?;

    // Requests on a sent card count as read.
    let shown = world.operate(&["rejected", "show", "9"]).await?;
    ensure!(shown.contains("причина: code:missing") && shown.contains("ответ 422"), "{shown}");
    let read = "SELECT count(*) FROM rejected_requests WHERE read_at IS NOT NULL";
    ensure!(world.database.one::<i64>(read).await? == 1);
    let listed = world.operate(&["rejected", "list"]).await?;
    ensure!(listed.contains("[start:no-such-time]") && listed.contains(", прочитан "), "{listed}");
    Ok(())
}
