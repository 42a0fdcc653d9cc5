//! What the staff read when they look something up, word by word.

use proptest::prelude::*;
use shared::{
    bukza::Fault,
    domain::{
        agenda::{AgendaAt, VISITS_PER_PART},
        booking::BookingView,
        message::RefusalNumbers,
        request::VisitAnswer,
        staff_answer::Replayed,
        staff_chat::StaffChat,
        status::Meaning,
        venue::{Locale, Venue},
    },
    store::{
        agenda::ListedBooking,
        search::Found,
        venue_stats::{ServiceStars, VisitCounts},
    },
};

use super::{
    AgendaPart, ButtonAction, Keyboard, SpanStats, Texts,
    fixtures::{any_booking, at, booking, hostile, of, texts, venue},
    html::{MESSAGE_MAX, telegram_accepts, telegram_len},
    joined_keyboard,
    texts_tests::NOW,
};
use crate::bot::keyboard::CallbackData;

fn english() -> Texts {
    of(Venue { locale: Locale::En, ..venue() })
}

fn listed(change: impl FnOnce(&mut BookingView)) -> ListedBooking {
    let mut booking = booking();
    change(&mut booking);
    ListedBooking { booking, in_bot: true }
}

fn whole(visits: u64) -> AgendaPart {
    let day = "2025-12-27".parse().unwrap();
    AgendaPart { day, part: 0, parts: 1, visits }
}

#[test]
fn the_agenda_has_a_line_for_each_visit_with_its_signs() {
    let answered = |answer| listed(|booking| booking.answer = Some(answer));
    let means = |meaning| listed(|booking| booking.meaning = meaning);
    let unreachable = |listed: ListedBooking| ListedBooking { in_bot: false, ..listed };
    let visits = [
        answered(VisitAnswer::Comes),
        answered(VisitAnswer::CannotCome),
        answered(VisitAnswer::WantsToMove),
        listed(|_| ()),
        means(Meaning::Pending),
        unreachable(listed(|booking| booking.last_name = Some("Иванова".into()))),
        unreachable(means(Meaning::Pending)),
        unreachable(answered(VisitAnswer::Comes)),
        means(Meaning::NoShow),
        listed(|booking| (booking.service, booking.client_name) = (None, None)),
    ];
    let html = texts().agenda(whole(10), &visits, at(NOW)).html;
    let lines: Vec<&str> = html.lines().collect();
    assert_eq!(
        lines,
        [
            "📅 <b>суббота, 27 декабря</b>: 10 визитов",
            "",
            "12:00 · VR Арена · Алина ✅",
            "12:00 · VR Арена · Алина ✖️",
            "12:00 · VR Арена · Алина 🕓",
            "12:00 · VR Арена · Алина ❓",
            "12:00 · VR Арена · Алина ⏳",
            "12:00 · VR Арена · Алина Иванова 🔕",
            "12:00 · VR Арена · Алина ⏳🔕",
            "12:00 · VR Арена · Алина ✅🔕",
            "12:00 · VR Арена · Алина 🚫",
            "12:00 · имя не указано ❓",
        ]
    );
    // The help explains each sign.
    let help = texts().staff_help().html;
    for sign in ["✅", "✖️", "🕓", "❓", "⏳", "🔕", "🚫", "❌"] {
        assert!(help.contains(sign), "{sign}");
    }
}

#[test]
fn an_empty_day_is_one_line_and_a_long_one_has_parts_that_count_the_rest() {
    assert_eq!(texts().agenda(whole(0), &[], at(NOW)).html, "📅 суббота, 27 декабря: визитов нет.");
    assert_eq!(
        english().agenda(whole(0), &[], at(NOW)).html,
        "📅 Saturday, 27 December: no visits."
    );
    let one = [listed(|_| ())];
    for (visits, title) in [(1, "1 визит"), (2, "2 визита"), (21, "21 визит"), (25, "25 визитов")]
    {
        let html = texts().agenda(whole(visits), &one, at(NOW)).html;
        assert!(html.starts_with(&format!("📅 <b>суббота, 27 декабря</b>: {title}\n")), "{html}");
    }
    let part = |part| AgendaPart { part, parts: 2, ..whole(75) };
    let first = texts().agenda(part(0), &one, at(NOW)).html;
    assert!(first.contains(": 75 визитов (часть 1 из 2)\n") && !first.contains("ещё"), "{first}");
    // More were booked since the parts were planned.
    let last = texts().agenda(part(1), &one, at(NOW)).html;
    assert!(last.contains("(часть 2 из 2)\n") && last.ends_with("\n… и ещё 15"), "{last}");
}

