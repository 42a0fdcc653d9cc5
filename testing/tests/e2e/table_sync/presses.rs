//! Presses on the card of differences: of one booking, twice, at once, late, by strangers, elsewhere.

use serde_json::json;
use simulator::model::{MessageRef, UserMessage};

use super::*;
use crate::common::{applied, expect_message, message_count, person, phrases, register, settled};

#[tokio::test]
async fn one_booking_is_applied_and_the_other_buttons_stay() -> Outcome {
    let world = start(Options::default(), 2).await?;
    let client = person(1);
    register(&world, &client).await?;
    let lost = |code: &str, hours| Booking::at(code, &client.phone, in_hours(hours));
    let (first, second) = (lost("LOST01", 40), lost("LOST02", 60));
    world.telegram.bukza().set(&[reservation(&first), reservation(&second)]).await?;
    round(&world).await?;
    let shown = card(&world, &["LOST01", "LOST02", "у бота записи нет"]).await?;
    let one = button(&shown, "LOST01")?;
    // Two of the staff at once: it is applied once.
    tokio::try_join!(
        world.telegram.press_in(ANNA, Some(shown.message_id), &one),
        world.telegram.press_in(BORIS, Some(shown.message_id), &one)
    )?;
    expect_staff_message(&world, &["Применено", "LOST01"]).await?;
    expect_staff_message(&world, &["Уже применено: 1"]).await?;
    applied(&world, "LOST01", "active", 1).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let has_left = |message: &ChatMessage| {
        message.message_id == shown.message_id
            && message.button(|button| button.text.contains("LOST01")).is_none()
            && message.button(|button| button.text.contains("LOST02")).is_some()
    };
    world.telegram.wait_for_message(STAFF_CHAT, has_left, SOON).await?;
    // Its own request comes meanwhile, with another time: the table's is older.
    world.accept(&second.moved_to(in_hours(70)).created()).await?;
    applied(&world, "LOST02", "active", 1).await?;
    press(&world, ANNA, (&shown, &button(&shown, "LOST02")?), "Уже совпадает с таблицей: 1")
        .await?;
    press_late(&world, (&shown, &one), "Уже применено: 1").await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::MOVED).await?, 0);
    let start = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'LOST02' \
                 AND starts_at > now() + interval '65 hours'";
    assert_eq!(world.database.one::<i64>(start).await?, 1);
    // The same differences make no second card, whichever worker looks.
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_press_elsewhere_or_of_another_card_applies_nothing() -> Outcome {
    let world = start(Options::default(), 1).await?;
    let lost = |code: &str, hours| Booking::at(code, "+79990000001", in_hours(hours));
    let table = [reservation(&lost("HERE01", 40)), reservation(&lost("HERE02", 41))];
    world.telegram.bukza().set(&table).await?;
    round(&world).await?;
    let shown = card(&world, &["HERE01"]).await?;
    let (one, all) = (button(&shown, "HERE01")?, button(&shown, "Применить все")?);
    let group = |id: i64| json!({"id": id, "type": "supergroup", "title": "x"});
    let channel = json!({"id": STAFF_CHAT, "type": "channel", "title": "x"});
    let private = json!({"id": 77_777, "type": "private", "first_name": "x"});
    let here = group(STAFF_CHAT);
    for (id, chat, message, data) in [
        ("elsewhere", group(-999), shown.message_id, one.as_str()),
        ("channel", channel, shown.message_id, &all),
        ("private", private, shown.message_id, &one),
        ("other", here.clone(), shown.message_id + 1_000, &one),
        ("card", here.clone(), shown.message_id, "table_all:7"),
        ("form", here.clone(), shown.message_id, "table:01"),
    ] {
        world.telegram.inject(&pressed(id, chat, message, data), 1, false).await?;
    }
    // Of no difference of this card: it says so.
    world
        .telegram
        .inject(&pressed("number", here, shown.message_id, "table:9999"), 1, false)
        .await?;
    expect_staff_message(&world, &["Этих расхождений больше нет"]).await?;
    // Telegram takes the buttons off a forward; whoever gets it sees a text.
    let forward = MessageRef { chat_id: STAFF_CHAT, message_id: shown.message_id };
    world.telegram.send(person(2).chat, &UserMessage::forward(forward)).await?;
    settled(&world).await?;
    let touched = "SELECT (SELECT count(*) FROM bookings) + (SELECT count(*) FROM inbox) \
                   + (SELECT count(*) FROM table_differences WHERE applied_at IS NOT NULL)";
    assert_eq!(world.database.one::<i64>(touched).await?, 0);
    press(&world, ANNA, (&shown, &all), "Применено записей: 2").await?;
    applied(&world, "HERE01", "active", 1).await
}
