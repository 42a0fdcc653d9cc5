//! What holds for every text, built in or the owner's.

use proptest::prelude::*;

use super::*;
use crate::texts::fixtures::hostile;

/// Each text of a file, as an owner would write it.
fn texts(source: &str) -> Vec<(String, String)> {
    let resource = fluent_syntax::parser::parse_runtime(source).unwrap();
    let messages = resource.body.into_iter().filter_map(|entry| match entry {
        ast::Entry::Message(message) => Some(message),
        _ => None,
    });
    let written = |message: ast::Message<&str>| {
        let key = message.id.name.to_owned();
        let file = ast::Resource { body: vec![ast::Entry::Message(message)] };
        let file = fluent_syntax::serializer::serialize(&file);
        let text = file.split_once('=').unwrap().1.to_owned();
        (key, text)
    };
    messages.map(written).collect()
}

fn checker(locale: Locale) -> Checker {
    Checker::new(locale).unwrap()
}

fn russian(key: &str, text: &str) -> Result<(), String> {
    checker(Locale::Ru).check(key, text).map(drop)
}

#[test]
fn every_built_in_text_passes_the_test_of_the_owners() {
    for locale in Locale::ALL.iter().copied() {
        let checker = checker(locale);
        let texts = texts(source(locale));
        assert!(texts.len() > 90);
        for (key, text) in texts {
            assert_eq!(checker.check(&key, &text).map(drop), Ok(()), "{key} = {text}");
        }
    }
}

#[test]
fn a_text_that_keeps_the_rules_is_used() {
    for (key, text) in [
        (
            "created-end",
            "Ждём вас! <i>Парковка</i> во дворе: <a href=\"https://example.com/?a=1\">план</a>",
        ),
        ("created-title", "Готово"),
        ("line-code", "Код: <code>{ $code }</code>"),
        ("line-when", "<b>{ $when }</b>"),
        ("people", "{ $n } чел."),
        (
            "line-people",
            "{ $n ->\n[one] Игрок: { $n }\n[few] Игрока: { $n }\n*[other] Игроков: { $n }\n}",
        ),
        ("line-people", "Нас будет { people }"),
        (
            "list-more",
            "и ещё { $n ->\n    [1] одна\n    [one] { $n } запись\n    [few] { $n } записи\n   *[other] { $n } записей\n}",
        ),
        ("button-comes", "Буду"),
        ("help", "Пишите.\n\n/bookings\n  с отступом\n# не комментарий\nkey = не ключ"),
        ("staff-order-link", "<a href=\"https://example.com/{ $page }\">№ { $order }</a>"),
        ("visit-kept", "👩‍👩‍👧 ❤️ {\"{\"}так{\"}\"}"),
    ] {
        assert_eq!(russian(key, text), Ok(()), "{key} = {text}");
    }
}

