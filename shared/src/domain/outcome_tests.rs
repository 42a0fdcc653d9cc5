//! The design's table of outcomes, row by row.

use super::*;

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn first_try(kind: MessageKind) -> Try {
    Try {
        kind,
        possible_deliveries: 1,
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
        next(after, first_try(MessageKind::Reminder)),
        Next::Retry {
            not_before: noon() + TimeDelta::seconds(30),
            delivered_perhaps: false,
            reason: "too_many_requests"
        }
    );
}

#[test]
fn without_a_connection_the_wait_grows_and_stays_bounded() {
    for (age, wait) in [(0, 1), (8, 2), (60, 15), (86_400, 30)] {
        let this = Try {
            created_at: noon() - TimeDelta::seconds(age),
            expires_at: None,
            ..first_try(MessageKind::Confirmation)
        };
        let Next::Retry { not_before, delivered_perhaps, .. } =
            next(SendOutcome::NotConnected, this)
        else {
            panic!("age {age}")
        };
        assert_eq!((not_before - noon(), delivered_perhaps), (TimeDelta::seconds(wait), false));
    }
}

#[test]
fn what_may_have_been_delivered_is_said_once_more_or_not_at_all() {
    for kind in MessageKind::ALL {
        let once_more = !matches!(kind, MessageKind::Feedback | MessageKind::Answer);
        let first = next(unknown(), first_try(*kind));
        assert_eq!(
            matches!(first, Next::Retry { delivered_perhaps: true, .. }),
            once_more,
            "{kind:?}"
        );
        let second = next(unknown(), Try { possible_deliveries: 2, ..first_try(*kind) });
        assert!(
            matches!(second, Next::Final { status: MessageStatus::Unknown, .. }),
            "{kind:?}: {second:?}"
        );
    }
}

#[test]
fn a_reminder_is_not_said_again_when_the_visit_would_have_begun() {
    let this = Try {
        expires_at: Some(noon() + TimeDelta::seconds(2)),
        ..first_try(MessageKind::Reminder)
    };
    assert!(matches!(next(unknown(), this), Next::Final { status: MessageStatus::Unknown, .. }));
    assert!(matches!(
        next(SendOutcome::TooManyRequests { retry_after: Duration::from_secs(60) }, this),
        Next::Final { status: MessageStatus::Expired, .. }
    ));
}

#[test]
fn a_client_who_left_is_final_but_the_staffs_chat_is_tried_again() {
    let gone = SendOutcome::Unreachable { reason: "bot_blocked" };
    assert!(matches!(
        next(gone.clone(), first_try(MessageKind::Confirmation)),
        Next::Final { status: MessageStatus::Failed, .. }
    ));
    let card = Try { expires_at: None, ..first_try(MessageKind::StaffCreated) };
    assert!(matches!(next(gone, card), Next::Retry { delivered_perhaps: false, .. }));
}

#[test]
fn a_refused_request_is_our_bug_and_a_moved_chat_is_tried_at_once() {
    let refused = SendOutcome::Refused { description: "Bad Request".into() };
    assert!(matches!(
        next(refused, first_try(MessageKind::Answer)),
        Next::Final { status: MessageStatus::Failed, .. }
    ));
    let migrated = SendOutcome::Migrated { to: ChatId(-1002) };
    assert!(matches!(
        next(migrated, first_try(MessageKind::StaffCreated)),
        Next::Retry { delivered_perhaps: false, not_before, .. } if not_before == noon()
    ));
}
