//! The built-in words against the table that owners read, `docs/statuses.tsv`, and what holds for
//! every text.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const TABLE: &str = include_str!("../../../../docs/statuses.tsv");

fn lines() -> impl Iterator<Item = (Meaning, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (meaning, status) = line.split_once('\t').expect(line);
        (Meaning::parse(meaning).expect(line), status)
    })
}

fn read(status: &str) -> StatusReading {
    StatusRules::default().read(status)
}

fn meaning(status: &str) -> Meaning {
    read(status).meaning
}

#[test]
fn every_line_of_the_table_has_its_meaning() {
    let wrong: Vec<_> = lines().filter(|(expected, status)| meaning(status) != *expected).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for each in Meaning::ALL {
        assert!(lines().filter(|(expected, _)| expected == each).count() > 50, "{each:?}");
    }
}

#[test]
fn normalized_marks_change_no_meaning() {
    let mixed = |status: &str| -> String {
        let letters = status.chars().enumerate();
        letters
            .flat_map(|(n, c)| {
                let changed: Vec<char> = if n % 2 == 0 {
                    c.to_uppercase().collect()
                } else {
                    c.to_lowercase().collect()
                };
                changed
            })
            .collect()
    };
    for (expected, status) in lines() {
        for variant in [
            status.to_uppercase(),
            status.to_lowercase(),
            mixed(status),
            status.replace('ё', "е").replace('Ё', "Е"),
            status.replace('ё', "е\u{308}").replace('й', "и\u{306}"),
            status.replace('о', "о\u{301}"),
            format!("❌ {status}"),
            format!("{status}✅"),
            format!("1\u{fe0f}\u{20e3} {status}"),
            format!("  {status}\u{a0}"),
            status.replace(' ', "  "),
            status.replace(' ', "\u{a0}"),
            status.replace(' ', "\t\u{2009}"),
            status.replace(' ', " 🔥 "),
            status.replace(' ', "_"),
            format!("{status}."),
            format!("{status}!"),
            format!("«{status}»"),
            format!("Статус: {status}"),
        ] {
            // Underscores remove the spaces of a dash, and so the break.
            if variant.contains("_-") || variant.contains("_–") {
                continue;
            }
            assert_eq!(meaning(&variant), expected, "{variant}");
        }
    }
}

#[test]
fn readings_name_confirmed_restored_and_blocked_wordings() {
    let of = |status: &str| {
        let read = read(status);
        (read.confirms, read.restores, read.held_back)
    };
    for status in [
        "Подтверждено",
        "Оплачен",
        "Оплата получена",
        "Предоплата внесена",
        "Paid",
        "CONFIRMED",
        "Предоплачено",
    ] {
        assert_eq!(of(status), (true, false, false), "{status}");
    }
    for status in [
        "Не подтверждён",
        "Не оплачен",
        "Неоплачен",
        "Unpaid",
        "Not confirmed",
        "Новая",
        "Будет оплачен",
        "Заблокировано до оплаты",
        "To be paid",
        "Удалённая игра",
        "Фото удалено",
        "Отменный вечер",
        "Отменяемый тариф",
        "Отклонение от графика",
        "Не восстановлен",
    ] {
        assert_eq!(of(status), (false, false, false), "{status}");
    }
    for status in ["Восстановлено", "Бронь возобновлена", "Restored", "ВОССТАНОВЛЕН ✅"]
    {
        assert_eq!(of(status), (false, true, false), "{status}");
    }
    for status in [
        "Не отменено",
        "Без отмены",
        "Запрос на отмену",
        "Отмена запрошена",
        "Бесплатную отмену",
        "Оплата отменена",
        "Частично отменён",
        "Free cancellation",
    ] {
        assert_eq!(of(status), (false, false, true), "{status}");
    }
    assert_eq!(of("Отменён, отмена подтверждена"), (false, false, false));
    assert_eq!(of("Не пришёл и не отменил"), (false, false, true));
}

#[test]
fn reading_is_linear() {
    let words = [
        "не ",
        "отменён ",
        "оплата ",
        "отмена по ",
        "a",
        "ё",
        "- ",
        "до оплаты ",
        "🙂",
        "отменена, ",
        "\u{301}",
        "ожидает ",
    ];
    let start = Instant::now();
    for word in words {
        read(&word.repeat(65_536 / word.len()));
    }
    let rules: StatusRules = OwnLists {
        cancelled: OwnWords::parse("не* не* не* не*, a*"),
        ..OwnLists::default()
    }
    .into();
    let _ = rules.read(&"не ".repeat(13_107));
    // 13 texts of 64 KiB, without optimization. Quadratic reading would take minutes.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// Texts of known words and marks, which random letters would never hit.
fn phrases() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = TABLE.split_whitespace().collect();
    let mark = prop::sample::select(vec![" ", " ", " ", ", ", ": ", " - ", "/", ". ", "? ", "_"]);
    prop::collection::vec((prop::sample::select(words), mark), 0..12)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, mark)| [word, mark]).collect())
}

proptest! {
    #[test]
    fn any_text_is_read(text in prop_oneof!["(?s).{0,200}", phrases()]) {
        let one = read(&text);
        prop_assert_eq!(read(&text), one);
        prop_assert!(one.meaning != Meaning::Cancelled || !one.held_back && !one.restores);
        prop_assert!(one.meaning != Meaning::Pending || !one.confirms);
    }

    #[test]
    fn normalized_marks_never_matter(text in phrases()) {
        let reading = read(&text);
        prop_assert_eq!(read(&text.to_uppercase()), reading);
        prop_assert_eq!(read(&format!("🙂 {text}")), reading);
        prop_assert_eq!(read(&text.replace(' ', " \u{a0}\u{fe0f} ")), reading);
        prop_assert_eq!(read(&text.replace('ё', "е")), reading);
    }
}
