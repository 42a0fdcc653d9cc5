//! Variants in accounts' requests: sums, phone numbers, times, methods and secrets.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    booking, cards, clients, done, expect_received, post, received, send_all, with, without_staff,
};
use crate::common::{Options, Outcome, Person, SOON, World, phrases, register};

#[tokio::test]
async fn a_deposit_is_what_is_to_be_paid_and_nothing_is_shown_as_paid_that_may_not_be() -> Outcome {
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 2).await?;
    let sums = json!({"total": "8990", "deposit": "3000"});
    let unpaid = with(booking("UNPAID", &people[0].phone), &sums);
    let paid = with(booking("PAID01", &people[1].phone), &sums);
    send_all(&world, [unpaid, with(paid, &json!({"paid": "3000"}))]).await?;
    for (person, code, words) in
        [(&people[0], "UNPAID", "предоплата 3 000 ₽"), (&people[1], "PAID01", "оплачено 3 000 ₽")]
    {
        let card = cards(&world, code).await?.concat();
        let message = received(&world, person).await?.pop().expect("a confirmation");
        for text in [&card, &message.text] {
            let text = plain(text);
            assert!(text.contains(words) && text.contains("8 990 ₽"), "{text}");
            assert_eq!(text.contains("плачено"), code == "PAID01", "{text}");
        }
    }
    Ok(())
}

/// With ordinary spaces.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ").to_lowercase()
}

#[tokio::test]
async fn the_total_of_an_order_is_named_as_such_and_in_its_first_message_only() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 1).await?;
    let items = ["ORDER1", "ORDER2", "ORDER3"].map(|code| {
        let mut item = booking(code, "");
        item.as_object_mut().expect("an object").retain(|name, _| name != "phone");
        item
    });
    let order = json!({
        "event": "update", "order": "123456789", "total": "9000", "reservations": items,
        "visitor": {"phone": people[0].phone, "name": "Анна"},
    });
    send_all(&world, [order]).await?;
    let texts: Vec<String> =
        received(&world, &people[0]).await?.iter().map(|message| plain(&message.text)).collect();
    let sums: Vec<bool> = texts.iter().map(|text| text.contains("9 000 ₽")).collect();
    assert!(texts[0].contains("сумма заказа: 9 000 ₽"), "{texts:#?}");
    assert_eq!(sums.iter().filter(|shown| **shown).count(), 1, "{texts:#?}");
    for code in ["order1", "order2", "order3"] {
        assert!(texts.iter().any(|text| text.contains(code)), "{code}: {texts:#?}");
    }
    Ok(())
}

/// A phone number as sent, whether it is in the URL, and the person it belongs to.
const IN_URL: &[(&str, &str)] = &[
    ("%2B7%20(%2B7%20999%20000-10-01)", "+79990001001"),
    ("+7+(8+999+000-10-02)", "+79990001002"),
    ("+84+912+345+678", "+84912345678"),
    ("+84912345679", "+84912345679"),
    ("%2B84%20912%20345%20680", "+84912345680"),
    ("8%20999%20000-10-03", "+79990001003"),
    ("+79990001004", "+79990001004"),
    ("9990001005", "+79990001005"),
];
const IN_BODY: &[(&str, &str)] = &[
    ("+7 (+7 999 000-10-11)", "+79990001011"),
    ("+7 (+79990001012)", "+79990001012"),
    ("+7 (8 999) 000-10-13", "+79990001013"),
    ("8 999 000-10-14 доб. 5", "+79990001014"),
    ("8 999 000-10-15, 8 999 000-10-16", "+79990001015"),
    ("+7 999 000 10 17 / +7 999 000 10 18", "+79990001017"),
    ("tel:+79990001019", "+79990001019"),
    ("8\u{a0}999\u{a0}000\u{2011}10\u{2011}20", "+79990001020"),
    ("8 999 000-10-21 Анна", "+79990001021"),
    ("+84 912 345 690", "+84912345690"),
];

