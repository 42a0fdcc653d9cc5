//! What the staff read, word by word.

use shared::{
    bukza::{Fault, FaultKind},
    domain::{
        booking::BookingView,
        event::FormField,
        message::{Note, RefusalNumbers},
        money::Money,
        status::Meaning,
        venue::{Locale, Venue},
    },
};

use super::{
    Before, ClientReach,
    fixtures::{at, booking, of, texts, venue},
    texts_tests::NOW,
};

#[test]
fn staff_see_who_when_and_whether_the_client_is_in_the_bot() {
    let texts = texts();
    assert_eq!(
        texts.staff_created(&booking(), ClientReach::NotInBot, at(NOW)).html,
        "🆕 <b>Новая запись</b> <code>C6UDS3</code>\n\
         VR Арена · суббота, 27 декабря, 12:00 · 1 час\n\
         👤 Алина, +79991234567\n\
         💳 Сумма заказа: 8\u{a0}990\u{a0}₽ · 10 человек\n\
         <a href=\"https://my.bukza.com/#/tables/order/9831520\">Заказ 9831520</a>\n\
         ⚠️ Клиента нет в боте"
    );
    let unknown = BookingView { phone: None, order_page: None, ..booking() };
    let html = texts.staff_created(&unknown, ClientReach::NotInBot, at(NOW)).html;
    assert!(html.contains("Алина, телефон не указан или не читается\n"), "{html}");
    // A number of that many digits could be taken for a phone.
    assert!(html.contains("\nЗаказ <code>9831520</code>\n"), "{html}");
    assert!(
        texts
            .staff_rated(&booking(), 3, at(NOW))
            .html
            .starts_with("⭐⭐⭐ <b>3 из 5</b> <code>C6UDS3</code>\n")
    );
}

#[test]
fn bookings_of_one_client_are_one_card_and_what_they_share_stands_once() {
    let first = BookingView { comment: Some("Торт".into()), ..booking() };
    let second = BookingView {
        code: "D7VET4".into(),
        service: Some("Квест".into()),
        people: Some(2),
        comment: None,
        total_shown_elsewhere: true,
        meaning: Meaning::Pending,
        ..first.clone()
    };
    let both = [first.clone(), second];
    let texts = texts();
    assert_eq!(
        texts.staff_created_together(&both, ClientReach::InBot, at(NOW)).html,
        "🆕 <b>2 новые записи</b>\n\
         • <code>C6UDS3</code> VR Арена · суббота, 27 декабря, 12:00 · 1 час\n   \
         👥 10 человек\n   \
         💬 Торт\n\
         ⏳ <code>D7VET4</code> Квест · суббота, 27 декабря, 12:00 · 1 час, \
         ждёт оплаты или подтверждения\n   \
         👥 2 человека\n\
         👤 Алина, +79991234567\n\
         💳 Сумма заказа: 8\u{a0}990\u{a0}₽\n\
         <a href=\"https://my.bukza.com/#/tables/order/9831520\">Заказ 9831520</a>\n\
         ✅ Клиент в боте"
    );
    let cancelled = texts.staff_cancelled_together(&both, ClientReach::InBot, at(NOW)).html;
    assert!(cancelled.starts_with("❌ <b>Отменены 2 записи</b>\n• <code>C6UDS3</code>"));
    assert_eq!(cancelled.matches("Алина").count(), 1, "{cancelled}");
    let alone = std::slice::from_ref(&first);
    assert_eq!(
        texts.staff_created_together(alone, ClientReach::InBot, at(NOW)),
        texts.staff_created(&first, ClientReach::InBot, at(NOW))
    );
}

#[test]
fn an_order_is_linked_by_its_id_alone() {
    let line = |order: Option<&str>, page: Option<&str>| {
        let order = order.map(str::to_owned);
        let booking = BookingView { order, order_page: page.map(str::to_owned), ..booking() };
        let html = texts().staff_created(&booking, ClientReach::InBot, at(NOW)).html;
        html.lines().find(|line| line.contains("Заказ")).map(str::to_owned)
    };
    let link = |id: &str, words: &str| {
        Some(format!("<a href=\"https://my.bukza.com/#/tables/order/{id}\">Заказ {words}</a>"))
    };
    assert_eq!(line(Some("120/7"), None).as_deref(), Some("Заказ 120/7"));
    assert_eq!(line(Some("120"), Some("98-a_1")), link("98-a_1", "120"));
    assert_eq!(line(Some("t.me/x @y"), Some("98")), link("98", "t.me/x @y"));
    assert_eq!(line(None, Some("98")), link("98", "98"));
    for page in ["9/1?\"", "..", "9#1", &"9".repeat(41), "9\u{200b}8"] {
        assert_eq!(line(Some("120"), Some(page)).as_deref(), Some("Заказ 120"), "{page}");
    }
    assert_eq!(line(None, None), None);
}

