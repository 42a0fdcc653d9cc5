//! Checks what clients answered about their visits: an answer belongs to the version that was shown, and none counts for
//! a version that had moved on before it was given.

use super::comparison::Audit;
use crate::soak::{observed::AnswerRow, record::Booking};

pub(super) fn violations(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let answers = audit.observed.answers.iter().filter(|answer| answer.code == booking.code);
    answers.filter_map(|answer| violation(audit, booking, answer)).collect()
}

fn violation(audit: &Audit<'_>, booking: &Booking, answer: &AnswerRow) -> Option<String> {
    let AnswerRow { version, answered_at, .. } = answer;
    let superseded = audit.superseded_at(booking, *version);
    let present = audit.observed.bookings.get(&booking.code).map_or(0, |row| row.version);
    if *version > present {
        return Some(format!("has an answer about version {version}, and is at {present}"));
    }
    superseded.filter(|at| at < answered_at).map(|at| {
        let (given, at) = (answered_at.format("%T%.3f"), at.format("%T%.3f"));
        format!("was answered at {given} about version {version}, which was over at {at}")
    })
}

#[cfg(test)]
mod tests {
    use crate::soak::{
        audit::fixture::{CODE, Case, accepts, at, objects},
        observed::AnswerRow,
    };

    fn answers(case: &mut Case, version: i32, second: i64) {
        let answer = AnswerRow { code: CODE.into(), version, answered_at: at(second) };
        case.observed.answers.push(answer);
    }

    #[test]
    fn an_answer_about_a_version_that_was_over_is_found() {
        accepts(|l| answers(l, 2, 130));
        accepts(|l| answers(l, 1, 9));
        objects("about version 1, which was over", |l| answers(l, 1, 12));
        objects("about version 3", |l| answers(l, 3, 130));
    }
}
