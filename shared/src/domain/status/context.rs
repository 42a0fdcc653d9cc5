//! The context that blocks a word: negations, doubts, and words that refer to something other than the
//! booking. None of them reaches over a break, unless the part before a colon or dash names nothing else
//! («Оплата: отменена»).

use super::{
    class::Class,
    words::{Gap, REACH, Words},
};

/// Words that may separate a negation and its word: «не была ещё отменена».
const BETWEEN: Class = Class::BE.with(Class::FILLER).with(Class::BOOKING).with(Class::AGENT);

/// Whether a negation precedes the word, directly or with forms of быть between.
pub(super) fn is_negated(words: &Words, at: usize) -> bool {
    reaches_back(words, at, Class::NEGATION, Class::BE | Class::FILLER | Class::MODAL)
}

/// Whether the word is negated, wished, possible, in the future, or partial.
pub(super) fn is_doubted_before(words: &Words, at: usize) -> bool {
    let doubts = Class::NEGATION | Class::MODAL | Class::DOUBT | Class::PARTLY;
    reaches_back(words, at, doubts, BETWEEN | Class::ADJECTIVE | Class::LEAD)
        || counted_before(words, at)
}

fn reaches_back(words: &Words, at: usize, wanted: Class, between: Class) -> bool {
    let is_wanted = |at| words.is(at, wanted) && !asks_for_booking(words, at);
    let found = words.backwards(at).find(|at| is_wanted(*at) || !words.is(*at, between));
    found.is_some_and(is_wanted)
}

/// «2 из 5 отменены», «3 места отменены»: a part of the booking. Not «Зал 2 отменён».
fn counted_before(words: &Words, at: usize) -> bool {
    let Some(before) = words.before(at) else { return false };
    let is_count = |at: usize| {
        words.is(at, Class::NUMBER)
            && words.before(at).is_none_or(|at| words.is(at, Class::OUT_OF | Class::FILLER))
    };
    is_count(before)
        || (words.is(before, Class::COUNTED) && words.before(before).is_some_and(is_count))
}

/// «Запрос на бронь», "Booking request": the booking itself, unconfirmed.
fn asks_for_booking(words: &Words, at: usize) -> bool {
    let is_booking = |at: Option<usize>| at.is_some_and(|at| words.is(at, Class::BOOKING));
    let text = words.text(at);
    let to = words.after(at).filter(|at| words.is_word(*at, &["на", "for"]));
    let is_request = text.starts_with("запрос") || text == "request";
    let for_booking = is_booking(to.and_then(|at| words.after(at)));
    is_request && (for_booking || (text == "request" && is_booking(words.before(at))))
}

/// Whether the word's subject precedes it and is not the booking: «Возврат средств отклонён». Words after a
/// preposition are no subject: «Бронь без предоплаты отменена».
pub(super) fn is_guarded_before(words: &Words, at: usize, guards: Class) -> bool {
    for at in words.backwards(at) {
        if words.is(at, guards) {
            if !follows_preposition(words, at) && !asks_for_booking(words, at) {
                return true;
            }
        } else if words.is(at, Class::CONJUNCTION | Class::PREDICATE) {
            return false;
        }
    }
    false
}

/// «без предоплаты», «с новой картой».
pub(super) fn follows_preposition(words: &Words, at: usize) -> bool {
    let mut before = words.backwards(at).skip_while(|at| words.is(*at, Class::ADJECTIVE));
    before.next().is_some_and(|at| words.is(at, Class::PREPOSITION | Class::NEGATION))
}

/// Whether the following words block the word: another object («Отменена повторная оплата»),
/// a part («Отменено 2 места»), a doubt («Отменён ошибочно»), or a negation («Отменён не был»).
pub(super) fn is_guarded_after(words: &Words, at: usize, guards: Class) -> bool {
    const PASSED: Class = Class::BE
        .with(Class::FILLER)
        .with(Class::BOOKING)
        .with(Class::ADJECTIVE)
        .with(Class::LEAD)
        .with(Class::YET);
    for at in words.forwards(at) {
        let next_is = |class| words.after(at).is_some_and(|next| words.is(next, class));
        if words.is(at, guards | Class::DOUBT | Class::PARTLY) {
            return true;
        }
        if words.is(at, Class::NUMBER) {
            return is_part(words, at);
        }
        if words.is_word(at, &["по", "by", "in"]) {
            let named = words.forwards(at).find(|at| !words.is(*at, Class::FILLER));
            return named
                .is_some_and(|at| words.is(at, Class::MONEY | Class::MISTAKE | Class::PARTLY));
        }
        if words.is(at, Class::NEGATION) {
            return next_is(Class::BE | Class::MODAL);
        }
        if !words.is(at, PASSED) && !words.is_word(at, &["на"]) {
            return false;
        }
    }
    false
}

