//! `docs/ru/клиент.md`: what a client reads, made by the renderer. The page is written by the test when
//! `UPDATE_EXPECT` is set, and compared otherwise.

use expect_test::expect_file;
use shared::{
    domain::{
        booking::BookingView,
        consent::ConsentDocuments,
        ids::{BookingId, ChatId, RequestId},
        message::ReplyOutcome,
        request::{RequestKind, VisitAnswer},
        status::Meaning,
        venue::Venue,
    },
    store::preferences::Preferences,
};

use super::{
    AskWhy, Before, ButtonAction, Form, Keyboard, Rendered, Texts, Unread, UnusableNumber,
    fixtures::{self, at, booking, texts},
};
use crate::bot::keyboard::VisitAction;

/// The moment at which the texts are read.
const NOW: &str = "26.12.2025 11:00";

const INTRODUCTION: &str = "\
# Что читает клиент

Эта страница сделана программой: каждый текст здесь именно такой, какой бот отправляет. Для примера взята запись на \
завтра. В квадратных скобках стоят кнопки под сообщением.
";

#[test]
fn the_page_shows_every_text_as_the_renderer_makes_it() {
    let mut page = INTRODUCTION.to_owned();
    let texts = texts();
    for (chapter, texts) in [
        ("Знакомство", meeting(&texts)),
        ("Согласие, если о нём настроен документ", consent()),
        ("О записи", about_bookings(&texts)),
        ("Ответ на напоминание", visits(&texts)),
        ("Разговор с администратором", requests(&texts)),
        ("Оценка", ratings(&texts)),
        ("Меню и команды", commands(&texts)),
        ("Настройки", settings(&texts)),
        ("Удаление данных", deletion(&texts)),
        ("Ответы сотрудников", replies(&texts)),
    ] {
        page.push_str(&format!("\n## {chapter}\n"));
        for (title, text) in texts {
            page.push_str(&format!("\n**{title}**\n\n{}", shown(&text)));
        }
    }
    expect_file!["../../../docs/ru/клиент.md"].assert_eq(&page);
}