#[tokio::test]
async fn a_phone_is_the_first_number_that_is_one_and_nobody_elses() -> Outcome {
    let world = World::start(without_staff()).await?;
    let people: Vec<Person> = (30_000..)
        .zip(IN_URL.iter().chain(IN_BODY))
        .map(|(chat, (_, phone))| Person { chat, phone: (*phone).to_owned() })
        .collect();
    let second = Person { chat: 29_000, phone: "+79990001016".to_owned() };
    let everyone = people.iter().chain([&second]);
    futures::future::try_join_all(everyone.map(|person| register(&world, person))).await?;
    for (number, (phone, _)) in IN_URL.iter().enumerate() {
        let request =
            with(booking(&format!("URL{number:02}"), ""), &json!({"phone": "[bukza_phone]"}));
        let answer = post(&world, &format!("?message=newrega&phone={phone}"))
            .header("content-type", "application/json")
            .body(request.to_string())
            .send()
            .await?;
        assert_eq!(answer.status(), 200, "{phone}");
    }
    let in_body = IN_BODY.iter().enumerate();
    send_all(
        &world,
        in_body.map(|(number, (phone, _))| booking(&format!("BODY{number:02}"), phone)),
    )
    .await?;
    for (person, (phone, _)) in people.iter().zip(IN_URL.iter().chain(IN_BODY)) {
        expect_received(&world, person, &[phrases::CONFIRMED], phone).await?;
    }
    expect_received(&world, &second, &[], "the second number of two").await
}

#[tokio::test]
async fn a_custom_field_is_a_phone_by_a_whole_word_and_never_replaces_the_bookings_own() -> Outcome
{
    let world = World::start(without_staff()).await?;
    let people = clients(&world, 4).await?;
    let field = |name: &str, value: &str| json!({"fields": [{"name": name, "value": value}]});
    let phone = |n: usize| people[n].phone.as_str();
    let requests = [
        with(booking("FIELD1", ""), &field("Ваш телефон", phone(0))),
        with(booking("FIELD2", phone(1)), &field("Телефон именинника", phone(3))),
        with(booking("FIELD3", ""), &field("Дополнительно", phone(3))),
        with(booking("FIELD4", ""), &field("Отель", phone(3))),
        with(booking("FIELD5", ""), &field("Тел.", phone(2))),
    ];
    send_all(&world, requests).await?;
    for person in &people[..3] {
        expect_received(&world, person, &[phrases::CONFIRMED], &person.phone).await?;
    }
    expect_received(&world, &people[3], &[], "no phone of the booking").await
}

/// A time as written, and the venue's time.
const TIMES: &[(&str, &str, &str)] = &[
    ("27.12.2030\u{a0}12:00", "27.12.2030\u{202f}13:00", "2030-12-27 12:00/2030-12-27 13:00"),
    ("27.12.2030, 12:00", "27.12.2030, 13:00", "2030-12-27 12:00/2030-12-27 13:00"),
    ("27.12.2030 в 12:00", "27.12.2030 в 13:00", "2030-12-27 12:00/2030-12-27 13:00"),
    ("27.12.2030 9:00", "27.12.2030 10:00", "2030-12-27 09:00/2030-12-27 10:00"),
    ("27.12.30 12:00", "27.12.30 13:00", "2030-12-27 12:00/2030-12-27 13:00"),
    ("27.12.2030 22:00", "27.12.2030 24:00", "2030-12-27 22:00/2030-12-28 00:00"),
    ("27.12.2030 22:00", "27.12.2030 00:00", "2030-12-27 22:00/2030-12-28 00:00"),
    ("2030-12-27T07:00:00Z", "2030-12-27T13:00:00+05:00", "2030-12-27 12:00/2030-12-27 13:00"),
];

/// Start and end of a booking at the venue.
async fn times(world: &World, code: &str) -> anyhow::Result<String> {
    let local = "'YYYY-MM-DD HH24:MI'";
    let sql = format!(
        "SELECT to_char(starts_at AT TIME ZONE 'Asia/Yekaterinburg', {local}) || '/' || \
         to_char(ends_at AT TIME ZONE 'Asia/Yekaterinburg', {local}) \
         FROM bookings WHERE bukza_booking_id = '{code}'"
    );
    world.database.one(&sql).await
}

