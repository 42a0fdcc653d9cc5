//! The list of a client's bookings, word by word.

use shared::domain::{booking::BookingView, ids::BookingId, status::Meaning};

use super::{
    Unread,
    fixtures::{at, booking, texts, visit_time},
};

#[test]
fn the_list_separates_what_is_to_come_from_what_was() {
    let texts = texts();
    let now = at("27.12.2025 12:30");
    let day = |id: i64, start: &str, end: &str| BookingView {
        id: BookingId(id),
        code: format!("K{id}"),
        visit_time: Some(visit_time(start, end)),
        ..booking()
    };
    let list = [
        day(1, "28.12.2025 10:00", "28.12.2025 11:00"),
        BookingView { rating: Some(4), ..day(2, "01.12.2024 10:00", "01.12.2024 11:00") },
        day(3, "27.12.2025 12:00", "27.12.2025 13:00"),
        BookingView { cancelled: true, ..day(4, "29.12.2025 10:00", "29.12.2025 11:00") },
        BookingView { visit_time: None, cancelled: true, ..booking() },
    ];
    assert_eq!(
        texts.bookings(&list, Unread::default(), 0, now).html,
        "📅 <b>Предстоящие записи</b>\n\
         • суббота, 27 декабря, 12:00: <b>VR Арена</b>, код <code>K3</code>\n\
         • воскресенье, 28 декабря, 10:00: <b>VR Арена</b>, код <code>K1</code>\n\n\
         🕓 <b>Прошлые записи</b>\n\
         • понедельник, 29 декабря, 10:00: VR Арена, отменена\n\
         • воскресенье, 1 декабря 2024 года, 10:00: <b>VR Арена</b>, ваша оценка 4\n\n\
         Нажмите на запись, чтобы открыть её."
    );
    assert_eq!(
        texts.bookings(&[], Unread::default(), 0, now).html,
        "Записей пока нет. Когда появятся, они будут здесь."
    );
    let many: Vec<BookingView> =
        (0..20).map(|id| day(id, "28.12.2025 10:00", "28.12.2025 11:00")).collect();
    let more = |unread| {
        let html = texts.bookings(&many, Unread { upcoming: unread, past: 0 }, 3, now).html;
        html.lines().nth(3).unwrap().to_owned()
    };
    assert_eq!((more(0), more(100)), (String::new(), "… и ещё 100".to_owned()));
}

#[test]
fn the_list_shows_what_waits_and_hides_what_is_no_visit_of_the_client() {
    let now = at("27.12.2025 12:30");
    let of = |meaning, start: &str, end: &str| BookingView {
        meaning,
        rating: Some(5),
        visit_time: Some(visit_time(start, end)),
        ..booking()
    };
    let ahead = |meaning| of(meaning, "28.12.2025 10:00", "28.12.2025 11:00");
    let over = |meaning| of(meaning, "20.12.2025 10:00", "20.12.2025 11:00");
    let list = |booking: BookingView| texts().bookings(&[booking], Unread::default(), 0, now).html;
    let none = "Записей пока нет. Когда появятся, они будут здесь.";
    let no_more = "Предстоящих записей пока нет.\n\n🕓 <b>Прошлые записи</b>\n";
    for (booking, html) in [
        (
            ahead(Meaning::Pending),
            "📅 <b>Предстоящие записи</b>\n⏳ воскресенье, 28 декабря, 10:00: <b>VR Арена</b>, \
             код <code>C6UDS3</code>, ждёт подтверждения\n\nНажмите на запись, чтобы открыть её."
                .to_owned(),
        ),
        (over(Meaning::Pending), none.to_owned()),
        (ahead(Meaning::Ignored), none.to_owned()),
        (over(Meaning::Ignored), none.to_owned()),
        (over(Meaning::NoShow), format!("{no_more}• суббота, 20 декабря, 10:00: <b>VR Арена</b>")),
        (
            ahead(Meaning::NoShow),
            format!("{no_more}• воскресенье, 28 декабря, 10:00: <b>VR Арена</b>"),
        ),
        (
            over(Meaning::Stands),
            format!("{no_more}• суббота, 20 декабря, 10:00: <b>VR Арена</b>, ваша оценка 5"),
        ),
    ] {
        let meaning = booking.meaning;
        assert_eq!(list(booking), html, "{meaning:?}");
    }
    let unnamed = BookingView { service: Some("\u{200b} ".into()), ..ahead(Meaning::Pending) };
    assert!(list(unnamed).contains("10:00: <b>Запись C6UDS3</b>, ждёт подтверждения\n"));
}
