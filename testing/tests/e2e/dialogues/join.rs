//! Joining a booking without its phone: by the link that the staff pass on, or by Bukza's code. The booking's messages
//! then go to whoever joined it, and nothing else is shown to them.

use simulator::model::{ChatKind, ChatMessage, Made, Member};

use super::{ANNA, data, world_with};
use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, STAFF_CHAT, World, accept_as_of, applied,
    clients_settled, expect_message, expect_message_after, expect_staff_message, in_seconds,
    message_count, person, phrases, register, settled,
};

pub(super) const INVITE: &str = "Пригласить";
pub(super) const ASKS_DIGITS: &str = "последние четыре цифры";
pub(super) const WRONG: &str = "Не подошло";
pub(super) const JOINED: &str = "запись теперь здесь";
const DEAD: &str = "ссылка больше не действует";
const HEARD: &str = "Клиент открыл запись в боте";

/// A booking in two days. Its card.
pub(super) async fn made(world: &World, code: &str, phone: &str) -> anyhow::Result<ChatMessage> {
    world.accept(&Booking::at(code, phone, in_seconds(2 * 86_400)).created()).await?;
    expect_staff_message(world, &["Новая запись", code]).await
}

/// The link's token, as the staff get it by the button of a card.
pub(super) async fn invitation(world: &World, card: &ChatMessage) -> anyhow::Result<String> {
    let data = data(card, INVITE)?;
    let before = world.telegram.chat(STAFF_CHAT).await?.pop().map_or(0, |last| last.message_id);
    world.telegram.press_in(ANNA, Some(card.message_id), &data).await?;
    let has = |message: &ChatMessage| message.text.contains("https://t.me/simulator_bot?start=");
    let text = world.telegram.wait_for_message_after(STAFF_CHAT, before, has, SOON).await?;
    let token: String = text
        .text
        .split("?start=")
        .nth(1)
        .unwrap_or_default()
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    anyhow::ensure!(token.len() == 16, "{}", text.text);
    Ok(token)
}

/// Whose a booking is: the chat, or 0.
pub(super) async fn owner(world: &World, code: &str) -> anyhow::Result<i64> {
    let owner = format!(
        "SELECT coalesce((SELECT u.telegram_id FROM users u WHERE u.id = b.user_id), 0) \
         FROM bookings b WHERE bukza_booking_id = '{code}'"
    );
    world.database.one(&owner).await
}

/// Waits until an update is applied, and nothing waits to be sent to clients.
pub(super) async fn handled(world: &World, update: &Made) -> Outcome {
    let id = update.update_id;
    let applied = format!("SELECT count(*) > 0 FROM processed_updates WHERE update_id = {id}");
    world.until(&applied, true, SOON).await?;
    clients_settled(world).await
}

/// Says something, which is answered before this returns.
pub(super) async fn say(world: &World, person: &Person, text: &str) -> Outcome {
    handled(world, &world.telegram.say(person.chat, text).await?).await
}

/// Opens a link, likewise.
pub(super) async fn open(world: &World, person: &Person, payload: &str) -> Outcome {
    handled(world, &world.telegram.open_link(person.chat, payload).await?).await
}

/// A client that nobody knows yet.
pub(super) fn stranger(number: i64) -> Person {
    Person { chat: 7_300_000_000 + number, ..person(number) }
}

/// A booking without a phone.
async fn made_without_phone(world: &World, code: &str) -> anyhow::Result<ChatMessage> {
    let request = Booking::at(code, "", in_seconds(2 * 86_400)).created();
    let body = serde_json::from_str::<serde_json::Value>(&request.body)?;
    world.accept(&Request::body(&body)).await?;
    expect_staff_message(world, &["Новая запись", code]).await
}

#[tokio::test]
async fn a_link_opens_a_booking_without_a_phone_at_once_and_for_one_account() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let (client, other) = (stranger(1), stranger(2));
    let card = made_without_phone(&world, "NOPHN1").await?;
    let token = invitation(&world, &card).await?;
    // A second press shows the same link.
    assert_eq!(invitation(&world, &card).await?, token);
    open(&world, &client, &token).await?;
    expect_message(&world, &client, JOINED).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    assert!(confirmed.text.contains("NOPHN1"), "{}", confirmed.text);
    expect_staff_message(&world, &[HEARD, "NOPHN1"]).await?;

    open(&world, &other, &token).await?;
    expect_message(&world, &other, DEAD).await?;
    settled(&world).await?;
    assert_eq!(owner(&world, "NOPHN1").await?, client.chat);
    assert_eq!(message_count(&world, other.chat, "NOPHN1").await?, 0);
    assert_eq!(message_count(&world, STAFF_CHAT, HEARD).await?, 1);
    // The client may say what any client may.
    say(&world, &client, "/bookings").await?;
    let list = expect_message_after(&world, &client, &confirmed, phrases::UPCOMING).await?;
    assert!(list.text.contains("VR Арена"), "{}", list.text);
    say(&world, &client, "Можно с собакой?").await?;
    expect_staff_message(&world, &["Клиент пишет", "с собакой", "NOPHN1"]).await?;

    // The booking's later messages come to whoever joined it, also once it has a phone whose owner registers.
    let owner_of_phone = person(9);
    register(&world, &owner_of_phone).await?;
    let moved = Booking::at("NOPHN1", &owner_of_phone.phone, in_seconds(3 * 86_400));
    world.accept(&moved.created()).await?;
    expect_message(&world, &client, phrases::MOVED).await?;
    let shared = world.telegram.share_contact(owner_of_phone.chat, &owner_of_phone.phone).await?;
    handled(&world, &shared).await?;
    world.accept(&moved.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, owner_of_phone.chat, "NOPHN1").await?, 0);
    Ok(())
}

