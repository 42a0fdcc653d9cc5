//! Tests of the audit: a correct case passes, and each wrong one is a violation.

use super::fixture::*;
use crate::soak::record::Excuse;

#[test]
fn a_correct_case_passes() {
    accepts(|_| {});
}

#[test]
fn a_lost_event_or_rating_is_found() {
    objects("is not there", |l| l.observed.bookings.clear());
    objects("the last applied one e1", |l| l.booking().last_event_id = "e1".into());
    objects("instead of SK1000-2", |l| l.booking().service = Some("SK1000-1".into()));
    objects("and has (Some(", |l| l.booking().starts_at = Some(at(100)));
    objects("its status is cancelled", |l| l.booking().status = "cancelled".into());
    objects("means [\"stands\"] by its requests", |l| l.booking().meaning = "pending".into());
    objects("has the phone None", |l| l.booking().phone = None);
    objects("was rated Some(4)", |l| l.booking().rating = Some(3));
    objects("nobody has booked it", |l| {
        let row = l.booking().clone();
        l.observed.bookings.insert("SK9".into(), row);
    });
    objects("update 7 was never applied", |l| l.observed.processed.clear());
    objects("BAD1-1: was refused and not kept", |l| l.observed.kept.clear());
    objects("e9 was set aside: panicked", |l| {
        l.observed.dead_letters = vec![("e9".into(), "panicked".into())];
    });
    objects("left in the inbox", |l| l.observed.inbox = 1);
}

#[test]
fn a_message_that_is_missing_or_has_no_reason_is_found() {
    objects("has 0 of [\"reminder\"]", |l| l.row("reminder", 2).version = Some(1));
    objects("has 2 of [\"feedback\"]", |l| l.plans("feedback", 2, 211, 11, "cancelled"));
    objects("has no staff card", |l| {
        l.observed.messages.retain(|row| row.kind != "staff_moved");
    });
    for (status, words) in [
        ("scheduled", "was never sent"),
        ("sending", "is still being sent"),
        ("cancelled", "was cancelled without a reason"),
        ("unknown", "no call ended in doubt"),
        ("failed", "Telegram refused nothing"),
        ("expired", "nothing was in its way"),
    ] {
        objects(words, |l| l.row("reminder", 2).status = status.into());
    }
    objects("s late, 60 s may be excused", |l| l.row("feedback", 2).sent_at = Some(at(300)));
}

#[test]
fn ends_that_the_other_side_confirms_are_right() {
    let unsent = |l: &mut Case, status: &str| {
        l.observed.calls.retain(|call| call.at != at(126));
        l.row("reminder", 2).status = status.into();
        l.row("reminder", 2).expires_at = Some(at(200));
    };
    accepts(|l| {
        unsent(l, "unknown");
        l.calls("reminder", 2, 126, 502, "bad_gateway_html");
        l.probe(140);
        l.calls("reminder", 2, 142, 502, "bad_gateway_html");
    });
    accepts(|l| {
        unsent(l, "failed");
        l.calls("reminder", 2, 126, 400, "bad_request");
        l.observed.dead_letters = vec![("mreminder2".into(), "refused".into())];
    });
    accepts(|l| {
        unsent(l, "expired");
        l.fault(Excuse::Delay, 130, 146);
    });
    accepts(|l| {
        unsent(l, "expired");
        let client = l.record.clients.get_mut(&1).unwrap();
        client.absences.push((at(0), at(150)));
        l.row("reminder", 2).reason = "client_not_in_bot".into();
    });
    accepts(|l| {
        l.row("feedback", 2).sent_at = Some(at(300));
        l.fault(Excuse::Delay, 215, 246);
    });
}

#[test]
fn forbidden_repetitions_are_found_and_allowed_ones_are_not() {
    objects("was delivered already", |l| {
        l.calls("reminder", 2, 130, 200, "ok");
    });
    objects("the 3. attempt", |l| {
        l.observed.calls.retain(|call| call.at != at(126));
        l.calls("reminder", 2, 126, 0, "cut_after_accept");
        l.calls("reminder", 2, 132, 0, "cut_before_accept");
        l.calls("reminder", 2, 138, 200, "ok");
    });
    objects("the 2. attempt", |l| {
        l.observed.calls.retain(|call| call.at != at(212));
        l.calls("feedback", 2, 211, 0, "cut_after_accept");
        let id = l.calls("feedback", 2, 212, 200, "ok");
        l.row("feedback", 2).telegram_message_id = Some(id);
    });
    accepts(|l| {
        l.observed.calls.retain(|call| call.at != at(126));
        l.calls("reminder", 2, 125, 429, "too_many_requests");
        l.calls("reminder", 2, 126, 0, "cut_after_accept");
        l.probe(131);
        let id = l.calls("reminder", 2, 132, 200, "ok");
        l.row("reminder", 2).telegram_message_id = Some(id);
    });
    objects("1 staff_moved were planned, 2 to 2 were shown", |l| {
        l.calls("staff_moved", 2, 30, 200, "ok");
    });
    // Delivered, but its worker was killed before it could record that.
    accepts(|l| {
        let id = l.calls("reminder", 2, 170, 200, "ok");
        l.row("reminder", 2).telegram_message_id = Some(id);
        l.fault(Excuse::LostLease, 127, 128);
    });
}

#[test]
fn outdated_messages_are_found() {
    objects("a later state was applied", |l| {
        l.calls("confirmation", 1, 30, 200, "ok");
    });
    objects("a later state was applied", |l| {
        l.calls("reminder", 1, 26, 200, "ok");
    });
    objects("is early", |l| l.observed.calls[4].at = at(120));
    objects("the visit had begun", |l| l.observed.calls[4].at = at(206));
    objects("is not its client's chat", |l| l.observed.calls[4].chat_id = Some(99));
    objects("was sent for no such event", |l| {
        l.calls("confirmation", 9, 30, 200, "ok");
    });
}

#[test]
fn both_sides_must_know_of_a_message() {
    objects("which Telegram never showed", |l| l.row("moved", 2).telegram_message_id = Some(5));
    objects("no row knows of it", |l| l.row("moved", 2).status = "cancelled".into());
    objects("1 answers too many", |l| {
        l.calls("answer", 1, 5, 200, "ok");
    });
}
