//! Rules of [`super::Meaning::Cancelled`]. A false cancellation is worse than a missed one: each kind of word must
//! refer to the booking, and any doubt blocks it.

use super::{Finding, class::Class, context, words::Words};

type Rule = fn(&Words, usize) -> bool;

/// Each class of words with the condition under which it cancels. A word that its context blocks never does.
const RULES: &[(Class, Rule)] = &[
    (Class::CANCELLED, |_, _| true),
    (Class::CANCELS, |_, _| true),
    (Class::IS_CANCELLED, has_no_terms),
    (Class::DELETED, is_of_booking),
    (Class::DELETES, deletes_booking),
    (Class::REMOVED, is_removed),
    (Class::REFUSED, refuses_booking),
    (Class::TO_CANCEL, is_request),
    (Class::CANCELLATION, is_cancellation),
    (Class::REFUSAL, is_cancellation),
];

/// Words whose subject is a person.
const ACTIVE: Class = Class::CANCELS.with(Class::DELETES).with(Class::REFUSED);

/// Words that may precede a noun that cancels: «Поздняя отмена», «Заказ: отмена».
const BEFORE: Class =
    Class::LEAD.with(Class::BOOKING).with(Class::AGENT).with(Class::FILLER).with(Class::BE);

pub(super) fn find(words: &Words) -> Finding {
    let mut finding = Finding::None;
    let possible = !context::is_conditional(words) && !restores(words);
    for at in 0..words.len() {
        if possible && (cancels(words, at) || is_not_to_take_place(words, at)) {
            return Finding::Found;
        }
        // «Фото удалено», «Блокировка снята»: everyday words that raise no doubt.
        let common = Class::REMOVED | Class::DELETED | Class::DELETES;
        if words.is(at, Class::CANCEL) && !words.is(at, common) {
            finding = Finding::HeldBack;
        }
    }
    finding
}

fn cancels(words: &Words, at: usize) -> bool {
    let cancels = RULES.iter().any(|(class, rule)| words.is(at, *class) && rule(words, at));
    let guards = if words.is(at, ACTIVE) { Class::GUARD } else { Class::GUARD | Class::HELPER };
    cancels && !is_blocked(words, at, guards)
}

fn is_blocked(words: &Words, at: usize, guards_before: Class) -> bool {
    context::is_doubted_before(words, at)
        || context::is_guarded_before(words, at, guards_before)
        || context::is_guarded_after(words, at, Class::GUARD | Class::HELPER)
        || context::is_labelled(words, at, guards_before)
        || context::is_questioned(words, at)
        || context::is_one_of_two(words, at)
}

/// Whether the status says that the booking was restored.
pub(super) fn restores(words: &Words) -> bool {
    let others = Class::MONEY | Class::OBJECT;
    (0..words.len()).filter(|at| words.is(*at, Class::RESTORED)).any(|at| {
        let doubted = words.forwards(at).any(|at| words.is(at, Class::DOUBT | Class::NEGATION));
        !doubted
            && !context::is_doubted_before(words, at)
            && !context::is_guarded_before(words, at, others)
            && !context::is_guarded_after(words, at, others)
            && !context::is_questioned(words, at)
    })
}

/// «Отменяется при неоплате» and «отменяется за сутки» are terms.
fn has_no_terms(words: &Words, at: usize) -> bool {
    let terms = Class::TERMS | Class::UNTIL | Class::NUMBER | Class::DATE;
    let given = ["за", "при", "через", "when", "within"];
    !words.forwards(at).any(|at| words.is(at, terms) || words.is_word(at, &given))
}

/// «Удалён», «Заявка отклонена», "Declined by guest"; not «Файл удалён», «Удалён из рассылки».
fn is_of_booking(words: &Words, at: usize) -> bool {
    context::only_before(words, at, BEFORE)
        && match words.after(at) {
            Some(next) if words.is(next, Class::OUT_OF) => {
                let from = words.after(next);
                from.is_some_and(|at| words.is(at, Class::SCHEDULE) || words.is_word(at, &["за"]))
            }
            Some(_) | None => true,
        }
}

/// «Админ удалил», «Удалил заказ»; not «Удалил приложение».
fn deletes_booking(words: &Words, at: usize) -> bool {
    let direct = Class::BOOKING | Class::AGENT | Class::FILLER;
    words.after(at).is_none_or(|at| words.is(at, direct))
}

/// «Снято», «Бронь снята», «Снят с записи»; not «Ограничение снято», «Снят с паузы».
fn is_removed(words: &Words, at: usize) -> bool {
    let off = words.forwards(at).find(|at| words.is(*at, Class::OFF));
    let of_else = off
        .and_then(|off| words.after(off))
        .is_some_and(|at| words.is(at, Class::GUARD | Class::AWAITING));
    let is_hold = |at| words.is(at, Class::HELD) || words.is_word(at, &["заказ"]);
    let of_hold = words.before(at).map(is_hold);
    let of_booking = match words.after(at) {
        None => of_hold.unwrap_or(true),
        Some(next) if Some(next) == off => words.after(next).is_some(),
        Some(next) if words.is(next, Class::PREPOSITION) => of_hold.unwrap_or(false),
        Some(next) => is_hold(next) || words.is(next, Class::FILLER) || is_by_agent(words, next),
    };
    of_booking && !of_else && context::only_before(words, at, BEFORE)
}

