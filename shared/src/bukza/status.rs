//! Combines all the status and event words of a request into one reading.

use std::borrow::Cow;

use super::{
    Rules,
    fields::clean,
    lookup::Layers,
    names::{EVENT, MESSAGE, STATUS},
};
use crate::domain::{
    event::RequestStatus,
    status::{Meaning, StatusReading, combine},
};

/// Beginnings of event words for a cancellation (`cancel`, `order_cancelled`,
/// `otmena`, «Отмена заказа»).
const CANCEL_STEMS: &[&str] = &["cancel", "otmen", "отмен", "delet", "удал", "annul", "аннул"];
/// Beginnings of event words that restore a cancelled booking.
const RESTORE_STEMS: &[&str] = &["восстановлен", "возобновлен", "restored"];
/// Words of a body's `message` that name an event. Any other may be a visitor's.
const MESSAGES: &[&str] = &[
    "cancel",
    "canceled",
    "cancelled",
    "cancellation",
    "delete",
    "deleted",
    "annul",
    "annulled",
    "otmena",
    "otmeneno",
    "отмена",
    "отменен",
    "отменена",
    "отменено",
    "удален",
    "удалена",
    "удалено",
    "удаление",
    "аннулирован",
    "аннулирована",
    "аннулировано",
    "restored",
    "восстановлен",
    "восстановлена",
    "восстановлено",
    "возобновлен",
    "возобновлена",
    "возобновлено",
];
/// Words that may stand beside them: `order_cancelled`, «Отмена записи».
const OBJECTS: &[&str] = &[
    "order",
    "booking",
    "reservation",
    "заказ",
    "заказа",
    "бронь",
    "брони",
    "бронирование",
    "бронирования",
    "запись",
    "записи",
];

/// Reads the word for an event. A longer text was written by a person, not by a trigger.
fn read_event(event: &str) -> StatusReading {
    let words = words(event);
    let negated = words.iter().any(|word| matches!(word.as_str(), "not" | "не" | "no"));
    let has =
        |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)));
    if words.len() > 4 || negated {
        return StatusReading::default();
    }
    let restores = has(RESTORE_STEMS);
    let cancelled = has(CANCEL_STEMS) && !restores;
    let meaning = if cancelled { Meaning::Cancelled } else { Meaning::Stands };
    StatusReading { meaning, restores, ..StatusReading::default() }
}

/// Whether a body's `message` names an event and nothing else.
fn is_message(text: &str) -> bool {
    let words = words(text);
    let known = words.iter().filter(|word| MESSAGES.contains(&word.as_str())).count();
    known == 1 && words.iter().all(|word| [MESSAGES, OBJECTS].concat().contains(&word.as_str()))
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('ё', "е");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// The reading of all words: the strictest meaning counts. A word for a confirmation or a payment lifts only
/// [`Meaning::Pending`].
pub(super) fn read(layers: &Layers<'_>, rules: &Rules) -> RequestStatus {
    let statuses: Vec<_> =
        statuses(layers).map(|text| (rules.statuses.read(&text), text)).collect();
    let events: Vec<_> = events(layers).map(|text| (read_event(&text), text)).collect();
    combined(&statuses, &events)
}

/// The filled statuses of the request.
pub(super) fn statuses<'a>(layers: &Layers<'a>) -> impl Iterator<Item = Cow<'a, str>> {
    layers.all_in_body(STATUS).chain(layers.all_in_query(STATUS))
}

/// Its words for an event.
pub(super) fn events<'a>(layers: &Layers<'a>) -> impl Iterator<Item = Cow<'a, str>> {
    layers
        .all_in_body(EVENT)
        .chain(layers.all_in_body(MESSAGE).filter(|text| is_message(text)))
        .chain(layers.all_in_query(EVENT))
        .chain(layers.all_in_query(MESSAGE))
}

/// Whether words that leave the booking standing have that meaning, and are not just unknown.
pub(super) fn confirms(words: &str, rules: &Rules) -> bool {
    let StatusReading { confirms, restores, held_back, .. } = rules.statuses.read(words);
    confirms || restores || held_back || read_event(words).restores
}

/// A wording and its reading.
type Wording<'a> = (StatusReading, Cow<'a, str>);