/// «2 места», «2 игры из 3»: a count of a part of the booking.
fn is_part(words: &Words, number: usize) -> bool {
    let counted = |at| words.is(at, Class::COUNTED);
    words.is(number, Class::NUMBER)
        && (words.after(number).is_some_and(counted)
            || words.forwards(number).any(|at| words.is_word(at, &["из", "of"])))
}

/// «Отмена/перенос», «Перенесён / отменён»: one of the two, unknown which.
pub(super) fn is_one_of_two(words: &Words, at: usize) -> bool {
    let (start, end) = (words.start_of_part(at), words.end_of_part(at));
    let before = start.checked_sub(1).filter(|at| words.gap(*at) == Gap::Slash);
    let after = Some(end).filter(|at| words.gap(*at) == Gap::Slash).map(|at| at + 1);
    [before, after].into_iter().flatten().any(|at| words.is(at, Class::OBJECT))
}

/// Whether the preceding part is only a guard or a doubt («Платёж — отклонён», «Перенос на
/// субботу: отменён», «Возможно, отменён»), or ends in a negation («(не) отменён»).
pub(super) fn is_labelled(words: &Words, at: usize, guards: Class) -> bool {
    let start = words.start_of_part(at);
    let Some(last) = start.checked_sub(1) else { return false };
    if words.is_word(last, &["не", "not", "non", "без"]) {
        return true;
    }
    let part: Vec<usize> = std::iter::once(last).chain(words.backwards(last)).collect();
    let named = guards | Class::DOUBT | Class::TERMS;
    let beside = Class::ADJECTIVE | Class::BOOKING | Class::CLIENT | Class::FILLER | Class::NUMBER;
    let passed = |at: usize| {
        let of_object = words
            .before(at)
            .is_some_and(|at| words.is_word(at, &["на"]) || words.is(at, Class::OBJECT));
        words.is(at, named | beside) || of_object || words.is_word(at, &["на"])
    };
    let any = |class| part.iter().any(|at| words.is(*at, class));
    let label = words.gap(last) == Gap::Label && any(named) && part.iter().all(|at| passed(*at));
    let doubts = Class::DOUBT | Class::MODAL;
    let doubted = part.iter().all(|at| words.is(*at, doubts | Class::BE | Class::FILLER));
    part.len() < REACH && (label || (doubted && any(doubts)))
}

/// Whether the status is a question, or the following part denies it or counts a part: «Отменён?», «Отменён: нет»,
/// «Отменено: 2 места».
pub(super) fn is_questioned(words: &Words, at: usize) -> bool {
    let end = words.end_of_part(at);
    let answer = end + 1;
    let alone = answer + 1 >= words.len() || words.gap(answer) > Gap::Space;
    let denied = alone && words.is_word(answer, &["нет", "no", "false", "0"]);
    words.gap(end) == Gap::Question
        || (words.gap(end) > Gap::Space && (denied || is_part(words, answer)))
}

/// Whether the status describes a condition: «Если не оплатит, отменить».
pub(super) fn is_conditional(words: &Words) -> bool {
    words.any(Class::CONDITION)
}

/// Whether all preceding words up to the break are of these classes.
pub(super) fn only_before(words: &Words, at: usize, classes: Class) -> bool {
    let mut before = words.backwards(at);
    let all = before.by_ref().all(|at| {
        let number_of_order = words.is(at, Class::NUMBER)
            && words.before(at).is_some_and(|at| words.is(at, Class::BOOKING));
        let purpose = words.is_word(at, &["на", "for"])
            && words.after(at).is_some_and(|at| words.is(at, Class::BOOKING));
        words.is(at, classes) || number_of_order || purpose || asks_for_booking(words, at)
    });
    all && words.backwards(at).count() < REACH
}
