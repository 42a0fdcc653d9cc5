//! The promise: what a visitor types never speaks for another booking or for another client; in our own
//! templates it changes no field but its own.

use proptest::prelude::*;

use super::{
    template_tests::{CODES, Template, Typed, all, documented, read_filled},
    *,
};
use crate::domain::phone::Phone;

const VICTIM_CODE: &str = "VICTIM";
const VICTIM_PHONE: &str = "+79990000000";
const OWN_PHONE: &str = "+79991234567";

/// What texts that imitate a template are made of.
const PIECES: &[&str] = &[
    "\"",
    "\"",
    "\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "\n",
    " ",
    "x",
    "Алина",
    "😀",
    "'",
    "&",
    "=",
    "?",
    "#",
    "%26",
    "%22",
    "%3D",
    "+",
    ";",
    "\u{200b}",
    "\u{0}",
    "&quot;",
    "\\u0022",
    "\", \"",
    "\": \"",
    "\",\"z\":\"",
    "\"}",
    "\"},",
    "},{",
    "\"},{\"",
    "\"}}",
    "]}",
    "\"}],",
    "\":[{\"",
    "\":{\"",
    "null",
    "true",
    "7",
    "[bukza_phone]",
    "{phone}",
    "[bukza_reservations_start]",
    "\"code\":\"VICTIM\"",
    "\"code\": \"VICTIM\",",
    "\"Co_de\":\"VICTIM\"",
    "\"c\\u006fde\":\"VICTIM\"",
    "\"reservation_code\":\"VICTIM\"",
    "\"reservationCode\":\"VICTIM\"",
    "\"phone\":\"+79990000000\"",
    "\"phone\": \"8 999 000-00-00\",",
    "\"tel\":\"+79990000000\"",
    "\"clientPhone\":79990000000",
    "\"ph\\u006fne\":\"+79990000000\"",
    "\"event\":\"cancel\"",
    "\"status\":\"Отменено\"",
    "\"start\":\"01.01.2031 12:00\"",
    "\"end\":\"01.01.2031 13:00\"",
    "\"paid\":\"8990\"",
    "\"payed\":\"1\"",
    "\"deposit\":\"1\"",
    "\"service\":\"x\"",
    "\"order\":\"1\"",
    "\"name\":\"y\"",
    "\"visitor\":{",
    "\"visitor\":{\"phone\":\"+79990000000\"}",
    "\"visitor\" : {\"code\":\"VICTIM\",",
    "\"reservations\":[{\"code\":\"VICTIM\",\"event\":\"cancel\"}]",
    "\"reservations\":[",
    "\"reservations\":{\"code\":\"VICTIM\"}",
    "\"reservations\":\"VICTIM\"",
    "{\"code\":\"VICTIM\",\"event\":\"cancel\"}",
    "},{\"code\":\"VICTIM\",\"status\":\"Отменено\"",
    "\"fields\":[{\"name\":\"Телефон\",\"value\":\"+79990000000\"}]",
    "\"fields\":{\"phone\":\"+79990000000\"}",
    "{\"name\":\"Телефон\",\"value\":\"+79990000000\"}",
    "\"z\":{\"a\":\"",
    "\"z\":[\"",
    "\"z\":\"",
    "\"w\":\"",
    "\"},\"w\":\"",
    "\"],\"w\":\"",
    "\"]},\"w\":[{\"v\":\"",
    "\",\n",
    "\"\n\"code\": \"VICTIM\"",
    "\"\n\"phone\": \"+79990000000\"\n",
    "&code=VICTIM",
    "&reservation_code=VICTIM",
    "&phone=%2B79990000000",
    "&tel=89990000000",
    "&message=cancel",
    "&reservations=VICTIM",
    "&start=01.01.2031+12:00",
    "&visitor=x",
    "code=VICTIM",
];

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..7);
    let pieces = pieces.prop_map(|pieces| pieces.concat());
    // Whole attacks are rare among random ones: each begins by ending its string, and ends by opening one.
    let attack = prop::collection::vec(prop::sample::select(PIECES), 1..4)
        .prop_map(|pieces| format!("x\",{},\"z\":\"", pieces.join(",")));
    prop_oneof![3 => pieces, 3 => attack, 1 => "\\PC{0,20}", 1 => Just("Алина".to_owned()), 1 => Just(String::new())]
}

