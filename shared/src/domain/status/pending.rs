//! Rules of [`super::Meaning::Pending`]: a payment before the visit or a confirmation is awaited. A payment due at
//! the venue, or a merely unpaid booking, does not count.

use std::ops::Range;

use super::{class::Class, context, words::Words};

/// Words that may separate a verb of waiting and its object: «ожидает поступления оплаты».
const BETWEEN: &[&str] = &[
    "for",
    "on",
    "of",
    "от",
    "на",
    "вас",
    "внесения",
    "внесение",
    "поступления",
    "поступление",
    "получения",
    "получение",
    "100",
    "receipt",
];
const AWAITED: Class = Class::PAYMENT.with(Class::CONFIRMATION);

pub(super) fn find(words: &Words) -> bool {
    let paid_at_counter = words.any(Class::AT_COUNTER) || is_paid_on_site(words);
    (0..words.len()).any(|at| {
        let awaited = awaited_by(words, at).or_else(|| not_received(words, at));
        let awaited = awaited.or_else(|| held_until(words, at));
        let waits = awaited.is_some_and(|awaited| {
            let at_counter = paid_at_counter && words.is(awaited, Class::PAYMENT);
            !at_counter && !is_of_something_else(words, awaited)
        });
        (waits || is_unconfirmed(words, at))
            && !belongs_to_something_else(words, at)
            && !words.backwards(at).any(|at| words.is(at, Class::CONDITION))
    })
}

/// «Ожидает оплаты», «Оплата ожидается», "Payment pending", «На подтверждении»: the object of waiting.
fn awaited_by(words: &Words, at: usize) -> Option<usize> {
    if words.text(at) == "на" {
        return words.after(at).filter(|at| words.is_word(*at, &["подтверждении"]));
    }
    if !words.is(at, Class::AWAITING) || context::is_negated(words, at) {
        return None;
    }
    let passed = |at: usize| {
        words.is(at, Class::FILLER | Class::AGENT | Class::ADJECTIVE | Class::NUMBER)
            || words.is_word(at, BETWEEN)
    };
    let ahead = words.forwards(at).find(|at| !passed(*at)).filter(|at| words.is(*at, AWAITED));
    let behind = || {
        let subject = words.backwards(at).find(|at| !passed(*at) && !words.is(*at, Class::BE))?;
        let follows = words
            .before(subject)
            .is_some_and(|at| words.is(at, Class::PREPOSITION | Class::NEGATION));
        (words.is(subject, AWAITED) && !follows).then_some(subject)
    };
    ahead.or_else(behind)
}

/// «Предоплата не поступила», «Не внесена предоплата», "Payment not received": the payment.
fn not_received(words: &Words, at: usize) -> Option<usize> {
    let not = words.is_word(at, &["не", "not"]);
    let received = words.forwards(at).find(|at| !words.is(*at, Class::BE | Class::FILLER));
    let received = received.filter(|at| not && words.is(*at, Class::RECEIVED))?;
    let passed = Class::BE | Class::FILLER | Class::AGENT | Class::ADJECTIVE;
    // «так и не поступила»
    let passed_before = |at| words.is(at, passed) || words.is_word(at, &["и"]);
    let before = words.backwards(at).find(|at| !passed_before(*at));
    let after = words.forwards(received).find(|at| !words.is(*at, passed));
    [before, after].into_iter().flatten().find(|at| words.is(*at, Class::PAYMENT))
}

/// «Заблокировано до оплаты», «Бронь до поступления предоплаты»: what ends it.
fn held_until(words: &Words, at: usize) -> Option<usize> {
    if !words.is(at, Class::HELD) || context::is_negated(words, at) {
        return None;
    }
    let until = words.forwards(at).take(3).find(|at| words.is(*at, Class::UNTIL))?;
    let end = words.forwards(until).find(|at| !words.is_word(*at, BETWEEN));
    end.filter(|at| words.is(*at, AWAITED))
}

