//! A client's requests: single bookings and orders, statuses, cancellations with second triggers,
//! late phones, and corrections of past visits.

use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use rand::Rng;
use serde_json::json;

use super::{
    booking_run::Step,
    client::Client,
    record::{Booking, Meaning, Word},
    template,
};
use crate::harness::bukza::Request;

/// Open bookings of one client at a time.
const BOOKINGS: usize = 5;
/// Most events of one booking before its past visit is left alone.
const EVENTS: usize = 12;
/// The longest pause before the second trigger of a cancellation.
const SECOND_TRIGGER: Duration = Duration::from_secs(3);

impl Client {
    pub(super) async fn book(&mut self) -> anyhow::Result<()> {
        let open = self.find(|booking| booking.open() && booking.rated.is_none());
        if open.len() >= BOOKINGS {
            return Ok(());
        }
        match self.dice.random_range(0..20) {
            0..3 => self.order_at_once().await,
            3..5 => self.order_one_by_one().await,
            5..9 => self.book_without_a_phone().await,
            9 => {
                let over = [10, 3_600, 172_800][self.dice.random_range(0..3)];
                self.book_one(Step::Late(TimeDelta::seconds(over))).await
            }
            10..12 => self.book_one(Step::Stand(Word::Pending)).await,
            12 => self.book_one(Step::Stand(Word::Ignored)).await,
            _ => {
                let step = self.stands();
                self.book_one(step).await
            }
        }
    }

    async fn book_one(&mut self, step: Step) -> anyhow::Result<()> {
        let at = self.new_booking(None);
        self.post_or_lose(at, step).await.map(drop)
    }

    /// Posts two requests of which only one has the phone, mostly the second.
    async fn book_without_a_phone(&mut self) -> anyhow::Result<()> {
        let (at, step) = (self.new_booking(None), self.stands());
        let first = self.dice.random_bool(0.3);
        self.post_next(&[at], step, first).await?;
        tokio::time::sleep(self.within(SECOND_TRIGGER)).await;
        self.post_next(&[at], Step::Repeat, !first).await
    }

    /// Two or three reservations in one request.
    async fn order_at_once(&mut self) -> anyhow::Result<()> {
        let reservations = self.new_order();
        let step = self.stands();
        self.post_next(&reservations, step, true).await?;
        if self.dice.random_bool(0.2) {
            tokio::time::sleep(self.within(SECOND_TRIGGER)).await;
            return self.post_next(&reservations, Step::Status(Word::ByClient), true).await;
        }
        Ok(())
    }

    /// Two or three reservations of one order, each in a request of its own.
    async fn order_one_by_one(&mut self) -> anyhow::Result<()> {
        for reservation in self.new_order() {
            let step = self.stands();
            self.post_next(&[reservation], step, true).await?;
        }
        Ok(())
    }

    fn new_order(&mut self) -> Vec<usize> {
        let order = format!("{:09}", self.dice.random_range(1..1_000_000_000));
        (0..self.dice.random_range(2..=3)).map(|_| self.new_booking(Some(&order))).collect()
    }

    fn new_booking(&mut self, order: Option<&str>) -> usize {
        let at = {
            let mut record = self.context.record();
            let number = u32::try_from(self.bookings.len()).unwrap_or(u32::MAX);
            record.bookings.push(Booking::new(self.number, number, &self.phone, order));
            record.bookings.len() - 1
        };
        self.bookings.push(at);
        at
    }

    /// New times, with one of the words that mean that the booking stands.
    fn stands(&mut self) -> Step {
        let words = [Word::None, Word::None, Word::New, Word::Confirmed];
        Step::Stand(words[self.dice.random_range(0..words.len())])
    }

