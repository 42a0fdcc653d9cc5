//! What Bukza's own table shows otherwise than the bookings: by the rules that apply a request, so that a difference is
//! what applying the row would change for a client or the staff. Pure.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{
    booking::Booking,
    event::{BookingEvent, Details},
    forgotten::hex,
    news::{ClientNews, News, Phase, Plans, StaffNews, Transition},
    plan::{PlanContext, Step},
    status::Meaning,
    venue::Venue,
};

/// How a row differs from its booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// The booking is not known, and its visit is not over.
    Missing,
    /// It is cancelled in the table alone.
    Cancelled,
    /// It is cancelled here alone.
    Stands,
    /// It has other times or another service.
    Moved,
    /// It has another client's phone.
    OtherClient,
    /// Its status has another meaning.
    OtherStatus,
    /// The table has a phone, the booking none.
    PhoneAdded,
    /// The booking stands, and the table has no row of it. There is nothing to apply.
    NotInTable,
}

impl DifferenceKind {
    pub const ALL: &[Self] = &[
        Self::Missing,
        Self::Cancelled,
        Self::Stands,
        Self::Moved,
        Self::OtherClient,
        Self::OtherStatus,
        Self::PhoneAdded,
        Self::NotInTable,
    ];

    /// The value in `table_differences.kind` and in metric labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Cancelled => "cancelled",
            Self::Stands => "stands",
            Self::Moved => "moved",
            Self::OtherClient => "other_client",
            Self::OtherStatus => "other_status",
            Self::PhoneAdded => "phone_added",
            Self::NotInTable => "not_in_table",
        }
    }

    /// Reads the value of `table_differences.kind`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Whether a row can be applied. What the table does not show is cancelled by nobody but people.
    #[must_use]
    pub fn is_applicable(self) -> bool {
        match self {
            Self::Missing
            | Self::Cancelled
            | Self::Stands
            | Self::Moved
            | Self::OtherClient
            | Self::OtherStatus
            | Self::PhoneAdded => true,
            Self::NotInTable => false,
        }
    }
}

/// How `row` differs from the booking with its code (`None`: unknown so far). `None`: applying it would be news to
/// nobody. A request that is as new as the row, or newer, is never undone. Details alone are no difference, but for the
/// phone of a booking without one: its client hears nothing so far.
#[must_use]
pub fn difference(
    booking: Option<&Booking>,
    row: &BookingEvent,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Option<DifferenceKind> {
    if booking.is_some_and(|booking| booking.last_event.0 >= row.received_at) {
        return None;
    }
    let context = PlanContext {
        now,
        announced: false,
        believes_booked: false,
        last_question_at: None,
        waiting: None,
    };
    let step = Step::of(booking, row, venue, context)?;
    let transition = step.transition();
    let Transition { from, to, before, after, .. } = transition;
    let Some((from, known)) = from.zip(booking) else {
        return matches!(to, Meaning::Stands | Meaning::Pending)
            .then_some(DifferenceKind::Missing)
            .filter(|_| after != Phase::Over);
    };
    let is_over = before == Phase::Over && after == Phase::Over;
    let adds_phone = known.details.phone.is_none() && step.merged.details.phone.is_some();
    if is_news(transition) {
        return match (from, to) {
            // Nobody does anything about them any more.
            (_, Meaning::Stands | Meaning::Pending | Meaning::Ignored) if is_over => None,
            (_, Meaning::Cancelled) => Some(DifferenceKind::Cancelled),
            (Meaning::Cancelled, Meaning::Stands | Meaning::Pending) => {
                Some(DifferenceKind::Stands)
            }
            (from, to) if from != to => Some(DifferenceKind::OtherStatus),
            _ if step.is_other_client() => Some(DifferenceKind::OtherClient),
            _ => Some(DifferenceKind::Moved),
        };
    }
    let waits_for_client = matches!(to, Meaning::Stands | Meaning::Pending) && !is_over;
    (adds_phone && waits_for_client).then_some(DifferenceKind::PhoneAdded)
}

/// Whether somebody hears of a change, or what is planned changes, announced to the client or not.
fn is_news(transition: Transition) -> bool {
    [false, true].into_iter().any(|announced| {
        let News { client, staff, plans } = News::of(Transition { announced, ..transition });
        client != ClientNews::Nothing || staff != StaffNews::Nothing || plans != Plans::Keep
    })
}

/// What is kept of a row until the staff have decided: without the person, where applying it does not need them.
#[must_use]
pub fn without_known_person(
    row: BookingEvent,
    kind: DifferenceKind,
    booking: Option<&Booking>,
) -> BookingEvent {
    if kind == DifferenceKind::Missing {
        return BookingEvent { reading: None, ..row };
    }
    let known = booking.and_then(|booking| booking.details.phone.as_ref());
    let phone = row.details.phone.clone().filter(|phone| Some(phone) != known);
    let row = row.without_person();
    BookingEvent { details: Details { phone, ..row.details }, ..row }
}

/// Tells two differences of one booking apart: what the table shows, without anything of the client's. One that stays
/// the same makes no second card.
#[must_use]
pub fn fingerprint(kind: DifferenceKind, row: Option<&BookingEvent>) -> String {
    let mut shown = kind.as_str().to_owned();
    if let Some(row) = row {
        let times = row.visit_time().map(|time| (time.start(), time.end()));
        let service = row.details.service.as_deref();
        let _ = write!(shown, " {} {times:?} {service:?}", row.meaning().as_str());
    }
    hex(&Sha256::digest(shown.as_bytes())[..16])
}

#[cfg(test)]
#[path = "difference_tests.rs"]
mod tests;
