//! The most important texts word by word, and the promise that holds for all of them: whatever the
//! data, Telegram takes the text.

use proptest::prelude::*;
use shared::{
    bukza::Fault,
    domain::{booking::BookingView, ids::BookingId, message::Note, money::Money},
    settings::{Company, Locale, ReviewLinks},
};

use super::{
    AskWhy, Before, ClientReach, Keyboard, MenuItem, Rendered, Texts,
    html::telegram_accepts,
    join_cards,
    samples::{UFA, any_booking, at, booking, company, hostile, links, slot, texts},
    telegram_len,
};

const NOW: &str = "20.12.2025 10:00";

#[test]
fn confirmation() {
    let rendered = texts().created(&booking(), at(NOW));
    assert_eq!(
        rendered.html,
        "✅ <b>Вы записаны</b>\n\n\
         <b>VR Арена</b>\n\
         📅 суббота, 27 декабря, 12:00\n\
         ⏱ 1 час\n\
         👥 10 человек\n\
         💳 8\u{a0}990 ₽\n\
         📍 ул. Ленина, 1\n\
         🔖 Код записи: <code>C6UDS3</code>\n\n\
         До встречи!"
    );
    assert_eq!(rendered.keyboard, Keyboard::Keep);
}

#[test]
fn confirmation_with_a_part_paid_and_a_hall_of_another_name() {
    let booking = BookingView {
        paid: Some(Money(200_000)),
        zone: Some("Зал <2>".into()),
        people: Some(2),
        ..booking()
    };
    let html = texts().created(&booking, at(NOW)).html;
    assert!(
        html.contains("\n💳 8\u{a0}990 ₽: оплачено 2\u{a0}000 ₽, осталось 6\u{a0}990 ₽\n"),
        "{html}"
    );
    assert!(html.contains("\n📍 Зал &lt;2&gt;, ул. Ленина, 1\n"), "{html}");
    assert!(html.contains("\n👥 2 человека\n"), "{html}");
    let paid = BookingView { paid: booking.total, ..booking };
    assert!(texts().created(&paid, at(NOW)).html.contains("8\u{a0}990 ₽, оплачено полностью\n"));
}

#[test]
fn a_visit_that_is_over_is_confirmed_but_not_awaited() {
    let html = texts().created(&booking(), at("27.12.2025 13:00")).html;
    assert!(html.ends_with("<code>C6UDS3</code>"), "{html}");
}

#[test]
fn a_bare_booking_has_only_the_lines_that_are_known() {
    let bare = BookingView {
        service: None,
        zone: None,
        people: None,
        total: None,
        paid: None,
        ..booking()
    };
    let texts = Texts::new(Locale::Ru, UFA, Company::default(), ReviewLinks::default()).unwrap();
    assert_eq!(
        texts.created(&bare, at(NOW)).html,
        "✅ <b>Вы записаны</b>\n\n\
         <b>Запись C6UDS3</b>\n\
         📅 суббота, 27 декабря, 12:00\n\
         ⏱ 1 час\n\
         🔖 Код записи: <code>C6UDS3</code>\n\n\
         До встречи!"
    );
}

#[test]
fn moved_says_from_and_to() {
    let before = Before { service: None, start: Some(at("26.12.2025 18:30")) };
    let html = texts().moved(&booking(), &before, at(NOW)).html;
    assert!(
        html.starts_with(
            "🔁 <b>Запись перенесена</b>\n\n\
             <b>VR Арена</b>\n\
             Было: пятница, 26 декабря, 18:30\n\
             Стало: <b>суббота, 27 декабря, 12:00</b>\n\
             ⏱ 1 час\n"
        ),
        "{html}"
    );
}

#[test]
fn another_service_is_a_change() {
    let before = Before { service: Some("Квест".into()), start: Some(at("27.12.2025 12:00")) };
    let html = texts().moved(&booking(), &before, at(NOW)).html;
    assert!(
        html.starts_with(
            "🔁 <b>Запись изменена</b>\n\n\
             Было: Квест\n\
             Стало: <b>VR Арена</b>\n\n\
             📅 суббота, 27 декабря, 12:00\n"
        ),
        "{html}"
    );
}

#[test]
fn cancelled() {
    let rendered = texts().cancelled(&booking(), at(NOW));
    assert_eq!(
        rendered.html,
        "❌ <b>Запись отменена</b>\n\n\
         <b>VR Арена</b>\n\
         📅 суббота, 27 декабря, 12:00\n\
         🔖 Код записи: <code>C6UDS3</code>\n\n\
         Будем рады видеть вас в другой раз."
    );
    let link = ("Записаться снова".to_owned(), "https://book.example.com/".to_owned());
    assert_eq!(rendered.keyboard, Keyboard::Links(vec![link]));
}