/// «Снята студией»; not «Снята студия».
fn is_by_agent(words: &Words, at: usize) -> bool {
    const INSTRUMENTAL: &[&str] = &["ом", "ой", "ем", "ей", "ами", "ями"];
    let text = words.text(at);
    words.is(at, Class::AGENT) && INSTRUMENTAL.iter().any(|ending| text.ends_with(ending))
}

/// «Отказался», «Отказано в записи»; not «Отказался от скидки», «Отказался платить».
fn refuses_booking(words: &Words, at: usize) -> bool {
    match words.after(at) {
        Some(next) if words.is_word(next, &["от", "в", "во"]) => {
            let named = named_by(words, next);
            let others = Class::GUARD | Class::HELPER;
            named.is_some_and(|at| !context::is_guarded_after(words, at, others))
        }
        Some(next) => {
            let infinitive = ["ть", "ться", "тись", "чь", "ти"];
            !infinitive.iter().any(|ending| words.text(next).ends_with(ending))
                && !words.is_word(next, &["to"])
        }
        None => true,
    }
}

/// Whether the preposition at this index leads to the booking or to a reason: «от брони»,
/// «в записи», «от клиента», «в последний момент».
fn named_by(words: &Words, preposition: usize) -> Option<usize> {
    let named = words.forwards(preposition).find(|at| !words.is(*at, Class::FILLER));
    named.filter(|at| words.is(*at, Class::VISIT | Class::AGENT | Class::REASON))
}

/// «Отменить бронь», as the first words of a status.
fn is_request(words: &Words, at: usize) -> bool {
    let first = at == 0 || (at == 1 && words.is_word(0, &["статус", "status"]));
    first && is_followed_well(words, at)
}

fn is_cancellation(words: &Words, at: usize) -> bool {
    context::only_before(words, at, BEFORE) && is_followed_well(words, at)
}

/// Words that may follow a noun that cancels: a break, the booking, who cancels, or why. «Отмена
/// возможна», «Отмена за сутки» and the like are terms, «Отмена доп. услуг» concerns no booking.
fn is_followed_well(words: &Words, at: usize) -> bool {
    let Some(next) = words.after(at) else { return !terms_follow(words, at) };
    if words.is(next, Class::VISIT | Class::CLIENT | Class::FILLER) {
        return ends_well(words, next);
    }
    if words.is(next, Class::STAFF | Class::ACCEPTED | Class::LEAD) || gives_reason(words, next) {
        return true;
    }
    let by_somebody = || words.forwards(next).any(|at| words.is(at, Class::AGENT));
    match words.text(next) {
        "по" => {
            let open = |at| !words.is(at, Class::TERMS | Class::DOUBT);
            words.after(next).is_some_and(open) || by_somebody()
        }
        "by" => by_somebody(),
        "от" | "в" => named_by(words, next).is_some_and(|at| ends_well(words, at)),
        _ => false,
    }
}

/// «из-за болезни», «в связи с …», «со стороны клиента», "due to".
fn gives_reason(words: &Words, at: usize) -> bool {
    let next_is = |any_of: &[&str]| words.after(at).is_some_and(|next| words.is_word(next, any_of));
    match words.text(at) {
        "из" => next_is(&["за"]),
        "в" => next_is(&["связи", "день", "последний", "последнюю", "одностороннем"]),
        "со" => next_is(&["стороны"]),
        "ввиду" | "вследствие" | "накануне" | "due" | "because" => true,
        _ => false,
    }
}

/// Whether nothing after «отмена заказа» revokes it: «возможна», «запрошена», «до 18:00».
fn ends_well(words: &Words, at: usize) -> bool {
    let bad = Class::GUARD
        | Class::HELPER
        | Class::DOUBT
        | Class::TERMS
        | Class::NEGATION
        | Class::NUMBER
        | Class::DATE
        | Class::UNTIL
        | Class::CANCEL
        | Class::PARTLY;
    for at in words.forwards(at) {
        let given = words.is_word(at, &["за", "при", "через", "under", "within"]);
        if words.is(at, bad) || given {
            return false;
        }
        if words.is(at, Class::PREPOSITION | Class::ACCEPTED) {
            return true;
        }
    }
    !terms_follow(words, words.end_of_part(at))
}

/// Whether the next part states terms, as in «Отмена: за 24 часа», «Отмена (запрошена)».
fn terms_follow(words: &Words, end: usize) -> bool {
    let next = end + 1;
    let terms = Class::DOUBT
        | Class::TERMS
        | Class::UNTIL
        | Class::NUMBER
        | Class::CANCELLED
        | Class::DELETED
        | Class::AWAITING;
    let is_about = |at| words.is(at, terms) || words.is_word(at, &["за", "при", "через", "under"]);
    let negated = words.is(next, Class::NEGATION)
        && words.after(next).is_some_and(|at| {
            is_about(at) || words.is(at, Class::CONFIRMED | Class::ACCEPTED | Class::MODAL)
        });
    is_about(next) && !words.is(next, Class::MONEY) || negated
}

/// «Игра не состоится», «Визит не состоялся»; not «Ещё не состоялся», «Платёж не состоялся».
fn is_not_to_take_place(words: &Words, at: usize) -> bool {
    let not = words.before(at).filter(|at| words.is_word(*at, &["не"]));
    let Some(not) = not.filter(|_| words.is(at, Class::TAKES_PLACE)) else { return false };
    let yet = words.backwards(at).chain(words.forwards(at)).any(|at| words.is(at, Class::YET));
    !yet && !is_blocked(words, not, Class::GUARD | Class::HELPER)
}