#[test]
fn found_bookings_are_shown_with_client_and_state() {
    let cancelled = listed(|booking| booking.cancelled = true);
    let found = Found { bookings: vec![listed(|_| ()), cancelled], more: 3 };
    assert_eq!(
        texts().found("алина <b>", &found, at(NOW)).html,
        "🔎 По «алина &lt;b&gt;» найдено 5 записей:\n\
         • <code>C6UDS3</code> VR Арена · суббота, 27 декабря, 12:00 · 1 час ❓\n   \
         👤 Алина, +79991234567\n\
         • <code>C6UDS3</code> VR Арена · суббота, 27 декабря, 12:00 · 1 час ❌\n   \
         👤 Алина, +79991234567\n\
         … и ещё 3"
    );
    let nothing = texts().found("t.me/x", &Found::default(), at(NOW)).html;
    assert!(nothing.contains("t.me/x") && nothing.contains("ничего не найдено"), "{nothing}");
    assert!(texts().how_to_find().html.contains("<code>/find 4567</code>"));
}

#[test]
fn the_numbers_of_week_and_month() {
    let counts = VisitCounts {
        bookings: 3,
        in_bot: 2,
        confirmed: 1,
        cancelled: 1,
        no_shows: 0,
        undelivered: 2,
    };
    let star = |service: Option<&str>, average, ratings| ServiceStars {
        service: service.map(str::to_owned),
        average,
        ratings,
    };
    let stars = vec![star(Some("VR Арена"), 4.666, 3), star(None, 5.0, 1)];
    let week = SpanStats { counts, stars };
    let html = texts().stats(&week, &SpanStats::default()).html;
    assert_eq!(
        html,
        "📊 <b>Визиты этой недели</b>\nЗаписей: 3\nКлиент в боте: 2 (67 %)\n✅ Подтвердили: 1\n\
         ❌ Отменены: 1\n🚫 Не пришли: 0\n📞 Не доставлено сообщений: 2\n\
         ⭐ VR Арена: 4,7 (3 оценки)\n⭐ без услуги: 5,0 (1 оценка)\n\n\
         📊 <b>Визиты этого месяца</b>\nЗаписей: 0\n✅ Подтвердили: 0\n❌ Отменены: 0\n\
         🚫 Не пришли: 0\n📞 Не доставлено сообщений: 0\n\n\
         Неделя с понедельника; визиты, которые ещё впереди, тоже посчитаны."
    );
    let html = english().stats(&week, &week).html;
    assert!(
        html.contains("\n⭐ VR Арена: 4.7 (3 ratings)\n⭐ without a service: 5.0 (1 rating)\n")
    );
}

#[test]
fn the_help_names_every_command_and_when_the_agenda_comes() {
    let by_itself = Venue { agenda_at: AgendaAt::parse("8:00"), ..venue() };
    assert!(of(by_itself).staff_help().html.ends_with("Расписание приходит само в 08:00."));
    for texts in [texts(), english()] {
        let help = texts.staff_help().html;
        assert!(!help.contains("08:00"), "{help}");
        let commands = texts.staff_command_list();
        assert_eq!(commands.len(), 5);
        for (name, description) in commands {
            assert!(name == "help" || help.contains(&format!("/{name}")), "{name}");
            assert!((1..=256).contains(&description.chars().count()), "{description}");
            assert!(!description.contains(['<', '&']), "{description}");
        }
    }
}

