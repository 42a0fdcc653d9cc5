//! The design's table of outcomes, row by row.

use super::*;

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn first_attempt(kind: MessageKind) -> Attempt {
    Attempt {
        kind,
        possible_deliveries: 1,
        delivery: Delivery::Message,
        is_joined: false,
        expires_at: Some(noon() + TimeDelta::hours(1)),
        created_at: noon() - TimeDelta::seconds(1),
        now: noon(),
    }
}

fn unknown() -> SendOutcome {
    SendOutcome::Unknown { reason: "timeout" }
}

#[test]
fn after_429_the_same_row_comes_later_and_it_was_no_try() {
    let after = SendOutcome::TooManyRequests { retry_after: Duration::from_secs(30) };
    assert_eq!(
        disposition(after, first_attempt(MessageKind::Reminder)),
        Disposition::Retry {
            not_before: noon() + TimeDelta::seconds(30),
            delivered_perhaps: false,
            reason: "too_many_requests"
        }
    );
}

#[test]
fn without_a_connection_the_wait_grows_and_stays_bounded() {
    for (age, wait) in [(0, 1), (8, 2), (60, 15), (86_400, 30)] {
        let this = Attempt {
            created_at: noon() - TimeDelta::seconds(age),
            expires_at: None,
            ..first_attempt(MessageKind::Confirmation)
        };
        let Disposition::Retry { not_before, delivered_perhaps, .. } =
            disposition(SendOutcome::NotConnected, this)
        else {
            panic!("age {age}")
        };
        assert_eq!((not_before - noon(), delivered_perhaps), (TimeDelta::seconds(wait), false));
    }
}

#[test]
fn a_document_that_may_have_been_sent_is_never_sent_again() {
    for kind in [MessageKind::Answer, MessageKind::Confirmation] {
        let document = Attempt { delivery: Delivery::Document, ..first_attempt(kind) };
        let Disposition::Final { status, .. } = disposition(unknown(), document) else {
            panic!("{kind:?}")
        };
        assert_eq!(status, MessageStatus::Unknown);
        let limit = SendOutcome::TooManyRequests { retry_after: Duration::from_secs(1) };
        let again = disposition(limit, document);
        assert!(matches!(again, Disposition::Retry { .. }), "it was not sent: {again:?}");
    }
}

#[test]
fn an_edit_that_may_have_been_made_is_repeated_and_is_no_delivery() {
    let edit = Attempt {
        delivery: Delivery::Edit,
        possible_deliveries: 9,
        ..first_attempt(MessageKind::Confirmation)
    };
    let follows = disposition(unknown(), edit);
    assert!(matches!(follows, Disposition::Retry { delivered_perhaps: false, .. }), "{follows:?}");
}

#[test]
fn of_messages_that_are_refused_together_each_is_sent_alone_before_it_fails() {
    let refused = || SendOutcome::Refused { description: "can't parse entities".to_owned() };
    let alone = first_attempt(MessageKind::StaffCreated);
    let joined = disposition(refused(), Attempt { is_joined: true, ..alone });
    let reason = REFUSED_TOGETHER;
    let expected = Disposition::Retry { not_before: noon(), delivered_perhaps: false, reason };
    assert_eq!(joined, expected);
    assert!(matches!(disposition(refused(), alone), Disposition::Final { .. }));
}

#[test]
fn what_may_have_been_delivered_is_sent_once_more_or_not_at_all() {
    for kind in MessageKind::ALL {
        let once_more = kind.possible_deliveries() > 1;
        let first = disposition(unknown(), first_attempt(*kind));
        assert_eq!(
            matches!(first, Disposition::Retry { delivered_perhaps: true, .. }),
            once_more,
            "{kind:?}"
        );
        let second =
            disposition(unknown(), Attempt { possible_deliveries: 2, ..first_attempt(*kind) });
        assert!(
            matches!(second, Disposition::Final { status: MessageStatus::Unknown, .. }),
            "{kind:?}: {second:?}"
        );
    }
}

#[test]
fn a_reminder_is_not_sent_again_when_the_visit_would_have_begun() {
    let this = Attempt {
        expires_at: Some(noon() + TimeDelta::seconds(2)),
        ..first_attempt(MessageKind::Reminder)
    };
    assert!(matches!(
        disposition(unknown(), this),
        Disposition::Final { status: MessageStatus::Unknown, .. }
    ));
    assert!(matches!(
        disposition(SendOutcome::TooManyRequests { retry_after: Duration::from_secs(60) }, this),
        Disposition::Final { status: MessageStatus::Expired, .. }
    ));
}

#[test]
fn what_is_refused_for_good_while_nobody_can_be_reached_is_only_an_answer() {
    let gone = SendOutcome::Unreachable { reason: "bot_blocked" };
    for kind in MessageKind::ALL {
        let this = Attempt { expires_at: None, ..first_attempt(*kind) };
        let follows = disposition(gone.clone(), this);
        let waits = matches!(follows, Disposition::Retry { delivered_perhaps: false, .. });
        let is_answer = kind.recipient() == Recipient::Client && !kind.follows_booking();
        assert_eq!(waits, !is_answer, "{kind:?}: {follows:?}");
    }
}

#[test]
fn a_refused_request_is_our_bug_and_a_moved_chat_is_tried_at_once() {
    let refused = SendOutcome::Refused { description: "Bad Request".into() };
    assert!(matches!(
        disposition(refused, first_attempt(MessageKind::Answer)),
        Disposition::Final { status: MessageStatus::Failed, .. }
    ));
    let migrated = SendOutcome::Migrated { to: ChatId(-1002) };
    assert!(matches!(
        disposition(migrated, first_attempt(MessageKind::StaffCreated)),
        Disposition::Retry { delivered_perhaps: false, not_before, .. } if not_before == noon()
    ));
}
