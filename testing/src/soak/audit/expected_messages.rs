//! Checks that a booking's last state has the messages that its rules require, by its meaning, its
//! times and what its client knew.

use chrono::{DateTime, Utc};

use super::comparison::Audit;
use crate::soak::{
    observed::MessageRow,
    record::{Booking, Event, Meaning},
};

/// Kinds of cards about a booking's states.
const CARDS: [&str; 4] = ["staff_created", "staff_moved", "staff_cancelled", "staff_note"];
const ANNOUNCEMENTS: &[&str] = &["confirmation", "moved"];

/// A booking's last state, with the messages planned for it.
struct State<'a> {
    booking: &'a Booking,
    last: &'a Event,
    client: Vec<&'a MessageRow>,
    staff: Vec<&'a MessageRow>,
    /// Time at which the state was applied.
    applied: DateTime<Utc>,
    violations: Vec<String>,
}

pub(super) fn violations(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let Some(row) = audit.observed.bookings.get(&booking.code) else { return Vec::new() };
    let Some(last) = booking.last_known() else { return Vec::new() };
    let is_of_last = |message: &&MessageRow| message.version == Some(row.version);
    let mut client = audit.rows(&booking.code, "client");
    client.retain(is_of_last);
    let mut staff = audit.rows(&booking.code, "staff");
    staff.retain(|message| is_of_last(message) && CARDS.contains(&message.kind.as_str()));
    let Some(applied) = client.iter().chain(&staff).map(|row| row.created_at).min() else {
        return untold(audit, booking, last, row.version);
    };
    if staff.is_empty() && row.meaning != "ignored" {
        return vec!["its last state has no staff card".to_owned()];
    }
    let mut state = State { booking, last, client, staff, applied, violations: Vec::new() };
    match row.meaning.as_str() {
        "stands" => state.stands(audit),
        "pending" => state.pending(audit),
        "no_show" => state.no_show(),
        "ignored" => state.expect_client("ignored", &[], 0..=0),
        _ => state.cancelled(audit, row.version),
    }
    state.violations
}

/// Checks a state without messages. That is right for an ignored booking and for a visit that was
/// over for long.
fn untold(audit: &Audit<'_>, booking: &Booking, last: &Event, version: i32) -> Vec<String> {
    let row = audit.observed.bookings.get(&booking.code);
    let ignored = row.is_some_and(|row| row.meaning == "ignored");
    let long_over = version == 1 && booking.over_at_first().is_some_and(|it| it.num_hours() >= 24);
    if !ignored && !long_over {
        return vec!["its last state has no staff card".to_owned()];
    }
    // The staff must call a client who relies on a booking that is ignored now. It was applied no
    // later than the booking's last update.
    let ahead = row.is_some_and(|row| row.updated_at < last.end);
    let relies = ignored && ahead && audit.surely_knew(booking, version, last.begun, &last.tag);
    let violation = "is ignored, and the staff do not know that its client relies on it";
    relies.then(|| violation.to_owned()).into_iter().collect()
}

impl State<'_> {
    fn stands(&mut self, audit: &Audit<'_>) {
        let Some((start, end)) = self.booking.times_of(&self.last.tag) else { return };
        self.expect_client("stands", &["cancelled"], 0..=0);
        self.expect_staff(&["staff_cancelled"], 0..=0);
        self.expect_staff(&["staff_created", "staff_moved"], 0..=1);
        if end <= self.applied {
            self.expect_client("was over", ANNOUNCEMENTS, 0..=0);
            self.expect_client("was over", &["reminder"], 0..=0);
            return self.expect_client("was over", &["feedback"], 0..=1);
        }
        // A client who knows of the booking gets nothing when a no-show is withdrawn.
        let back = self
            .booking
            .of_tag(&self.last.tag)
            .any(|event| matches!(event.meaning(), Meaning::NoShow | Meaning::Ignored));
        let known = back && audit.may_have_known(self.booking, self.version(), self.applied);
        self.expect_client("stands", ANNOUNCEMENTS, usize::from(!known)..=1);
        let reminders = usize::from(start - audit.plan.remind_before > self.applied);
        self.expect_client("stands", &["reminder"], reminders..=reminders);
        // A feedback request sent during the visit is not repeated.
        let questions = usize::from(start > self.applied);
        self.expect_client("stands", &["feedback"], questions..=1);
    }

    fn pending(&mut self, audit: &Audit<'_>) {
        self.expect_client("pending", &["cancelled"], 0..=0);
        let version = self.version();
        if !audit.may_have_known(self.booking, version + 1, self.applied) {
            self.expect_client("pending, and not announced", &[], 0..=0);
        }
        self.expect_staff(&["staff_cancelled"], 0..=0);
    }

    fn no_show(&mut self) {
        self.expect_client("a no-show", &[], 0..=0);
        if !self.staff.iter().any(|row| row.note.as_deref() == Some("no_show")) {
            self.violations.push("is a no-show, and the staff have no note of it".to_owned());
        }
    }

    fn cancelled(&mut self, audit: &Audit<'_>, version: i32) {
        let others = &["confirmation", "moved", "reminder", "feedback"];
        self.expect_client("cancelled", others, 0..=0);
        self.expect_staff(&["staff_cancelled"], 1..=1);
        let ahead =
            self.applied < self.booking.times_of(&self.last.tag).map_or(self.last.end, |it| it.1);
        let must = ahead && audit.surely_knew(self.booking, version, self.applied, &self.last.tag);
        self.expect_client("cancelled", &["cancelled"], usize::from(must)..=1);
    }

    fn version(&self) -> i32 {
        self.client.iter().chain(&self.staff).find_map(|row| row.version).unwrap_or_default()
    }

    /// Expects this many messages of these kinds to the client; no kinds: of any.
    fn expect_client(
        &mut self,
        why: &str,
        kinds: &[&str],
        wanted: std::ops::RangeInclusive<usize>,
    ) {
        self.expect(why, count(&self.client, kinds), kinds, wanted);
    }

    fn expect_staff(&mut self, kinds: &[&str], wanted: std::ops::RangeInclusive<usize>) {
        self.expect("to the staff", count(&self.staff, kinds), kinds, wanted);
    }

    fn expect(
        &mut self,
        why: &str,
        there: usize,
        kinds: &[&str],
        wanted: std::ops::RangeInclusive<usize>,
    ) {
        if !wanted.contains(&there) {
            self.violations.push(format!("{why}: has {there} of {kinds:?} instead of {wanted:?}"));
        }
    }
}

fn count(rows: &[&MessageRow], kinds: &[&str]) -> usize {
    rows.iter().filter(|row| kinds.is_empty() || kinds.contains(&row.kind.as_str())).count()
}
