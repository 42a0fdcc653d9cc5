//! Checks what clients want of the staff: a request reaches them, its card is shown twice at most for each time that it
//! comes, and the client learns that they have it only then.

use super::comparison::Audit;
use crate::soak::observed::RequestRow;

/// Cards of a request: the first, and the one that comes again. Each may be repeated once.
const CARDS_MAX: i64 = 4;

pub(super) fn check(audit: &mut Audit<'_>) {
    for request in &audit.observed.requests {
        if let Some(why) = violation(request) {
            audit.violation(&format!("request {}", request.id), why);
        }
    }
}

fn violation(request: &RequestRow) -> Option<&'static str> {
    if request.shown > CARDS_MAX {
        return Some("its card was shown too often");
    }
    if request.learnt > 0 && !request.delivered {
        return Some("the client learnt of a delivery that there was not");
    }
    if request.learnt > 1 {
        return Some("the client learnt twice of its delivery");
    }
    let reached = request.delivered || request.shown > 0;
    (!reached && !request.withdrawn).then_some("it has not reached the staff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_broken_promise_about_a_request_is_found() {
        let right = RequestRow { id: 1, delivered: true, withdrawn: false, shown: 1, learnt: 1 };
        let wrong = |change: fn(&mut RequestRow)| {
            let mut request = right.clone();
            change(&mut request);
            violation(&request)
        };
        assert_eq!(wrong(|_| {}), None);
        assert_eq!(wrong(|it| it.learnt = 0), None);
        assert!(wrong(|it| it.delivered = false).is_some());
        assert!(wrong(|it| it.learnt = 2).is_some());
        assert!(wrong(|it| it.shown = 5).is_some());
        let lost = |it: &mut RequestRow| (it.delivered, it.shown, it.learnt) = (false, 0, 0);
        assert!(wrong(lost).is_some());
        let withdrawn =
            RequestRow { withdrawn: true, delivered: false, shown: 0, learnt: 0, ..right.clone() };
        assert_eq!(violation(&withdrawn), None);
    }
}
