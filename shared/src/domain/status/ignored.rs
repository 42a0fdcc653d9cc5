//! Rules of [`super::Meaning::Ignored`]: the venue blocked the time for itself (repairs, cleaning, a break).
//! Such a word counts only at the beginning of a status, and not in «Технический сбой оплаты».

use super::{
    class::Class,
    words::{Gap, Words},
};

pub(super) fn find(words: &Words) -> bool {
    let first = (0..words.len()).find(|at| !is_passed(words, *at));
    let Some(first) = first else { return false };
    let own = is_own_time(words, first) || is_upkeep(words, first) || is_technical(words, first);
    (own || is_closed_for_upkeep(words, first) || is_out_of_service(words, first))
        && !words.any(Class::DONE)
        && words.gap(words.end_of_part(first)) != Gap::Question
        && !is_held_for_payment(words)
}

/// «Плановые техработы», «Статус: ремонт», «Бронь техническая»: words that may precede.
fn is_passed(words: &Words, at: usize) -> bool {
    const PLANNED: &[&str] = &["планов", "внепланов", "ежедневн", "еженедельн", "генеральн"];
    let of_booking = words.is_word(at, &["бронь", "заказ", "запись"])
        && words.after(at).is_some_and(|next| {
            words.is(next, Class::TECHNICAL) || words.text(next).starts_with("служебн")
        });
    of_booking
        || words.is_word(at, &["scheduled", "planned", "статус", "status"])
        || PLANNED.iter().any(|start| words.text(at).starts_with(start))
}

/// «Техничка», «Служебная бронь», "Maintenance day"; not «Блокировка карты», «Заблокировано для
/// клиента».
fn is_own_time(words: &Words, at: usize) -> bool {
    words.is(at, Class::OWN_TIME)
        && words.after(at).is_none_or(|next| !words.is(next, Class::GUARD))
        && !words.forwards(at).any(|at| words.is(at, Class::CLIENT))
}

/// «Ремонт», «Ремонт зала», «Уборка: зал 2».
fn is_upkeep(words: &Words, at: usize) -> bool {
    words.is(at, Class::UPKEEP)
        && words.after(at).is_none_or(|next| words.is(next, Class::PLACE) && !is_to(words, at))
}

/// «ТО» is an abbreviation when it is the whole status, and a pronoun otherwise.
fn is_to(words: &Words, at: usize) -> bool {
    words.is_word(at, &["то"]) && words.len() > 1
}

/// «Техническая», «Тех. перерыв», «Технический блок (уборка)».
fn is_technical(words: &Words, at: usize) -> bool {
    words.is(at, Class::TECHNICAL)
        && words.after(at).is_none_or(|next| words.is(next, Class::OWN_WORK))
}

/// «Закрыто на ремонт», "Closed for maintenance".
fn is_closed_for_upkeep(words: &Words, at: usize) -> bool {
    let upkeep = Class::OWN_TIME | Class::UPKEEP | Class::TECHNICAL;
    let preposition = words.after(at).filter(|at| words.is_word(*at, &["на", "for"]));
    let reason = preposition.and_then(|at| words.after(at));
    words.is(at, Class::CLOSED)
        && reason.is_some_and(|at| words.is(at, upkeep) || words.is_word(at, &["уборку"]))
}

/// "Out of service", "Under maintenance".
fn is_out_of_service(words: &Words, at: usize) -> bool {
    let pair = |first, second| words.is_word(at, &[first]) && words.is_word(at + 1, second);
    (pair("out", &["of"]) && words.is_word(at + 2, &["service", "order"]))
        || pair("under", &["maintenance", "repair"])
}

/// «Блокировка до предоплаты» is a booking that waits for its client.
fn is_held_for_payment(words: &Words) -> bool {
    (0..words.len()).filter(|at| words.is(*at, Class::UNTIL)).any(|at| {
        words.gap(at) == Gap::Space
            && words
                .forwards(at)
                .any(|at| words.is(at, Class::PAYMENT | Class::CONFIRMATION | Class::PAID))
    })
}
