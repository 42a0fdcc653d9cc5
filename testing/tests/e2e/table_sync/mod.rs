//! Bukza's own table beside the bookings: what was lost is shown on one card, and applied by a press, by a command, or by
//! itself.

mod lost;
mod presses;
mod rounds;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use simulator::{
    bukza::model::{EMAIL, PASSWORD, Reservation, TABLE_ID},
    model::{ChatMessage, Member},
};

use crate::common::{
    Booking, Options, Outcome, SOON, STAFF_CHAT, World, expect_staff_message, now,
    presses::{button, press, pressed},
};

/// Two of the staff.
const ANNA: Member = Member { chat_id: STAFF_CHAT, user_id: 501 };
const BORIS: Member = Member { chat_id: STAFF_CHAT, user_id: 502 };

const CARD: &str = crate::common::phrases::STAFF_TABLE;

/// A world whose workers read the simulated Bukza's table.
async fn start(options: Options, workers: usize) -> anyhow::Result<World> {
    let mut world = World::start(options.workers(0)).await?;
    read_table(&mut world);
    for _ in 0..workers {
        world.start_worker()?;
    }
    world.ready().await?;
    Ok(world)
}

fn read_table(world: &mut World) {
    let url = world.telegram.url().to_owned();
    world.settings.set("BUKZA_API_URL", url);
    world.settings.set("BUKZA_API_EMAIL", EMAIL);
    world.settings.set("BUKZA_API_PASSWORD", PASSWORD);
    world.settings.set("BUKZA_TABLE_ID", TABLE_ID);
}

/// So many hours from now, at a full minute: the table shows no seconds.
fn in_hours(hours: i64) -> DateTime<Utc> {
    let at = (now() + TimeDelta::hours(hours)).trunc_subsecs(0);
    at - TimeDelta::seconds(at.timestamp() % 60)
}

/// The booking as the table shows it.
fn reservation(booking: &Booking) -> Reservation {
    Reservation {
        end: booking.end,
        ..Reservation::new(&booking.code, &booking.phone, booking.start)
    }
}

/// Makes the next round due, and waits until it has ended.
async fn round(world: &World) -> Outcome {
    let ended = "SELECT count(*) FROM table_sync WHERE lease_until = 'epoch'";
    world.until(ended, 1_i64, SOON).await?;
    world
        .database
        .execute("UPDATE table_sync SET next_round_at = 'epoch', begun_at = 'epoch'")
        .await?;
    let begun =
        "SELECT count(*) FROM table_sync WHERE begun_at > 'epoch' AND lease_until = 'epoch'";
    world.until(begun, 1_i64, SOON).await
}

/// Presses a button that somebody still sees, and waits for the answer with these words.
async fn press_late(world: &World, (card, data): (&ChatMessage, &str), words: &str) -> Outcome {
    let before = world.telegram.chat(STAFF_CHAT).await?.last().map_or(0, |last| last.message_id);
    let here = json!({"id": STAFF_CHAT, "type": "supergroup", "title": "x"});
    let id = format!("late {data}");
    world.telegram.inject(&pressed(&id, here, card.message_id, data), 1, false).await?;
    let answers = |message: &ChatMessage| message.text.contains(words);
    world.telegram.wait_for_message_after(STAFF_CHAT, before, answers, SOON).await?;
    Ok(())
}

async fn card(world: &World, words: &[&str]) -> anyhow::Result<ChatMessage> {
    expect_staff_message(world, &[&[CARD], words].concat()).await
}