#[tokio::test]
async fn times_are_read_as_people_and_addresses_write_them() -> Outcome {
    let world = World::start(without_staff()).await?;
    let requests = TIMES.iter().enumerate().map(|(number, (start, end, _))| {
        with(booking(&format!("TIME{number}"), ""), &json!({"start": start, "end": end}))
    });
    send_all(&world, requests).await?;
    // In a URL an unescaped plus is a space.
    let query = "?code=TIMEURL&start=2030-12-27T12:00:00+05:00&end=2030-12-27T13:00:00%2B05:00";
    let answer = post(&world, query).send().await?;
    assert_eq!(answer.status(), 200, "{}", answer.text().await?);
    done(&world).await?;
    for (number, (start, end, expected)) in TIMES.iter().enumerate() {
        let read = times(&world, &format!("TIME{number}")).await?;
        assert_eq!(read, *expected, "{start} to {end}");
    }
    assert_eq!(times(&world, "TIMEURL").await?, "2030-12-27 12:00/2030-12-27 13:00");
    Ok(())
}

#[tokio::test]
async fn a_request_is_used_whatever_its_method_its_slash_and_its_secrets_signs() -> Outcome {
    const SECRET: &str = "k3+/Zm9vYmFyIHNlY3JldA+/==";
    const QUERY: &str = "start=27.12.2099%2012:00&end=27.12.2099%2013:00&service=VR";
    let secrets = format!("{SECRET},{}", testing::harness::fleet::BUKZA_SECRET);
    let world = World::start(Options::default().set("BUKZA_WEBHOOK_SECRET", secrets)).await?;
    let escaped = SECRET.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let json_body = |code: &str| with(booking(code, ""), &json!({"phone": "-"})).to_string();
    let by = |method: Method, behind: String| {
        let url = format!("{}/webhook/bukza{behind}", world.ingest_url());
        world.http.request(method, url)
    };
    let sent = testing::harness::fleet::BUKZA_SECRET;
    let requests = [
        ("GET001", by(Method::GET, format!("?secret={sent}&code=GET001&{QUERY}"))),
        ("GET002", by(Method::GET, format!("/?code=GET002&{QUERY}&secret={sent}"))),
        ("PUT001", by(Method::PUT, format!("?secret={sent}")).body(json_body("PUT001"))),
        ("SLASH1", by(Method::POST, format!("/?secret={sent}")).body(json_body("SLASH1"))),
        ("BASE01", by(Method::POST, format!("?secret={SECRET}")).body(json_body("BASE01"))),
        ("BASE02", by(Method::POST, format!("?secret={escaped}")).body(json_body("BASE02"))),
        ("BASE03", by(Method::GET, format!("?code=BASE03&secret={SECRET}&{QUERY}"))),
    ];
    let mut expected = Vec::new();
    for (code, request) in requests {
        let answer = request.send().await?;
        assert_eq!(answer.status(), 200, "{code}: {}", answer.text().await?);
        expected.push(code.to_owned());
    }
    done(&world).await?;
    expected.sort();
    let codes = "SELECT bukza_booking_id::text FROM bookings ORDER BY 1";
    assert_eq!(world.database.column::<String>(codes).await?, expected);

    // Without the secret nothing is stored. A request with an unsupported method is refused, and
    // stored.
    let wrong = by(Method::GET, format!("?secret=wrong&code=NEVER1&{QUERY}")).send().await?;
    assert_eq!(wrong.status(), 401);
    assert!(wrong.headers().contains_key("www-authenticate"));
    let delete = by(Method::DELETE, format!("?secret={sent}&code=GET001")).send().await?;
    assert_eq!(delete.status(), 405);
    world.until("SELECT count(*) FROM rejected_requests", 1_i64, SOON).await?;
    assert_eq!(world.database.column::<String>(codes).await?, expected);
    let logs = world.ingests.iter().map(|ingest| std::fs::read_to_string(ingest.process.log()));
    for log in logs {
        assert!(!log?.contains("Zm9vYmFy"), "the secret is in the log");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_stays_the_text_that_it_is() -> Outcome {
    let world = World::start(without_staff()).await?;
    let base = booking("1234E5", "");
    let number = base.to_string().replace("\"1234E5\"", "1234567");
    let camel: Value = json!({"reservationCode": "00123", "startDate": base["start"],
        "endDate": base["end"], "clientPhone": "+79990000001"});
    send_all(&world, [base, number.parse()?, camel]).await?;
    let codes =
        "SELECT bukza_booking_id::text FROM bookings ORDER BY bukza_booking_id COLLATE \"C\"";
    assert_eq!(world.database.column::<String>(codes).await?, ["00123", "1234567", "1234E5"]);
    Ok(())
}