#[tokio::test]
async fn with_a_phone_the_link_and_the_code_need_its_last_digits() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let owner_of_phone = person(1);
    let card = made(&world, "PHONE1", &owner_of_phone.phone).await?;
    let token = invitation(&world, &card).await?;
    for (code, phone) in
        [("PHONE2", "+79101110001"), ("PHONE3", "+79102220001"), ("PHONE4", "+79103330001")]
    {
        world.accept(&Booking::at(code, phone, in_seconds(2 * 86_400)).created()).await?;
        applied(&world, code, "active", 1).await?;
    }
    let digits = &owner_of_phone.phone[8..];

    let by_link = stranger(1);
    open(&world, &by_link, &token).await?;
    let question = expect_message(&world, &by_link, ASKS_DIGITS).await?;
    say(&world, &by_link, "9999").await?;
    expect_message_after(&world, &by_link, &question, WRONG).await?;
    say(&world, &by_link, digits).await?;
    expect_message(&world, &by_link, JOINED).await?;
    expect_message(&world, &by_link, "PHONE1").await?;

    let typed = stranger(2);
    say(&world, &typed, " phone2 ").await?;
    expect_message(&world, &typed, ASKS_DIGITS).await?;
    say(&world, &typed, digits).await?;
    expect_message(&world, &typed, JOINED).await?;
    expect_message(&world, &typed, "PHONE2").await?;

    let by_letter = stranger(3);
    open(&world, &by_letter, "PHONE3").await?;
    expect_message(&world, &by_letter, ASKS_DIGITS).await?;
    say(&world, &by_letter, digits).await?;
    expect_message(&world, &by_letter, JOINED).await?;

    // A client with a phone of their own joins a friend's booking likewise.
    let friend = person(5);
    register(&world, &friend).await?;
    say(&world, &friend, "PHONE4").await?;
    expect_message(&world, &friend, ASKS_DIGITS).await?;
    say(&world, &friend, digits).await?;
    expect_message(&world, &friend, JOINED).await?;

    settled(&world).await?;
    // Each has one booking, and no other of the phone. The owner's registration takes none back.
    for (client, code) in
        [(&by_link, "PHONE1"), (&typed, "PHONE2"), (&by_letter, "PHONE3"), (&friend, "PHONE4")]
    {
        assert_eq!(owner(&world, code).await?, client.chat);
        for other in ["PHONE1", "PHONE2", "PHONE3", "PHONE4"] {
            let named = message_count(&world, client.chat, other).await? > 0;
            assert_eq!(named, other == code, "{code} {other}");
        }
        expect_staff_message(&world, &[HEARD, code]).await?;
    }
    register(&world, &owner_of_phone).await?;
    let later = Booking::at("PHONE5", &owner_of_phone.phone, in_seconds(2 * 86_400));
    world.accept(&later.created()).await?;
    expect_message(&world, &owner_of_phone, "PHONE5").await?;
    settled(&world).await?;
    assert_eq!(owner(&world, "PHONE1").await?, by_link.chat);
    assert_eq!(message_count(&world, owner_of_phone.chat, "PHONE1").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_booking_whose_client_is_in_the_bot_or_that_is_over_is_nobodys_to_take() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let (client, thief) = (person(1), stranger(2));
    let digits = client.phone[8..].to_owned();
    let card = made(&world, "TAKEN1", &client.phone).await?;
    let token = invitation(&world, &card).await?;
    // Before any other card waits: one that is joined to it would take the button.
    let cancelled = Booking::at("CANCL1", &person(3).phone, in_seconds(86_400));
    world.accept(&cancelled.created()).await?;
    let cancelled_card = expect_staff_message(&world, &["Новая запись", "CANCL1"]).await?;
    let cancelled_token = invitation(&world, &cancelled_card).await?;
    register(&world, &client).await?;
    // Also when the client can't be reached.
    world.telegram.block(client.chat).await?;
    world.until("SELECT reachable FROM users", false, SOON).await?;

    world.accept(&cancelled.cancelled()).await?;
    applied(&world, "CANCL1", "cancelled", 2).await?;
    let mut past = Booking::at("PAST01", &person(4).phone, in_seconds(-7_200));
    past.end = in_seconds(-60);
    accept_as_of(&world, in_seconds(-100), &past.created()).await?;
    world.until("SELECT count(*) FROM bookings", 3_i64, SOON).await?;

    for token in [&token, &cancelled_token] {
        open(&world, &thief, token).await?;
    }
    assert!(message_count(&world, thief.chat, DEAD).await? >= 1);
    for (code, digits) in
        [("TAKEN1", &*digits), ("CANCL1", "0003"), ("PAST01", "0004"), ("NOSUCH", "0004")]
    {
        say(&world, &thief, code).await?;
        say(&world, &thief, digits).await?;
    }
    assert_eq!(message_count(&world, thief.chat, ASKS_DIGITS).await?, 4);
    assert_eq!(message_count(&world, thief.chat, WRONG).await?, 4);
    assert_eq!(owner(&world, "TAKEN1").await?, client.chat);
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, HEARD).await?, 0);

    // The old cards' buttons say so.
    for (card, words) in [(&card, "уже в боте"), (&cancelled_card, "отменена или уже прошла")]
    {
        let data = data(card, INVITE)?;
        world.telegram.press_in(ANNA, Some(card.message_id), &data).await?;
        expect_staff_message(&world, &[words]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_made_in_the_staffs_chat_by_its_own_card_alone() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let one = made(&world, "INVIT1", &person(1).phone).await?;
    let two = made(&world, "INVIT2", &person(2).phone).await?;
    let (first, second) = (data(&one, INVITE)?, data(&two, INVITE)?);
    let press = |chat: i64, kind: &str, message: i64, data: &str, id: &str| {
        serde_json::json!({"callback_query": {"id": id, "chat_instance": "1", "data": data,
            "from": {"id": 601, "is_bot": false, "first_name": "Чужой"},
            "message": {"message_id": message, "date": 1_700_000_000, "text": "x",
                "chat": {"id": chat, "type": kind, "title": "x"}}}})
    };
    for update in [
        // Another group, to which the card was forwarded.
        press(-777, "supergroup", one.message_id, &first, "1"),
        // A private chat, a channel, another booking's card, and a message that is no card.
        press(601, "private", one.message_id, &first, "2"),
        press(STAFF_CHAT, "channel", one.message_id, &first, "3"),
        press(STAFF_CHAT, "supergroup", one.message_id, &second, "4"),
        press(STAFF_CHAT, "supergroup", 9_999, &first, "5"),
    ] {
        world.telegram.inject(&update, 1, false).await?;
    }
    // A later update of the same chat is applied after what was ignored.
    let last = press(STAFF_CHAT, "supergroup", 9_998, &second, "7");
    handled(&world, &world.telegram.inject(&last, 1, false).await?).await?;
    settled(&world).await?;
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM start_tokens").await?, 0);
    assert_eq!(message_count(&world, STAFF_CHAT, "?start=").await?, 0);
    // The same press, delivered three times at once.
    let good = press(STAFF_CHAT, "supergroup", one.message_id, &first, "6");
    world.telegram.inject(&good, 3, true).await?;
    expect_staff_message(&world, &["?start="]).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "?start=").await?, 1);
    // Cards that were joined into one have no such button: they are about two clients.
    let joined = world.telegram.chat(STAFF_CHAT).await?.into_iter();
    let mut joined = joined.filter(|message| message.text.contains("➖➖➖"));
    assert!(joined.all(|message| message.buttons.is_empty()));
    Ok(())
}

