//! The owner's first hour: the first ten requests that are accepted make a card each in the staff's chat, which shows how
//! each was read.

use simulator::model::{ChatMessage, Member};

use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, STAFF_CHAT, World, applied, expect_message,
    expect_staff_message, in_seconds, message_count, person, phrases, register, settled, warm_up,
};

const CARD: &str = "Запрос Bukza прочитан";
const PLANNED: &str = "SELECT count(*) FROM messages WHERE kind = 'staff_tutor'";
/// Telegram allows a group one message in three seconds.
const TEN_CARDS: std::time::Duration = std::time::Duration::from_secs(120);

async fn post_as(world: &World, content_type: &str, body: &str) -> Outcome {
    let answer = world
        .http
        .post(format!("{}/webhook/bukza", world.ingest_url()))
        .header("X-Webhook-Secret", testing::harness::fleet::BUKZA_SECRET)
        .header("Content-Type", content_type)
        .body(body.to_owned())
        .send()
        .await?;
    anyhow::ensure!(answer.status() == 200, "not accepted: {}", answer.text().await?);
    Ok(())
}

/// Posts a request of the URL alone, with the secret in it.
async fn get(world: &World, query: &str) -> Outcome {
    let secret = testing::harness::fleet::BUKZA_SECRET;
    let url = format!("{}/webhook/bukza?secret={secret}&{query}", world.ingest_url());
    let answer = world.http.get(url).send().await?;
    anyhow::ensure!(answer.status() == 200, "not accepted: {}", answer.text().await?);
    Ok(())
}

async fn card(world: &World, code: &str, words: &[&str]) -> anyhow::Result<ChatMessage> {
    let has = |message: &ChatMessage| {
        let text = &message.text;
        text.contains(&format!("{CARD} {code}\n")) && words.iter().all(|words| text.contains(words))
    };
    Ok(world.telegram.wait_for_message(STAFF_CHAT, has, SOON).await?)
}

