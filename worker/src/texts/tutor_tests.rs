//! The tutor's cards word by word, and what holds for any request that is accepted.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use shared::{
    bukza::{Parameter, Request, Rules, read},
    domain::{
        event::BookingEvent,
        phone::PhoneRegion,
        status::StatusRules,
        tutor::TutorCard,
        venue::{Locale, Venue},
    },
};

use super::{
    MESSAGE_MAX, Texts,
    fixtures::{UFA, at, bare, hostile, of, texts, venue},
    html::telegram_accepts,
    telegram_len,
    texts_tests::NOW,
};

pub(super) fn requests(query: &[(&str, &str)], body: &str) -> Vec<BookingEvent> {
    let query: Vec<Parameter<'_>> =
        query.iter().map(|(name, value)| (Cow::from(*name), Cow::from(*value))).collect();
    let request = Request { query: &query, content_type: None, body: body.as_bytes() };
    let (region, statuses) = (PhoneRegion::default(), StatusRules::default());
    read(&request, &Rules { zone: UFA, region, statuses }, now()).unwrap_or_default()
}

fn now() -> DateTime<Utc> {
    at(NOW)
}

fn card(texts: &Texts, number: u8, request: BookingEvent) -> String {
    texts.staff_tutor(&TutorCard { number, request }, now()).html
}

fn html(number: u8, query: &[(&str, &str)], body: &str) -> String {
    card(&texts(), number, requests(query, body).remove(0))
}

#[test]
fn a_whole_request_is_shown_field_by_field() {
    let body = r#"{"event":"update","code":"C6UDS3","reservation_status":"Подтверждено",
        "order_status":"Новая","start":"27.12.2025 12:00","end":"27.12.2025 13:00",
        "service":"VR Арена","zone":"Зал 2","people":"10","order":"1042","order_id":"9831",
        "total":"8 990,50","deposit":"3000","paid":"0","visitor":{"phone":"8 999 123-45-67",
        "email":"a@b.c","name":"Алина","last_name":"Петрова","comment":"Торт",
        "fields":[{"name":"Возраст","value":"7"}]}}"#;
    assert_eq!(
        html(2, &[], body),
        "🎓 <b>Запрос Bukza прочитан</b> <code>C6UDS3</code>\n\
         Первые запросы: 2 из 10\n\
         \n\
         <b>Прочитано</b>\n\
         • Начало: суббота, 27 декабря, 12:00 (пояс Asia/Yekaterinburg)\n\
         • Конец: 13:00\n\
         • Услуга: VR Арена\n\
         • Зал или зона: Зал 2\n\
         • Телефон: +79991234567\n\
         • Имя: Алина\n\
         • Фамилия: Петрова\n\
         • Число гостей: 10\n\
         • Сумма: 8\u{a0}990,50\u{a0}₽\n\
         • Нужная предоплата: 3\u{a0}000\u{a0}₽\n\
         • Оплачено: 0\u{a0}₽\n\
         • Номер заказа: 1042\n\
         • Адрес заказа (order_id): 9831\n\
         • Комментарий: Торт\n\
         ▫️ Возраст: 7\n\
         \n\
         <b>Статус</b>\n\
         «Подтверждено»: запись действует. Клиенту в боте приходят подтверждение, напоминание и вопрос \
         об оценке.\n\
         Другие слова в запросе: «Новая», «update». Считается самое строгое.\n\
         \n\
         Боту не нужны: email"
    );
}

#[test]
fn what_is_empty_unreadable_missing_and_unknown_is_named_with_what_comes_of_it() {
    let body = r#"{"code":"A1","start":"27.12.2025 23:00","end":"28.12.2025 01:00",
        "status":"Новая","phone":"[bukza_phone]","people":"<b>десять</b>","deposit":"-",
        "manager":"Пётр","x.y/z":"1"}"#;
    assert_eq!(
        html(1, &[("utm", "t.me/x")], body),
        "🎓 <b>Запрос Bukza прочитан</b> <code>A1</code>\n\
         Первые запросы: 1 из 10\n\
         \n\
         <b>Прочитано</b>\n\
         • Начало: суббота, 27 декабря, 23:00 (пояс Asia/Yekaterinburg)\n\
         • Конец: воскресенье, 28 декабря, 01:00\n\
         \n\
         <b>Статус</b>\n\
         «Новая»: такого слова бот не знает, и запись действует. Клиенту в боте приходят подтверждение, \
         напоминание и вопрос об оценке. Если слово значит другое, впишите его в настройки статусов \
         (CANCELLED_STATUSES и соседние).\n\
         \n\
         <b>Пришло пустым</b>\n\
         • Телефон: без него бот не найдёт клиента сам, останется ссылка-приглашение\n\
         • Нужная предоплата\n\
         \n\
         <b>Не удалось прочитать</b>\n\
         • Число гостей: &lt;b&gt;десять&lt;/b&gt;\n\
         \n\
         <b>Нет в запросе</b>\n\
         • Услуга: клиент не увидит, куда записан\n\
         • Имя: в карточках будет «имя не указано»\n\
         • Сумма: не будет в сообщениях\n\
         • Номер заказа: по нему собираются вместе брони одного заказа\n\
         • Адрес заказа (order_id): в карточках не будет ссылки на заказ\n\
         • Можно добавить: Зал или зона, Фамилия, Оплачено, Комментарий\n\
         \n\
         <b>Незнакомые поля</b>\n\
         manager, utm и ещё 1\n\
         \n\
         Так придут первые десять запросов: проверьте, всё ли на месте. Чего не хватает, добавьте в шаблон \
         веб-запроса."
    );
}

