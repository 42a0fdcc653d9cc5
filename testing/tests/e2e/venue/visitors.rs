//! Visitors' texts, which templates insert as plain text. They must not affect other bookings or
//! become links, and must be shown as typed.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    FAST, booking, cards, clients, done, expect_received, post, received, send_all, with,
    without_staff,
};
use crate::common::{
    Options, Outcome, Person, Request, STAFF_CHAT, World, expect_staff_message, now, person,
    phrases,
};

const README: &str = include_str!("../../../../README.md");
const GUIDE: &str = include_str!("../../../../docs/bukza.md");

/// The victim's number.
const VICTIM_PHONE: &str = "+79990000001";

/// Names that try to inject fields into the template.
const NAMES: &[&str] = &[
    r#"x","reservations":[{"code":"VICTIM","event":"cancel"}],"z":""#,
    r#"x","code":"VICTIM","event":"cancel","z":""#,
    r#"x"},"code":"VICTIM","event":"cancel","visitor":{"name":""#,
    r#"x"},"reservations":[{"code":"VICTIM","status":"Отменено"}],"visitor":{"name":""#,
    r#"x"}]},"code":"VICTIM","event":"cancel","a":{"b":[{"name":""#,
    r#"x","status":"Отменено","order_status":"Отменено","event":"cancel","z":""#,
    r#"x","paid":"100000","z":""#,
    r#"x","payed":"100000","deposit":"1","z":""#,
    r#"x","phone":"+79990000001","z":""#,
    r#"x"},"phone":"+79990000001","visitor":{"phone":"+79990000001","name":""#,
    "x\",\n\"code\": \"VICTIM\",\n\"event\": \"cancel\",\n\"z\": \"",
    r#"x","fields":[{"name":"Телефон","value":"+79990000001"}],"z":""#,
    r"x\",
    r#"","","#,
];

/// The JSON template after these words of a document.
fn template<'a>(document: &'a str, after: &str) -> &'a str {
    let (_, rest) = document.split_once(after).expect("the document has such a part");
    let (_, rest) = rest.split_once("```json\n").expect("a template of JSON");
    rest.split_once("```").expect("its end").0
}

/// Fills in a template as Bukza does, by plain replacement. `words` is the visitor's text.
fn filled(template: &str, code: &str, phone: &str, words: &str) -> String {
    let start = now() + TimeDelta::days(2);
    let mut text = template.to_owned();
    for (parameter, value) in [
        ("{reservation code}", code),
        ("{reservation status}", "Новая"),
        ("{order status}", "Новая"),
        ("{reservation start}", &start.to_rfc3339()),
        ("{reservation end}", &(start + TimeDelta::hours(1)).to_rfc3339()),
        ("{resource name}", "Квест"),
        ("{order number}", "123456789"),
        ("{grand total}", "5000"),
        ("{deposit}", "1000"),
        ("{field name}", "Откуда узнали"),
        ("[bukza_phone]", phone),
        ("[bukza_first_name]", words),
        ("{last name}", words),
        ("{comment}", words),
        ("{field value}", words),
        // Each repeated block occurs once: one reservation and one field.
        ("[bukza_reservations_start]", ""),
        ("[bukza_reservations_comma]", ""),
        ("[bukza_reservations_end]", ""),
        ("[bukza_fields_start]", ""),
        ("[bukza_fields_end]", ""),
    ] {
        text = text.replace(parameter, value);
    }
    text
}

const STATE: &str = "SELECT concat_ws(' ', status, meaning, client_phone, total_minor, paid_minor, \
                     prepayment_minor, service_name, order_id, last_event_id) FROM bookings";

