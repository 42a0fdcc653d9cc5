//! Requests that are lost on the way: moves, first bookings and cancellations that Bukza's table alone knows. Kept to what
//! the workers apply by themselves.

use chrono::TimeDelta;
use rand::Rng;

use super::{
    booking_run::Step,
    client::Client,
    record::{Booking, Event, Meaning},
};
use crate::harness::bukza::now;

/// Visits later than this are in some days: a round finds their move before the visit.
const IN_SOME_DAYS: TimeDelta = TimeDelta::hours(1);

impl Client {
    /// Posts the next event of a booking, or loses it on the way. Returns whether it was lost.
    pub(super) async fn post_or_lose(&mut self, at: usize, step: Step) -> anyhow::Result<bool> {
        let (lose, row) = {
            let mut record = self.context.record();
            let booking = &mut record.bookings[at];
            let mut event = booking.next(step, &self.context.plan, &mut self.dice);
            let lose = may_be_lost(booking, &event, step) && self.dice.random_bool(0.5);
            if lose {
                event.lost = true;
                booking.add(event, step);
            }
            (lose, booking.row.clone())
        };
        if lose {
            self.context.show(&Vec::from_iter(row)).await?;
        } else {
            self.post_next(&[at], step, true).await?;
        }
        Ok(lose)
    }

    /// Whether a booking waits until a lost request is found in the table. A move may be followed by another request
    /// before.
    pub(super) async fn leaves_alone(&mut self, at: usize) -> bool {
        let (sql, may_follow) = {
            let record = self.context.record();
            let booking = &record.bookings[at];
            let Some(last) = booking.events.last().filter(|event| event.lost) else { return false };
            let is_cancelled = last.meaning() == Meaning::Cancelled;
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM bookings WHERE bukza_booking_id = '{}' \
                 AND starts_at = '{}' AND (status = 'cancelled') = {is_cancelled})",
                booking.code,
                last.start.to_rfc3339()
            );
            (sql, booking.events.len() > 1 && !is_cancelled)
        };
        if may_follow && self.dice.random_bool(0.5) {
            return false;
        }
        self.context.query::<bool>(&sql).await != Some(true)
    }

    /// Whether a booking has been cancelled for so long that any standing request undoes that, also if Bukza's table was
    /// what cancelled it.
    pub(super) async fn is_cancelled_for_long(&self, at: usize) -> bool {
        let code = self.context.record().bookings[at].code.clone();
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM bookings WHERE bukza_booking_id = '{code}' \
             AND status = 'cancelled' AND updated_at < now() - interval '31 seconds')"
        );
        self.context.query::<bool>(&sql).await == Some(true)
    }
}

/// Whether a round surely finds the event in the table, and applies it.
fn may_be_lost(booking: &Booking, event: &Event, step: Step) -> bool {
    let stood = matches!(booking.meaning(), Some(Meaning::Stands | Meaning::Pending));
    match step {
        Step::Stand(word) if word.meaning() == Meaning::Stands && !word.restores() => {
            (stood || booking.events.is_empty()) && event.start > now() + IN_SOME_DAYS
        }
        Step::Status(word) if word.meaning() == Meaning::Cancelled => {
            let is_known = booking.events.iter().any(|event| event.accepted.is_some());
            stood && is_known && booking.open()
        }
        Step::Stand(_) | Step::Late(_) | Step::Status(_) | Step::Repeat | Step::Correct => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::soak::{plan::Plan, record::Word};

    #[test]
    fn what_the_table_can_not_bring_back_is_never_lost() {
        let plan = Plan::short(Duration::ZERO, 1);
        let mut booking = Booking::new(7, 1, "+79990000007", None);
        let far = |booking: &Booking, word| {
            let event = booking.next(Step::Stand(word), &plan, &mut plan.dice(1));
            let start = now() + TimeDelta::days(3);
            Event { start, end: start + TimeDelta::hours(1), ..event }
        };
        let is_lost = |booking: &Booking, step, event: &Event| may_be_lost(booking, event, step);
        let new = Step::Stand(Word::New);
        let first = far(&booking, Word::New);
        assert!(is_lost(&booking, new, &first));
        assert!(!is_lost(&booking, new, &Event { start: now(), ..first.clone() }));
        let cancel = Step::Status(Word::ByClient);
        booking.add(Event { lost: true, ..first.clone() }, new);
        assert!(!is_lost(&booking, cancel, &first), "it may not be known yet");
        booking.add(Event { accepted: Some("e1".into()), ..first.clone() }, Step::Repeat);
        assert!(is_lost(&booking, cancel, &first) && is_lost(&booking, new, &first));
        assert!(!is_lost(&booking, Step::Status(Word::Ignored), &first));
        booking.add(Event { word: Word::ByClient, ..first.clone() }, cancel);
        assert!(!is_lost(&booking, Step::Stand(Word::Restored), &first));
        assert!(!is_lost(&booking, new, &first), "no table without the order's status restores it");
    }
}
