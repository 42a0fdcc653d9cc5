//! The main texts word by word, and what holds for all of them: for any data Telegram accepts the text, and untrusted text link nothing.

use proptest::prelude::*;
use shared::{
    bukza::Fault,
    domain::{
        booking::BookingView,
        message::{MessageKind, Note, RefusalNumbers},
        venue::{Company, Locale, OwnText, Venue, VenueFile},
    },
};

use super::{
    AskWhy, Before, ClientReach, Command, Keyboard, Rendered, Texts, Unread, UnusableNumber,
    fixtures::{any_booking, at, bare, company, hostile, of, texts, venue},
    html::telegram_accepts,
    join_cards, telegram_len,
};

pub(super) const NOW: &str = "20.12.2025 10:00";

#[test]
fn contacts_show_only_what_is_set() {
    assert_eq!(
        texts().contacts(true).html,
        "☎️ <b>Как с нами связаться</b>\n\n\
         Телефон: +7 347 000-00-00\n\
         Сайт: https://example.com\n\
         Часы работы: пн–пт 10–22\nсб, вс 9–23"
    );
    let bare = bare();
    assert_eq!(bare.contacts(true).html, "Контакты пока не указаны.");
    assert_eq!(bare.contacts(false).keyboard, Keyboard::AskContact);
    assert_eq!(bare.address(true).keyboard, Keyboard::Menu);
}

/// The text for each number that no booking can have.
fn unusable(texts: &Texts) -> Vec<Rendered> {
    let each = UnusableNumber::ALL.iter();
    each.map(|why| texts.ask_contact(AskWhy::Unreadable, Some(*why))).collect()
}

#[test]
fn a_number_that_is_of_no_use_is_never_requested_again() {
    let no_phone = Company { phone: Some(" ".into()), ..company() };
    for (company, reach) in [
        (company(), "О записи спросите нас по телефону: +7 347 000-00-00. Или"),
        (no_phone, "О записи спросите нас: /contacts. Или"),
        (Company::default(), "О записи спросите, пожалуйста, у нас напрямую. Или"),
    ] {
        let texts = of(Venue { company, ..venue() });
        for rendered in unusable(&texts) {
            assert!(rendered.html.contains(reach), "{}", rendered.html);
            assert!(!rendered.html.contains("кнопк"), "{}", rendered.html);
            assert_eq!(rendered.keyboard, Keyboard::Keep);
        }
    }
    assert!(unusable(&texts())[0].html.starts_with("Это анонимный номер Telegram (+888)."));
    // As it waits in the outbox of an older build.
    let before = texts().ask_contact(AskWhy::Unreadable, None);
    assert_eq!(before, texts().ask_contact(AskWhy::Unreadable, Some(UnusableNumber::NotANumber)));
}

#[test]
fn menu_labels_are_understood_in_both_languages() {
    let texts = texts();
    for (text, item) in [
        ("📅 Мои записи", Some(Command::Bookings)),
        ("мои  записи", Some(Command::Bookings)),
        ("📍 Адрес", Some(Command::Address)),
        ("☎️ Контакты", Some(Command::Contacts)),
        ("☎ Контакты", Some(Command::Contacts)),
        ("❓ Помощь", Some(Command::Help)),
        ("📅 My bookings", Some(Command::Bookings)),
        ("HELP", Some(Command::Help)),
        ("Адрес?", Some(Command::Address)),
        ("привет", None),
        ("", None),
    ] {
        assert_eq!(texts.menu_command(text), item, "{text}");
    }
    for label in texts.menu_labels().into_iter().flatten() {
        assert!(texts.menu_command(&label).is_some());
    }
}

#[test]
fn labels_of_the_owners_are_understood_beside_the_built_in_ones() {
    let text = OwnText {
        locale: Locale::Ru,
        key: "menu-help".into(),
        pattern: "🆘 Спасите".into(),
        line: 1,
    };
    let file = VenueFile { texts: vec![text], ..VenueFile::default() };
    for locale in [Locale::Ru, Locale::En] {
        let texts = of(Venue { locale, file: file.clone(), ..venue() });
        for label in ["спасите", "🆘 Спасите", "❓ Помощь", "Help"] {
            assert_eq!(texts.menu_command(label), Some(Command::Help), "{label}");
        }
        let shown = texts.menu_labels().concat().contains(&"🆘 Спасите".to_owned());
        assert_eq!(shown, locale == Locale::Ru);
    }
}

