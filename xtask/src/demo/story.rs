//! Plays the main job: a client registers, books, is reminded, rates, moves and cancels. Each step
//! waits for its messages.

use chrono::TimeDelta;

use super::screen::Screen;
use testing::harness::{
    bukza::{Booking, Request, now},
    fleet::{Local, STAFF_CHAT},
    page::ALINA,
    phrases,
};

/// A reminder seconds before the visit, so that the story is short.
pub const SETTINGS: [(&str, &str); 3] =
    [("REMINDER_BEFORE", "5s"), ("FEEDBACK_AFTER", "0s"), ("LOCALE", "ru")];

/// The client of the story, who has a telephone on the page.
pub const CLIENT: i64 = ALINA.0;
pub const PHONE: &str = ALINA.2;
const NAME: &str = ALINA.1;

/// Plays all of it.
///
/// # Errors
/// When a message doesn't come.
pub async fn play(local: &Local, screen: &mut Screen) -> anyhow::Result<()> {
    register(local, screen).await?;
    production(local, screen).await?;
    visit(local, screen).await?;
    change_of_plans(local, screen).await?;
    screen
        .chapter(
            "The client requests the list of bookings",
            "Клиент открывает список своих записей",
        )
        .await?;
    local.telegram.say(CLIENT, "/bookings").await?;
    screen.expect(CLIENT, phrases::PAST).await?;
    screen
        .chapter(
            "The end",
            "История сыграна. Теперь попробуйте сами: запишитесь справа, ответьте на напоминание",
        )
        .await
}

async fn register(local: &Local, screen: &mut Screen) -> anyhow::Result<()> {
    screen
        .chapter(
            "A client opens the bot and shares the phone number",
            "Клиент открывает бота и делится номером",
        )
        .await?;
    local.telegram.say(CLIENT, "/start").await?;
    screen.expect(CLIENT, phrases::GREETING).await?;
    local.telegram.share_contact(CLIENT, PHONE).await?;
    screen.expect(CLIENT, phrases::REGISTERED).await.map(drop)
}

async fn production(local: &Local, screen: &mut Screen) -> anyhow::Result<()> {
    screen
        .chapter(
            "Bukza sends a new booking: the payload of a real account, unchanged",
            "Bukza присылает новую запись: запрос настоящего заведения",
        )
        .await?;
    post(local, screen, &Request::production("newrega", PHONE, NAME)).await?;
    screen.expect(CLIENT, phrases::CONFIRMED).await?;
    screen.expect(STAFF_CHAT, "C6UDS3").await.map(drop)
}

async fn visit(local: &Local, screen: &mut Screen) -> anyhow::Result<()> {
    screen
        .chapter(
            "A visit in a few seconds: confirmation, reminder, feedback request, rating",
            "Визит через несколько секунд: подтверждение, напоминание, вопрос об оценке, оценка",
        )
        .await?;
    let mut booking = Booking::at("SOON01", PHONE, now() + TimeDelta::seconds(9));
    booking.end = now() + TimeDelta::seconds(12);
    post(local, screen, &booking.created()).await?;
    screen.expect(CLIENT, phrases::CONFIRMED).await?;
    screen.expect(STAFF_CHAT, "SOON01").await?;
    screen.note("… the reminder is due 5 s before the start");
    screen.expect(CLIENT, phrases::REMINDER).await?;
    screen.note("… and the feedback request at the end");
    let request = screen.expect(CLIENT, phrases::FEEDBACK).await?;
    let five = request.button(|button| button.text.contains('5'));
    let data = five.and_then(|button| button.data.clone()).unwrap_or_default();
    screen.note("the client presses 5");
    local.telegram.press(CLIENT, Some(request.message_id), &data).await?;
    screen.expect(CLIENT, phrases::THANKS_FIVE).await?;
    screen.expect(STAFF_CHAT, phrases::STAFF_RATED).await.map(drop)
}

async fn change_of_plans(local: &Local, screen: &mut Screen) -> anyhow::Result<()> {
    screen
        .chapter(
            "Another booking, moved to another day, then cancelled",
            "Ещё одна запись: перенесена на другой день, потом отменена",
        )
        .await?;
    let booking = Booking::at("PLAN02", PHONE, now() + TimeDelta::days(2));
    post(local, screen, &booking.created()).await?;
    screen.expect(CLIENT, phrases::CONFIRMED).await?;
    screen.expect(STAFF_CHAT, "PLAN02").await?;
    let moved = booking.moved_to(now() + TimeDelta::days(3));
    post(local, screen, &moved.created()).await?;
    screen.expect(CLIENT, phrases::MOVED).await?;
    screen.expect(STAFF_CHAT, phrases::STAFF_CHANGED).await?;
    post(local, screen, &moved.cancelled()).await?;
    screen.expect(CLIENT, phrases::CANCELLED).await?;
    screen.expect(STAFF_CHAT, phrases::STAFF_CANCELLED).await.map(drop)
}

async fn post(local: &Local, screen: &Screen, request: &Request) -> anyhow::Result<()> {
    let (status, answer) = local.post_bukza(request).await?;
    screen.note(&format!("POST /webhook/bukza{}", request.query));
    screen.note(&format!("→ {status} {answer}"));
    anyhow::ensure!(status == 200, "the webhook was not accepted");
    Ok(())
}
