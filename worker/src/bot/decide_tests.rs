//! The decision for each intent, and properties of any sequence of intents.

use proptest::prelude::*;
use shared::domain::{booking::Stars, dialogue::Dialogue, ids::BookingId, phone::PhoneRegion};

use super::*;
use crate::{bot::command::Command, texts::UnusableNumber};

const OPEN: BookingId = BookingId(7);
const OTHER: BookingId = BookingId(8);
const FOREIGN: BookingId = BookingId(9);

fn stars(n: u8) -> Stars {
    Stars::try_from(n).unwrap()
}

fn client(registered: bool, dialogue: Dialogue) -> Client {
    Client { registered, reachable: true, dialogue, consent: Consent::NotNeeded }
}

const IDLE: Dialogue = Dialogue::Idle;
const RATING: Dialogue = Dialogue::Rating(OPEN);

/// A visit that has begun.
fn visited(id: BookingId) -> ConcernedBooking {
    ConcernedBooking { id, own: true, visited: true, awaited: true, version: 1, listed: 1 }
}

/// A venue where nobody reads what clients write.
const NO_STAFF: Setting =
    Setting { region: PhoneRegion::RUSSIA, has_staff: false, needs_consent: false };

fn run(intent: &Intent, client: Option<Client>, booking: Option<ConcernedBooking>) -> Decision {
    let concerned = concerned_booking(intent, client.as_ref());
    let booking = booking.filter(|booking| Some(booking.id) == concerned);
    decide(intent, client.as_ref(), booking.as_ref(), None, NO_STAFF)
}

fn text(text: &str) -> Intent {
    Intent::Text(text.into())
}

fn press(booking: BookingId, n: u8) -> Intent {
    Intent::Rate { booking, stars: stars(n), callback: "q".into() }
}

fn contact(phone: &str, own: bool) -> Intent {
    Intent::Contact { phone: phone.into(), own }
}

#[test]
fn strangers_get_a_request_for_their_number() {
    let ask = Reply::ask_contact;
    for (intent, answer) in [
        (Intent::Command(Command::Start), Reply::Greeting),
        (Intent::Command(Command::Bookings), ask(AskWhy::First)),
        (text("привет"), ask(AskWhy::First)),
        (text(""), ask(AskWhy::First)),
        (text("+7 999 123-45-67"), ask(AskWhy::Typed)),
        (text("89991234567"), ask(AskWhy::Typed)),
        (text("99912"), ask(AskWhy::Typed)),
        (contact("+79991234567", false), ask(AskWhy::Foreign)),
        (contact("+88801234567", true), Reply::unusable_number(UnusableNumber::Anonymous)),
        (contact("my number", true), Reply::unusable_number(UnusableNumber::NotANumber)),
        (contact("89991234567", true), Reply::unusable_number(UnusableNumber::Unknown)),
        (Intent::Command(Command::Help), Reply::Help { registered: false }),
        (Intent::Command(Command::Address), Reply::Address { registered: false }),
        (Intent::Command(Command::Contacts), Reply::Contacts { registered: false }),
        (press(OPEN, 5), Reply::StaleButton { registered: false }),
    ] {
        let decision = run(&intent, None, None);
        assert_eq!(decision.replies, [answer], "{intent:?}");
        assert_eq!(decision.client, Some(client(false, IDLE)), "{intent:?}");
        assert_eq!((proven_phone(&intent), decision.rating), (None, None), "{intent:?}");
    }
}

#[test]
fn the_own_contact_registers_in_any_state() {
    for phone in ["79991234567", "+79991234567"] {
        for before in [None, Some(client(false, IDLE)), Some(client(true, RATING))] {
            let intent = contact(phone, true);
            let decision = run(&intent, before, None);
            assert_eq!(proven_phone(&intent).unwrap().as_e164(), "+79991234567");
            assert_eq!(decision.replies, [Reply::Registered]);
            assert_eq!(decision.client, Some(client(true, IDLE)));
        }
    }
    // Telegram's numbers are international: this is Germany's, not a Russian one without its code.
    let intent = contact("4930901820", true);
    assert_eq!(run(&intent, None, None).replies, [Reply::Registered]);
    assert_eq!(proven_phone(&intent).unwrap().as_e164(), "+4930901820");
}

