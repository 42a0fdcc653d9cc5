//! Rules of [`super::Meaning::NoShow`]: the client did not come. Excludes money, messages and staff that did not
//! come, and clients who still may.

use super::{class::Class, context, words::Words};

/// Other subjects that may not have come.
const OTHERS: Class = Class::GUARD.with(Class::HELPER).with(Class::STAFF).with(Class::CONFIRMATION);

pub(super) fn find(words: &Words) -> bool {
    !context::is_conditional(words)
        && (0..words.len()).any(|at| did_not_come(words, at) || is_no_show(words, at))
}

/// «Не пришёл», "did not show up", from «не» on.
fn did_not_come(words: &Words, at: usize) -> bool {
    let not = words.is_word(at, &["не", "not", "never", "didnt"]);
    let came = words.forwards(at).find(|at| !words.is(*at, Class::FILLER));
    let Some(came) = came.filter(|at| not && words.is(*at, Class::CAME)) else { return false };
    let around =
        |class| words.backwards(at).chain(words.forwards(at)).any(|at| words.is(at, class));
    let late = words.forwards(came).any(|at| words.is(at, Class::IN_TIME));
    !around(Class::YET | Class::PARTLY)
        && !late
        && !context::is_guarded_before(words, at, OTHERS)
        && !context::is_guarded_after(words, came, OTHERS)
        && !context::is_doubted_before(words, at)
        && !context::is_labelled(words, at, OTHERS)
        && !context::is_questioned(words, at)
}

/// «Неявка», "no-show".
fn is_no_show(words: &Words, at: usize) -> bool {
    let pair = words.is_word(at, &["no"]) && words.text(at + 1).starts_with("show");
    let noun = words.is(at, Class::NO_SHOW) || (pair && words.after(at).is_some());
    let end = if pair { at + 1 } else { at };
    let terms = words.after(end).is_some_and(|at| words.is(at, Class::TERMS | Class::DOUBT));
    noun && !terms && !context::is_doubted_before(words, at) && !context::is_questioned(words, end)
}