#[test]
fn staff_see_what_the_client_wrote_and_the_status() {
    let field = |name: &str, value: &str| FormField { name: name.into(), value: value.into() };
    let booking = BookingView {
        last_name: Some("Иванова".into()),
        prepayment: Some(Money(300_000)),
        comment: Some("Торт <с собой>\nи шары".into()),
        fields: vec![
            field("Возраст:", "5 лет"),
            field("Сайт", "t.me/alina"),
            field("Пусто", " \u{200b}"),
            field("Родители", "2"),
            field("Аллергия", "нет"),
            field("Ещё", "1"),
            field("И ещё", "2"),
        ],
        meaning: Meaning::Pending,
        status_words: Some("Ожидает оплаты".into()),
        ..booking()
    };
    assert_eq!(
        texts().staff_created(&booking, ClientReach::InBot, at(NOW)).html,
        "⏳ <b>Новая запись, ждёт оплаты или подтверждения</b> <code>C6UDS3</code>\n\
         VR Арена · суббота, 27 декабря, 12:00 · 1 час\n\
         👤 Алина Иванова, +79991234567\n\
         💳 Сумма заказа: 8\u{a0}990\u{a0}₽, предоплата 3\u{a0}000\u{a0}₽ · 10 человек\n\
         💬 Торт &lt;с собой&gt; и шары\n\
         ▫️ Возраст: 5 лет\n\
         ▫️ Сайт: <code>t.me/alina</code>\n\
         ▫️ Родители: 2\n\
         ▫️ Аллергия: нет\n\
         … и ещё 2\n\
         Статус: «Ожидает оплаты»\n\
         <a href=\"https://my.bukza.com/#/tables/order/9831520\">Заказ 9831520</a>\n\
         ✅ Клиент в боте"
    );
    let whole = BookingView { client_name: Some("Алина Иванова".into()), ..booking };
    let before = Before::default();
    let html = texts().staff_moved(&whole, &before, ClientReach::InBot, at(NOW)).html;
    assert!(html.contains("\n⏳ Ждёт оплаты или подтверждения\n"), "{html}");
    assert!(html.contains("\n👤 Алина Иванова, +79991234567\n"), "{html}");
    let html = texts().staff_cancelled(&whole, ClientReach::InBot, at(NOW)).html;
    assert!(html.contains("\nСтатус: «Ожидает оплаты»\n"), "{html}");
}

