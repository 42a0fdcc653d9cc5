//! Checks what clients want of the staff: a request reaches them, its card comes once more at most, only while nobody has
//! taken it, and the client learns that they have it only then.

use chrono::TimeDelta;

use super::comparison::Audit;
use crate::soak::observed::RequestRow;

/// The first card, and the one that comes again.
const CARDS_MAX: i64 = 2;
/// The longest call of Telegram, with what comes before it: a card may be on its way while its request is taken.
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(60);

pub(super) fn check(audit: &mut Audit<'_>) {
    for request in &audit.observed.requests {
        if let Some(why) = violation(request) {
            audit.violation(&format!("request {} ({})", request.id, request.kind), why);
        }
    }
}

fn violation(request: &RequestRow) -> Option<&'static str> {
    let delivered = request.delivered_at.is_some();
    if request.shown > CARDS_MAX {
        return Some("its card was shown too often");
    }
    if request.learnt > 0 && !delivered {
        return Some("the client learnt of a delivery that there was not");
    }
    if request.learnt_at.zip(request.delivered_at).is_some_and(|(learnt, at)| learnt < at) {
        return Some("the client learnt of its delivery before it was delivered");
    }
    if request.learnt > 1 {
        return Some("the client learnt twice of its delivery");
    }
    let reached = delivered || request.shown > 0;
    if !reached && !request.withdrawn {
        return Some("it has not reached the staff");
    }
    let to_be_taken = matches!(request.kind.as_str(), "cancel" | "move" | "complaint");
    if delivered && to_be_taken { shown_again(request) } else { None }
}

/// What is wrong with the card that comes again.
fn shown_again(request: &RequestRow) -> Option<&'static str> {
    let settled = request.taken_at.is_some() || request.withdrawn || request.moot;
    match (request.again, request.again_status.as_deref()) {
        (0, _) => Some("its card was not planned to come again"),
        (2.., _) => Some("its card was planned to come again more than once"),
        (_, Some("cancelled")) if settled => None,
        (_, Some("cancelled")) => Some("nobody has taken it, and its card has not come again"),
        _ => {
            let since = request.again_at.zip(request.taken_at);
            let late = since.is_some_and(|(shown, taken)| shown > taken + ON_ITS_WAY);
            late.then_some("its card has come again after it was taken")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::audit::fixture::at;

    #[test]
    fn each_broken_promise_about_a_request_is_found() {
        let right = RequestRow {
            id: 1,
            kind: "cancel".into(),
            delivered_at: Some(at(10)),
            taken_at: Some(at(100)),
            withdrawn: false,
            moot: false,
            shown: 2,
            again: 1,
            again_status: Some("sent".into()),
            again_at: Some(at(90)),
            learnt: 1,
            learnt_at: Some(at(10)),
        };
        let wrong = |change: fn(&mut RequestRow)| {
            let mut request = right.clone();
            change(&mut request);
            violation(&request)
        };
        assert_eq!(wrong(|_| {}), None);
        assert_eq!(wrong(|it| it.learnt = 0), None);
        assert_eq!(wrong(|it| it.again_at = Some(at(110))), None);
        let settled = |it: &mut RequestRow| {
            (it.again_status, it.again_at, it.shown) = (Some("cancelled".into()), None, 1);
        };
        assert_eq!(wrong(settled), None);
        let words = |it: &mut RequestRow| (it.kind, it.again) = ("words".into(), 0);
        assert_eq!(wrong(words), None);

        assert!(wrong(|it| it.delivered_at = None).is_some());
        assert!(wrong(|it| it.learnt = 2).is_some());
        assert!(wrong(|it| it.learnt_at = Some(at(9))).is_some());
        assert!(wrong(|it| it.shown = 3).is_some());
        assert!(wrong(|it| it.again = 0).is_some());
        assert!(wrong(|it| it.again = 2).is_some());
        assert!(wrong(|it| it.again_at = Some(at(200))).is_some());
        let left_out = |it: &mut RequestRow| {
            (it.again_status, it.taken_at) = (Some("cancelled".into()), None);
        };
        assert!(wrong(left_out).is_some());
        let lost = |it: &mut RequestRow| (it.delivered_at, it.shown, it.learnt) = (None, 0, 0);
        assert!(wrong(lost).is_some());
        let withdrawn = |it: &mut RequestRow| {
            (it.withdrawn, it.delivered_at, it.shown, it.learnt) = (true, None, 0, 0);
        };
        assert_eq!(wrong(withdrawn), None);
    }
}