/// What a phone field can hold: a number, perhaps with more behind it.
fn phone() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("8 999 123-45-67".to_owned()),
        2 => hostile().prop_map(|more| format!("+7 999 123-45-67{more}")),
        1 => hostile(),
    ]
}

fn typed() -> impl Strategy<Value = Typed> {
    let texts = prop::array::uniform4(hostile());
    (phone(), texts, prop::collection::vec(hostile(), 2)).prop_map(|(phone, texts, fields)| {
        let [email, name, last_name, comment] = texts;
        Typed { phone, email, name, last_name, comment, fields }
    })
}

/// The phones that events may have: the one that stands in the visitor's phone field.
fn own_phone(typed: &Typed) -> Option<String> {
    let phone = Phone::parse(&typed.phone, template_tests::rules().region).ok()?;
    Some(phone.as_e164().to_owned())
}

fn check(template: &Template, typed: &Typed) -> Result<(), TestCaseError> {
    let label = template.label;
    let events = match read_filled(template, typed) {
        Ok(events) => events,
        Err(refusal) => {
            prop_assert!(!template.is_apart(), "{} is lost: {} {:?}", label, refusal, typed);
            prop_assert!(!refusal.to_string().contains(VICTIM_PHONE));
            return Ok(());
        }
    };
    let own = own_phone(typed);
    for event in &events {
        prop_assert!(CODES.contains(&event.code.as_str()), "{}: {} {:?}", label, event.code, typed);
        if let Some(phone) = &event.details.phone
            && own.is_some()
        {
            prop_assert_eq!(Some(phone.as_e164()), own.as_deref(), "{}: {:?}", label, typed);
        }
    }
    if template.is_apart() {
        let plain = read_filled(template, &Typed::everywhere("Алина"))
            .map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        prop_assert_eq!(events.len(), plain.len(), "{}: {:?}", label, typed);
        for (event, plain) in events.iter().zip(&plain) {
            let visitor = &event.details;
            let mut expected = plain.clone();
            expected.id = event.id.clone();
            expected.details.client_name.clone_from(&visitor.client_name);
            expected.details.last_name.clone_from(&visitor.last_name);
            expected.details.comment.clone_from(&visitor.comment);
            expected.details.fields.clone_from(&visitor.fields);
            expected.details.phone.clone_from(&visitor.phone);
            // What the visitor left empty or added is named; what the status says stays.
            if let (Some(reading), Some(plain)) = (&event.reading, &mut expected.reading) {
                plain.unfilled.clone_from(&reading.unfilled);
                plain.unread.clone_from(&reading.unread);
                plain.absent.clone_from(&reading.absent);
                plain.unknown.clone_from(&reading.unknown);
                plain.unknown_more = reading.unknown_more;
                plain.unused.clone_from(&reading.unused);
            }
            prop_assert_eq!(event, &expected, "{}: {:?}", label, typed);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn no_visitors_words_speak_for_another(template in prop::sample::select(all()), typed in typed()) {
        check(&template, &typed)?;
    }

    /// One hostile text among ordinary ones has no other to close what it opens.
    #[test]
    fn nor_does_one_text_alone(
        template in prop::sample::select(all()), text in hostile(), field in 0usize..7,
    ) {
        let mut typed = Typed::everywhere("Алина");
        let Typed { phone, email, name, last_name, comment, fields } = &mut typed;
        let [first, second] = &mut fields[..] else { panic!("two fields") };
        *[phone, email, name, last_name, comment, first, second][field] = text;
        check(&template, &typed)?;
    }
}

#[test]
fn ordinary_texts_are_read_by_every_template_as_they_are() {
    for text in [
        "ООО \"Ромашка\"",
        "Кафе \"У \"дяди\" Вани\"",
        "O'Hara",
        "a\\d",
        "\\",
        "Анна, Пётр, {VIP, ок}",
        "[VIP] Алина",
        "12:00",
        "имя: \"Алина\", возраст: 5",
        "😀 «Алина»",
        "a}",
        "\"}",
        "\"]",
        "50%",
        "1 + 1 = 2; x",
        "a/b",
    ] {
        for template in all() {
            // A raw URL cannot hold all of them, and says so by what is read.
            if template.label.contains("raw") {
                continue;
            }
            let events = read_filled(&template, &Typed::everywhere(text));
            let events =
                events.unwrap_or_else(|refusal| panic!("{} {text}: {refusal}", template.label));
            let name = events[0].details.client_name.as_deref();
            assert_eq!(name, Some(text), "{}", template.label);
            if template.is_apart() {
                assert_eq!(events[0].details.comment.as_deref(), Some(text), "{}", template.label);
                assert_eq!(events[0].details.fields[1].value, text, "{}", template.label);
            }
        }
    }
}

#[test]
fn a_line_break_in_a_comment_is_a_space() {
    for template in documented().iter().filter(|template| template.is_apart()) {
        let typed = Typed {
            comment: "одна\r\nдве\n\n".to_owned(), ..Typed::everywhere("Алина")
        };
        let events = read_filled(template, &typed).unwrap();
        assert_eq!(events[0].details.comment.as_deref(), Some("одна две"));
    }
}

/// Each is a way round that was tried against the rules.
#[test]
fn known_ways_round_lead_nowhere() {
    for (phone, name, last) in [
        ("8 999 123-45-67", r#"x","reservations":[{"code":"VICTIM","event":"cancel"}],"z":""#, ""),
        ("8 999 123-45-67", r#"x","reservation_code":"VICTIM","z":""#, ""),
        ("8 999 123-45-67", r#"x","c\u006fde":"VICTIM","z":""#, ""),
        ("8 999 123-45-67", r#"x","visitor":{"phone":"+79990000000"},"z":""#, ""),
        ("8 999 123-45-67", r#"x"}],"visitor":{"phone":"+79990000000"},"z":[{"a":""#, ""),
        ("8 999 123-45-67", r#"x","phone":"+79990000000","z":{"a":""#, r#""},"w":""#),
        ("8 999 123-45-67", r#"x","phone":"+79990000000","z":[""#, r#""],"w":""#),
        (r#"1"},"y":""#, r#"x","phone":"+79990000000","z":{"a":""#, ""),
        (r#"1"],"y":""#, r#"x","phone":"+79990000000","z":[""#, ""),
        (r#","y":""#, r#"x","phone":"+79990000000","z":"\"#, ""),
        ("", r#"x","phone":"+79990000000","z":""#, ""),
        ("", r#"x","tel":"+79990000000","z":""#, ""),
        ("не скажу", r#"x","clientPhone":"+79990000000","z":""#, ""),
        ("8 999 123-45-67", "x&code=VICTIM", ""),
        ("8 999 123-45-67", "x&code=VICTIM#", ""),
        ("8 999 123-45-67", "x&tel=+79990000000", ""),
        ("", "x&tel=+79990000000", ""),
        ("&x=", "x&phone=+79990000000", ""),
    ] {
        for template in all() {
            let mut typed = Typed::everywhere("");
            (typed.phone, typed.name) = (phone.to_owned(), name.to_owned());
            (typed.comment, typed.fields) = (last.to_owned(), vec![last.to_owned(); 2]);
            let events = read_filled(&template, &typed);
            assert!(events.is_ok() || !template.is_apart(), "{}: {events:?}", template.label);
            for event in events.unwrap_or_default() {
                let own = event.details.phone.as_ref().is_none_or(|it| it.as_e164() == OWN_PHONE);
                assert!(own && event.code.as_str() != VICTIM_CODE, "{} {name}", template.label);
            }
        }
    }
}
