//! The second part of `docs/ru/персонал.md`: what the staff read when they look things up, made by the renderer. It is
//! written by the test when `UPDATE_EXPECT` is set, and compared otherwise.

use std::{fs, path::Path};

use expect_test::expect_file;
use shared::{
    bukza::Fault,
    domain::{
        agenda::AgendaAt,
        booking::BookingView,
        message::{MessageKind, RefusalNumbers},
        request::VisitAnswer,
        staff_answer::{Replayed, TableApplied},
        status::Meaning,
        tutor::TutorCard,
        venue::Venue,
    },
    store::{
        agenda::ListedBooking,
        search::Found,
        table_sync::{CardLine, TableCard},
        venue_stats::{ServiceStars, VisitCounts},
    },
};

use super::{
    AgendaPart, ClientReach, Rendered, SpanStats, Texts,
    client_page::shown,
    fixtures::{at, booking, of, venue},
    table_tests::one_of_each,
    tutor_tests::requests,
};

const NOW: &str = "26.12.2025 11:00";

/// Where the part begins that is made. What stands above is written by hand.
const HEADING: &str = "\n## Дословно\n";

const INTRODUCTION: &str = "
Эта часть страницы сделана программой: каждый текст здесь именно такой, какой бот отправляет в чат сотрудников. В квадратных
скобках стоят кнопки под сообщением.
";

#[test]
fn the_page_shows_every_text_as_the_renderer_makes_it() {
    let texts = of(Venue { agenda_at: AgendaAt::parse("20:00"), ..venue() });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ru/персонал.md");
    let page = fs::read_to_string(&path).unwrap();
    let (written, _) = page.split_once(HEADING).expect("the heading");
    let mut page = format!("{written}{HEADING}{INTRODUCTION}");
    for (chapter, texts) in [
        ("Расписание", agenda(&texts)),
        ("Поиск", search(&texts)),
        ("Числа", stats(&texts)),
        ("Подсказка", vec![("/help", texts.staff_help())]),
        ("Первые десять запросов", tutor(&texts)),
        ("Запросы, которые не приняты", refused(&texts)),
        ("Что таблица Bukza показывает иначе", table(&texts)),
        ("Срочное", urgent(&texts)),
    ] {
        page.push_str(&format!("\n### {chapter}\n"));
        for (title, text) in texts {
            page.push_str(&format!("\n**{title}**\n\n{}", shown(&text)));
        }
    }
    expect_file![path].assert_eq(&page);
}

