//! The rules of who gets which message, one by one: a case that keeps a rule passes, and one that
//! breaks it is a violation.

use chrono::TimeDelta;

use super::fixture::{self, Case, accepts, at, event, objects};
use crate::soak::record::{Booking, Event, Excuse, Word};

/// Cancelled at 50 s by a status, after the move was announced.
fn cancelled(l: &mut Case) {
    l.posts(event(2, Word::ByClient, 50), "cancelled");
    l.voids(3, 50);
    l.plans_and_sends_of("cancelled", (2, 3), 50);
    l.plans_and_sends_of("staff_cancelled", (2, 3), 50);
}

/// The same for a client who was not in the bot all the time.
fn cancelled_untold(l: &mut Case) {
    cancelled(l);
    l.observed.calls.retain(|call| call.chat_id != Some(fixture::CHAT));
    for row in l.observed.messages.iter_mut().filter(|row| row.recipient == "client") {
        (row.status, row.chat, row.attempts) = ("cancelled".into(), None, 0);
    }
    l.observed.messages.retain(|row| row.kind != "cancelled");
    // The moved booking was never announced, so it is confirmed.
    l.row("moved", 2).kind = "confirmation".into();
}

#[test]
fn who_heard_of_a_booking_hears_of_its_cancellation_and_nobody_else() {
    accepts(cancelled);
    accepts(cancelled_untold);
    objects("cancelled: has 0 of [\"cancelled\"]", |l| {
        cancelled(l);
        l.observed.messages.retain(|row| row.kind != "cancelled");
    });
    objects("what was cancelled was never announced", |l| {
        cancelled_untold(l);
        l.plans_of("cancelled", (2, 3), [50, 50], "cancelled");
    });
    objects("what was moved was never announced", |l| {
        cancelled_untold(l);
        l.row("confirmation", 2).kind = "moved".into();
    });
    objects("cancelled: has 1 of [\"confirmation\", \"moved\", \"reminder\", \"feedback\"]", |l| {
        cancelled(l);
        l.plans_of("reminder", (2, 3), [125, 50], "cancelled");
    });
    objects("to the staff: has 0 of [\"staff_cancelled\"]", |l| {
        cancelled(l);
        l.row("staff_cancelled", 3).kind = "staff_moved".into();
    });
}

#[test]
fn a_cancellation_may_follow_a_message_that_was_being_sent() {
    accepts(|l| {
        cancelled_untold(l);
        // Its worker was killed before it called Telegram, and its claim was released.
        l.row("confirmation", 2).chat = Some(fixture::CHAT);
        l.fault(Excuse::LostLease, 49, 51);
        l.plans_and_sends_of("cancelled", (2, 3), 50);
    });
}

#[test]
fn who_heard_of_a_booking_and_of_no_cancellation_hears_of_the_second_one() {
    // Nothing could be sent from 50 s to 56 s.
    let twice = |l: &mut Case| {
        l.posts(event(2, Word::ByClient, 50), "cancelled");
        l.voids(3, 50);
        l.plans_of("cancelled", (2, 3), [50, 50], "cancelled");
        l.plans_and_sends_of("staff_cancelled", (2, 3), 50);
        l.posts(event(3, Word::Restored, 53), "stands");
        l.voids(4, 53);
        l.plans_of("confirmation", (3, 4), [53, 53], "cancelled");
        l.plans_and_sends_of("staff_created", (3, 4), 53);
        l.posts(event(3, Word::ByClient, 56), "cancelled");
        l.voids(5, 56);
        l.plans_and_sends_of("cancelled", (3, 5), 56);
        l.plans_and_sends_of("staff_cancelled", (3, 5), 56);
    };
    accepts(twice);
    accepts(|l| {
        twice(l);
        l.calls("cancelled", 2, 50, 400, "bad_request");
        let row = l.row("cancelled", 3);
        (row.status, row.attempts) = ("failed".into(), 1);
    });
    objects("what was cancelled was never announced", |l| {
        twice(l);
        let id = l.calls("cancelled", 2, 50, 200, "ok");
        let row = l.row("cancelled", 3);
        (row.status, row.attempts, row.sent_at) = ("sent".into(), 1, Some(at(50)));
        row.telegram_message_id = Some(id);
    });
}

