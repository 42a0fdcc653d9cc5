//! What joining does in each state, and what can be learnt by trying: nothing.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use shared::domain::{
    consent::Consent,
    ids::BookingId,
    join::{Join, JoinKey, TRIES, Tries},
    phone::PhoneRegion,
};

use super::*;
use crate::bot::{Intent, Setting, decide, keyboard::SettingsAction};

const BOOKING: BookingId = BookingId(7);
const SETTING: Setting =
    Setting { region: PhoneRegion::RUSSIA, has_staff: true, needs_consent: false };

fn now() -> DateTime<Utc> {
    "2026-01-10T12:00:00Z".parse().unwrap()
}

fn client(registered: bool, consent: Consent) -> Client {
    Client { registered, reachable: true, dialogue: Dialogue::Idle, consent }
}

fn free(digits: Option<&str>) -> Target {
    Target::Free { booking: BOOKING, digits: digits.and_then(LastDigits::typed) }
}

fn facts(by_token: bool, target: Target) -> JoinFacts {
    let join = Join { booking: Some(BOOKING), by_token };
    JoinFacts { join, target, chat: Tries::default(), booking: Tries::default(), now: now() }
}

fn locked() -> Tries {
    let until = Some(now() + TimeDelta::minutes(1));
    Tries { wrong: TRIES, last_at: now(), locked_until: until }
}

fn run(intent: &Intent, before: Client, facts: &JoinFacts) -> Decision {
    decide(intent, Some(&before), None, Some(facts), SETTING)
}

fn link() -> Intent {
    Intent::Join(JoinKey::of_link("aZ09aZ09aZ09aZ09").unwrap())
}

fn text(text: &str) -> Intent {
    Intent::Text(text.into())
}

fn waits(facts: &JoinFacts, client: Client) -> Client {
    Client { dialogue: Dialogue::Digits(facts.join), ..client }
}

fn joins(decision: &Decision) -> bool {
    decision.acts.contains(&Act::Join(BOOKING))
}

#[test]
fn a_token_attaches_at_once_without_a_phone_and_after_its_digits_with_one() {
    let stranger = client(false, Consent::NotNeeded);
    let without = facts(true, free(None));
    let at_once = run(&link(), stranger, &without);
    assert!(joins(&at_once) && at_once.replies == [Reply::Joined], "{at_once:?}");
    assert!(at_once.client.unwrap().registered);

    let with = facts(true, free(Some("4567")));
    let opened = run(&link(), stranger, &with);
    assert_eq!(opened.acts, [Act::Open(Dialogue::Digits(with.join))]);
    assert_eq!(opened.replies, [Reply::AskDigits]);
    let right = run(&text("45-67"), waits(&with, stranger), &with);
    assert!(joins(&right) && right.replies == [Reply::Joined], "{right:?}");
    let wrong = run(&text("4568"), waits(&with, stranger), &with);
    assert_eq!(wrong.replies, [Reply::WrongDigits]);
    let [Act::Tries(Scope::Token, tries)] = wrong.acts[..] else { panic!("{wrong:?}") };
    assert_eq!(tries.wrong, 1);
    let dead = run(&link(), stranger, &facts(true, Target::Nothing));
    assert_eq!((dead.acts, dead.replies), (vec![], vec![Reply::DeadLink { registered: false }]));
}

#[test]
fn tries_by_code_never_lock_the_way_by_token() {
    let stranger = client(false, Consent::NotNeeded);
    let booking_locked = JoinFacts { booking: locked(), ..facts(true, free(Some("4567"))) };
    assert!(joins(&run(&text("4567"), waits(&booking_locked, stranger), &booking_locked)));
    let by_code = JoinFacts { booking: locked(), ..facts(false, free(Some("4567"))) };
    let refused = run(&text("4567"), waits(&by_code, stranger), &by_code);
    assert_eq!(refused.replies, [Reply::WrongDigits]);
    // An account with too many wrong digits still opens a link that needs none.
    let account = JoinFacts { chat: locked(), ..facts(true, free(None)) };
    assert!(joins(&run(&link(), stranger, &account)));
}

#[test]
fn a_code_is_requested_its_digits_and_the_fifth_wrong_ones_lock() {
    let stranger = client(false, Consent::NotNeeded);
    let mut facts = facts(false, free(Some("4567")));
    let opened = run(&text("C6UDS3"), stranger, &facts);
    assert_eq!(opened.replies, [Reply::AskDigits]);
    for n in 1..=TRIES {
        let wrong = run(&text("0000"), waits(&facts, stranger), &facts);
        let last = n == TRIES;
        let reply = if last { Reply::JoinLocked } else { Reply::WrongDigits };
        assert_eq!(wrong.replies, [reply], "{n}");
        let [Act::Tries(Scope::Chat, chat), Act::Tries(Scope::Booking(BOOKING), booking)] =
            wrong.acts[..]
        else {
            panic!("{wrong:?}")
        };
        assert_eq!((chat.wrong, booking.wrong), (n, n));
        (facts.chat, facts.booking) = (chat, booking);
    }
    let sixth = run(&text("4567"), waits(&facts, stranger), &facts);
    assert_eq!((sixth.acts, sixth.replies), (vec![], vec![Reply::JoinLocked]));
    // Another account: the booking is locked, which it does not learn.
    facts.chat = Tries::default();
    let other = run(&text("4567"), waits(&facts, stranger), &facts);
    assert!(!joins(&other) && other.replies == [Reply::WrongDigits], "{other:?}");
    assert_eq!(other.acts.len(), 1, "a locked booking's tries are not counted: {other:?}");
}

