//! What the staff read, word by word.

use shared::{
    bukza::Fault,
    domain::{
        booking::BookingView, event::FormField, message::Note, money::Money, status::Meaning,
    },
};

use super::NOW;
use crate::texts::{
    Before, ClientReach,
    samples::{at, booking, texts},
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
fn a_refused_request_is_told_by_field() {
    let fault = |field: &str| Fault { field: field.into(), message: "is <missing>".into() };
    let faults: Vec<Fault> = ["start", "end", "a", "b", "c", "d", "e"].map(fault).into();
    assert_eq!(
        texts().staff_rejected(&faults, at("20.12.2025 09:59"), at(NOW)).html,
        "⚠️ <b>Запрос Bukza не принят</b> (суббота, 20 декабря, 09:59)\n\
         • <code>start</code>: is &lt;missing&gt;\n\
         • <code>end</code>: is &lt;missing&gt;\n\
         • <code>a</code>: is &lt;missing&gt;\n\
         • <code>b</code>: is &lt;missing&gt;\n\
         • <code>c</code>: is &lt;missing&gt;\n\
         … и ещё 2\n\
         Запрос сохранён."
    );
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