/// «Не подтверждён», «Неподтверждённая бронь», "To be confirmed".
fn is_unconfirmed(words: &Words, at: usize) -> bool {
    let negated = words.is(at, Class::CONFIRMED)
        && words
            .backwards(at)
            .find(|at| !words.is(*at, Class::BE | Class::FILLER))
            .is_some_and(|at| words.is_word(at, &["не", "not", "to", "isnt", "wasnt", "hasnt"]));
    let unconfirmed = words.is(at, Class::UNCONFIRMED) && !context::is_negated(words, at);
    (negated || unconfirmed)
        && !words.after(at).is_some_and(|at| is_something_else(words, at))
        && !context::is_questioned(words, at)
}

/// Objects of waiting other than the booking or its payment.
fn is_something_else(words: &Words, at: usize) -> bool {
    let other = Class::OBJECT | Class::CANCELLATION | Class::CANCEL_FORM;
    let coupons = words.is(at, Class::MONEY) && !words.is(at, Class::PAYMENT | Class::AT_COUNTER);
    // «Ожидает оплаты картой» names the means of paying.
    let means = words.text(at).ends_with(['й', 'м']);
    words.is(at, other) || (coupons && !means)
}

/// «Скидка не подтверждена», «Отмена ожидает подтверждения».
fn belongs_to_something_else(words: &Words, at: usize) -> bool {
    let mut before = words.backwards(at);
    before.any(|at| is_something_else(words, at) && !context::follows_preposition(words, at))
}

/// «Ожидает подтверждения отмены», «Ожидаем подтверждения чека».
fn is_of_something_else(words: &Words, awaited: usize) -> bool {
    let next = words.forwards(awaited).find(|at| !words.is(*at, Class::ADJECTIVE));
    next.is_some_and(|at| is_something_else(words, at))
}

/// «на месте», «при встрече», "on site".
fn is_paid_on_site(words: &Words) -> bool {
    const PAIRS: &[(&str, &[&str])] = &[
        ("на", &["месте", "кассе", "ресепшн", "ресепшене", "стойке", "точке"]),
        ("в", &["кассе", "клубе", "день", "студии", "салоне"]),
        ("у", &["администратора", "стойки"]),
        ("при", &["встрече", "посещении", "визите", "заезде", "приезде", "въезде", "получении"]),
        ("по", &["факту", "приезду", "приезде", "прибытии", "месту"]),
        ("после", &["игры", "визита", "сеанса", "посещения", "процедуры", "съемки"]),
        ("on", &["site", "arrival", "spot"]),
        ("at", &["desk", "venue", "reception", "arrival"]),
        ("the", &["desk", "venue", "reception", "spot"]),
    ];
    (0..words.len()).any(|at| {
        words.is_word(at, &["наличными", "onsite"])
            || PAIRS.iter().any(|(first, seconds)| {
                words.is_word(at, &[first]) && words.is_word(at + 1, seconds)
            })
    })
}

/// Whether a word outside `taken` confirms the booking or its payment.
pub(super) fn confirms(words: &Words, taken: &Range<usize>) -> bool {
    let unsettled = Class::AWAITING | Class::UNTIL | Class::CONDITION;
    let guards = Class::OBJECT | Class::CANCEL_FORM | Class::CANCELLATION;
    (0..words.len()).filter(|at| !taken.contains(at)).any(|at| {
        says_settled(words, at)
            && !context::is_doubted_before(words, at)
            && !context::is_guarded_before(words, at, guards)
            && !words.backwards(at).any(|at| words.is(at, unsettled))
            && !context::is_questioned(words, at)
    })
}

/// «Подтверждён», «Оплачено», «Оплата получена», «Предоплата внесена», "Payment received".
fn says_settled(words: &Words, at: usize) -> bool {
    let received = words.is(at, Class::RECEIVED)
        && words.before(at).is_some_and(|at| words.is(at, Class::PAYMENT));
    words.is(at, Class::CONFIRMED | Class::PAID) || received
}