#[test]
fn an_own_contact_that_no_booking_can_have_changes_nothing() {
    for (phone, why) in [
        ("88801234567", UnusableNumber::Anonymous),
        ("call me", UnusableNumber::NotANumber),
        ("+0009991234567", UnusableNumber::Unknown),
    ] {
        for registered in [false, true] {
            for dialogue in [IDLE, RATING] {
                let before = client(registered, dialogue);
                let intent = contact(phone, true);
                let decision = run(&intent, Some(before), Some(visited(OPEN)));
                assert_eq!(decision.replies, [Reply::unusable_number(why)], "{phone}");
                assert_eq!(decision.client, Some(before), "{phone}");
                assert_eq!((proven_phone(&intent), decision.rating), (None, None), "{phone}");
            }
        }
    }
}

#[test]
fn known_clients_get_what_they_ask_for_and_leave_the_question() {
    for (intent, answer) in [
        (Intent::Command(Command::Start), Reply::Known),
        (Intent::Command(Command::Bookings), Reply::Bookings),
        (Intent::Command(Command::Help), Reply::Help { registered: true }),
        (Intent::Command(Command::Address), Reply::Address { registered: true }),
        (Intent::Command(Command::Contacts), Reply::Contacts { registered: true }),
    ] {
        for dialogue in [IDLE, RATING] {
            let decision = run(&intent, Some(client(true, dialogue)), Some(visited(OPEN)));
            assert_eq!(decision.replies, std::slice::from_ref(&answer), "{intent:?}");
            assert_eq!(decision.client, Some(client(true, IDLE)), "{intent:?}");
        }
    }
}

#[test]
fn where_nothing_is_open_a_text_is_a_text() {
    // The same without a dialogue and after one has ended.
    for intent in [text("5"), text("⭐⭐⭐⭐⭐"), text("спасибо"), text("")] {
        let decision = run(&intent, Some(client(true, IDLE)), Some(visited(OPEN)));
        assert_eq!(decision.replies, [Reply::UnknownText { registered: true }], "{intent:?}");
        assert_eq!(decision.rating, None, "{intent:?}");
    }
    let decision = run(&contact("+79990000000", false), Some(client(true, IDLE)), None);
    assert_eq!(decision.replies, [Reply::ask_contact(AskWhy::Foreign)]);
}

#[test]
fn a_typed_number_rates_after_the_question() {
    let decision = run(&text("5 звёзд"), Some(client(true, RATING)), Some(visited(OPEN)));
    assert_eq!(decision.rating, Some((OPEN, stars(5))));
    assert_eq!(decision.replies, [Reply::ThanksRating { stars: stars(5), booking: Some(OPEN) }]);
    assert_eq!(decision.client, Some(client(true, IDLE)));
    for other in [text("отлично"), text("6"), text(""), contact("+79990000000", false)] {
        let decision = run(&other, Some(client(true, RATING)), Some(visited(OPEN)));
        assert_eq!(decision.replies, [Reply::AskRatingAgain { booking: OPEN }], "{other:?}");
        assert_eq!(decision.client, Some(client(true, RATING)));
        assert_eq!(decision.rating, None);
    }
}

#[test]
fn a_question_about_a_visit_that_is_gone_is_forgotten() {
    let gone = [
        None,
        Some(ConcernedBooking { own: false, ..visited(OPEN) }),
        Some(ConcernedBooking { visited: false, ..visited(OPEN) }),
    ];
    for booking in gone {
        let decision = run(&text("5"), Some(client(true, RATING)), booking);
        assert_eq!(decision.replies, [Reply::UnknownText { registered: true }]);
        assert_eq!((decision.client, decision.rating), (Some(client(true, IDLE)), None));
        let decision = run(&press(OPEN, 5), Some(client(true, IDLE)), booking);
        assert_eq!(decision.replies, [Reply::StaleButton { registered: true }]);
        assert_eq!(decision.rating, None);
    }
}

#[test]
fn presses_on_old_messages_count_and_do_no_harm() {
    // A dialogue about another visit stays open.
    let decision = run(&press(OTHER, 4), Some(client(true, RATING)), Some(visited(OTHER)));
    assert_eq!(decision.rating, Some((OTHER, stars(4))));
    assert_eq!(decision.replies, [Reply::ThanksRating { stars: stars(4), booking: Some(OTHER) }]);
    assert_eq!(decision.client, Some(client(true, RATING)));
}