/// Every text, made of this data.
fn all(
    texts: &Texts,
    booking: &BookingView,
    before: &Before,
    list: &[BookingView],
    fault: &Fault,
) -> Vec<Rendered> {
    let now = at(NOW);
    let mut all = vec![
        texts.created(booking, now),
        texts.moved(booking, before, now),
        texts.cancelled(booking, now),
        texts.reminder(booking, now),
        texts.feedback_request(booking, now),
        texts.thanks(5, Some(booking)),
        texts.thanks(2, None),
        texts.greeting(),
        texts.registered(),
        texts.known(list, Unread::default(), now),
        texts.bookings(list, Unread { upcoming: u64::MAX, past: 7 }, 0, now),
        texts.rating_again(booking.id),
        texts.stale_button(true),
        texts.address(true),
        texts.contacts(true),
        texts.staff_rejected(&vec![fault.clone(); 9], now, Some(RefusalNumbers::of(1)), now),
    ];
    all.extend(
        [AskWhy::Typed, AskWhy::Foreign, AskWhy::Unreadable, AskWhy::First]
            .map(|why| texts.ask_contact(why, None)),
    );
    all.extend(unusable(texts));
    all.extend(cards(texts, booking, before));
    all
}

/// Every card about a booking.
fn cards(texts: &Texts, booking: &BookingView, before: &Before) -> Vec<Rendered> {
    let now = at(NOW);
    let words = booking.status_words.clone().unwrap_or_default();
    let mut cards = vec![
        texts.staff_created(booking, ClientReach::InBot, now),
        texts.staff_moved(booking, before, ClientReach::Blocked, now),
        texts.staff_cancelled(booking, ClientReach::NotInBot, now),
        texts.staff_rated(booking, 5, now),
        texts.staff_unreachable(booking, now),
        texts.staff_undelivered(booking, MessageKind::Moved, true, now),
        texts.staff_undelivered(booking, MessageKind::Reminder, false, now),
    ];
    let notes = [
        Note::Waits,
        Note::Confirmed,
        Note::NoShow,
        Note::BelievesBooked,
        Note::StandsAfterCancel,
        Note::PhoneAdded,
        Note::HeldBack { words },
    ];
    cards.extend(notes.map(|note| texts.staff_note(booking, &note, ClientReach::InBot, now)));
    cards
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
        let texts = of(Venue { locale, company, ..venue() });
        let before = Before {
            service: before.0,
            start: before.1.then(|| at("26.12.2025 18:30")),
        };
        let fault = Fault { field: field.clone(), message: field };
        for rendered in
            all(&texts, &booking, &before, &list, &fault).into_iter().chain([texts.help(true), texts.unknown_text(false)])
        {
            prop_assert_eq!(telegram_accepts(&rendered.html), Ok(()), "{}", rendered.html);
        }
        let cards: Vec<String> = cards(&texts, &booking, &before).into_iter().map(|r| r.html).collect();
        for card in &cards {
            prop_assert!(telegram_len(card) <= 1_250, "{}", card);
        }
        let (joined, taken) = join_cards(&cards);
        prop_assert!(taken >= 3);
        prop_assert_eq!(telegram_accepts(&joined), Ok(()));
    }

    #[test]
    fn words_from_outside_link_nothing_in_any_text(
        booking in any_booking(),
        service in proptest::option::of(hostile()),
        list in proptest::collection::vec(any_booking(), 0..20),
        word in hostile(),
    ) {
        let texts = bare();
        let before = Before { service, start: None };
        let fault = Fault { field: word.clone(), message: word };
        for Rendered { html, .. } in all(&texts, &booking, &before, &list, &fault) {
            let links = simulator::autolinks(&html);
            prop_assert!(links.as_ref().is_ok_and(Vec::is_empty), "{html}\n{links:?}");
        }
    }
}
