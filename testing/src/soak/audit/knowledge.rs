//! Which event a message was planned for, and whether its client knew of the booking.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    attempts::Attempt,
    comparison::{Audit, CLAIM_TO_CALL},
};
use crate::soak::{
    observed::MessageRow,
    record::{Booking, Event},
};

impl<'a> Audit<'a> {
    /// The event that a client's message was planned for, by its expiry: an announcement lasts
    /// until the visit's end, a reminder until its start, a feedback request for a day. One that
    /// waited for another visit of its order lasts for a day after that.
    pub(super) fn planned_for<'b>(
        &self,
        booking: &'b Booking,
        row: &MessageRow,
    ) -> Option<&'b Event> {
        let until = row.expires_at?;
        let sent_when = until - self.plan.feedback_after - TimeDelta::hours(24);
        let planned = booking.events.iter().find(|event| match row.kind.as_str() {
            "reminder" => event.start == until,
            "feedback" => event.end == sent_when,
            _ => event.end == until,
        });
        let waited = || {
            let mut others = self.of_order(booking).flat_map(|other| &other.events);
            let is_due_anew = until - row.due_at == TimeDelta::hours(24);
            others.any(|event| event.end == sent_when || is_due_anew)
        };
        // An event that was posted after the message was planned is another one's.
        let posted = |event: &&Event| event.begun <= row.created_at && event.end < sent_when;
        let earlier = || booking.events.iter().rfind(posted);
        planned.or_else(|| earlier().filter(|_| row.kind == "feedback" && waited()))
    }

    /// The other bookings of the same order.
    pub(super) fn of_order<'b>(
        &'b self,
        booking: &'b Booking,
    ) -> impl Iterator<Item = &'b Booking> {
        self.record.bookings.iter().filter(move |other| {
            booking.order.is_some() && other.order == booking.order && other.code != booking.code
        })
    }

    /// The newest version of the booking for which a message of this kind was planned with this tag.
    pub(super) fn version_of(&self, booking: &Booking, tag: &str, kind: &str) -> Option<i32> {
        let rows = self.rows(&booking.code, "client").into_iter().filter(|row| row.kind == kind);
        let of_tag =
            rows.filter(|row| self.planned_for(booking, row).is_some_and(|event| event.tag == tag));
        of_tag.filter_map(|row| row.version).max()
    }

    /// Whether one message of this kind, and no more, was planned with this tag.
    pub(super) fn planned_once(&self, booking: &Booking, tag: &str, kind: &str) -> bool {
        let rows = self.rows(&booking.code, "client").into_iter().filter(|row| row.kind == kind);
        let of_tag =
            rows.filter(|row| self.planned_for(booking, row).is_some_and(|event| event.tag == tag));
        of_tag.count() == 1
    }

    /// When a later state than `version` was applied.
    pub(super) fn superseded_at(&self, booking: &Booking, version: i32) -> Option<DateTime<Utc>> {
        let later = |row: &&&MessageRow| row.version.is_some_and(|of| of > version);
        let clients = self.rows(&booking.code, "client");
        let staffs = self.rows(&booking.code, "staff");
        clients.iter().chain(&staffs).filter(later).map(|row| row.created_at).min()
    }

    /// Confirmations and moves of versions before this one, since the booking was cancelled last.
    fn announcements(&self, booking: &Booking, version: i32) -> Vec<&'a MessageRow> {
        let before = |row: &&MessageRow| row.version.is_some_and(|of| of < version);
        let staff = self.rows(&booking.code, "staff").into_iter().filter(before);
        let cancelled =
            staff.filter(|row| row.kind == "staff_cancelled").filter_map(|row| row.version).max();
        let mut rows = self.rows(&booking.code, "client");
        rows.retain(|row| {
            matches!(row.kind.as_str(), "confirmation" | "moved")
                && before(row)
                && row.version > cancelled
        });
        rows
    }

    /// Whether the client knew of the booking with this tag before it got this version, at `at`.
    pub(super) fn surely_knew(
        &self,
        booking: &Booking,
        version: i32,
        at: DateTime<Utc>,
        tag: &str,
    ) -> bool {
        self.announcements(booking, version).into_iter().any(|row| {
            let sent_before = row.sent_at.is_some_and(|sent| sent + CLAIM_TO_CALL < at);
            let of_tag = self.planned_for(booking, row).is_some_and(|event| event.tag == tag);
            row.status == "sent" && sent_before && of_tag
        })
    }

    /// Whether the client may have known of the booking before it got this version, at `at`. A
    /// message being sent counts.
    pub(super) fn may_have_known(
        &self,
        booking: &Booking,
        version: i32,
        at: DateTime<Utc>,
    ) -> bool {
        self.announcements(booking, version).into_iter().any(|row| {
            let of_row = |this: &Attempt| {
                this.kind == row.kind
                    && Some(this.chat) == row.chat
                    && this.at <= at + CLAIM_TO_CALL
                    && this.at >= row.created_at
            };
            let claimed = self.attempts.iter().any(of_row) || self.record.unsettled(at);
            row.attempts > 0 || (row.chat.is_some() && claimed)
        })
    }

    /// Whether the client may have relied on the booking before it got this version, at `at`: they knew
    /// of it, or the last message that may have arrived before is no cancellation. One that waited may
    /// have been replaced by a restoration, and one that Telegram refused did not arrive.
    pub(super) fn may_have_relied(
        &self,
        booking: &Booking,
        version: i32,
        at: DateTime<Utc>,
    ) -> bool {
        let mut arrived = self.rows(&booking.code, "client");
        arrived.retain(|row| {
            matches!(row.kind.as_str(), "confirmation" | "moved" | "cancelled")
                && row.version.is_some_and(|of| of < version)
                && row.status != "failed"
                && (matches!(row.status.as_str(), "sent" | "unknown") || row.attempts > 0)
        });
        let last = arrived.iter().max_by_key(|row| (row.version, row.id));
        self.may_have_known(booking, version, at) || last.is_some_and(|row| row.kind != "cancelled")
    }
}
