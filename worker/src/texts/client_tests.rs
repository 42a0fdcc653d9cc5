//! What clients read about a booking, word by word.

use shared::domain::{booking::BookingView, ids::BookingId, money::Money, status::Meaning};

use super::{
    Before, Button, ClientReach, Keyboard,
    fixtures::{at, bare, booking, texts, visit_time},
    texts_tests::NOW,
};

/// The labels of the buttons, by rows.
fn labels(keyboard: &Keyboard) -> Vec<String> {
    let Keyboard::Inline(rows) = keyboard else { return Vec::new() };
    let row = |row: &Vec<Button>| {
        row.iter().map(|button| button.label.as_str()).collect::<Vec<_>>().join(" | ")
    };
    rows.iter().map(row).collect()
}

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
         💳 Сумма заказа: 8\u{a0}990\u{a0}₽\n\
         📍 ул. Ленина, 1\n\
         🔖 Код записи: <code>C6UDS3</code>\n\n\
         До встречи!"
    );
    assert_eq!(labels(&rendered.keyboard), ["🗺 Как доехать | 📅 В календарь", "✖️ Не смогу"]);
}

#[test]
fn reservations_of_an_order_are_a_list_with_its_total_and_address_once() {
    let first = BookingView { order: Some("7".into()), ..booking() };
    let second = BookingView {
        code: "D7VET4".into(),
        service: Some("Квест".into()),
        zone: Some("Зал 2".into()),
        visit_time: Some(visit_time("27.12.2025 14:00", "27.12.2025 15:30")),
        people: Some(2),
        total_shown_elsewhere: true,
        meaning: Meaning::Pending,
        ..first.clone()
    };
    assert_eq!(
        texts().confirmed_together(&[first, second], at(NOW)).html,
        "✅ <b>Вы записаны</b>\n\n\
         • суббота, 27 декабря, 12:00: <b>VR Арена</b>, код <code>C6UDS3</code>\n   \
         1 час · 10 человек\n\
         ⏳ суббота, 27 декабря, 14:00: <b>Квест</b>, код <code>D7VET4</code>, ждёт подтверждения\n   \
         1 час 30 минут · 2 человека · Зал 2\n\n\
         💳 Сумма заказа: 8\u{a0}990\u{a0}₽\n\
         📍 ул. Ленина, 1\n\n\
         До встречи!"
    );
}

#[test]
fn reminders_and_cancellations_of_an_order_are_lists_and_one_alone_is_as_ever() {
    let first = BookingView { order: Some("7".into()), ..booking() };
    let second = BookingView {
        code: "D7VET4".into(),
        service: Some("Квест".into()),
        visit_time: Some(visit_time("27.12.2025 14:00", "27.12.2025 15:30")),
        total_shown_elsewhere: true,
        ..first.clone()
    };
    let both = [first.clone(), second];
    let the_day_before = at("2025-12-26T12:00:00+03:00");
    let reminder = texts().reminder_together(&both, the_day_before).html;
    assert_eq!(
        reminder,
        "⏰ <b>Ждём вас завтра в 12:00</b>\n\n\
         • суббота, 27 декабря, 12:00: <b>VR Арена</b>, код <code>C6UDS3</code>\n   \
         1 час · 10 человек\n\
         • суббота, 27 декабря, 14:00: <b>Квест</b>, код <code>D7VET4</code>\n   \
         1 час 30 минут · 10 человек · VR арена\n\n\
         💳 Осталось оплатить за заказ 8\u{a0}990\u{a0}₽\n\
         📍 ул. Ленина, 1"
    );
    let cancelled = texts().cancelled_together(&both, at(NOW));
    assert_eq!(
        cancelled.html,
        "❌ <b>Записи отменены</b>\n\n\
         • суббота, 27 декабря, 12:00: <b>VR Арена</b>, код <code>C6UDS3</code>\n\
         • суббота, 27 декабря, 14:00: <b>Квест</b>, код <code>D7VET4</code>\n\n\
         Будем рады видеть вас в другой раз."
    );
    let alone = std::slice::from_ref(&first);
    let texts = texts();
    assert_eq!(texts.reminder_together(alone, at(NOW)), texts.reminder(&first, at(NOW)));
    assert_eq!(texts.cancelled_together(alone, at(NOW)), texts.cancelled(&first, at(NOW)));
    assert_eq!(texts.feedback_together(alone, at(NOW)), texts.feedback_request(&first, at(NOW)));
    assert_eq!(cancelled.keyboard, texts.cancelled(&first, at(NOW)).keyboard);
}

#[test]
fn the_question_about_several_visits_names_each_service_once() {
    let of = |service: &str| BookingView { service: Some(service.into()), ..booking() };
    let visits = [of("Квест"), of("VR Арена"), of("Квест")];
    let question = texts().feedback_together(&visits, at(NOW));
    assert!(question.html.contains("\nКвест, VR Арена, 27 декабря\n"), "{}", question.html);
    assert_eq!(question.keyboard, Keyboard::rating(visits[0].id));
}