#[test]
fn blocking_is_noted_only_of_those_who_were_here() {
    assert_eq!(run(&Intent::BotBlocked, None, None).client, None);
    assert_eq!(run(&Intent::BotUnblocked, None, None).client, None);
    let known = client(true, RATING);
    let decision = run(&Intent::BotBlocked, Some(known), None);
    assert_eq!(decision.client, Some(Client { reachable: false, ..known }));
    assert_eq!(decision.replies, []);
    let blocked = decision.client;
    assert_eq!(run(&Intent::BotUnblocked, blocked, None).client, Some(known));
    assert_eq!(
        run(&Intent::Command(Command::Help), blocked, None).client,
        Some(client(true, IDLE))
    );
    assert_eq!(run(&Intent::Ignore, blocked, None), Decision::nothing(blocked));
}

fn any_intent() -> impl Strategy<Value = Intent> {
    let booking = prop_oneof![Just(OPEN), Just(OTHER), Just(FOREIGN), Just(BookingId(404))];
    prop_oneof![
        Just(Intent::Command(Command::Start)),
        Just(Intent::Command(Command::Bookings)),
        Just(Intent::Command(Command::Help)),
        Just(Intent::Command(Command::Address)),
        Just(Intent::Command(Command::Contacts)),
        Just(Intent::BotBlocked),
        Just(Intent::BotUnblocked),
        Just(Intent::Ignore),
        Just(Intent::StaleCallback { callback: "q".into() }),
        ("[+0-9 ]{0,14}|79991234567", any::<bool>()).prop_map(|(phone, own)| contact(&phone, own)),
        ("[0-9]|5 звёзд|\\PC{0,20}").prop_map(Intent::Text),
        (booking, 1u8..=5).prop_map(|(booking, n)| press(booking, n)),
    ]
}

/// A world of three bookings, one of them not the client's. Now and then a feedback request goes out.
#[derive(Debug)]
struct World {
    client: Option<Client>,
    bookings: Vec<ConcernedBooking>,
}

impl World {
    fn step(&mut self, intent: &Intent, question_sent: bool) -> Decision {
        if question_sent && let Some(client) = &mut self.client {
            client.dialogue = RATING;
        }
        let concerned = concerned_booking(intent, self.client.as_ref());
        let booking = self.bookings.iter().find(|b| Some(b.id) == concerned).copied();
        let decision = decide(intent, self.client.as_ref(), booking.as_ref(), None, NO_STAFF);
        self.client = decision.client;
        decision
    }
}

proptest! {
    #[test]
    fn no_sequence_leaves_an_impossible_state(
        steps in proptest::collection::vec((any_intent(), any::<bool>()), 1..40),
    ) {
        let foreign = ConcernedBooking { own: false, ..visited(FOREIGN) };
        let mut world = World { client: None, bookings: vec![visited(OPEN), visited(OTHER), foreign] };
        for (intent, question_sent) in steps {
            let before = world.client;
            let decision = world.step(&intent, question_sent);
            let after = world.client;
            let own_contact = matches!(intent, Intent::Contact { own: true, .. });
            // Only the client's own contact registers. Nothing unregisters or forgets a client.
            let proven = proven_phone(&intent).is_some();
            prop_assert!(!proven || own_contact);
            let registered = |client: Option<Client>| client.is_some_and(|c| c.registered);
            prop_assert_eq!(
                registered(after), registered(before) || proven, "{:?}", intent
            );
            prop_assert!(before.is_none() || after.is_some());
            // A dialogue is opened by sending its question, never by a reply.
            if let Some(Client { dialogue: Dialogue::Rating(id), .. }) = after {
                prop_assert!(id == OPEN && (question_sent || before.map(|c| c.dialogue) == Some(RATING)));
            }
            // A client rates only own bookings. A stranger sees no bookings.
            prop_assert!(decision.rating.is_none_or(|(id, _)| id != FOREIGN));
            let private = [Reply::Known, Reply::Bookings, Reply::Registered];
            prop_assert!(registered(after) || !decision.replies.iter().any(|a| private.contains(a)));
            // Each message of a client gets exactly one reply.
            let silent = matches!(intent, Intent::Ignore | Intent::BotBlocked | Intent::BotUnblocked);
            prop_assert_eq!(decision.replies.len(), usize::from(!silent), "{:?}", intent);
        }
    }
}
