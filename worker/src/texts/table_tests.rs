//! The card of differences in both languages, its bounds, and what is untrusted in it.

use shared::{
    domain::{
        booking::{Booking, BookingStatus},
        difference::DifferenceKind,
        event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
        ids::{BookingCode, BookingId, EventId},
        staff_answer::TableApplied,
        status::Meaning,
        venue::{Locale, Venue},
    },
    store::table_sync::{CardLine, TableCard},
};

use super::{
    Button, ButtonAction, Keyboard, MESSAGE_MAX, Rendered, Texts,
    fixtures::{at, of, texts, venue, visit_time},
    html::telegram_accepts,
    telegram_len,
};
use crate::bot::keyboard::CallbackData;

const NOW: &str = "26.12.2025 11:00";

fn noon() -> VisitTime {
    visit_time("27.12.2025 12:00", "27.12.2025 13:00")
}

fn row(code: &str, time: VisitTime, meaning: Meaning, words: Option<&str>) -> BookingEvent {
    BookingEvent {
        id: EventId("e".into()),
        received_at: at(NOW),
        code: BookingCode::parse(code).unwrap(),
        change: Change::Stands(time),
        status: RequestStatus {
            meaning,
            words: words.map(str::to_owned),
            ..RequestStatus::default()
        },
        details: Details { service: Some("VR Арена".into()), ..Details::default() },
        reading: None,
        wall_clock: None,
    }
}

fn known(row: &BookingEvent) -> Booking {
    Booking {
        id: BookingId(1),
        code: row.code.clone(),
        user: None,
        details: row.details.clone(),
        visit_time: Some(noon()),
        clock: None,
        status: BookingStatus::Active,
        meaning: Meaning::Stands,
        status_words: None,
        version: 1,
        rating: None,
        rated_at: None,
        history: None,
        last_event: (at(NOW), EventId("e".into())),
        created_at: at(NOW),
    }
}

fn line(id: i64, kind: DifferenceKind, row: BookingEvent) -> CardLine {
    let is_known = kind != DifferenceKind::Missing;
    CardLine {
        id,
        code: row.code.to_string(),
        kind,
        booking: is_known.then(|| known(&row)),
        row: kind.is_applicable().then_some(row),
    }
}

/// A difference of each kind.
pub(super) fn one_of_each() -> Vec<CardLine> {
    let later = visit_time("27.12.2025 15:00", "27.12.2025 16:00");
    let kinds = [
        ("C6UDS3", DifferenceKind::Missing, noon(), Meaning::Stands, None),
        ("D7VET4", DifferenceKind::Cancelled, noon(), Meaning::Cancelled, Some("Отменено")),
        ("E8WFU5", DifferenceKind::Stands, noon(), Meaning::Stands, Some("Подтверждено")),
        ("F9XGV6", DifferenceKind::Moved, later, Meaning::Stands, None),
        ("G1YHW7", DifferenceKind::OtherClient, noon(), Meaning::Stands, None),
        ("H2ZIX8", DifferenceKind::OtherStatus, noon(), Meaning::NoShow, Some("Не пришёл")),
        ("J3AKY9", DifferenceKind::PhoneAdded, noon(), Meaning::Stands, None),
        ("K4BLZ1", DifferenceKind::NotInTable, noon(), Meaning::Stands, None),
    ];
    kinds
        .into_iter()
        .zip(1..)
        .map(|((code, kind, time, meaning, words), id)| {
            line(id, kind, row(code, time, meaning, words))
        })
        .collect()
}

fn card(texts: &Texts, lines: &[CardLine]) -> Rendered {
    texts.table_card(TableCard(4), lines, at(NOW)).unwrap()
}

fn buttons(keyboard: &Keyboard) -> Vec<(String, CallbackData)> {
    let Keyboard::Inline(rows) = keyboard else { return Vec::new() };
    let data = |button: &Button| match &button.action {
        ButtonAction::Press(data) => (button.label.clone(), *data),
        ButtonAction::Open(url) => panic!("{url}"),
    };
    rows.iter().flatten().map(data).collect()
}