fn combined(statuses: &[Wording<'_>], events: &[Wording<'_>]) -> RequestStatus {
    let all = || statuses.iter().chain(events);
    let together = combine(all().map(|(reading, _)| *reading));
    let StatusReading { meaning, restores, held_back, .. } = together;
    let lifted = all().any(|(reading, _)| reading.meaning < meaning);
    let decides = |reading: &StatusReading| match meaning {
        Meaning::Stands if restores => reading.restores,
        Meaning::Stands if held_back => reading.held_back,
        Meaning::Stands => lifted && reading.confirms,
        Meaning::Cancelled | Meaning::Ignored | Meaning::NoShow | Meaning::Pending => {
            reading.meaning == meaning
        }
    };
    // An event word without a meaning is no status: `update`.
    let deciding = all().find(|(reading, _)| decides(reading)).or_else(|| statuses.first());
    let words = deciding.and_then(|(_, text)| clean(text));
    RequestStatus { meaning, words, restores, held_back }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_events_are_distinguished() {
        for word in [
            "cancel",
            "CANCELLED",
            "canceled",
            "order_cancelled",
            "otmena",
            "Отмена заказа",
            "отменён",
            "delete",
            "booking.deleted",
            "Удалено",
            "annul",
            "аннулирована",
        ] {
            assert_eq!(read_event(word).meaning, Meaning::Cancelled, "{word}");
        }
        for word in [
            "newrega",
            "update",
            "",
            "?!",
            "not_cancelled",
            "uncancel",
            "перенос",
            "Восстановлено после отмены",
            "Если что, отмените, пожалуйста, и верните деньги",
        ] {
            assert_eq!(read_event(word).meaning, Meaning::Stands, "{word}");
        }
        for (word, restores) in [
            ("restored", true),
            ("Восстановлена", true),
            ("booking_restored", true),
            ("ВОЗОБНОВЛЁН", true),
            ("не восстановлен", false),
            ("cancel", false),
        ] {
            assert_eq!(read_event(word).restores, restores, "{word}");
        }
    }

    #[test]
    fn a_message_in_a_body_is_an_event_by_a_known_word_alone() {
        for text in ["cancel", "Отмена", "Отменено.", "order_cancelled", "Отмена записи", "Удалена"]
        {
            assert!(is_message(text), "{text}");
        }
        for text in ["Удалите шарики", "Отмените", "Отмена торта", "Запись", "", "отмена отменена"]
        {
            assert!(!is_message(text), "{text}");
        }
    }

    #[test]
    fn the_strictest_meaning_counts_with_the_words_that_decided_it() {
        let of = |meaning| StatusReading { meaning, ..StatusReading::default() };
        let confirms = StatusReading { confirms: true, ..StatusReading::default() };
        let restores = StatusReading { restores: true, ..StatusReading::default() };
        let held_back = StatusReading { held_back: true, ..StatusReading::default() };
        let (new, pending) = (of(Meaning::Stands), of(Meaning::Pending));
        for (statuses, events, meaning, words) in [
            (vec![], vec![], Meaning::Stands, None),
            (vec![], vec![new], Meaning::Stands, None),
            (vec![new, confirms], vec![new], Meaning::Stands, Some("s0")),
            (vec![new, pending], vec![], Meaning::Pending, Some("s1")),
            (vec![pending, confirms], vec![], Meaning::Stands, Some("s1")),
            (vec![of(Meaning::NoShow), confirms], vec![], Meaning::NoShow, Some("s0")),
            (vec![pending, of(Meaning::Ignored)], vec![], Meaning::Ignored, Some("s1")),
            (vec![new], vec![of(Meaning::Cancelled)], Meaning::Cancelled, Some("e0")),
            (
                vec![confirms, of(Meaning::Cancelled)],
                vec![restores],
                Meaning::Cancelled,
                Some("s1"),
            ),
            (vec![new], vec![restores], Meaning::Stands, Some("e0")),
            (vec![new, held_back], vec![], Meaning::Stands, Some("s1")),
        ] {
            let texts = |readings: &[StatusReading], prefix: &str| -> Vec<Wording<'static>> {
                let named = readings.iter().enumerate();
                named.map(|(at, reading)| (*reading, format!("{prefix}{at}").into())).collect()
            };
            let status = combined(&texts(&statuses, "s"), &texts(&events, "e"));
            assert_eq!((status.meaning, status.words.as_deref()), (meaning, words), "{statuses:?}");
            assert_eq!(
                status.restores,
                meaning != Meaning::Cancelled && events.contains(&restores)
            );
        }
    }
}