#[tokio::test]
async fn in_a_channel_cards_have_no_buttons() -> Outcome {
    let mut world = world_with(Options::default(), &[]).await?;
    world.telegram.set_chat_kind(STAFF_CHAT, ChatKind::Channel).await?;
    let learnt = world.telegram.journal(0, None).await?.last().map_or(0, |call| call.seq);
    world.workers.remove(0).stop().await?;
    world.start_worker()?;
    world.ready().await?;
    let of_staff = |call: &simulator::model::Call| {
        call.method == "getChat" && call.body["chat_id"] == STAFF_CHAT && call.status == 200
    };
    world.telegram.wait_for_call(learnt, of_staff, SOON).await?;
    // The answer is kept a moment after it was given.
    made(&world, "WARMCH", &person(9).phone).await?;
    let card = made(&world, "CHANL1", &person(1).phone).await?;
    assert!(card.buttons.is_empty(), "{card:?}");
    assert!(
        world
            .telegram
            .press_in(Member { chat_id: STAFF_CHAT, user_id: 7 }, Some(card.message_id), "invite:1")
            .await
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn the_consent_comes_first_and_the_link_goes_on_after_it() -> Outcome {
    let options = Options::default().set("CONSENT_URL", "https://a.example/consent");
    let world = world_with(options, &[]).await?;
    let (client, other) = (stranger(1), stranger(2));
    let card = made_without_phone(&world, "CONST1").await?;
    let token = invitation(&world, &card).await?;
    open(&world, &client, &token).await?;
    let question = expect_message(&world, &client, "согласие на обработку").await?;
    clients_settled(&world).await?;
    assert_eq!(owner(&world, "CONST1").await?, 0);
    let agree = data(&question, "Согласен")?;
    world.telegram.press(client.chat, Some(question.message_id), &agree).await?;
    expect_message(&world, &client, JOINED).await?;
    expect_message(&world, &client, "CONST1").await?;

    made(&world, "CONST2", &person(5).phone).await?;
    say(&world, &other, "CONST2").await?;
    let question = expect_message(&world, &other, "согласие на обработку").await?;
    say(&world, &other, "0005").await?;
    assert_eq!(owner(&world, "CONST2").await?, 0, "digits without a consent attach nothing");
    let agree = data(&question, "Согласен")?;
    world.telegram.press(other.chat, Some(question.message_id), &agree).await?;
    expect_message(&world, &other, ASKS_DIGITS).await?;
    say(&world, &other, "0005").await?;
    expect_message(&world, &other, JOINED).await.map(drop)
}

#[tokio::test]
async fn whoever_joined_and_deletes_their_data_leaves_the_booking_to_its_owner() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let (client, owner_of_phone) = (stranger(1), person(6));
    made(&world, "LEAVE1", &owner_of_phone.phone).await?;
    say(&world, &client, "LEAVE1").await?;
    expect_message(&world, &client, ASKS_DIGITS).await?;
    say(&world, &client, "9999").await?;
    expect_message(&world, &client, WRONG).await?;
    say(&world, &client, "0006").await?;
    expect_message(&world, &client, JOINED).await?;
    expect_message(&world, &client, "LEAVE1").await?;
    say(&world, &client, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    for (label, words) in [
        ("Удалить мои данные", "Удалить ваши"),
        ("Да, удалить", "Точно удалить"),
        ("Удалить навсегда", "Ваши данные удалены"),
    ] {
        let shown = world.telegram.chat(client.chat).await?.into_iter();
        let mut shown = shown.filter(|message| message.message_id == settings.message_id);
        let above = shown.next().unwrap_or_else(|| settings.clone());
        let data = data(&above, label)?;
        world.telegram.press(client.chat, Some(above.message_id), &data).await?;
        let is = |it: &ChatMessage| it.message_id == settings.message_id && it.text.contains(words);
        world.telegram.wait_for_message(client.chat, is, SOON).await?;
    }
    // The booking keeps its own client's name and phone, and no trace of the account is left.
    assert_eq!(owner(&world, "LEAVE1").await?, 0);
    let kept = "SELECT client_name || client_phone FROM bookings WHERE joined_at IS NULL";
    let kept_as = format!("Алина{}", owner_of_phone.phone);
    world.until(kept, kept_as, SOON).await?;
    let forgotten = "SELECT count(*) FROM forgotten_phones";
    assert_eq!(world.database.one::<i64>(forgotten).await?, 0, "the phone is another person's");
    world.until("SELECT count(*) FROM deletions WHERE finished_at IS NULL", 0_i64, SOON).await?;
    for table in ["users", "messages", "dialogues", "join_tries", "start_tokens", "bookings"] {
        let traces = format!(
            "SELECT count(*) FROM {table} r WHERE to_jsonb(r)::text LIKE '%{}%'",
            client.chat
        );
        assert_eq!(world.database.one::<i64>(&traces).await?, 0, "{table}");
    }
    register(&world, &owner_of_phone).await?;
    settled(&world).await?;
    assert_eq!(owner(&world, "LEAVE1").await?, owner_of_phone.chat);
    Ok(())
}

#[tokio::test]
async fn an_anonymous_number_and_a_stranger_learn_of_this_way() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let client = stranger(1);
    say(&world, &client, "/start").await?;
    let greeting = expect_message(&world, &client, phrases::GREETING).await?;
    assert!(greeting.text.contains("код записи"), "{}", greeting.text);
    world.telegram.share_contact(client.chat, "+88801234567").await?;
    let refusal = expect_message(&world, &client, "+888").await?;
    assert!(refusal.text.contains("код записи"), "{}", refusal.text);
    // Words that are no code go to the staff, as before.
    say(&world, &client, "Здравствуйте").await?;
    expect_staff_message(&world, &[phrases::STAFF_STRANGERS, "Здравствуйте"]).await.map(drop)
}