#[test]
fn many_bookings_are_ten_and_the_number_of_the_others_each_with_its_own_price() {
    let bookings = vec![BookingView { order: None, ..booking() }; 20];
    let html = texts().confirmed_together(&bookings, at(NOW)).html;
    assert_eq!(html.matches("C6UDS3").count(), 10);
    assert_eq!(html.matches("8\u{a0}990\u{a0}₽").count(), 10);
    assert!(html.contains("\n… и ещё 10\n"), "{html}");
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
        html.contains(
            "\n💳 Сумма заказа: 8\u{a0}990\u{a0}₽, оплачено 2\u{a0}000\u{a0}₽, осталось 6\u{a0}990\u{a0}₽\n"
        ),
        "{html}"
    );
    assert!(html.contains("\n📍 Зал &lt;2&gt;, ул. Ленина, 1\n"), "{html}");
    assert!(html.contains("\n👥 2 человека\n"), "{html}");
    let paid = BookingView { paid: booking.total, ..booking };
    assert!(
        texts().created(&paid, at(NOW)).html.contains("8\u{a0}990\u{a0}₽, оплачено полностью\n")
    );
}

#[test]
fn a_visit_that_is_over_is_confirmed_but_not_awaited() {
    let html = texts().created(&booking(), at("27.12.2025 13:00")).html;
    assert!(html.ends_with("<code>C6UDS3</code>"), "{html}");
}

#[test]
fn a_bare_booking_has_only_the_lines_that_are_known() {
    let booking = BookingView {
        service: None,
        zone: None,
        people: None,
        total: None,
        paid: None,
        ..booking()
    };
    assert_eq!(
        bare().created(&booking, at(NOW)).html,
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
    let link = Button::open("Записаться снова", "https://book.example.com/");
    assert_eq!(rendered.keyboard, Keyboard::Inline(vec![vec![link]]));
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
         💳 Осталось оплатить за заказ 8\u{a0}990\u{a0}₽\n\
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
    assert_eq!(rendered.keyboard, Keyboard::rating(BookingId(7)));
    assert_eq!(labels(&texts.thanks(5, None).keyboard), ["Отзыв в 2ГИС", "Отзыв на Яндекс Картах"]);
    assert_eq!(texts.thanks(4, None).keyboard, Keyboard::Keep);
    assert!(texts.thanks(1, None).html.contains("Спасибо за оценку"));
}

#[test]
fn what_does_not_stand_is_never_called_confirmed() {
    let texts = texts();
    let of = |meaning| BookingView { meaning, ..booking() };
    for (meaning, title) in [
        (Meaning::Pending, "⏳ <b>Запись ждёт подтверждения</b>"),
        (Meaning::NoShow, "🔁 <b>Запись изменена</b>"),
        (Meaning::Ignored, "🔁 <b>Запись изменена</b>"),
        (Meaning::Cancelled, "❌ <b>Запись отменена</b>"),
    ] {
        let html = texts.created(&of(meaning), at(NOW)).html;
        assert!(html.starts_with(title) && !html.contains("До встречи"), "{html}");
    }
    let before = Before { service: None, start: Some(at("26.12.2025 18:30")) };
    for (meaning, waits) in [(Meaning::Pending, true), (Meaning::Stands, false)] {
        for html in [
            texts.moved(&of(meaning), &before, at(NOW)).html,
            texts.reminder(&of(meaning), at(NOW)).html,
        ] {
            assert_eq!(html.contains("\n⏳ Ждёт подтверждения"), waits, "{html}");
        }
    }
}

#[test]
fn the_orders_total_is_shown_once() {
    let (texts, now) = (texts(), at(NOW));
    let second =
        BookingView { paid: Some(Money(100_000)), total_shown_elsewhere: true, ..booking() };
    for html in [
        texts.created(&second, now).html,
        texts.moved(&second, &Before::default(), now).html,
        texts.reminder(&second, now).html,
        texts.staff_created(&second, ClientReach::InBot, now).html,
    ] {
        assert!(!html.contains('₽') && html.contains("👥 10 человек"), "{html}");
    }
}

#[test]
fn entities_that_were_read_are_escaped_once() {
    let service = Some("«Чай & игры \"Ромашка\"»".to_owned());
    let booking = BookingView { service, zone: Some("Зал & Co".into()), ..booking() };
    let html = texts().created(&booking, at(NOW)).html;
    assert!(html.contains("\n<b>«Чай &amp; игры &quot;Ромашка&quot;»</b>\n"), "{html}");
    assert!(html.contains("\n📍 Зал &amp; Co, ул. Ленина, 1\n"), "{html}");
}