#[test]
fn staff_see_what_a_booking_was_before_where_it_differs() {
    let moved = |service: &str, start: &str| {
        let before = Before { service: Some(service.into()), start: Some(at(start)) };
        let html = texts().staff_moved(&booking(), &before, ClientReach::InBot, at(NOW)).html;
        html.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(moved("VR Арена", "26.12.2025 18:30"), "Было: пятница, 26 декабря, 18:30");
    assert_eq!(moved("Квест", "27.12.2025 12:00"), "Было: Квест");
    let unchanged = "VR Арена · суббота, 27 декабря, 12:00 · 1 час";
    assert_eq!(moved("VR Арена", "27.12.2025 12:00"), unchanged);
}

#[test]
fn a_refused_request_is_shown_by_number_and_field() {
    let faults = [
        Fault::new("start", "is missing"),
        Fault::new("reservations[1].code", "is longer than 100 characters"),
        Fault::new("body", "is not JSON: expected `,` at line 5 column 12"),
        // Of another version.
        Fault::new("end", "is <odd>"),
        Fault::new("a", "is missing"),
        Fault::new("b", "is missing"),
        Fault::new("c", "is missing"),
    ];
    let one = Some(RefusalNumbers::of(17));
    let when = at("20.12.2025 09:59");
    assert_eq!(
        texts().staff_rejected(&faults, when, one, at(NOW)).html,
        "⚠️ <b>Запрос Bukza не принят</b>\n\
         № 17, суббота, 20 декабря, 09:59\n\
         • <code>start</code>: не указано\n\
         • <code>reservations[1].code</code>: длиннее 100 символов\n\
         • <code>body</code>: не читается как JSON (строка 5, столбец 12)\n\
         • <code>end</code>: is &lt;odd&gt;\n\
         • <code>a</code>: не указано\n\
         … и ещё 2\n\
         Запрос сохранён."
    );
    let several = |count| Some(RefusalNumbers { first: 17, last: 42, count });
    for (numbers, line, end) in [
        (several(2), "№ 17–42, 2 запроса, последний: ", "Запросы сохранены."),
        (several(21), "№ 17–42, 21 запрос, последний: ", "Запросы сохранены."),
        (several(26), "№ 17–42, 26 запросов, последний: ", "Запросы сохранены."),
        // Planned by an older build.
        (None, "", "Запрос сохранён."),
    ] {
        let html = texts().staff_rejected(&faults, when, numbers, at(NOW)).html;
        let expected = format!("{line}суббота, 20 декабря, 09:59");
        assert_eq!(html.lines().nth(1), Some(expected.as_str()), "{numbers:?}");
        assert_eq!(html.lines().last(), Some(end), "{numbers:?}");
    }
}

#[test]
fn every_sort_of_fault_has_a_text_in_both_languages() {
    for locale in [Locale::Ru, Locale::En] {
        let texts = of(Venue { locale, ..venue() });
        for kind in FaultKind::ALL {
            let message = kind.message().replace("{}", "7").replace('…', "at line 3 column 4");
            let fault = Fault::new("code", &message);
            let html = texts.staff_rejected(&[fault], at(NOW), None, at(NOW)).html;
            let line = html.lines().nth(2).unwrap();
            assert!(
                line.starts_with("• <code>code</code>: ") && !line.contains("fault-"),
                "{line}"
            );
            assert_eq!(line.contains('7'), message.contains('7'), "{line}");
            let russian = line.chars().any(|c| ('а'..='я').contains(&c));
            assert_eq!(russian, locale == Locale::Ru, "{line}");
        }
    }
}

#[test]
fn notes_say_what_the_staff_should_do() {
    let head = "VR Арена · суббота, 27 декабря, 12:00 · 1 час\n👤 Алина, +79991234567";
    let held_back = Note::HeldBack { words: "Отмена <предоплаты>".into() };
    for (note, title, rest) in [
        (
            Note::Waits,
            "⏳ <b>Запись ждёт оплаты или подтверждения</b>",
            "\nКлиенту раньше сообщили, что он записан.\n✅ Клиент в боте",
        ),
        (Note::Confirmed, "✅ <b>Запись действует</b>", "\n✅ Клиент в боте"),
        (
            Note::WaitsUntold,
            "⏳ <b>Запись ждёт оплаты или подтверждения</b>",
            "\nКлиенту о ней ещё не сообщали.\n✅ Клиент в боте",
        ),
        (Note::NoShow, "🚫 <b>Клиент не пришёл</b>", ""),
        (
            Note::BelievesBooked,
            "⚠️ <b>Клиент считает, что записан</b>",
            "\nЗапись больше не клиентская, бот ему об этом не пишет. Позвоните клиенту.\n✅ Клиент в боте",
        ),
        (
            Note::StandsAfterCancel,
            "❗️ <b>После отмены пришло: действует</b>",
            "\nЗапись остаётся отменённой. Если она действует, сохраните её ещё раз.\n✅ Клиент в боте",
        ),
        (Note::PhoneAdded, "📞 <b>Телефон добавлен</b>", "\n✅ Клиент в боте"),
        (
            held_back,
            "❔ <b>Статус похож на отмену</b>",
            "\nСтатус «Отмена &lt;предоплаты&gt;», и запись действует. Если это отмена, поставьте \
             другой статус или добавьте этот в CANCELLED_STATUSES.",
        ),
    ] {
        assert_eq!(
            texts().staff_note(&booking(), &note, ClientReach::InBot, at(NOW)).html,
            format!("{title} <code>C6UDS3</code>\n{head}{rest}")
        );
    }
}