#[tokio::test]
async fn in_our_templates_no_visitor_changes_another_booking_or_a_field_but_their_own() -> Outcome {
    let world = World::start(Options::default()).await?;
    let victim = &clients(&world, 1).await?[0];
    // The client is not in the bot: a message a second for each name would slow the test.
    let visitor = person(2);
    assert_eq!(victim.phone, VICTIM_PHONE);
    send_all(&world, [booking("VICTIM", &victim.phone)]).await?;
    let of_victim = format!("{STATE} WHERE bukza_booking_id = 'VICTIM'");
    let before: String = world.database.one(&of_victim).await?;
    let templates = [
        template(README, "| Body | the template below |"),
        template(GUIDE, "## One request for a whole order"),
    ];
    for (kind, template) in templates.into_iter().enumerate() {
        for (number, name) in NAMES.iter().enumerate() {
            let body = filled(template, &format!("GUEST{kind}{number:02}"), &visitor.phone, name);
            world.accept(&Request::body(body)).await?;
        }
    }
    done(&world).await?;
    assert_eq!(world.database.one::<String>(&of_victim).await?, before);
    expect_received(&world, victim, &[phrases::CONFIRMED], "the victim").await?;
    let facts = STATE.replace(", last_event_id", "");
    let others = format!("{facts} WHERE bukza_booking_id LIKE 'GUEST%' GROUP BY 1");
    let expected = format!("active stands {} 500000 100000 Квест 123456789", visitor.phone);
    assert_eq!(world.database.column::<String>(&others).await?, [expected]);
    let codes = "SELECT count(*) FROM bookings";
    let sent = 1 + 2 * NAMES.len() as i64;
    assert_eq!(world.database.one::<i64>(codes).await?, sent, "no booking was made up or left out");
    Ok(())
}

/// Escapes what ends a URL parameter. Bukza may or may not do this.
fn in_url(name: &str) -> String {
    name.replace('"', "%22").replace(' ', "%20").replace('\n', "%0A").replace('\\', "%5C")
}

#[tokio::test]
async fn in_other_templates_and_in_a_url_no_visitor_touches_another_code_or_phone() -> Outcome {
    const PLAIN: &str = r#"{"event": "update", "code": "{reservation code}", "name": "[bukza_first_name]",
        "start": "{reservation start}", "end": "{reservation end}", "phone": "[bukza_phone]"}"#;
    const URL: &str = "?code={reservation code}&phone=[bukza_phone]&name=[bukza_first_name]\
        &start=27.12.2099%2012:00&end=27.12.2099%2013:00";
    const IN_URLS: &[&str] = &[
        "x&code=VICTIM&event=cancel",
        "x&code=VICTIM&message=cancel",
        "x&phone=%2B79990000001",
        "x&reservations=[{%22code%22:%22VICTIM%22,%22event%22:%22cancel%22}]",
        "x#&code=VICTIM",
    ];
    let world = World::start(without_staff()).await?;
    let victim = &clients(&world, 1).await?[0];
    // The client is not in the bot: a message a second for each name would slow the test.
    let visitor = person(2);
    send_all(&world, [booking("VICTIM", &victim.phone)]).await?;
    let of_victim = format!("{STATE} WHERE bukza_booking_id = 'VICTIM'");
    let before: String = world.database.one(&of_victim).await?;
    let urls = NAMES.iter().map(|name| in_url(name));
    let urls = urls.chain(IN_URLS.iter().map(|name| (*name).to_owned()));
    for (number, name) in urls.enumerate() {
        let query =
            filled(URL, &format!("URL{number:02}"), &visitor.phone.replace('+', "%2B"), &name);
        let form = query.trim_start_matches('?').to_owned();
        let kind = "application/x-www-form-urlencoded";
        let by_form = post(&world, "").header("content-type", kind).body(form).send().await?;
        let by_url = post(&world, &query).send().await?;
        for status in [by_form.status(), by_url.status()] {
            assert!(status == 200 || status == 422, "{status} for {name}");
        }
    }
    for (number, name) in NAMES.iter().enumerate() {
        let body = filled(PLAIN, &format!("PLAIN{number:02}"), &visitor.phone, name);
        let (status, answer) = world.post_bukza(&Request::body(body)).await?;
        assert!([200, 400, 422].contains(&status), "{status} {answer} for {name}");
    }
    done(&world).await?;
    assert_eq!(world.database.one::<String>(&of_victim).await?, before);
    expect_received(&world, victim, &[phrases::CONFIRMED], "the victim").await?;
    let strangers = format!(
        "SELECT count(*) FROM bookings WHERE bukza_booking_id <> 'VICTIM' \
         AND (client_phone <> '{}' OR status <> 'active')",
        visitor.phone
    );
    assert_eq!(world.database.one::<i64>(&strangers).await?, 0);
    Ok(())
}

