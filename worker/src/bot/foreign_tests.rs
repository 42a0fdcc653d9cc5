//! Presses and words about a booking or request of somebody else: whatever the sender's state, they change nothing and
//! learn nothing.

use proptest::prelude::*;
use shared::domain::{
    booking::Stars,
    consent::Consent,
    dialogue::Dialogue,
    ids::{BookingId, RequestId},
    phone::PhoneRegion,
};

use super::*;
use crate::bot::{
    decision::{Act, Ended},
    keyboard::VisitAction,
};

const THEIRS: BookingId = BookingId(7);
const THEIR_REQUEST: RequestId = RequestId(70);

/// Any dialogue of the sender. One about the foreign booking is left from when it was the sender's.
fn any_dialogue() -> impl Strategy<Value = Dialogue> {
    let booking = prop_oneof![Just(THEIRS), Just(BookingId(8))];
    prop_oneof![
        Just(Dialogue::Idle),
        Just(Dialogue::Reason(RequestId(71))),
        booking.clone().prop_map(Dialogue::NewTime),
        booking.clone().prop_map(Dialogue::Complaint),
        booking.prop_map(Dialogue::Rating),
    ]
}

/// Any sender who has no right to the booking.
fn any_sender() -> impl Strategy<Value = Option<Client>> {
    let consent = prop_oneof![Just(Consent::NotNeeded), Just(Consent::Given)];
    let known = (any::<bool>(), any::<bool>(), any_dialogue(), consent);
    proptest::option::of(known.prop_map(|(registered, reachable, dialogue, consent)| Client {
        registered,
        reachable,
        dialogue: if registered { dialogue } else { Dialogue::Idle },
        consent,
    }))
}

/// The booking in any state, which may be gone.
fn any_booking() -> impl Strategy<Value = Option<ConcernedBooking>> {
    let state = (any::<bool>(), any::<bool>(), 0..3i32, 0..3usize);
    proptest::option::of(state.prop_map(|(visited, awaited, version, listed)| ConcernedBooking {
        id: THEIRS,
        own: false,
        visited,
        awaited,
        version,
        listed,
    }))
}

/// Each press about the booking or its request that names it in its data.
fn any_press() -> impl Strategy<Value = Intent> {
    let callback = || "q".to_owned();
    let visit = (proptest::sample::select(VisitAction::ALL), 0..3i32);
    prop_oneof![
        (1u8..=5).prop_map(move |stars| Intent::Rate {
            booking: THEIRS,
            stars: Stars::try_from(stars).unwrap(),
            callback: callback(),
        }),
        visit.prop_map(move |(action, version)| Intent::Visit {
            action,
            booking: THEIRS,
            version,
            message: Some(5),
            callback: callback(),
        }),
        Just(Intent::NoReason { request: THEIR_REQUEST, callback: callback() }),
        Just(Intent::StaleCallback { callback: callback() }),
    ]
}

fn setting(has_staff: bool) -> Setting {
    Setting { region: PhoneRegion::RUSSIA, has_staff, needs_consent: false }
}

/// The booking that an act is about.
fn booking_of(act: &Act) -> Option<BookingId> {
    match act {
        Act::Comes { booking, .. } | Act::Keep { booking, .. } | Act::Cancel { booking, .. } => {
            Some(*booking)
        }
        Act::Request(wish) => wish.booking,
        Act::Join(booking) => Some(*booking),
        Act::Open(dialogue) | Act::End(dialogue) => dialogue.booking(),
        Act::Reason { .. }
        | Act::StrangersWords(_)
        | Act::Tries(..)
        | Act::Turn { .. }
        | Act::Consent
        | Act::ConsentRequested
        | Act::Forget
        | Act::Language(_)
        | Act::TakeButtons { .. } => None,
    }
}

proptest! {
    #[test]
    fn a_foreign_press_has_one_answer_that_names_nothing(
        press in any_press(),
        sender in any_sender(),
        booking in any_booking(),
        has_staff in any::<bool>(),
    ) {
        let decision = decide(&press, sender.as_ref(), booking.as_ref(), None, setting(has_staff));
        let registered = sender.is_some_and(|sender| sender.registered);
        prop_assert_eq!(&decision.replies, &[Reply::StaleButton { registered }]);
        prop_assert_eq!(&decision.acts, &[]);
        prop_assert_eq!(decision.rating, None);
        let open = sender.map_or(Dialogue::Idle, |sender| sender.dialogue);
        prop_assert_eq!(ended(&press, open, &decision), Ended::Nothing);
    }

    #[test]
    fn words_never_go_to_a_booking_or_request_that_is_not_the_senders(
        words in "[1-5]|отлично|\\PC{0,20}",
        attached in any::<bool>(),
        sender in any_sender(),
        booking in any_booking(),
        has_staff in any::<bool>(),
    ) {
        let intent = if attached {
            Intent::Attachment { message: 5, caption: words }
        } else {
            Intent::Text(words)
        };
        let concerned = concerned_booking(&intent, sender.as_ref());
        let booking = booking.filter(|booking| Some(booking.id) == concerned);
        let decision = decide(&intent, sender.as_ref(), booking.as_ref(), None, setting(has_staff));
        prop_assert_eq!(decision.rating, None);
        for act in &decision.acts {
            prop_assert_ne!(booking_of(act), Some(THEIRS), "{:?}", act);
            let reason = matches!(act, Act::Reason { request, .. } if *request == THEIR_REQUEST);
            prop_assert!(!reason, "{:?}", act);
        }
    }
}