#[test]
fn reminders_say_the_time_left_when_sent() {
    let texts = texts();
    assert_eq!(
        texts.reminder(&booking(), at("26.12.2025 12:00:02")).html,
        "⏰ <b>Ждём вас завтра в 12:00</b>\n\n\
         <b>VR Арена</b>\n\
         📅 суббота, 27 декабря, 12:00\n\
         ⏱ 1 час\n\
         👥 10 человек\n\
         💳 Осталось оплатить 8\u{a0}990 ₽\n\
         📍 ул. Ленина, 1\n\
         🔖 Код записи: <code>C6UDS3</code>"
    );
    let html = texts.reminder(&booking(), at("27.12.2025 10:00")).html;
    assert!(html.starts_with("⏰ <b>Ждём вас через 2 часа</b>\n"), "{html}");
}

#[test]
fn feedback_and_thanks() {
    let texts = texts();
    let rendered = texts.feedback_request(&booking(), at("27.12.2025 13:00"));
    assert_eq!(
        rendered.html,
        "💬 <b>Как всё прошло?</b>\nVR Арена, 27 декабря\n\n\
         Оцените визит от 1 до 5: нажмите кнопку или пришлите цифру."
    );
    assert_eq!(rendered.keyboard, Keyboard::Rating(BookingId(7)));
    let Keyboard::Links(links) = texts.thanks(5).keyboard else { panic!("no links") };
    assert_eq!(links.len(), 2);
    assert_eq!(links[0], ("Отзыв в 2ГИС".to_owned(), "https://2gis.ru/ufa/firm/1".to_owned()));
    assert_eq!(texts.thanks(4).keyboard, Keyboard::Keep);
    assert!(texts.thanks(1).html.contains("Спасибо за оценку"));
}

#[test]
fn the_list_separates_what_is_to_come_from_what_was() {
    let texts = texts();
    let now = at("27.12.2025 12:30");
    let day = |id: i64, start: &str, end: &str| BookingView {
        id: BookingId(id),
        code: format!("K{id}"),
        slot: Some(slot(start, end)),
        ..booking()
    };
    let list = [
        day(1, "28.12.2025 10:00", "28.12.2025 11:00"),
        BookingView { rating: Some(4), ..day(2, "01.12.2024 10:00", "01.12.2024 11:00") },
        day(3, "27.12.2025 12:00", "27.12.2025 13:00"),
        BookingView { cancelled: true, ..day(4, "29.12.2025 10:00", "29.12.2025 11:00") },
        BookingView { slot: None, cancelled: true, ..booking() },
    ];
    assert_eq!(
        texts.bookings(&list, now).html,
        "📅 <b>Предстоящие записи</b>\n\
         • суббота, 27 декабря, 12:00: <b>VR Арена</b>, код <code>K3</code>\n\
         • воскресенье, 28 декабря, 10:00: <b>VR Арена</b>, код <code>K1</code>\n\n\
         🕓 <b>Прошлые записи</b>\n\
         • понедельник, 29 декабря, 10:00: VR Арена, отменена\n\
         • воскресенье, 1 декабря 2024 года, 10:00: <b>VR Арена</b>, ваша оценка 4"
    );
    assert_eq!(texts.bookings(&[], now).html, "Записей пока нет. Когда появятся, они будут здесь.");
    let many: Vec<BookingView> =
        (0..20).map(|id| day(id, "28.12.2025 10:00", "28.12.2025 11:00")).collect();
    assert!(texts.bookings(&many, now).html.ends_with("\n… и ещё 5"));
}

#[test]
fn contacts_show_only_what_is_set() {
    assert_eq!(
        texts().contacts(true).html,
        "☎️ <b>Как с нами связаться</b>\n\n\
         Телефон: +7 347 000-00-00\n\
         Сайт: https://example.com\n\
         Часы работы: пн–пт 10–22\nсб, вс 9–23"
    );
    let bare = Texts::new(Locale::Ru, UFA, Company::default(), ReviewLinks::default()).unwrap();
    assert_eq!(bare.contacts(true).html, "Контакты пока не указаны.");
    assert_eq!(bare.contacts(false).keyboard, Keyboard::AskContact);
    assert_eq!(bare.address(true).keyboard, Keyboard::Menu);
}