type Page = Vec<(&'static str, Rendered)>;

fn visits() -> Vec<ListedBooking> {
    let at_hour = |hour: u32, name: &str, service: &str| BookingView {
        client_name: Some(name.into()),
        service: Some(service.into()),
        visit_time: Some(super::fixtures::visit_time(
            &format!("27.12.2025 {hour}:00"),
            &format!("27.12.2025 {}:00", hour + 1),
        )),
        ..booking()
    };
    let comes = BookingView {
        answer: Some(VisitAnswer::Comes), ..at_hour(10, "Анна", "VR Арена")
    };
    let cannot = BookingView {
        answer: Some(VisitAnswer::CannotCome),
        ..at_hour(12, "Пётр", "Квест")
    };
    let waits =
        BookingView { meaning: Meaning::Pending, ..at_hour(14, "Ольга", "VR Арена") };
    let known = [comes, cannot, at_hour(13, "Мария", "Квест"), waits];
    let listed = known.into_iter().map(|booking| ListedBooking { booking, in_bot: true });
    let unknown =
        ListedBooking { booking: at_hour(16, "Иван", "VR Арена"), in_bot: false };
    listed.chain([unknown]).collect()
}

fn agenda(texts: &Texts) -> Page {
    let day = "2025-12-27".parse().unwrap();
    let whole = AgendaPart { day, part: 0, parts: 1, visits: 5 };
    let empty = AgendaPart { visits: 0, ..whole };
    let last = AgendaPart { part: 2, parts: 3, visits: 65, ..whole };
    vec![
        ("/today, /tomorrow, и само во время AGENDA_AT", texts.agenda(whole, &visits(), at(NOW))),
        ("День без визитов", texts.agenda(empty, &[], at(NOW))),
        ("Длинный день приходит частями", texts.agenda(last, &visits()[..1], at(NOW))),
    ]
}

fn search(texts: &Texts) -> Page {
    let found = Found { bookings: visits()[..2].to_vec(), more: 4 };
    vec![
        ("/find 4567", texts.found("4567", &found, at(NOW))),
        ("Ничего не нашлось", texts.found("никого", &Found::default(), at(NOW))),
        ("/find без слов", texts.how_to_find()),
    ]
}

fn stats(texts: &Texts) -> Page {
    let counts = |bookings, in_bot, confirmed| VisitCounts {
        bookings,
        in_bot,
        confirmed,
        cancelled: 3,
        no_shows: 1,
        undelivered: 2,
    };
    let stars = |service: &str, average, ratings| ServiceStars {
        service: Some(service.into()),
        average,
        ratings,
    };
    let stars = vec![stars("VR Арена", 4.8, 21), stars("Квест", 4.5, 2)];
    let week = SpanStats { counts: counts(34, 25, 12), stars: stars.clone() };
    let month = SpanStats { counts: counts(151, 110, 64), stars };
    vec![("/stats", texts.stats(&week, &month))]
}

fn tutor(texts: &Texts) -> Page {
    let template = r#"{"event":"update","code":"C6UDS3","reservation_status":"Подтверждено",
        "order_status":"Новая","start":"27.12.2025 12:00","end":"27.12.2025 13:00",
        "service":"VR Арена","order":"1042","total":"8990","deposit":"3000","visitor":{
        "phone":"8 999 123-45-67","email":"a@b.c","name":"Алина","last_name":"Петрова",
        "comment":"-","fields":[{"name":"Возраст","value":"7"}]}}"#;
    let unfinished = r#"{"code":"D7VET4","status":"Гостевая","start":"27.12.2025 12:00",
        "end":"27.12.2025 13:00","phone":"[bukza_phone]","total":"бесплатно","manager":"Пётр"}"#;
    let card = |number, body| {
        let request = requests(&[], body).remove(0);
        texts.staff_tutor(&TutorCard { number, request }, at(NOW))
    };
    vec![
        ("Запрос по готовому шаблону", card(1, template)),
        ("Шаблон, в котором не всё заменено", card(2, unfinished)),
        ("Отмена", card(10, r#"{"code":"C6UDS3","event":"cancel"}"#)),
    ]
}

fn refused(texts: &Texts) -> Page {
    let fault = || vec![Fault::new("start", "names a day or hour that does not exist")];
    let card = |numbers| texts.staff_rejected(&fault(), at(NOW), Some(numbers), at(NOW));
    let several = RefusalNumbers { first: 5, last: 9, count: 3 };
    let still =
        Replayed { refused: 1, first_refused: Some(5), faults: fault(), ..Replayed::default() };
    vec![
        ("Карточка", card(RefusalNumbers::of(5))),
        ("Несколько по одной причине", card(several)),
        ("Повторён", texts.replayed(&Replayed { used: 1, ..Replayed::default() })),
        ("Уже был повторён", texts.replayed(&Replayed { before: 1, ..Replayed::default() })),
        ("Всё ещё не годится", texts.replayed(&still)),
    ]
}

fn table(texts: &Texts) -> Page {
    let lines = one_of_each();
    let card = |lines: &[CardLine]| texts.table_card(TableCard(1), lines, at(NOW)).unwrap();
    let codes = vec!["C6UDS3".to_owned(), "D7VET4".to_owned()];
    let applied =
        |applied: &[String]| TableApplied { applied: applied.to_vec(), ..TableApplied::default() };
    let late =
        TableApplied { before: 1, agree: 1, otherwise: 1, outdated: 1, ..TableApplied::default() };
    vec![
        ("Карточка", card(&lines)),
        ("Одно расхождение", card(&lines[..1])),
        ("Применено", texts.table_applied(&applied(&codes[..1]))),
        ("Применены все", texts.table_applied(&applied(&codes))),
        ("Старая карточка", texts.table_applied(&late)),
        ("Очень старая карточка", texts.table_applied(&TableApplied::default())),
        ("В таблице слишком мало записей", texts.table_refused(40, 3)),
    ]
}

fn urgent(texts: &Texts) -> Page {
    let now = at("27.12.2025 10:00");
    let reminder = MessageKind::Reminder;
    vec![
        (
            "До визита меньше трёх часов, и он отменён",
            texts.staff_cancelled(&booking(), ClientReach::InBot, now),
        ),
        (
            "До визита меньше трёх часов, и сообщение не дошло",
            texts.staff_undelivered(&booking(), reminder, false, now),
        ),
    ]
}