#[test]
fn without_a_consent_nothing_is_attached_until_it_is_pressed() {
    let agrees = Intent::Settings {
        action: SettingsAction::Consent,
        message: Some(5),
        callback: "q".into(),
    };
    for registered in [false, true] {
        let missing = client(registered, Consent::Missing);
        let ask = Reply::AskConsent { registered };
        for facts in [
            facts(true, free(None)),
            facts(true, free(Some("4567"))),
            facts(false, Target::Nothing),
        ] {
            let intent = if facts.join.by_token { link() } else { text("C6UDS3") };
            let opened = run(&intent, missing, &facts);
            assert_eq!(opened.acts, [Act::Open(Dialogue::Digits(facts.join))], "{facts:?}");
            assert_eq!(opened.replies, std::slice::from_ref(&ask), "{facts:?}");
            let digits = run(&text("4567"), waits(&facts, missing), &facts);
            assert!(!joins(&digits), "{digits:?}");
            let after = run(&agrees, missing, &facts);
            assert!(after.acts.contains(&Act::Consent), "{after:?}");
            let at_once = facts.target == free(None);
            assert_eq!(joins(&after), at_once);
            let next = if at_once { Reply::Joined } else { Reply::AskDigits };
            assert_eq!(after.replies, [next], "{facts:?}");
        }
    }
}

#[test]
fn ones_own_booking_is_shown() {
    let known = client(true, Consent::NotNeeded);
    let by_code = run(&text("C6UDS3"), known, &facts(false, Target::Own(BOOKING)));
    assert_eq!(by_code.replies, [Reply::Booking { booking: BOOKING, changed: false }]);
    let by_token = run(&link(), known, &facts(true, Target::Own(BOOKING)));
    assert_eq!(by_token.replies, [Reply::Known]);
    assert!(by_code.acts.is_empty() && by_token.acts.is_empty());
}

#[test]
fn digits_and_codes_keep_their_place_in_the_order_of_dialogues() {
    let known = client(true, Consent::NotNeeded);
    let facts = facts(false, free(Some("4567")));
    let reason = Client { dialogue: Dialogue::Reason(shared::domain::ids::RequestId(3)), ..known };
    for words in ["4567", "C6UDS3"] {
        let taken = run(&text(words), reason, &facts);
        assert!(matches!(taken.acts[..], [Act::Reason { .. }]), "{taken:?}");
    }
    let rating = Client { dialogue: Dialogue::Rating(BOOKING), ..known };
    let visit = crate::bot::ConcernedBooking {
        id: BOOKING,
        own: true,
        visited: true,
        awaited: false,
        version: 1,
        listed: 1,
    };
    let typed =
        |words: &str| decide(&text(words), Some(&rating), Some(&visit), Some(&facts), SETTING);
    assert_eq!(typed("C6UDS3").replies, [Reply::AskDigits]);
    assert!(typed("5").rating.is_some());
}

fn any_tries() -> impl Strategy<Value = Tries> {
    let until = proptest::option::of(-90i64..90);
    (0..TRIES, 0i64..90, until).prop_map(|(wrong, ago, until)| Tries {
        wrong,
        last_at: now() - TimeDelta::minutes(ago),
        locked_until: until.map(|minutes| now() + TimeDelta::minutes(minutes)),
    })
}

proptest! {
    /// Whatever became of a code's booking, an account that does not know its digits gets the same answers, and is
    /// locked by the same tries.
    #[test]
    fn answers_to_a_code_are_the_same_whether_its_booking_is_known_locked_or_anothers(
        booking in any_tries(),
        chat in any_tries(),
        registered in any::<bool>(),
        needs in any::<bool>(),
        typed in "[0-9]{4}",
    ) {
        let consent = if needs { Consent::Missing } else { Consent::NotNeeded };
        let stranger = client(registered, consent);
        let seen = |target: Target, join: Option<BookingId>, typed: &str| {
            let join = Join { booking: join, by_token: false };
            let facts = JoinFacts { join, target, chat, booking, now: now() };
            let own = |decision: Decision| {
                // What the account's later answers depend on.
                let chat = decision.acts.iter().find_map(|act| match act {
                    Act::Tries(Scope::Chat, tries) => Some(*tries),
                    _ => None,
                });
                (decision.replies, chat, decision.client.map(|client| client.registered))
            };
            let code = own(run(&text("C6UDS3"), stranger, &facts));
            let link = own(run(&Intent::Join(JoinKey::of_link("C6UDS3").unwrap()), stranger, &facts));
            let digits = own(run(&text(typed), waits(&facts, stranger), &facts));
            (code, link, digits)
        };
        let unknown = seen(Target::Nothing, None, &typed);
        prop_assert_eq!(&unknown, &seen(Target::Nothing, Some(BOOKING), &typed));
        let other = if typed == "4567" { "4568" } else { "4567" };
        prop_assert_eq!(&unknown, &seen(free(Some(other)), Some(BOOKING), &typed));
        if booking.are_locked(now()) {
            prop_assert_eq!(&unknown, &seen(free(Some(&typed)), Some(BOOKING), &typed));
        }
    }
}