#[test]
fn a_second_trigger_does_not_undo_a_cancellation_and_is_noted() {
    let second = |l: &mut Case| {
        cancelled(l);
        l.posts(event(2, Word::New, 53), "cancelled");
        l.notes("stands_after_cancel", (2, 3), 53);
    };
    accepts(second);
    objects("means [\"cancelled\"] by its requests, and is stands", |l| {
        second(l);
        l.booking().meaning = "stands".into();
    });
    objects("a request contradicts its cancellation", |l| {
        second(l);
        l.row("staff_note", 3).note = None;
    });
    objects("nothing contradicted its cancellation", |l| {
        cancelled(l);
        l.notes("stands_after_cancel", (2, 3), 53);
    });
}

#[test]
fn a_booking_that_is_restored_stands_and_is_announced() {
    let restored = |l: &mut Case| {
        cancelled(l);
        l.posts(event(3, Word::Restored, 53), "stands");
        l.voids(4, 53);
        l.plans_and_sends_of("confirmation", (3, 4), 53);
        l.plans_and_sends_of("staff_created", (3, 4), 53);
        l.plans_of("reminder", (3, 4), [225, 53], "scheduled");
        l.plans_of("feedback", (3, 4), [311, 53], "scheduled");
        l.observed.at = at(200);
        l.booking().status = "active".into();
    };
    accepts(restored);
    objects("means [\"stands\"] by its requests, and is cancelled", |l| {
        restored(l);
        l.booking().meaning = "cancelled".into();
    });
    objects("stands: has 0 of [\"confirmation\", \"moved\"]", |l| {
        restored(l);
        l.observed
            .messages
            .retain(|row| (row.kind.as_str(), row.version) != ("confirmation", Some(4)));
    });
}

#[test]
fn an_announcement_lasts_until_the_visits_end() {
    objects("is for no times that it had", |l| l.row("moved", 2).expires_at = Some(at(500)));
    objects("is for no times that it had", |l| l.row("moved", 2).expires_at = None);
    objects("the visit was over", |l| {
        l.calls("moved", 2, 217, 502, "bad_gateway_html");
    });
}

#[test]
fn a_visit_that_was_over_when_first_heard_of_is_silent() {
    let over_for = |l: &mut Case, seconds: i64| {
        l.starts_with(event(1, Word::New, 110 + seconds), "stands");
        l.observed.at = at(200_000);
    };
    accepts(|l| {
        over_for(l, 190);
        l.plans_and_sends("staff_created", 1, 301);
    });
    accepts(|l| over_for(l, 90_000));
    objects("has no staff card", |l| over_for(l, 190));
    objects("the visit was over at its first request", |l| {
        over_for(l, 190);
        l.plans_and_sends("staff_created", 1, 301);
        l.plans("feedback", 1, 111, 301, "cancelled");
    });
    objects("had been over for more than a day", |l| {
        over_for(l, 90_000);
        l.plans_and_sends("staff_created", 1, 90_112);
    });
}

/// Corrects the visit's times after it.
fn corrected(l: &mut Case) {
    let corrected = Event {
        start: at(150),
        end: at(155),
        corrected: true,
        accepted: Some("e3".into()),
        ..event(2, Word::None, 300)
    };
    l.posts(corrected, "stands");
}

/// Another visit of the client, rated with four stars, whose question this message is.
fn another_rated(l: &mut Case, message: i64) {
    let mut other = l.record.bookings[0].clone();
    (other.code, other.events) = ("SK1001".into(), Vec::new());
    l.record.bookings.push(other);
    l.record.bookings[0].rated = None;
    let mut question = l.row("feedback", 2).clone();
    (question.code, question.telegram_message_id) = (Some("SK1001".into()), Some(message));
    l.observed.messages.push(question);
}

