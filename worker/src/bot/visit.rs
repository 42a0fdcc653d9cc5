//! Decides about a client's presses on a visit: pure rules. A booking changes only when Bukza says so; here it is kept
//! what the client wants.

use shared::domain::{
    dialogue::Dialogue,
    ids::{BookingId, RequestId},
    request::{RequestKind, VisitAnswer},
};

use super::{
    decision::{Act, Client, ConcernedBooking, Decision},
    keyboard::VisitAction,
    reply::Reply,
};

/// A press about a version of a booking.
#[derive(Debug, Clone, Copy)]
pub(super) struct VisitPress {
    pub action: VisitAction,
    pub booking: BookingId,
    pub version: i32,
    /// The message above the button.
    pub message: Option<i64>,
}

/// Decides what a press does. Whatever is old, foreign or forged changes nothing, and the reply says what is true now.
pub(super) fn pressed(
    press: VisitPress,
    client: Client,
    booking: Option<&ConcernedBooking>,
    has_staff: bool,
) -> Decision {
    let VisitPress { action, booking: id, version, message } = press;
    let Some(booking) = booking.filter(|booking| booking.own) else {
        return Decision::reply(client, Reply::StaleButton { registered: client.registered });
    };
    let changed = version != booking.version || !booking.awaited;
    let several = booking.listed > 1;
    match action {
        VisitAction::Open => {
            Decision::reply(client, Reply::Booking { booking: id, changed: false })
        }
        _ if changed => Decision::reply(client, Reply::Booking { booking: id, changed: true }),
        VisitAction::Comes => Decision {
            acts: vec![Act::Comes { booking: id, version }, Act::TakeButtons { message }],
            ..Decision::reply(client, Reply::VisitConfirmed { booking: id, version })
        },
        VisitAction::Keep => Decision {
            acts: vec![Act::Keep { booking: id, version }, Act::TakeButtons { message }],
            ..Decision::reply(client, Reply::VisitKept)
        },
        // Without a staff chat nobody would read it.
        VisitAction::Move
        | VisitAction::MoveOne
        | VisitAction::CannotCome
        | VisitAction::CannotComeOne
        | VisitAction::Sure
            if !has_staff =>
        {
            Decision::reply(client, Reply::CallVenue)
        }
        VisitAction::Move | VisitAction::CannotCome if several => {
            let moves = action == VisitAction::Move;
            Decision::reply(client, Reply::WhichVisit { booking: id, version, moves })
        }
        VisitAction::Move | VisitAction::MoveOne => Decision {
            acts: vec![Act::Open(Dialogue::NewTime(id))],
            ..Decision::reply(client, Reply::AskNewTime)
        },
        VisitAction::CannotCome | VisitAction::CannotComeOne => {
            Decision::reply(client, Reply::SurelyCannot { booking: id })
        }
        // The reply depends on the request, which may exist already.
        VisitAction::Sure => Decision {
            acts: vec![Act::Cancel { booking: id, version }, Act::TakeButtons { message }],
            ..Decision::nothing(Some(client))
        },
    }
}

/// The client gives no reason.
pub(super) fn no_reason(request: RequestId, client: Client) -> Decision {
    if client.dialogue != Dialogue::Reason(request) {
        let reply = Reply::StaleButton { registered: client.registered };
        return Decision::reply(client, reply);
    }
    let client = Client { dialogue: Dialogue::Idle, ..client };
    let acts = vec![Act::Reason { request, words: None }];
    Decision { acts, ..Decision::nothing(Some(client)) }
}

/// The answer that a request records about its visit.
pub(super) fn answer_of(kind: RequestKind) -> Option<VisitAnswer> {
    match kind {
        RequestKind::Cancel => Some(VisitAnswer::CannotCome),
        RequestKind::Move => Some(VisitAnswer::WantsToMove),
        RequestKind::Comes => Some(VisitAnswer::Comes),
        RequestKind::Words | RequestKind::Complaint => None,
    }
}