#[test]
fn staff_see_who_when_and_whether_the_client_is_in_the_bot() {
    let texts = texts();
    assert_eq!(
        texts.staff_created(&booking(), ClientReach::NotInBot, at(NOW)).html,
        "🆕 <b>Новая запись</b> <code>C6UDS3</code>\n\
         VR Арена · суббота, 27 декабря, 12:00 · 1 час\n\
         👤 Алина, +79991234567\n\
         💳 8\u{a0}990 ₽ · 10 человек\n\
         <a href=\"https://my.bukza.com/#/tables/order/9831520\">Заказ 9831520</a>\n\
         ⚠️ Клиента нет в боте"
    );
    let unknown = BookingView { phone: None, order: Some("9/1?\"".into()), ..booking() };
    let html = texts.staff_created(&unknown, ClientReach::NotInBot, at(NOW)).html;
    assert!(html.contains("Алина, телефон не указан или не читается\n"), "{html}");
    assert!(html.contains("\nЗаказ 9/1?&quot;\n"), "{html}");
    assert!(
        texts
            .staff_rated(&booking(), 3, at(NOW))
            .html
            .starts_with("⭐⭐⭐ <b>3 из 5</b> <code>C6UDS3</code>\n")
    );
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

#[test]
fn menu_labels_are_understood_in_both_languages() {
    let texts = texts();
    for (text, item) in [
        ("📅 Мои записи", Some(MenuItem::Bookings)),
        ("мои  записи", Some(MenuItem::Bookings)),
        ("📍 Адрес", Some(MenuItem::Address)),
        ("☎️ Контакты", Some(MenuItem::Contacts)),
        ("☎ Контакты", Some(MenuItem::Contacts)),
        ("❓ Помощь", Some(MenuItem::Help)),
        ("📅 My bookings", Some(MenuItem::Bookings)),
        ("HELP", Some(MenuItem::Help)),
        ("Адрес?", Some(MenuItem::Address)),
        ("привет", None),
        ("", None),
    ] {
        assert_eq!(texts.menu_intent(text), item, "{text}");
    }
    for label in texts.menu_labels().into_iter().flatten() {
        assert!(texts.menu_intent(&label).is_some());
    }
}

/// Every text there is, of this data.
fn all(
    texts: &Texts,
    booking: &BookingView,
    before: &Before,
    list: &[BookingView],
    fault: &Fault,
) -> Vec<Rendered> {
    let now = at(NOW);
    let faults = vec![fault.clone(); 9];
    let mut all = vec![
        texts.created(booking, now),
        texts.moved(booking, before, now),
        texts.cancelled(booking, now),
        texts.reminder(booking, now),
        texts.feedback_request(booking, now),
        texts.thanks(5),
        texts.thanks(2),
        texts.greeting(),
        texts.registered(),
        texts.known(list, now),
        texts.bookings(list, now),
        texts.rating_again(booking.id),
        texts.help(true),
        texts.unknown_text(false),
        texts.stale_button(true),
        texts.address(true),
        texts.contacts(true),
        texts.staff_rejected(&faults, now, now),
    ];
    all.extend(
        [AskWhy::Typed, AskWhy::Foreign, AskWhy::Unreadable, AskWhy::First]
            .map(|why| texts.ask_contact(why)),
    );
    all.extend(cards(texts, booking, before));
    all
}

fn cards(texts: &Texts, booking: &BookingView, before: &Before) -> Vec<Rendered> {
    let now = at(NOW);
    vec![
        texts.staff_created(booking, ClientReach::InBot, now),
        texts.staff_moved(booking, before, ClientReach::Blocked, now),
        texts.staff_cancelled(booking, ClientReach::NotInBot, now),
        texts.staff_rated(booking, 5, now),
        texts.staff_unreachable(booking, now),
        texts.staff_note(
            booking,
            &Note::HeldBack { words: booking.service.clone().unwrap_or_default() },
            ClientReach::InBot,
            now,
        ),
    ]
}

fn hostile_company() -> impl Strategy<Value = Company> {
    (hostile(), hostile(), hostile(), hostile()).prop_map(|(address, phone, website, hours)| {
        Company {
            address: Some(address),
            phone: Some(phone.clone()),
            email: Some(phone),
            website: Some(website.clone()),
            instagram: Some(website),
            hours: Some(hours),
            ..company()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn telegram_takes_every_text_whatever_the_data(
        booking in any_booking(),
        before in (proptest::option::of(hostile()), any::<bool>()),
        list in proptest::collection::vec(any_booking(), 0..40),
        field in hostile(),
        company in hostile_company(),
        english in any::<bool>(),
    ) {
        let locale = if english { Locale::En } else { Locale::Ru };
        let texts = Texts::new(locale, UFA, company, links()).unwrap();
        let before = Before {
            service: before.0,
            start: before.1.then(|| at("26.12.2025 18:30")),
        };
        let fault = Fault { field: field.clone(), message: field };
        for rendered in all(&texts, &booking, &before, &list, &fault) {
            prop_assert_eq!(telegram_accepts(&rendered.html), Ok(()), "{}", rendered.html);
        }
        let cards: Vec<String> = cards(&texts, &booking, &before).into_iter().map(|r| r.html).collect();
        for card in &cards {
            // A code has up to 200 characters here, twice what a real one can have.
            prop_assert!(telegram_len(card) <= 900, "{}", card);
        }
        let (joined, taken) = join_cards(&cards);
        prop_assert!(taken >= 4);
        prop_assert_eq!(telegram_accepts(&joined), Ok(()));
    }
}
