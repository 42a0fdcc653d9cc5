//! What a resource of `venue.toml` changes: the texts about its bookings, and nothing else.

use proptest::prelude::*;
use shared::domain::{
    resource::{Matches, Resource, Resources, Reviews},
    venue::{Venue, VenueFile},
};

use super::*;
use crate::texts::{
    Before, ButtonAction, Form, Keyboard, Rendered,
    fixtures::{any_booking, at, booking, hostile, of, venue},
    html::telegram_accepts,
    telegram_len,
    texts_tests::NOW,
};

const MAP: &str = "https://yandex.ru/maps/org/2";
const REVIEW: &str = "https://2gis.ru/firm/2";

fn quest() -> Resource {
    Resource {
        matches: Matches::Prefix("ЛЕН>".into()),
        address: Some("пр. <Ленинский>, 20".into()),
        map: Some(MAP.into()),
        lines: vec!["🧦 Возьмите носки & воду".into(), "Вход со двора".into()],
        reviews: Some(Reviews { two_gis: Some(REVIEW.into()), yandex_maps: None }),
    }
}

fn texts_with(resources: Vec<Resource>) -> Texts {
    let file = VenueFile { resources: Resources::new(resources), ..VenueFile::default() };
    of(Venue { file, ..venue() })
}

fn texts() -> Texts {
    texts_with(vec![quest()])
}

fn elsewhere() -> BookingView {
    BookingView {
        id: shared::domain::ids::BookingId(8),
        code: "D7VET4".into(),
        service: Some("лен> Квест".into()),
        zone: None,
        ..booking()
    }
}

/// The addresses that the buttons open.
fn links(rendered: &Rendered) -> Vec<&str> {
    let Keyboard::Inline(rows) = &rendered.keyboard else { return Vec::new() };
    let opened = rows.iter().flatten().filter_map(|button| match &button.action {
        ButtonAction::Open(url) => Some(url.as_str()),
        ButtonAction::Press(_) => None,
    });
    opened.collect()
}

const OWN: &str = "📍 пр. &lt;Ленинский&gt;, 20\n🧦 Возьмите носки &amp; воду\nВход со двора\n";
const VENUES: &str = "📍 ул. Ленина, 1\n";

#[test]
fn a_resources_booking_gets_its_place_and_another_the_venues() {
    let (texts, now) = (texts(), at(NOW));
    let before = Before { service: None, start: Some(at("26.12.2025 10:00")) };
    let (own, other) = (elsewhere(), booking());
    let with_place = [
        (texts.created(&own, now), texts.created(&other, now)),
        (texts.moved(&own, &before, now), texts.moved(&other, &before, now)),
        (texts.reminder(&own, now), texts.reminder(&other, now)),
        (texts.booking(&own, false, now), texts.booking(&other, false, now)),
    ];
    for (own, other) in with_place {
        assert!(own.html.contains(OWN) && !own.html.contains("Ленина"), "{}", own.html);
        assert!(other.html.contains(VENUES) && !other.html.contains("носки"), "{}", other.html);
    }
    let cancelled = texts.cancelled(&own, now).html;
    assert!(!cancelled.contains("носки") && !cancelled.contains("Ленинский"), "{cancelled}");
    assert_eq!(links(&texts.created(&own, now)), [MAP]);
    assert!(links(&texts.created(&other, now))[0].starts_with("https://yandex.ru/maps/?text="));
    let location = |booking| match texts.calendar(&[booking], now).unwrap().form {
        Form::Document(document) => {
            let line = document.content.lines().find(|line| line.starts_with("LOCATION:"));
            line.unwrap().to_owned()
        }
        form => panic!("{form:?}"),
    };
    assert_eq!(location(own), "LOCATION:пр. <Ленинский>\\, 20");
    assert_eq!(location(other), "LOCATION:VR арена\\, ул. Ленина\\, 1");
    // The venue's own commands stay.
    assert!(texts.address(true).html.contains("Ленина"));
}

#[test]
fn what_a_resource_leaves_out_is_the_venues() {
    let resource = Resource { address: None, map: None, reviews: None, ..quest() };
    let texts = texts_with(vec![resource]);
    let created = texts.created(&elsewhere(), at(NOW));
    assert!(created.html.contains("📍 ул. Ленина, 1\n🧦"), "{}", created.html);
    assert!(links(&created)[0].contains("?text="), "{created:?}");
    assert_eq!(links(&texts.thanks(5, Some(&elsewhere()))).len(), 2);
    // An address alone: the way leads to it.
    let texts = texts_with(vec![Resource { map: None, ..quest() }]);
    let created = texts.created(&elsewhere(), at(NOW));
    assert!(links(&created)[0].contains("20") && !links(&created)[0].contains("org/2"));
}