#[tokio::test]
async fn entities_are_read_once_and_a_visitors_words_are_no_link_mention_or_command() -> Outcome {
    const WORDS: &[&str] = &[
        "https://evil.example/login",
        "evil.example",
        "@durov /bookings",
        "@du\u{200b}rov /book\u{200d}ings",
        "ev\u{2060}il.example/\u{feff}login",
        "t\u{ad}.me/durov",
        "mail@evil.example",
        "tg://resolve?domain=durov",
        "#распродажа $BTC",
        "&lt;a href=&quot;https://evil.example&quot;&gt;скидка&lt;/a&gt;",
    ];
    let world = World::start(Options::default().set("TELEGRAM_RATE", FAST)).await?;
    let people = clients(&world, 1 + WORDS.len()).await?;
    let of = |person: &Person, code: &str, words: &str| {
        let mut request = booking(code, "");
        request.as_object_mut().expect("an object").retain(|name, _| name != "phone");
        let visitor = json!({"phone": person.phone, "name": words, "comment": words,
            "fields": [{"name": "Ваш сайт", "value": words}]});
        with(request, &json!({"service": words, "visitor": visitor}))
    };
    let mut requests = vec![of(&people[0], "ENTITY", "Чай &amp; игры &quot;О&#039;Нил&quot;")];
    let hostile = WORDS.iter().enumerate();
    requests.extend(
        hostile.map(|(number, words)| of(&people[1 + number], &format!("LINK{number}"), words)),
    );
    send_all(&world, requests).await?;
    let mut messages = world.telegram.chat(STAFF_CHAT).await?;
    for person in &people {
        expect_received(&world, person, &[phrases::CONFIRMED], &person.phone).await?;
        messages.extend(received(&world, person).await?);
    }
    let shown = "Чай & игры \"О'Нил\"";
    let message = received(&world, &people[0]).await?.remove(0).text;
    assert!(message.contains(shown), "{message}");
    let card = cards(&world, "ENTITY").await?.concat();
    assert_eq!(card.matches(shown).count(), 4, "{card}");
    for (number, words) in WORDS.iter().enumerate() {
        let card = cards(&world, &format!("LINK{number}")).await?.concat();
        assert_eq!(card.matches("💬").count(), 1, "{words}: {card}");
    }
    for message in messages {
        assert!(message.autolinks.is_empty(), "{:?} in {}", message.autolinks, message.text);
        assert!(!message.source.contains("<a href=\"https://evil"), "{}", message.source);
    }
    Ok(())
}

#[tokio::test]
async fn a_forgotten_comma_is_put_in_at_a_lines_end_and_named_by_its_place_within_a_line() -> Outcome
{
    let world = World::start(Options::default()).await?;
    let people = clients(&world, 1).await?;
    let phone = &people[0].phone;
    let lines = format!(
        "{{\n  \"code\": \"LINES1\",\n  \"name\": \"Анна\"\n  \"phone\": \"{phone}\",\n  \
         \"start\": \"27.12.2099 12:00\",\n  \"end\": \"27.12.2099 13:00\"\n}}"
    );
    world.accept(&Request::body(lines)).await?;
    done(&world).await?;
    expect_received(&world, &people[0], &[phrases::CONFIRMED], "a comma after the name").await?;
    let card = cards(&world, "LINES1").await?.concat();
    assert!(card.contains("Анна") && card.contains(phrases::STAFF_IN_BOT), "{card}");

    let line = format!(
        r#"{{"code": "C6UDS3" "status": "Новая", "phone": "{phone}", "start": "27.12.2099 12:00", "end": "27.12.2099 13:00"}}"#
    );
    let (status, problem) = world.post_bukza(&Request::body(line)).await?;
    assert_eq!(status, 400, "{problem}");
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("status: перед этим полем не хватает запятой"), "{problem}");
    expect_staff_message(
        &world,
        &[phrases::STAFF_REJECTED, "status: перед этим полем не хватает запятой"],
    )
    .await?;
    done(&world).await?;
    let codes: Vec<String> = world.database.column("SELECT bukza_booking_id FROM bookings").await?;
    assert_eq!(codes, ["LINES1"]);
    Ok(())
}

#[tokio::test]
async fn a_name_with_quotes_and_line_breaks_is_shown_as_it_was_typed() -> Outcome {
    let world = World::start(Options::default()).await?;
    let template = template(README, "| Body | the template below |");
    let name = "Анна \"Аня\" О'Нил\nвторая строка \\ <b>";
    world.accept(&Request::body(filled(template, "TYPED1", "8 999 000-00-01", name))).await?;
    done(&world).await?;
    let card = cards(&world, "TYPED1").await?.concat();
    let flat = card.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("Анна \"Аня\" О'Нил вторая строка \\ <b>"), "{card}");
    Ok(())
}