#[test]
fn a_card_of_refused_requests_has_a_button_that_replays_them() {
    let button = |texts: &Texts, numbers| match texts
        .staff_rejected(&[Fault::new("code", "is missing")], at(NOW), numbers, at(NOW))
        .keyboard
    {
        Keyboard::Inline(rows) => {
            let button = rows[0][0].clone();
            let ButtonAction::Press(data) = button.action else { panic!("no press") };
            Some((button.label, data))
        }
        _ => None,
    };
    let label =
        |label: &str, first, last| Some((label.to_owned(), CallbackData::Replay { first, last }));
    let several = RefusalNumbers { first: 5, last: 9, count: 3 };
    let one = RefusalNumbers::of(5);
    assert_eq!(button(&texts(), Some(one)), label("🔁 Повторить № 5", 5, 5));
    assert_eq!(button(&texts(), Some(several)), label("🔁 Повторить все № 5–9", 5, 9));
    assert_eq!(button(&english(), Some(several)), label("🔁 Replay all, no. 5–9", 5, 9));
    assert_eq!(button(&texts(), None), None);
    let without_staff = of(Venue { staff_chat: StaffChat::default(), ..venue() });
    assert_eq!(button(&without_staff, Some(one)), None);
    // Joined, each keeps its button; a button that does not name its card is left out.
    let card = |numbers| texts().staff_rejected(&[], at(NOW), Some(numbers), at(NOW)).keyboard;
    let (refused, others) = (card(one), Keyboard::rating(booking().id));
    let Keyboard::Inline(rows) = joined_keyboard([&refused, &others, &Keyboard::Keep, &refused])
    else {
        panic!("no buttons")
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(joined_keyboard([&others]), Keyboard::Keep);
}

#[test]
fn what_became_of_replayed_requests_is_in_the_staffs_words() {
    let faults = vec![Fault::new("start", "is missing"), Fault::new("x", "of a later version")];
    let refused = |refused| Replayed {
        refused,
        first_refused: Some(7),
        faults: faults.clone(),
        ..Replayed::default()
    };
    for (replayed, text) in [
        (
            Replayed { used: 1, ..Replayed::default() },
            "✅ Запрос принят. О записи придёт карточка.",
        ),
        (
            Replayed { used: 5, before: 2, ..Replayed::default() },
            "✅ Принято запросов: 5. О записях придут карточки.",
        ),
        (Replayed { before: 1, ..Replayed::default() }, "Уже повторён."),
        (Replayed { before: 4, ..Replayed::default() }, "Уже повторены: 4."),
        (Replayed::default(), "Этого запроса больше нет."),
        (
            refused(1),
            "⚠️ Запрос № 7 всё ещё не принят:\n• <code>start</code>: не указано\n\
             • <code>x</code>: of a later version",
        ),
        (
            Replayed { used: 1, more: true, ..refused(2) },
            "✅ Запрос принят. О записи придёт карточка.\n\
             ⚠️ Всё ещё не приняты: 2. Первый из них, № 7:\n• <code>start</code>: не указано\n\
             • <code>x</code>: of a later version\nЭто не все запросы: нажмите ещё раз.",
        ),
    ] {
        assert_eq!(texts().replayed(&replayed).html, text);
    }
    let html = english().replayed(&refused(1)).html;
    assert!(html.starts_with("⚠️ Request no. 7 is still refused:\n• <code>start</code>"), "{html}");
}

#[test]
fn a_card_about_a_visit_that_is_soon_stands_out() {
    let cards = |now: &str| {
        let (texts, now) = (texts(), at(now));
        [
            texts.staff_cancelled(&booking(), super::ClientReach::InBot, now).html,
            texts.staff_unreachable(&booking(), now).html,
            texts
                .staff_undelivered(
                    &booking(),
                    shared::domain::message::MessageKind::Reminder,
                    false,
                    now,
                )
                .html,
        ]
    };
    for html in cards("27.12.2025 10:00") {
        assert!(html.starts_with("‼️ <b>Визит через 2 часа</b>\n"), "{html}");
    }
    for now in ["27.12.2025 08:59", "27.12.2025 12:00", "28.12.2025 12:00"] {
        assert!(cards(now).iter().all(|html| !html.contains("‼️")), "{now}");
    }
}

fn any_listed() -> impl Strategy<Value = ListedBooking> {
    (any_booking(), any::<bool>()).prop_map(|(booking, in_bot)| ListedBooking { booking, in_bot })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_clients_are_called_no_line_of_a_part_is_lost(
        visits in proptest::collection::vec(any_listed(), VISITS_PER_PART as usize),
        words in hostile(),
    ) {
        for texts in [texts(), english()] {
            let part = AgendaPart { part: 9, parts: 10, ..whole(1_000) };
            let html = texts.agenda(part, &visits, at(NOW)).html;
            prop_assert_eq!(telegram_accepts(&html), Ok(()));
            prop_assert!(telegram_len(&html) < MESSAGE_MAX, "{}", telegram_len(&html));
            prop_assert_eq!(html.lines().count(), 2 + visits.len() + 1, "{}", html);
            let found = Found { bookings: visits[..10].to_vec(), more: 5 };
            let html = texts.found(&words, &found, at(NOW)).html;
            prop_assert_eq!(telegram_accepts(&html), Ok(()));
            prop_assert!(telegram_len(&html) <= MESSAGE_MAX);
        }
    }
}