#[test]
fn reviews_go_where_the_visit_was() {
    let texts = texts();
    assert_eq!(links(&texts.thanks(5, Some(&elsewhere()))), [REVIEW]);
    let venues = ["https://2gis.ru/ufa/firm/1", "https://yandex.ru/maps/org/1"];
    assert_eq!(links(&texts.thanks(5, Some(&booking()))), venues);
    assert_eq!(links(&texts.thanks(5, None)), venues);
    assert_eq!(links(&texts.thanks(4, Some(&elsewhere()))), [""; 0]);
    // None of the venue's is offered in place of one that is left out.
    let none = texts_with(vec![Resource { reviews: Some(Reviews::default()), ..quest() }]);
    let thanks = none.thanks(5, Some(&elsewhere()));
    assert_eq!((links(&thanks).len(), thanks.html.contains("отзыв")), (0, false));
}

#[test]
fn a_list_has_one_place_or_each_its_own() {
    let (texts, now) = (texts(), at(NOW));
    let same = [elsewhere(), BookingView { code: "E8WFU5".into(), ..elsewhere() }];
    for list in [texts.confirmed_together(&same, now), texts.reminder_together(&same, now)] {
        assert_eq!(list.html.matches(OWN.trim_end()).count(), 1, "{}", list.html);
    }
    assert_eq!(links(&texts.confirmed_together(&same, now)), [MAP]);
    let different = [booking(), elsewhere()];
    for list in
        [texts.confirmed_together(&different, now), texts.reminder_together(&different, now)]
    {
        let (first, second) = list.html.split_once("D7VET4").unwrap();
        assert!(first.contains("   📍 ул. Ленина, 1"), "{}", list.html);
        assert!(second.contains("   📍 пр. &lt;Ленинский&gt;, 20\n   🧦"), "{}", list.html);
        assert_eq!(list.html.matches("📍").count(), 2, "{}", list.html);
        // There is no one way.
        assert_eq!(links(&list), [""; 0]);
    }
}

#[test]
fn every_visit_is_listed_before_the_lines_of_their_places() {
    let resource = |number: usize, address: usize| Resource {
        matches: Matches::Name(format!("Зал {number}")),
        address: Some(format!("{number} {}", "а".repeat(address))),
        lines: vec!["б".repeat(200); 5],
        ..quest()
    };
    for (address, shown) in [(100, 10), (280, 0)] {
        let texts = texts_with((0..10).map(|number| resource(number, address)).collect());
        let bookings: Vec<BookingView> = (0..10)
            .map(|number| BookingView {
                code: format!("CODE{number}"),
                service: Some(format!("Зал {number}")),
                ..booking()
            })
            .collect();
        let list = texts.confirmed_together(&bookings, at(NOW)).html;
        assert!((0..10).all(|number| list.contains(&format!("CODE{number}"))), "{list}");
        assert_eq!((list.matches("📍").count(), list.contains("ббб")), (shown, false), "{list}");
        assert!(telegram_len(&list) < 4_000 && list.ends_with("До встречи!"), "{list}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_resource_is_text_whatever_it_holds(
        address in proptest::option::of(hostile()),
        lines in proptest::collection::vec(hostile(), 0..6),
        list in proptest::collection::vec(any_booking(), 1..12),
        others in any::<bool>(),
    ) {
        let resource = Resource { address, lines, matches: Matches::Prefix(String::new()), ..quest() };
        let resource = if others {
            Resource { matches: Matches::Name("VR Арена".into()), ..resource }
        } else {
            resource
        };
        let texts = texts_with(vec![resource]);
        let bookings: Vec<BookingView> = list.into_iter().chain([booking()]).collect();
        let now = at(NOW);
        let rendered = [
            texts.created(&booking(), now),
            texts.reminder(&booking(), now),
            texts.confirmed_together(&bookings, now),
            texts.reminder_together(&bookings, now),
            texts.booking(&booking(), false, now),
        ];
        for Rendered { html, .. } in rendered {
            prop_assert_eq!(telegram_accepts(&html), Ok(()), "{}", html);
        }
    }
}
