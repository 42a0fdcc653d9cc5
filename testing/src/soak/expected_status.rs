//! The expected meaning of a booking, computed independently of the product. The newest request
//! counts, but within 30 s after a cancellation only an explicit restoration undoes it.

use chrono::TimeDelta;

use super::record::{Event, Meaning};

/// How long after a cancellation its second trigger may come.
const SECOND_TRIGGER: TimeDelta = TimeDelta::seconds(30);
/// Tolerance between the clocks of two processes.
const CLOCKS: TimeDelta = TimeDelta::milliseconds(50);

/// Whether the second of two events came within 30 s after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Soon {
    Yes,
    No,
    /// Unknown: a request arrived at some time between its sending and its response.
    Perhaps,
}

fn soon(first: &Event, second: &Event) -> Soon {
    let least = second.sent - first.answered - CLOCKS;
    let most = second.answered - first.sent + CLOCKS;
    match (least < SECOND_TRIGGER, most < SECOND_TRIGGER) {
        (_, true) => Soon::Yes,
        (true, false) => Soon::Perhaps,
        (false, false) => Soon::No,
    }
}

/// The possible meanings of a booking with these events. There are several when arrival times leave
/// it open.
#[must_use]
pub fn possible(events: &[Event]) -> Vec<Meaning> {
    let newest = |sort: fn(&Event) -> bool| events.iter().rposition(sort);
    let cancelled = newest(|event| event.meaning() == Meaning::Cancelled);
    let restored = newest(|event| event.word.restores());
    let other = newest(|event| event.meaning() != Meaning::Cancelled && !event.word.restores());
    let lasting = other.max(restored).map(|at| events[at].meaning());
    let Some(at) = cancelled.filter(|at| Some(*at) > restored) else {
        return lasting.into_iter().collect();
    };
    let revived = other.filter(|other| *other > at).map(|other| soon(&events[at], &events[other]));
    match (revived, lasting) {
        (Some(Soon::No), Some(meaning)) => vec![meaning],
        (Some(Soon::Perhaps), Some(meaning)) => vec![Meaning::Cancelled, meaning],
        (Some(Soon::Yes) | None, _) | (_, None) => vec![Meaning::Cancelled],
    }
}

/// Whether the booking is certainly cancelled although a later request means "stands".
#[must_use]
pub fn is_contradicted(events: &[Event]) -> bool {
    let stands = |event: &Event| matches!(event.meaning(), Meaning::Stands | Meaning::Pending);
    let cancelled = events.iter().rposition(|event| event.meaning() == Meaning::Cancelled);
    possible(events) == [Meaning::Cancelled]
        && cancelled.is_some_and(|at| events[at..].last().is_some_and(stands))
}

/// Whether any request may have contradicted a cancellation.
#[must_use]
pub fn may_be_contradicted(events: &[Event]) -> bool {
    let cancels = |event: &&Event| event.meaning() == Meaning::Cancelled;
    let contradicts = |event: &&Event| {
        matches!(event.meaning(), Meaning::Stands | Meaning::Pending) && !event.word.restores()
    };
    events.iter().enumerate().filter(|(_, event)| cancels(event)).any(|(at, cancelled)| {
        let later = events[at..].iter().filter(contradicts);
        later.into_iter().any(|event| soon(cancelled, event) != Soon::No)
    })
}

/// How often a request with this tag, too late to be a second trigger, may have revived the
/// booking.
#[must_use]
pub fn revivals(events: &[Event], tag: &str) -> usize {
    let of_tag: Vec<&Event> = events.iter().filter(|event| event.tag == tag).collect();
    let revives = |at: usize| {
        let this = of_tag[at];
        let cancelled = of_tag[..at].iter().rfind(|event| event.meaning() == Meaning::Cancelled);
        this.meaning() == Meaning::Stands
            && cancelled.is_some_and(|before| soon(before, this) != Soon::Yes)
    };
    (0..of_tag.len()).filter(|at| revives(*at)).count()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::soak::record::Word;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn events(posts: &[(i64, Word)]) -> Vec<Event> {
        let event = |(second, word): &(i64, Word)| Event {
            tag: "SK1-1".into(),
            word: *word,
            start: at(900),
            end: at(909),
            with_phone: true,
            corrected: false,
            begun: at(*second),
            sent: at(*second),
            answered: at(*second) + TimeDelta::milliseconds(20),
            accepted: Some(second.to_string()),
            lost: false,
        };
        posts.iter().map(event).collect()
    }

    #[test]
    fn the_newest_request_counts_but_a_second_trigger() {
        use Meaning::{Cancelled, Pending, Stands};
        let cancel = (10, Word::CancelEvent);
        for (posts, meanings, contradicted) in [
            (&[(0, Word::None), cancel][..], &[Cancelled][..], false),
            (&[(0, Word::None), cancel, (12, Word::New)], &[Cancelled], true),
            (&[(0, Word::None), cancel, (12, Word::Pending)], &[Cancelled], true),
            (&[(0, Word::None), cancel, (12, Word::NoShow)], &[Cancelled], false),
            (&[(0, Word::None), cancel, (12, Word::New), (41, Word::New)], &[Stands], false),
            (&[(0, Word::None), cancel, (40, Word::New)], &[Cancelled, Stands], false),
            (&[(0, Word::None), cancel, (12, Word::Restored)], &[Stands], false),
            (
                &[(0, Word::None), cancel, (12, Word::Restored), (13, Word::Pending)],
                &[Pending],
                false,
            ),
            (&[(0, Word::Restored), cancel, (12, Word::New)], &[Cancelled], true),
        ] {
            let events = events(posts);
            assert_eq!(possible(&events), meanings, "{posts:?}");
            assert_eq!(is_contradicted(&events), contradicted, "{posts:?}");
        }
    }

    #[test]
    fn contradictions_and_revivals_are_seen_in_the_middle_too() {
        let posts =
            [(0, Word::None), (10, Word::CancelEvent), (12, Word::New), (20, Word::Restored)];
        assert!(may_be_contradicted(&events(&posts)));
        assert!(!may_be_contradicted(&events(&[posts[0], posts[1], posts[3]])));
        assert!(!may_be_contradicted(&events(&[posts[0], posts[1], (50, Word::New)])));
        assert_eq!(revivals(&events(&posts), "SK1-1"), 0);
        assert_eq!(revivals(&events(&[posts[0], posts[1], (50, Word::New)]), "SK1-1"), 1);
        assert_eq!(revivals(&events(&[posts[0], posts[1], (50, Word::New)]), "SK1-2"), 0);
    }
}