#[test]
fn a_cancellation_needs_its_code_alone() {
    assert_eq!(
        html(10, &[("message", "cancel"), ("phone", "")], r#"{"code":"A1","start":""}"#),
        "🎓 <b>Запрос Bukza прочитан</b> <code>A1</code>\n\
         Первые запросы: 10 из 10\n\
         \n\
         <b>Статус</b>\n\
         «cancel»: запись отменена. Клиент узнает об этом, если о записи ему сообщали и визит впереди.\n\
         \n\
         <b>Пришло пустым</b>\n\
         • Начало\n\
         • Телефон\n\
         \n\
         Это последняя такая карточка: дальше придут только обычные."
    );
}

#[test]
fn each_meaning_has_its_words_in_both_languages() {
    let english = of(Venue { locale: Locale::En, ..venue() });
    for (status, russian_words, english_words) in [
        (None, "Не указан: запись действует.", "None is given: the booking stands."),
        (Some("Оплачено"), "«Оплачено»: запись действует.", "the booking stands. The client gets"),
        (Some("Ожидает оплаты"), "Клиенту пока не пишем.", "not written to yet"),
        (Some("Не пришёл"), "клиент не пришёл.", "the client did not come"),
        (Some("Техничка"), "время самого заведения.", "the venue's own time"),
        (Some("Отменён"), "запись отменена.", "the booking is cancelled"),
        (Some("Восстановлена"), "снова действует.", "stands again"),
        (Some("Не отменён"), "похоже на отмену, но запись действует.", "looks like a cancellation"),
        (Some("Гостевая"), "такого слова бот не знает", "does not know this word"),
    ] {
        let status = status.map(|words| format!(r#","status":"{words}""#)).unwrap_or_default();
        let body = format!(
            r#"{{"code":"A1","start":"27.12.2025 12:00","end":"27.12.2025 13:00"{status}}}"#
        );
        let request = requests(&[], &body).remove(0);
        let russian = card(&texts(), 2, request.clone());
        assert!(russian.contains(russian_words), "{russian}");
        let english = card(&english, 2, request);
        assert!(english.contains(english_words), "{english}");
        assert!(!english.contains("tutor-") && !russian.contains("tutor-"));
    }
}

#[test]
fn other_reservations_of_the_request_are_counted() {
    let item = |code: &str| {
        format!(r#"{{"code":"{code}","start":"27.12.2025 12:00","end":"27.12.2025 13:00"}}"#)
    };
    let list = format!(r#"{{"reservations":[{},{},{}]}}"#, item("A1"), item("A2"), item("A3"));
    let html = html(2, &[], &list);
    assert!(html.contains("\nВ этом запросе есть и другие брони: 2. Здесь показана первая.\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn telegram_takes_the_card_of_any_accepted_request_and_links_nothing_in_it(
        values in proptest::collection::vec(hostile(), 30),
        names in proptest::collection::vec(hostile(), 0..30),
        status in prop_oneof![Just("Отменён".to_owned()), Just("Новая".to_owned()), hostile()],
        (number, english) in (1_u8..=10, any::<bool>()),
        as_form in any::<bool>(),
    ) {
        let known = ["service", "zone", "name", "last_name", "phone", "people", "total", "deposit",
            "paid", "order", "order_id", "comment", "email", "message", "event"];
        let mut body = serde_json::Map::new();
        let mut put = |name: &str, value: &str| {
            body.entry(name.to_owned()).or_insert_with(|| value.into());
        };
        for (name, value) in [
            ("code", "A1"), ("start", "27.12.2030 12:00"), ("end", "27.12.2030 13:00"),
            ("status", status.as_str()),
        ] {
            put(name, value);
        }
        let named = known.iter().copied().chain(names.iter().map(String::as_str));
        for (name, value) in named.zip(&values) {
            put(name, value);
        }
        let fields: Vec<_> = values.iter().zip(&names).take(12)
            .map(|(value, name)| serde_json::json!({"name": name, "value": value})).collect();
        body.insert("fields".into(), fields.into());
        let query: Vec<(&str, &str)> =
            names.iter().zip(&values).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let query = if as_form { &query[..] } else { &[] };
        let locale = if english { Locale::En } else { Locale::Ru };
        let texts = of(Venue { locale, ..venue() });
        for request in requests(query, &serde_json::Value::Object(body).to_string()) {
            let html = card(&texts, number, request.clone());
            prop_assert_eq!(telegram_accepts(&html), Ok(()), "{}", html);
            // None of it is cut off.
            prop_assert!(telegram_len(&html) < MESSAGE_MAX && !html.ends_with('…'), "{}", html);
            // The client's phone is a link of ours.
            let mut request = request;
            request.details.phone = None;
            let html = card(&bare(), number, request);
            let links = simulator::autolinks(&html);
            prop_assert!(links.as_ref().is_ok_and(Vec::is_empty), "{html}\n{links:?}");
        }
    }
}