#[test]
fn one_rating_counts_for_each_visit_that_its_question_names() {
    let unrated = "was rated None by its client, and has Some(4)";
    objects(unrated, |l| another_rated(l, 1));
    let mut shared = Case::right();
    let message = shared.row("feedback", 2).telegram_message_id.unwrap();
    another_rated(&mut shared, message);
    assert!(shared.found().iter().all(|line| !line.contains(unrated)), "{:?}", shared.found());
    let unknown = |l: &mut Case, first: i64| {
        another_rated(l, 1);
        for row in l.observed.messages.iter_mut().filter(|row| row.kind == "feedback") {
            (row.status, row.telegram_message_id) = ("unknown".into(), None);
            row.joined_to = (row.code.as_deref() == Some("SK1001")).then_some(first);
        }
    };
    let mut shared = Case::right();
    let first = shared.row("feedback", 2).id;
    unknown(&mut shared, first);
    assert!(shared.found().iter().all(|line| !line.contains(unrated)), "{:?}", shared.found());
    objects(unrated, |l| unknown(l, first + 1));
}

#[test]
fn a_correction_of_a_visit_that_is_over_is_noted_alone() {
    accepts(corrected);
    objects("was rated Some(4) by its client, and has None", |l| {
        corrected(l);
        l.booking().rating = None;
    });
    objects("is of a correction after the visit", |l| {
        corrected(l);
        l.plans("moved", 2, 300, 300, "cancelled");
        l.observed.messages.last_mut().unwrap().expires_at = Some(at(155));
    });
    objects("was delivered already", |l| {
        corrected(l);
        l.calls("feedback", 2, 305, 200, "ok");
    });
}

#[test]
fn a_booking_that_waits_is_silent_until_it_stands() {
    let waits = |l: &mut Case| {
        l.starts_with(event(1, Word::Pending, 1), "pending");
        l.plans_and_sends("staff_created", 1, 1);
    };
    let stands = |l: &mut Case| {
        waits(l);
        l.posts(event(1, Word::Confirmed, 20), "stands");
        l.voids(2, 20);
        l.plans_and_sends_of("confirmation", (1, 2), 20);
        l.notes("confirmed", (1, 2), 20);
        l.plans_of("reminder", (1, 2), [25, 20], "scheduled");
        l.plans_of("feedback", (1, 2), [111, 20], "scheduled");
        l.row("reminder", 2).status = "expired".into();
        l.fault(Excuse::Delay, 25, 99);
        l.row("feedback", 2).status = "unknown".into();
        l.calls("feedback", 1, 112, 502, "bad_gateway_html");
    };
    accepts(waits);
    accepts(stands);
    objects("the booking never stood", |l| {
        waits(l);
        l.plans_and_sends("confirmation", 1, 2);
    });
    objects("pending, and not announced: has 1", |l| {
        waits(l);
        l.plans("feedback", 1, 111, 1, "cancelled");
    });
    objects("stands: has 0 of [\"confirmation\", \"moved\"]", |l| {
        stands(l);
        l.observed.messages.retain(|row| row.kind != "confirmation");
    });
    // Moved while it waited, to times that never stood.
    objects("the booking never stood so", |l| {
        stands(l);
        l.record.bookings[0].events[1].tag = "SK1000-3".into();
    });
}

#[test]
fn a_no_show_gets_no_question() {
    let no_show = |l: &mut Case| {
        l.posts(event(2, Word::NoShow, 205), "no_show");
        l.voids(3, 205);
        l.notes("no_show", (2, 3), 205);
    };
    accepts(no_show);
    objects("a later state was applied", |l| {
        no_show(l);
        l.calls("feedback", 2, 212, 200, "ok");
    });
    objects("a no-show: has 1 of []", |l| {
        no_show(l);
        l.plans_of("feedback", (2, 3), [211, 205], "cancelled");
    });
    objects("the staff have no note of it", |l| {
        no_show(l);
        l.row("staff_note", 3).note = Some("confirmed".into());
    });
}