#[test]
fn each_kind_in_both_languages() {
    let lines = one_of_each();
    let russian = card(&texts(), &lines).html;
    assert_eq!(
        russian,
        "🧾 <b>В таблице Bukza иначе</b>\n\
         • <code>C6UDS3</code> VR Арена · суббота, 27 декабря, 12:00: у бота записи нет\n\
         • <code>D7VET4</code> VR Арена · суббота, 27 декабря, 12:00: в таблице отменена\n\
         • <code>E8WFU5</code> VR Арена · суббота, 27 декабря, 12:00: у бота отменена, в таблице — «Подтверждено»\n\
         • <code>F9XGV6</code> VR Арена · суббота, 27 декабря, 12:00: в таблице — VR Арена · суббота, 27 декабря, 15:00\n\
         • <code>G1YHW7</code> VR Арена · суббота, 27 декабря, 12:00: в таблице другой телефон клиента\n\
         • <code>H2ZIX8</code> VR Арена · суббота, 27 декабря, 12:00: в таблице — «Не пришёл»\n\
         • <code>J3AKY9</code> VR Арена · суббота, 27 декабря, 12:00: в таблице есть телефон, у бота нет\n\
         • <code>K4BLZ1</code> VR Арена · суббота, 27 декабря, 12:00: в таблице её нет\n\
         \n\
         «Применить» — бот примет запись, как она в таблице, и напишет клиенту, как обычно.\n\
         Чего нет в таблице, бот сам не отменяет: проверьте запись в Bukza."
    );
    let english = of(Venue { locale: Locale::En, ..venue() });
    let first = card(&english, &lines[..1]);
    assert_eq!(
        first.html,
        "🧾 <b>Bukza's table differs</b>\n\
         • <code>C6UDS3</code> VR Арена · Saturday, 27 December, 12:00: the bot has no such booking\n\
         \n\
         “Apply” makes the booking what the table shows; the client is notified as usual."
    );
    assert_eq!(
        buttons(&first.keyboard),
        [("✅ Apply C6UDS3".to_owned(), CallbackData::Table { difference: 1 })]
    );
    assert!(texts().table_card(TableCard(4), &[], at(NOW)).is_none());
}

#[test]
fn buttons_are_of_what_can_be_applied_and_the_last_one_of_all() {
    let lines = one_of_each();
    let shown = buttons(&card(&texts(), &lines).keyboard);
    assert_eq!(shown.len(), 8);
    assert_eq!(shown[6].1, CallbackData::Table { difference: 7 });
    assert_eq!(shown[7], ("✅ Применить все: 7".to_owned(), CallbackData::TableAll { card: 4 }));
    assert!(buttons(&card(&texts(), &lines[7..]).keyboard).is_empty());
    let gone = texts().table_buttons((TableCard(4), 5), &[]);
    assert_eq!(gone.keyboard, Keyboard::Inline(Vec::new()));
}

#[test]
fn many_differences_and_foreign_words_fit_one_message() {
    let hostile = "<b>&@channel https://evil.example</b> /start ".repeat(40);
    let code = "Ю".repeat(100);
    let lines: Vec<CardLine> = (0..500)
        .map(|n| {
            let mut row = row(&code, noon(), Meaning::Pending, Some(&hostile));
            row.details.service = Some(hostile.clone());
            line(n, DifferenceKind::OtherStatus, row)
        })
        .collect();
    let shown = card(&texts(), &lines);
    assert_eq!(telegram_accepts(&shown.html), Ok(()));
    assert!(telegram_len(&shown.html) <= MESSAGE_MAX);
    assert!(shown.html.contains("и ещё 490") && !shown.html.contains("<b>&amp;"), "{}", shown.html);
    assert_eq!(buttons(&shown.keyboard).len(), 11);
    let applied = TableApplied { applied: vec![code; 500], ..TableApplied::default() };
    let answer = texts().table_applied(&applied);
    assert_eq!(telegram_accepts(&answer.html), Ok(()));
    assert!(answer.html.contains("500"), "{}", answer.html);
}