/// The body of a booking with more fields.
fn body(code: &str, more: &str) -> String {
    format!(r#"{{"code":"{code}","start":"27.12.2099 12:00","end":"27.12.2099 13:00"{more}}}"#)
}

#[tokio::test]
async fn ten_requests_are_shown_field_by_field_and_the_eleventh_is_not() -> Outcome {
    let world = World::start(Options::default().tutor()).await?;
    let form = "application/x-www-form-urlencoded";
    world.accept(&Request::production("newrega", "8 999 000-00-01", "Алина")).await?;
    let first =
        card(&world, "C6UDS3", &["Первые запросы: 1 из 10", "Телефон: +79990000001"]).await?;
    for words in [
        "Начало: ",
        "12:00 (пояс Asia/Yekaterinburg)",
        "Конец: 13:00",
        "Услуга: VR Арена",
        "Имя: Алина",
        "Число гостей: 10",
        "Сумма: 8\u{a0}990\u{a0}₽",
        "Оплачено: 0\u{a0}₽",
        "Другие слова в запросе: «newrega»",
        "Не указан: запись действует.",
        "Боту не нужны: invoiceItems",
        "Так придут первые десять запросов",
    ] {
        assert!(first.text.contains(words), "{words}: {}", first.text);
    }
    assert!(first.buttons.is_empty(), "{:?}", first.buttons);
    // It comes after the booking's own card.
    let own = expect_staff_message(&world, &[phrases::STAFF_CREATED, "C6UDS3"]).await?;
    assert!(own.message_id < first.message_id);

    // The same again, and a request that is refused, count for nothing.
    world.accept(&Request::production("newrega", "8 999 000-00-01", "Алина")).await?;
    let (status, _) = world.post_bukza(&Request::body(r#"{"code":"REFUSED"}"#)).await?;
    assert_eq!(status, 422);
    expect_staff_message(&world, &[phrases::STAFF_REJECTED]).await?;

    // Each is counted before the next one comes. Their cards come later: the chat takes one in three seconds.
    let counted = async |cards: i64| world.until(PLANNED, cards, SOON).await;
    post_as(&world, form, "code=FORM02&start=27.12.2099+12:00&end=27.12.2099+13:00&phone=&hall=2")
        .await?;
    counted(2).await?;
    let unfilled = r#","phone":"[bukza_phone]","name":"{имя}","total":"-""#;
    world.accept(&Request::body(body("EMPTY3", unfilled))).await?;
    counted(3).await?;
    world.accept(&Request::body(body("WORD04", r#","status":"Гостевая""#))).await?;
    counted(4).await?;
    world.accept(&Request::body(body("WORD05", r#","status":"Не отменён""#))).await?;
    counted(5).await?;
    let unread = r#","phone":"<b>позвоните</b>","people":"@durov","manager":"x","<i>":"1""#;
    world.accept(&Request::body(body("ODD006", unread))).await?;
    counted(6).await?;
    get(&world, "code=URL007&start=27.12.2099+12:00&end=27.12.2099+13:00&status=%D0%9E%D0%BF%D0%BB%D0%B0%D1%87%D0%B5%D0%BD%D0%BE&utm=1")
        .await?;
    counted(7).await?;
    world.accept(&Request::body(r#"{"code":"WORD04","event":"cancel"}"#)).await?;
    counted(8).await?;
    let order = format!(
        r#"{{"order":"7","reservations":[{},{}],"visitor":{{"phone":"+79990000002"}}}}"#,
        body("ORDER9", ""),
        body("ORDERX", "")
    );
    world.accept(&Request::body(order)).await?;
    counted(9).await?;
    world.accept(&Request::body(body("LAST10", r#","status":"Ожидает оплаты""#))).await?;
    counted(10).await?;
    world.accept(&Request::body(body("LATE11", ""))).await?;

    card(&world, "FORM02", &["2 из 10", "Пришло пустым\n• Телефон: без него", "поля\nhall"])
        .await?;
    let empty = "Пришло пустым\n• Телефон: без него бот не найдёт клиента сам, останется \
                 ссылка-приглашение\n• Имя: в карточках будет «имя не указано»\n• Сумма: не будет \
                 в сообщениях\n\n";
    card(&world, "EMPTY3", &["3 из 10", empty]).await?;
    card(&world, "WORD04", &["4 из 10", "«Гостевая»: такого слова бот не знает"]).await?;
    card(&world, "WORD05", &["5 из 10", "«Не отменён»: похоже на отмену, но"]).await?;
    let odd = card(&world, "ODD006", &["6 из 10", "Телефон: <b>позвоните</b>", "@durov"]).await?;
    assert!(odd.text.contains("manager и ещё 1"), "{}", odd.text);
    let url = card(&world, "URL007", &["7 из 10", "«Оплачено»: запись действует.", "utm"]).await?;
    for secret in ["secret", testing::harness::fleet::BUKZA_SECRET] {
        assert!(!url.text.contains(secret), "{}", url.text);
    }
    card(&world, "WORD04", &["8 из 10", "«cancel»: запись отменена."]).await?;
    card(&world, "ORDER9", &["9 из 10", "и другие брони: 1.", "+79990000002"]).await?;
    card(&world, "LAST10", &["10 из 10", "Клиенту пока не пишем.", "последняя такая карточка"])
        .await?;
    expect_staff_message(&world, &[phrases::STAFF_CREATED, "LATE11"]).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 10);
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 10);
    Ok(())
}

#[tokio::test]
async fn two_workers_with_thirty_requests_at_once_show_ten() -> Outcome {
    let world = World::start(Options::default().workers(2).tutor()).await?;
    warm_up(&world).await?;
    world.until(PLANNED, 1_i64, SOON).await?;
    let code = |number: i64| format!("CODE{number:02}");
    let requests: Vec<Request> =
        (1..30).map(|number| Request::body(body(&code(number), r#","status":"Новая""#))).collect();
    futures::future::try_join_all(requests.iter().map(|request| world.accept(request))).await?;
    world.until("SELECT count(*) FROM bookings", 30_i64, SOON).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 10);
    let sent = format!("{PLANNED} AND status = 'sent'");
    world.until(&sent, 10_i64, TEN_CARDS).await?;
    for number in 1..=10 {
        let title = format!("Первые запросы: {number} из 10");
        assert_eq!(message_count(&world, STAFF_CHAT, &format!("{title}\n")).await?, 1, "{title}");
    }
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 10);
    Ok(())
}

#[tokio::test]
async fn a_venue_that_had_bookings_before_the_update_gets_no_cards() -> Outcome {
    let mut world = World::start(Options::default().workers(0).tutor()).await?;
    let before = "INSERT INTO bookings (bukza_booking_id, starts_at, ends_at) \
                  VALUES ('BEFORE', now(), now() + interval '1 hour')";
    for step in [
        "DROP TABLE tutor",
        "DELETE FROM seaql_migrations WHERE version = 'm20261129_000008_tutor'",
        before,
    ] {
        world.database.execute(step).await?;
    }
    anyhow::ensure!(world.start_migrate(&[])?.wait(SOON).await?.success(), "migrated");
    world.start_worker()?;
    world.ready().await?;
    world.accept(&Request::body(body("AFTER1", ""))).await?;
    expect_staff_message(&world, &[phrases::STAFF_CREATED, "AFTER1"]).await?;
    settled(&world).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 0);
    Ok(())
}

#[tokio::test]
async fn without_a_staff_chat_the_cards_wait_until_there_is_one() -> Outcome {
    let options = Options::default().set("SUPPORT_CHANNEL_ID", "").tutor();
    let mut world = World::start(options).await?;
    world.accept(&Request::body(body("NOBODY", ""))).await?;
    applied(&world, "NOBODY", "active", 1).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 0);
    for worker in world.workers.drain(..) {
        worker.stop().await?;
    }
    world.settings.set("SUPPORT_CHANNEL_ID", STAFF_CHAT);
    world.start_worker()?;
    world.ready().await?;
    world.accept(&Request::body(body("FIRST1", ""))).await?;
    card(&world, "FIRST1", &["1 из 10"]).await.map(drop)
}

#[tokio::test]
async fn a_reply_to_such_a_card_goes_to_no_client() -> Outcome {
    let world = World::start(Options::default().tutor()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("REPLY1", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let card = card(&world, "REPLY1", &[]).await?;
    let anna = Member { chat_id: STAFF_CHAT, user_id: 501 };
    let reply = simulator::model::UserMessage::text("почему нет суммы?").reply_to(card.message_id);
    world.telegram.send_in(anna, &reply).await?;
    expect_staff_message(&world, &["Ответьте на карточку клиента."]).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, "суммы?").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_deletion_leaves_nothing_of_a_client_on_the_cards() -> Outcome {
    let world = World::start(Options::default().tutor()).await?;
    let client = Person { chat: 7_100_200_300, ..person(1) };
    let booking = Booking::at("FORGET", &client.phone, in_seconds(3 * 86_400));
    world.accept(&booking.created()).await?;
    card(&world, "FORGET", &[client.phone.as_str(), "Алина"]).await?;
    settled(&world).await?;
    world.operate(&["forget", &client.phone]).await?;
    let held = "SELECT count(*) FROM messages WHERE content::text ~ '9990000001|Алина'";
    world.until(held, 0_i64, SOON).await?;
    let card = "SELECT status || ' ' || coalesce(content::text, '-') FROM messages \
                WHERE kind = 'staff_tutor'";
    assert_eq!(world.database.column::<String>(card).await?, ["sent -"]);
    // What Bukza sends about them later is shown to nobody.
    world.accept(&booking.moved_to(in_seconds(4 * 86_400)).created()).await?;
    let moved =
        "SELECT count(*) FROM bookings WHERE starts_at > now() + interval '3 days 12 hours'";
    world.until(moved, 1_i64, SOON).await?;
    settled(&world).await?;
    assert_eq!(world.database.one::<i64>(held).await?, 0);
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 1);
    Ok(())
}