#[test]
fn a_text_that_breaks_a_rule_is_refused_with_the_reason() {
    let long = "ж".repeat(301);
    let huge = "ж".repeat(4_001);
    let hidden = "До \u{202e}встречи";
    for (key, text, reason) in [
        ("created-ends", "x", "is the key of no text"),
        ("", "x", "is the key of no text"),
        ("created-end = x\nhelp", "x", "is the key of no text"),
        ("created-end", " \n ", "is empty"),
        ("created-end", "{\"\"}", "is empty"),
        ("created-end", "{\"\u{2060}\"}", "is empty"),
        ("created-end", huge.as_str(), "is longer than 4000 characters"),
        ("created-end", long.as_str(), "is 301 characters long: 300 at most"),
        ("button-comes", &long[..130], "is 65 characters long: 64 at most"),
        ("created-end", "{ $name }", "names { $name }: the built-in text has none"),
        ("line-when", "{ $wen }", "names { $wen }: the built-in text has { $when }"),
        ("created-end", "{ help }", "names { help }: the built-in text has none"),
        ("people", "{ people }", "names { people }"),
        ("created-end", "{ -brand }", "names a term"),
        ("created-end", "{ NUMBER(1) }", "calls a function"),
        ("line-people", "{ $n", "can't be read: "),
        ("created-end", "[one] x", "can't be read: "),
        ("created-end", "x\n.title = y", "can't be read: it is more than one text"),
        ("created-end", "}", "can't be read: "),
        ("created-end", "<b>x", "<b> is not closed"),
        ("created-end", "<b>x</i>", "</i> closes <b>"),
        ("created-end", "x</b>", "</b> closes nothing"),
        ("created-end", "<u>x</u>", "<u> is no markup"),
        ("created-end", "<b class=x>x</b>", "<b class=x> is no markup"),
        ("created-end", "<a href=\"javascript:x\">x</a>", "<a href=\"javascript:x\"> is no"),
        ("created-end", "1 < 2", "< is no markup"),
        ("created-end", "A & B", "& is no markup"),
        ("created-end", "&copy;", "&copy; is no markup"),
        ("created-end", hidden, "holds a character that nobody sees"),
        ("created-end", "{\"\\u202E\"}x", "holds a character that nobody sees"),
        ("created-end", "a\u{0}b", "holds a character that nobody sees"),
        ("line-when", "<code>{ $when }</code>", "a tag inside code or a link"),
        ("line-when", "<a href=\"https://x/{ $when }\">x</a>", "<a href=\"https://x/<code> is no"),
        ("line-code", "Код: { $code }", "shows { $code } outside of <code> or <a>"),
        ("button-comes", "<b>Приду</b>", "is shown without markup"),
        ("button-comes", "При\nду", "is shown without markup"),
        ("day", "<b>{ $day }</b> { month }", "is shown without markup"),
        ("people", "{ $n ->\n[one] человек\n*[other] человек\n}", "lacks the form [few]"),
        ("people", "{ $n ->\n[few] человека\n*[other] человек\n}", "lacks the form [one]"),
        (
            "people",
            "{ $n ->\n[two] человека\n*[other] человек\n}",
            "has the form [two]: this language",
        ),
        ("people", "{ $n ->\n[oen] человек\n*[other] человек\n}", "has the form [oen]"),
        ("people", "{ $n ->\n[one] человек\n}", "can't be read: "),
        ("people", "{ $n ->\n[1] <b>\n*[other] x\n}", "<b> is not closed"),
        ("people", "{ $n ->\n[777] <b>\n*[other] x\n}", "<b> is not closed"),
        ("people", "{ $n ->\n[1.5] x\n*[other] x\n}", "has a form for a number that is not whole"),
        (
            "people",
            "{ $n ->\n[1] { $n ->\n*[other] x\n}\n*[other] x\n}",
            "chooses inside of a choice",
        ),
        ("line-when", "{ $when ->\n*[other] x\n}", "chooses by something that is no number"),
        ("agenda-part", "{ \"x\" ->\n*[other] x\n}", "chooses by something that is no number"),
        ("date", "{ $day ->\n*[other] x\n}{ $month ->\n*[other] x\n}", "chooses by two numbers"),
    ] {
        let found = russian(key, text).expect_err(text);
        assert!(found.starts_with(reason), "{key} = {text}: {found}");
    }
    let english = checker(Locale::En);
    let few = "{ $n ->\n[one] x\n[few] x\n*[other] x\n}";
    assert!(english.check("people", few).unwrap_err().starts_with("has the form [few]"));
    assert!(english.check("people", "{ $n ->\n[one] player\n*[other] players\n}").is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever passes is markup that Telegram takes, with whatever value, and one message of the file.
    #[test]
    fn what_passes_is_taken_by_telegram(
        text in prop_oneof![
            hostile(),
            "([<>&/\"{}$ab=\n.*\\[\\]-]|<b>|</b>|<code>|</code>|\\{ \\$(when|code|n) \\}){0,12}",
        ],
        key in prop_oneof![Just("line-when"), Just("line-code"), Just("people"), Just("created-end")],
    ) {
        let checker = checker(Locale::Ru);
        if let Ok(checked) = checker.check(key, &text) {
            let own = FluentResource::try_new(checked.message).unwrap();
            prop_assert_eq!(own.entries().count(), 1);
            let own = Language::of(Locale::Ru, [Arc::clone(&checker.built_in), Arc::new(own)]);
            let allowed = checker.allowed(key);
            let literals = checker.literals(key, &allowed);
            let fill = Fill { n: 4, value: WITH_MARKUP, literals: (&literals, "&lt;") };
            let shown = format(&own, key, &allowed, fill).unwrap();
            prop_assert_eq!(telegram_accepts(&shown), Ok(()), "{}", shown);
            prop_assert!(simulator::autolinks(&shown).is_ok());
        }
    }
}
