//! One client goes through every state. In each of them all the buttons that this client and the staff ever saw are
//! pressed by others, and answered by others: they learn nothing, and nothing of the client changes.

mod attack;

use testing::harness::bukza::Booking;

use self::attack::Attack;
use super::{
    ANNA, CANNOT, COMES, MOVE, NO_REASON, SURE, TAKE, buttons_gone, cannot_come, data, press,
    world_with,
};
use crate::common::{
    Options, Outcome, expect_message, expect_message_after, expect_staff_message, in_seconds,
    person, phrases, warm_up,
};

/// The client's bookings: their codes are found in no message to others.
const FAR: &str = "FARAWY";
const NEAR: &str = "NEARBY";
const OVER: &str = "OVER01";
const CODES: [&str; 3] = [FAR, NEAR, OVER];
/// The first letters of more codes, so that the list has pages.
const MORE: &str = "PAGED";
const NAME: &str = "Зинаида";
const SERVICE: &str = "Лунный зал";

fn booking(code: &str, phone: &str, start: i64) -> Booking {
    let booking = Booking::at(code, phone, in_seconds(start));
    Booking { name: NAME.to_owned(), service: SERVICE.to_owned(), ..booking }
}

#[tokio::test]
async fn every_button_and_reply_of_a_client_is_worth_nothing_to_others() -> Outcome {
    let (client, other) = (person(1), person(2));
    let options = Options::default().set("REMINDER_BEFORE", "30m");
    let world = world_with(options, &[&client, &other]).await?;
    warm_up(&world).await?;
    // The other one has a booking, too: no press may be refused only for want of one.
    world.accept(&Booking::at("OTHERS", &other.phone, in_seconds(300_000)).created()).await?;
    let others = expect_message(&world, &other, phrases::CONFIRMED).await?;
    let mut attack = Attack::new(&world, &client, &other);

    world.accept(&booking(FAR, &client.phone, 2 * 86_400).created()).await?;
    world.accept(&booking(NEAR, &client.phone, 1_806).created()).await?;
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    attack.all("a reminder without an answer").await?;

    // A confirmation that lists both, and the pages of the list.
    let id = format!("SELECT id FROM bookings WHERE bukza_booking_id = '{FAR}'");
    let id: i64 = world.database.one(&id).await?;
    let own = async |data: String| {
        let press = attack::press_of(client.chat, &data, &data, None);
        world.telegram.inject(&press, 1, false).await
    };
    own(format!("cannot:{id}:1")).await?;
    expect_message(&world, &client, "Какую запись?").await?;
    let more = format!(
        "INSERT INTO bookings (bukza_booking_id, client_phone, client_name, service_name, starts_at, \
         ends_at, user_id) SELECT '{MORE}' || n, phone_number, '{NAME}', '{SERVICE}', \
         now() + (n + 3) * interval '1 day', now() + (n + 4) * interval '1 day', id \
         FROM users, generate_series(0, 6) AS n WHERE phone_number = '{}'",
        client.phone
    );
    world.database.execute(&more).await?;
    world.telegram.say(client.chat, "/bookings").await?;
    let list = expect_message(&world, &client, phrases::UPCOMING).await?;
    press(&world, &client, &list, "→").await?;
    attack.until_shown("page:0").await?;

    // A request to cancel.
    own(format!("open:{id}:1")).await?;
    expect_message(&world, &client, "Ваша запись").await?;
    own(format!("cannot1:{id}:1")).await?;
    let question = expect_message(&world, &client, "Точно отменить?").await?;
    attack.all("a request to cancel that is not sure").await?;
    press(&world, &client, &question, SURE).await?;
    let reason =
        expect_message_after(&world, &client, &question, "передадим администратору").await?;
    buttons_gone(&world, client.chat, &question).await?;
    // Somebody whom the bot asks for a reason of their own.
    press(&world, &other, &others, CANNOT).await?;
    let sure = expect_message(&world, &other, "Точно отменить?").await?;
    press(&world, &other, &sure, SURE).await?;
    expect_message(&world, &other, "передадим администратору").await?;
    attack.all("a request that waits for its reason").await?;
    press(&world, &client, &reason, NO_REASON).await?;
    let card = expect_staff_message(&world, &["не сможет прийти", FAR]).await?;
    expect_message(&world, &client, "Передали администратору").await?;

    // A request for another time.
    press(&world, &client, &reminder, MOVE).await?;
    expect_message(&world, &client, "Когда вам удобно?").await?;
    attack.all("a new time that is awaited").await?;
    world.telegram.say(client.chat, "Только вечером").await?;
    expect_staff_message(&world, &[phrases::STAFF_MOVE_REQUEST, NEAR]).await?;
    attack.all("a request that nobody has taken").await?;
    press(&world, &client, &reminder, COMES).await?;
    expect_message(&world, &client, phrases::VISIT_CONFIRMED).await?;
    buttons_gone(&world, client.chat, &reminder).await?;

    // A rating.
    let mut over = booking(OVER, &client.phone, -3_600);
    over.end = in_seconds(4);
    world.accept(&over.created()).await?;
    let question = expect_message(&world, &client, phrases::FEEDBACK).await?;
    attack.all("a question for a rating").await?;
    press(&world, &client, &question, "2 ⭐").await?;
    expect_message(&world, &client, "Что пошло не так?").await?;
    attack.all("a low rating without its why").await?;
    world.telegram.say(client.chat, "Шумно").await?;
    expect_staff_message(&world, &["недоволен визитом", OVER]).await?;

    // The settings, up to the last press of a deletion.
    world.telegram.say(client.chat, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    press(&world, &client, &settings, "Удалить мои данные").await?;
    let first = expect_message(&world, &client, "Удалить ваши").await?;
    press(&world, &client, &first, "Да, удалить").await?;
    expect_message(&world, &client, "Точно удалить").await?;
    attack.all("a deletion that wants its last press").await?;

    // What the staff do.
    world.telegram.press_in(ANNA, Some(card.message_id), &data(&card, TAKE)?).await?;
    expect_message(&world, &client, "принял просьбу об отмене").await?;
    world.telegram.reply_in(ANNA, card.message_id, "Жаль, ждём вас снова").await?;
    expect_message(&world, &client, "ждём вас снова").await?;
    attack.everything_and_its_neighbours().await
}

#[tokio::test]
async fn what_a_client_does_changes_what_is_compared() -> Outcome {
    let (client, other) = (person(1), person(2));
    let world = world_with(Options::default(), &[&client, &other]).await?;
    let attack = Attack::new(&world, &client, &other);
    let before = attack.snapshot().await?;
    let confirmed = super::booked(&world, &client, FAR).await?;
    let booked = attack.snapshot().await?;
    cannot_come(&world, &client, &confirmed).await?;
    let requested = attack.snapshot().await?;
    assert!(before != booked && booked != requested);
    assert!(attack.leaks(&[client.chat]).await?.iter().any(|leak| leak.contains(FAR)));
    Ok(())
}
