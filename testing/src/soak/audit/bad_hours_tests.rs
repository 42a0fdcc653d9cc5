//! Tests of what Telegram's bad hours explain: an outage delays messages, a flood and a closed chat
//! of the staff delay none, and nothing that is still news is lost.

use super::fixture::*;
use crate::soak::record::Excuse;

/// The feedback request is sent 88 s late.
fn late(l: &mut Case, excuse: Excuse) {
    l.row("feedback", 2).sent_at = Some(at(299));
    l.fault(excuse, 205, 245);
}

#[test]
fn an_outage_delays_messages_and_a_flood_or_a_closed_staff_chat_none() {
    accepts(|l| late(l, Excuse::Delay));
    objects("was 88 s late, 60 s may be excused", |l| late(l, Excuse::Nothing));
    accepts(|l| l.answers(CHAT, 20, 75));
    objects("in chat 10002 was 70 s late", |l| l.answers(CHAT, 20, 90));
    accepts(|l| {
        l.answers(CHAT, 20, 90);
        l.fault(Excuse::Delay, 20, 40);
    });
    objects("in chat 10002 was 70 s late", |l| {
        l.answers(CHAT, 20, 90);
        l.fault(Excuse::Nothing, 20, 40);
    });
    // A stranger of a flood.
    accepts(|l| l.answers(500_001, 20, 180));
}

#[test]
fn a_card_that_the_staffs_closed_chat_refused_arrives_in_the_end() {
    let refused = |l: &mut Case| {
        l.calls("staff_moved", 2, 10, 400, "refused");
        l.fault(Excuse::Nothing, 5, 15);
    };
    accepts(refused);
    for (status, words) in [
        ("failed", "failed, and the staff's chat was open again"),
        ("scheduled", "was never sent"),
        ("expired", "nothing was in its way"),
        ("cancelled", "was cancelled without a reason"),
    ] {
        objects(words, |l| {
            refused(l);
            l.row("staff_moved", 2).status = status.into();
        });
    }
    objects("is failed at the end", |l| {
        let row = l.row("staff_moved", 2);
        (row.code, row.status, row.kind) = (None, "failed".into(), "staff_rejected".into());
    });
}

/// The reminder, which lasts from 125 s to 200 s, met an outage and ended unknown.
fn unknown(l: &mut Case, when: i64) {
    l.observed.calls.retain(|call| call.at != at(126));
    l.calls("reminder", 2, when, 502, "bad_gateway_html");
    let row = l.row("reminder", 2);
    (row.status, row.updated_at) = ("unknown".into(), at(when));
    l.fault(Excuse::Delay, 120, 160);
}

#[test]
fn what_is_still_news_after_an_outage_is_tried_again() {
    objects("is unknown after one attempt, and was still news", |l| unknown(l, 126));
    accepts(|l| unknown(l, 190));
    accepts(|l| {
        unknown(l, 126);
        l.fault(Excuse::LostLease, 110, 111);
    });
    objects("Telegram had answered nothing well since the first", |l| {
        unknown(l, 126);
        l.calls("reminder", 2, 145, 502, "bad_gateway_html");
    });
    objects("Telegram had answered nothing well since the first", |l| {
        unknown(l, 126);
        l.calls("answer", 0, 135, 502, "bad_gateway_html");
        l.calls("answer", 0, 136, 429, "too_many_requests");
        l.calls("reminder", 2, 165, 502, "bad_gateway_html");
    });
    accepts(|l| {
        unknown(l, 126);
        l.probe(161);
        l.calls("reminder", 2, 162, 502, "bad_gateway_html");
    });
}

#[test]
fn a_client_may_leave_after_a_messages_end_and_before_it_is_marked() {
    let expired = |l: &mut Case, left: i64| {
        l.observed.calls.retain(|call| call.at != at(126));
        l.fault(Excuse::Delay, 130, 146);
        l.record.clients.get_mut(&1).unwrap().absences.push((at(left), at(300)));
        let row = l.row("reminder", 2);
        (row.status, row.reason) = ("expired".into(), "client_not_in_bot".into());
        row.updated_at = at(204);
    };
    accepts(|l| expired(l, 150));
    accepts(|l| expired(l, 202));
    objects("expired, and nothing was in its way", |l| expired(l, 205));
}

#[test]
fn what_the_staff_need_no_more_is_not_sent() {
    let cancelled = |l: &mut Case, kind: &str, reason: &str| {
        let mut row = l.row("staff_moved", 2).clone();
        (row.kind, row.status, row.reason) = (kind.into(), "cancelled".into(), reason.into());
        (row.code, row.version, row.telegram_message_id) = (None, None, None);
        l.observed.messages.push(row);
    };
    accepts(|l| cancelled(l, "staff_answer", "replaced"));
    accepts(|l| cancelled(l, "staff_table", "table_agrees"));
    objects("is cancelled at the end", |l| cancelled(l, "staff_answer", "table_agrees"));
    objects("is cancelled at the end", |l| cancelled(l, "staff_table", "replaced"));
}

#[test]
fn a_chat_that_telegram_refused_after_a_messages_end_is_the_reason_that_is_kept() {
    let expired = |l: &mut Case| {
        l.observed.calls.retain(|call| call.at != at(126));
        l.fault(Excuse::Delay, 130, 146);
        let row = l.row("reminder", 2);
        (row.status, row.reason) = ("expired".into(), "client_not_in_bot".into());
        (row.expires_at, row.updated_at) = (Some(at(200)), at(208));
    };
    accepts(|l| {
        expired(l);
        l.calls("confirmation", 2, 205, 403, "forbidden");
    });
    objects("expired, and nothing was in its way", expired);
}