type Page = Vec<(&'static str, Rendered)>;

fn other() -> BookingView {
    BookingView {
        id: BookingId(8),
        code: "D7VET4".into(),
        service: Some("Квест".into()),
        ..booking()
    }
}

fn meeting(texts: &Texts) -> Page {
    let numbers = [
        ("Анонимный номер Telegram", UnusableNumber::Anonymous),
        ("В контакте нет номера", UnusableNumber::NotANumber),
        ("Номера с таким кодом нет", UnusableNumber::Unknown),
    ];
    let mut page = vec![
        ("Первое сообщение", texts.greeting()),
        ("Номер напечатан, а не отправлен кнопкой", texts.ask_contact(AskWhy::Typed, None)),
        ("Чужой контакт", texts.ask_contact(AskWhy::Foreign, None)),
        ("Что-то другое до знакомства", texts.ask_contact(AskWhy::First, None)),
    ];
    let unusable = |number| texts.ask_contact(AskWhy::Unreadable, Some(number));
    page.extend(numbers.map(|(title, number)| (title, unusable(number))));
    page.push(("Номер сохранён", texts.registered()));
    page.push(("Код записи или ссылка: какой номер?", texts.ask_digits()));
    page.push(("Код или цифры не подошли", texts.wrong_digits()));
    page.push(("Пять раз не подошли", texts.join_locked()));
    page.push(("Ссылка больше не действует", texts.dead_link(false)));
    page.push(("Запись открыта по коду или ссылке", texts.joined()));
    page.push((
        "Знакомый клиент пришёл снова",
        texts.known(&[booking()], Unread::default(), at(NOW)),
    ));
    page
}

fn about_bookings(texts: &Texts) -> Page {
    let now = at(NOW);
    let waits = BookingView { meaning: Meaning::Pending, ..booking() };
    let before = Before { service: None, start: Some(at("27.12.2025 10:00")) };
    let confirmed = BookingView { answer: Some(VisitAnswer::Comes), ..booking() };
    vec![
        ("Запись сделана", texts.created(&booking(), now)),
        ("Запись ждёт подтверждения", texts.created(&waits, now)),
        ("Заказ из нескольких записей", texts.confirmed_together(&[booking(), other()], now)),
        ("Запись перенесена", texts.moved(&booking(), &before, now)),
        ("Запись отменена", texts.cancelled(&booking(), now)),
        ("Напоминание", texts.reminder(&booking(), now)),
        ("Напоминание о нескольких визитах", texts.reminder_together(&[booking(), other()], now)),
        ("Второе напоминание тому, кто подтвердил", texts.reminder(&confirmed, now)),
        ("Подпись под файлом для календаря", calendar(texts)),
    ]
}

fn calendar(texts: &Texts) -> Rendered {
    texts.calendar(&[booking()], at(NOW)).unwrap_or_else(|| texts.stale_button(true))
}

fn visits(texts: &Texts) -> Page {
    let now = at(NOW);
    let both = [booking(), other()];
    let cancelled = BookingView { cancelled: true, meaning: Meaning::Cancelled, ..booking() };
    let wants = BookingView { answer: Some(VisitAnswer::WantsToMove), ..booking() };
    vec![
        ("«Приду»", texts.visit_confirmed(&[booking()], now)),
        ("«Не смогу»", texts.surely_cannot(&booking(), now)),
        ("«Нет»", texts.visit_kept()),
        ("«Да, не смогу»", texts.ask_reason(RequestId(1))),
        ("«Перенести»", texts.ask_new_time()),
        ("Если записей несколько", texts.which_visit(&both, VisitAction::MoveOne, now)),
        ("Если чата сотрудников нет", texts.call_venue()),
        ("Запись, открытая из списка", texts.booking(&wants, false, now)),
        ("Кнопка старого сообщения", texts.booking(&booking(), true, now)),
        ("Кнопка после отмены", texts.booking(&cancelled, true, now)),
        ("Кнопка после визита", texts.booking(&booking(), true, at("28.12.2025 12:00"))),
    ]
}

fn requests(texts: &Texts) -> Page {
    vec![
        ("Просьбу об отмене увидели", texts.request_delivered(RequestKind::Cancel)),
        ("Просьбу о переносе увидели", texts.request_delivered(RequestKind::Move)),
        ("Любые другие слова", texts.request_delivered(RequestKind::Words)),
        ("Чат сотрудников минуту недоступен", texts.request_pending()),
        ("Отмену приняли", texts.request_taken(RequestKind::Cancel)),
        ("Перенос приняли", texts.request_taken(RequestKind::Move)),
        ("Прочитали", texts.request_taken(RequestKind::Complaint)),
    ]
}

fn ratings(texts: &Texts) -> Page {
    vec![
        ("Вопрос после визита", texts.feedback_request(&booking(), at("27.12.2025 13:00"))),
        ("Ответ без оценки", texts.rating_again(BookingId(7))),
        ("Пять звёзд", texts.thanks(5, None)),
        ("Четыре", texts.thanks(4, None)),
        ("Три и меньше", texts.ask_complaint()),
        ("Ответ на вопрос, что не так", texts.request_delivered(RequestKind::Complaint)),
    ]
}

fn commands(texts: &Texts) -> Page {
    let now = at(NOW);
    vec![
        ("/bookings", texts.bookings(&[booking(), other()], Unread::default(), 0, now)),
        ("/bookings без записей", texts.bookings(&[], Unread::default(), 0, now)),
        ("/address", texts.address(true)),
        ("/contacts", texts.contacts(true)),
        ("/help", texts.help(true)),
        ("Слова там, где их некому читать", texts.unknown_text(true)),
        ("Кнопка, которой больше нет", texts.stale_button(true)),
    ]
}

fn consent() -> Page {
    let documents = ConsentDocuments {
        consent: "https://example.com/consent".into(),
        policy: Some("https://example.com/policy".into()),
    };
    let texts = fixtures::of(Venue { consent: Some(documents), ..fixtures::venue() });
    vec![
        ("До номера телефона", texts.ask_consent(false)),
        ("Клиенту, который пришёл раньше", texts.ask_consent(true)),
        ("Согласие записано", texts.consented()),
        ("Согласие есть: /settings", texts.settings(Some(CHOSEN))),
        ("«Отозвать согласие»", texts.ask_forget(false, true)),
    ]
}

const CHOSEN: Preferences =
    Preferences { registered: true, reminders: true, questions: true, consented: true };

fn settings(texts: &Texts) -> Page {
    let off = Preferences { reminders: false, questions: false, ..CHOSEN };
    vec![
        ("/settings", texts.settings(Some(CHOSEN))),
        ("Всё выключено", texts.settings(Some(off))),
        ("До знакомства", texts.settings(None)),
        ("Другой язык", texts.language_chosen(true)),
    ]
}

fn deletion(texts: &Texts) -> Page {
    vec![
        ("«Удалить мои данные»", texts.ask_forget(false, false)),
        ("Второй вопрос", texts.ask_forget(true, false)),
        ("Данные удалены", texts.forgotten()),
    ]
}

/// A reply is copied as it is. What became of it stands in the staff's chat, below the reply.
fn replies(texts: &Texts) -> Page {
    let receipt = |outcome| texts.staff_receipt(5, outcome);
    vec![
        ("Ответ на карточку клиента: копия сообщения", texts.copy((ChatId(-100), 5), None)),
        ("Сотруднику, если ответ доставлен", receipt(ReplyOutcome::Delivered)),
        ("Сотруднику, если не доставлен", receipt(ReplyOutcome::NotDelivered)),
        ("Сотруднику, если это неизвестно", receipt(ReplyOutcome::PerhapsDelivered)),
        ("Сотруднику, если карточка о нескольких клиентах", receipt(ReplyOutcome::NoClient)),
    ]
}

/// A text as a quotation, with its buttons.
pub(super) fn shown(Rendered { html, keyboard, form }: &Rendered) -> String {
    let plain = [
        ("<b>", "**"),
        ("</b>", "**"),
        ("<code>", "`"),
        ("</code>", "`"),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
    ];
    let text = plain.iter().fold(html.clone(), |text, (from, to)| text.replace(from, to));
    let mut lines: Vec<String> =
        text.lines().map(|line| format!("> {line}\\").replace("> \\", ">")).collect();
    if let Some(last) = lines.last_mut() {
        *last = last.trim_end_matches('\\').to_owned();
    }
    match form {
        Form::Document(_) => lines.push(">\n> 📎 booking.ics".to_owned()),
        Form::Copy { .. } => lines.push("> (слова сотрудника)".to_owned()),
        Form::Thumb { .. } => lines.push("> 👍".to_owned()),
        Form::Message
        | Form::InTopic { .. }
        | Form::Edit { .. }
        | Form::ReplyTo { .. }
        | Form::Buttons { .. } => {}
    }
    if let Keyboard::Inline(rows) = keyboard {
        for row in rows {
            let button = |button: &super::Button| match button.action {
                ButtonAction::Press(_) => format!("[ {} ]", button.label),
                ButtonAction::Open(_) => format!("[ {} ↗ ]", button.label),
            };
            let row: Vec<String> = row.iter().map(button).collect();
            lines.push(format!(">\n> {}", row.join(" ")));
        }
    }
    format!("{}\n", lines.join("\n"))
}