#[test]
fn what_is_ignored_is_nobodys_news() {
    let ignored = |l: &mut Case| l.starts_with(event(1, Word::Ignored, 1), "ignored");
    accepts(ignored);
    objects("was ignored from the first", |l| {
        ignored(l);
        l.plans_and_sends("staff_created", 1, 1);
    });
    objects("the booking never stood", |l| {
        ignored(l);
        l.plans("feedback", 1, 111, 1, "cancelled");
    });
}

#[test]
fn the_staff_know_who_relies_on_what_is_ignored() {
    let ignored = |l: &mut Case| {
        l.posts(event(2, Word::Ignored, 50), "ignored");
        l.voids(3, 50);
    };
    accepts(|l| {
        ignored(l);
        l.notes("believes_booked", (2, 3), 50);
    });
    objects("do not know that its client relies on it", ignored);
    objects("ignored: has 1 of []", |l| {
        ignored(l);
        l.notes("believes_booked", (2, 3), 50);
        l.plans_of("reminder", (2, 3), [125, 50], "cancelled");
    });
}

#[test]
fn a_phone_that_comes_late_is_known_in_the_end() {
    let late = |l: &mut Case| l.record.bookings[0].events[0].with_phone = false;
    accepts(|l| {
        late(l);
        l.notes("phone_added", (1, 1), 3);
    });
    objects("has the phone None", |l| {
        late(l);
        l.booking().phone = None;
    });
    objects("its phone was there from the first", |l| l.notes("phone_added", (1, 1), 3));
}

#[test]
fn what_is_left_out_needs_a_reason_that_is_true() {
    let left_out = |l: &mut Case, kind: &str, reason: &str| {
        let when = if kind == "reminder" { 126 } else { 212 };
        l.observed.calls.retain(|call| call.at != at(when));
        let row = l.row(kind, 2);
        (row.status, row.reason) = ("cancelled".into(), reason.into());
        row.updated_at = at(260);
    };
    let changed_account = |l: &mut Case| {
        l.record.clients.get_mut(&1).unwrap().chats.push(10_003);
    };
    objects("cancelled without a reason", |l| left_out(l, "feedback", "another_owner"));
    accepts(|l| {
        left_out(l, "feedback", "another_owner");
        changed_account(l);
    });
    let waited = |l: &mut Case, moved_at: i64| {
        left_out(l, "feedback", "another_owner");
        changed_account(l);
        // It waited for a visit of its order that ended at 410 s. Its own was moved afterwards.
        let row = l.row("feedback", 2);
        (row.due_at, row.expires_at) = (at(411), Some(at(411) + TimeDelta::hours(24)));
        l.record.bookings[0].order = Some("7".into());
        let other = Booking { code: "SK1001".into(), ..l.record.bookings[0].clone() };
        l.record.bookings.push(Booking { events: vec![event(4, Word::None, 1)], ..other });
        l.posts(event(3, Word::None, moved_at), "stands");
    };
    let mut case = Case::right();
    waited(&mut case, 261);
    let found = case.found();
    assert!(!found.iter().any(|line| line.contains("cancelled without a reason")), "{found:?}");
    objects("cancelled without a reason", |l| waited(l, 11));
    objects("cancelled without a reason", |l| left_out(l, "reminder", "its_time_passed"));
    accepts(|l| {
        left_out(l, "reminder", "its_time_passed");
        l.record.clients.get_mut(&1).unwrap().absences.push((at(120), at(259)));
    });
    objects("cancelled without a reason", |l| left_out(l, "reminder", "told_recently"));
    accepts(|l| {
        left_out(l, "reminder", "told_recently");
        l.observed.calls.retain(|call| call.at != at(11) || call.chat_id != Some(fixture::CHAT));
        let id = l.calls("moved", 2, 127, 200, "ok");
        let row = l.row("moved", 2);
        (row.sent_at, row.telegram_message_id) = (Some(at(127)), Some(id));
        l.fault(Excuse::Delay, 12, 120);
    });
}