    fn within(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.dice.random_range(0.0..1.0))
    }

    pub(super) async fn change_a_booking(&mut self) -> anyhow::Result<()> {
        let open = self.find(|booking| booking.open() && booking.rated.is_none());
        if open.is_empty() {
            return self.book().await;
        }
        let at = open[self.dice.random_range(0..open.len())];
        if self.leaves_alone(at).await {
            return Ok(());
        }
        let (meaning, begun, last) = {
            let record = self.context.record();
            let booking = &record.bookings[at];
            let last = booking.events.last().context("a booking without a request")?;
            (booking.meaning(), booking.begun(), last.clone())
        };
        let what = self.dice.random_range(0..100);
        let step = match meaning {
            // Its meaning is uncertain. An explicit restoration decides it.
            None => Step::Stand(Word::Restored),
            Some(Meaning::Cancelled) => match what {
                0..40 => Step::Stand(Word::Restored),
                40..55 if last.meaning() == Meaning::Cancelled => Step::Repeat,
                55..75 if self.is_cancelled_for_long(at).await => Step::Stand(Word::New),
                _ => return Ok(()),
            },
            Some(Meaning::Pending | Meaning::NoShow | Meaning::Ignored) if what < 50 => {
                Step::Status(Word::Confirmed)
            }
            Some(Meaning::Stands | Meaning::Pending | Meaning::NoShow | Meaning::Ignored) => {
                match what {
                    0..40 if begun => Step::Status(Word::NoShow),
                    0..40 => self.stands(),
                    40..45 => Step::Stand(Word::Pending),
                    45..55 => Step::Repeat,
                    55..61 => Step::Status(Word::Pending),
                    61..64 => Step::Status(Word::Confirmed),
                    64..67 => Step::Status(Word::Ignored),
                    _ => return self.cancel(at).await,
                }
            }
        };
        self.post_or_lose(at, step).await.map(drop)
    }

    /// Cancels by an event or a status, often with a second trigger that still has the old status.
    async fn cancel(&mut self, at: usize) -> anyhow::Result<()> {
        let word = if self.dice.random_bool(0.5) { Word::CancelEvent } else { Word::ByClient };
        let lost = self.post_or_lose(at, Step::Status(word)).await?;
        if !lost && self.dice.random_bool(0.4) {
            tokio::time::sleep(self.within(SECOND_TRIGGER)).await;
            self.post_next(&[at], Step::Status(Word::New), true).await?;
        }
        Ok(())
    }

    /// Corrects a visit that is over, makes it a no-show or cancels it; rarely a further visit follows.
    pub(super) async fn change_a_past_visit(&mut self) -> anyhow::Result<()> {
        let stood = |booking: &Booking| booking.meaning() == Some(Meaning::Stands);
        let past =
            self.find(|booking| booking.over() && booking.events.len() < EVENTS && stood(booking));
        if past.is_empty() {
            return self.book().await;
        }
        // Mostly the latest visit, whose feedback request may be on its way.
        let newest = past.len().saturating_sub(3);
        let at = past[self.dice.random_range(newest..past.len())];
        if self.leaves_alone(at).await {
            return Ok(());
        }
        let rated = self.context.record().bookings[at].rated.is_some();
        let step = match self.dice.random_range(0..10) {
            0..5 => Step::Correct,
            5..7 => Step::Status(Word::NoShow),
            7 if !rated => self.stands(),
            8 => Step::Status(Word::CancelEvent),
            _ => return Ok(()),
        };
        self.post_next(&[at], step, true).await
    }

    /// Posts the next event of each of these bookings, in one request, until it is accepted.
    pub(super) async fn post_next(
        &mut self,
        bookings: &[usize],
        step: Step,
        with_phone: bool,
    ) -> anyhow::Result<()> {
        let (request, rows) = {
            let mut record = self.context.record();
            for at in bookings {
                let mut event = record.bookings[*at].next(step, &self.context.plan, &mut self.dice);
                event.with_phone = with_phone;
                record.bookings[*at].add(event, step);
            }
            let posted = bookings.iter().map(|at| &record.bookings[*at]);
            let posted: Vec<_> = posted.filter_map(|it| Some((it, it.events.last()?))).collect();
            let rows: Vec<_> = posted.iter().filter_map(|(it, _)| it.row.clone()).collect();
            (template::request(&posted, &mut self.dice), rows)
        };
        self.context.show(&rows).await?;
        let answer = self.context.post(&mut self.dice, &request).await?;
        let ids: Vec<&str> = answer.body["ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str())
            .collect();
        if answer.status != 200 || ids.len() != bookings.len() {
            let (status, body) = (answer.status, &answer.body);
            self.context.report_problem(format!("a sound request was answered {status}: {body}"));
            return Ok(());
        }
        let mut record = self.context.record();
        for (at, id) in bookings.iter().zip(ids) {
            if let Some(event) = record.bookings[*at].events.last_mut() {
                (event.sent, event.answered) = (answer.sent, answer.at);
                event.accepted = Some(id.to_owned());
            }
        }
        Ok(())
    }

    /// Posts an invalid request, which must be refused and stored.
    pub(super) async fn refused(&mut self) -> anyhow::Result<()> {
        self.refused += 1;
        let mark = format!("BAD{}-{}", self.number, self.refused);
        let body = json!({"code": mark, "start": "31.02.2099 12:00", "end": "-"});
        let answer = self.context.post(&mut self.dice, &Request::body(body)).await?;
        if answer.status == 422 {
            self.context.record().refused.push(mark);
        } else {
            let (status, body) = (answer.status, answer.body);
            self.context.report_problem(format!("a wrong request was answered {status}: {body}"));
        }
        Ok(())
    }
}
