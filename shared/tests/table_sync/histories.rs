//! Random histories: requests of which some are lost, a snapshot in between, two workers that compare it and two of the
//! staff who press. The booking ends as the table showed it, or as a newer request left it; its client hears each state
//! once.

use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;
use shared::{
    domain::{
        booking::BookingStatus,
        event::{Change, VisitTime},
        ids::ChatId,
        message::{MessageKind, MessageStatus},
        outcome::Disposition,
        phone::{Phone, PhoneRegion},
    },
    store::{
        bookings, events,
        outbox::{self, DueDecision},
        registration,
    },
};
use tokio::runtime::Runtime;

use super::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Stands(i64),
    Cancelled,
}

/// Hours between two cases.
const DAYS: i64 = 48;

#[derive(Debug, Clone)]
struct Plan {
    /// What happens to the booking in Bukza, and whether the request about it is lost.
    requests: Vec<(State, bool)>,
    /// How many of them happened before the snapshot. The others are newer, and none of them is lost.
    before: usize,
    /// Whether what was due was sent between two requests.
    sent: Vec<bool>,
    /// Differences are applied by the rounds; otherwise by presses.
    applies: bool,
    /// The newer requests are applied before the snapshot's rows are.
    newer_first: bool,
}

impl Plan {
    /// What a serial run without losses after the snapshot applies: each state that differs from the one before.
    fn serial(&self) -> Vec<State> {
        let (before, newer) = self.requests.split_at(self.before);
        let known = before.iter().filter(|(_, lost)| !lost).map(|(state, _)| *state);
        let shown = before.last().map(|(state, _)| *state);
        let mut states: Vec<State> =
            known.chain(shown).chain(newer.iter().map(|(state, _)| *state)).collect();
        states.dedup();
        states
    }
}

fn is_part_of(part: &[State], whole: &[State]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|state| rest.any(|other| other == state))
}

fn plans() -> impl Strategy<Value = Plan> {
    let state = prop_oneof![3 => (30i64..33).prop_map(State::Stands), 1 => Just(State::Cancelled)];
    let request = (state, prop::bool::weighted(0.4));
    prop::collection::vec(request, 1..7).prop_flat_map(|requests| {
        let count = requests.len();
        let sent = prop::collection::vec(any::<bool>(), count);
        (Just(requests), 1..=count, sent, any::<bool>(), any::<bool>()).prop_map(
            |(requests, before, sent, applies, newer_first)| Plan {
                requests,
                before,
                sent,
                applies,
                newer_first,
            },
        )
    })
}

/// The booking of one try.
struct Case<'a> {
    db: &'a DatabaseConnection,
    number: i64,
    received: Vec<(State, Option<i32>)>,
}

impl Case<'_> {
    fn code(&self) -> String {
        format!("H{}", self.number)
    }

    fn phone(&self) -> Phone {
        Phone::parse(&format!("+7999{:07}", self.number), PhoneRegion::default()).unwrap()
    }

    fn chat(&self) -> ChatId {
        ChatId(10_000 + self.number)
    }

    /// Each case has days of its own.
    fn day(&self) -> DateTime<Utc> {
        noon() + hours(DAYS * self.number)
    }

    fn visit(&self, hour: i64) -> VisitTime {
        VisitTime::new(self.day() + hours(hour), self.day() + hours(hour + 1)).unwrap()
    }

    fn event(&self, at: DateTime<Utc>, state: State) -> BookingEvent {
        let mut event = row(&self.code(), at, noon() + hours(30));
        event.details.phone = Some(self.phone());
        event.change = match state {
            State::Stands(hour) => Change::Stands(self.visit(hour)),
            State::Cancelled => Change::Cancelled(None),
        };
        event
    }

    async fn play(&mut self, plan: &Plan) {
        let tx = self.db.begin().await.unwrap();
        registration::register(&tx, self.chat(), &self.phone(), noon()).await.unwrap();
        tx.commit().await.unwrap();
        let (before, newer) = plan.requests.split_at(plan.before);
        for (n, (state, lost)) in before.iter().enumerate() {
            if !lost {
                apply(self.db, &self.event(moment(n), *state), moment(n)).await;
            }
            if plan.sent[n] {
                self.deliver(moment(n)).await;
            }
        }
        let taken_at = moment(before.len());
        let truth = before.last().unwrap().0;
        let newer: Vec<BookingEvent> = newer
            .iter()
            .zip(before.len() + 1..)
            .map(|((state, _), n)| self.event(moment(n), *state))
            .collect();
        let at = moment(plan.requests.len() + 1);
        let apply_newer = async {
            for event in &newer {
                apply(self.db, event, at).await;
            }
        };
        let row = self.event(taken_at, truth);
        if plan.newer_first {
            apply_newer.await;
            self.sync(&row, plan.applies, at).await;
        } else if plan.applies {
            tokio::join!(apply_newer, self.sync(&row, true, at));
        } else {
            self.sync(&row, false, at).await;
            apply_newer.await;
        }
        self.deliver(at).await;
        // The next round finds nothing.
        let state = plan.requests.last().unwrap().0;
        let next = moment(plan.requests.len() + 2);
        let found = self.compare(&self.event(next, state), next).await.differences;
        assert!(found.is_empty(), "{found:?}");
    }

    /// Compares the booking's row alone: those of other cases are in no table.
    async fn compare(&self, row: &BookingEvent, at: DateTime<Utc>) -> Comparison {
        let table = TableRows {
            taken_at: row.received_at,
            period: (self.day(), self.day() + hours(DAYS)),
            rows: std::slice::from_ref(row),
            left_out: &[],
            is_complete: false,
        };
        table_sync::compare(self.db, table, &venue(), at).await.unwrap()
    }

    /// Two workers have the same snapshot, and two of the staff press at once.
    async fn sync(&self, row: &BookingEvent, applies: bool, at: DateTime<Utc>) {
        let round = async || {
            let comparison = self.compare(row, at).await;
            for difference in comparison.differences.iter().filter(|_| applies) {
                let row = difference.row.as_ref().unwrap();
                events::apply(self.db, row, &venue(), at).await.unwrap();
            }
            if applies {
                return;
            }
            let tx = self.db.begin().await.unwrap();
            // Each case has a clock of its own.
            tx.execute_unprepared("UPDATE table_sync SET taken_at = 'epoch'").await.unwrap();
            table_sync::record(&tx, &comparison, &venue(), at).await.unwrap();
            tx.commit().await.unwrap();
        };
        tokio::join!(round(), round());
        if applies {
            return;
        }
        let card =
            format!("SELECT max(card) FROM table_differences WHERE code = '{}'", self.code());
        let Some(card): Option<i64> = one(self.db, &card).await else { return };
        let (first, second) = tokio::join!(
            press(self.db, card, Which::All, at),
            press(self.db, card, Which::All, at)
        );
        let own = first.applied.iter().chain(&second.applied).filter(|code| **code == self.code());
        assert!(own.count() <= 1);
        tokio::join!(drain(self.db, at), drain(self.db, at));
    }

    /// Sends what is due, as the worker does.
    async fn deliver(&mut self, at: DateTime<Utc>) {
        loop {
            let due = due_in(self.db, self.chat(), at + TimeDelta::seconds(1), 1).await;
            let Some(message) = due.into_iter().next().map(Result::unwrap) else { return };
            if message.decide(at, &venue()) != DueDecision::Send {
                let status = MessageStatus::Cancelled;
                outbox::cancel_pending(self.db, message.id, status, "superseded", at)
                    .await
                    .unwrap();
                continue;
            }
            let claim = claim_in(self.db, self.chat(), &[message.id], at).await.unwrap();
            let visit_time = message.booking.as_ref().and_then(|booking| booking.visit_time);
            let stands = |time: VisitTime| State::Stands((time.start() - self.day()).num_hours());
            let state = match message.kind {
                MessageKind::Cancelled => Some(State::Cancelled),
                MessageKind::Confirmation | MessageKind::Moved => visit_time.map(stands),
                // The buttons of a message of before are taken off.
                _ => None,
            };
            self.received.extend(state.map(|state| (state, message.booking_version)));
            settle(self.db, &claim, &Disposition::Sent { telegram_message_id: 1 }, at).await;
        }
    }
}

/// Requests are so far apart that none is the second trigger of another.
fn moment(n: usize) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(40 * n as i64)
}

async fn check(case: &Case<'_>, plan: &Plan) -> Result<(), TestCaseError> {
    let last = plan.requests.last().unwrap().0;
    let code = BookingCode::parse(&case.code()).unwrap();
    let Some(booking) = bookings::by_code(case.db, &code).await.unwrap() else {
        // Never known, and cancelled: nobody hears of it.
        prop_assert_eq!(last, State::Cancelled);
        prop_assert!(case.received.is_empty());
        return Ok(());
    };
    match last {
        State::Stands(hour) => {
            prop_assert_eq!(booking.status, BookingStatus::Active);
            prop_assert_eq!(booking.visit_time, Some(case.visit(hour)));
        }
        State::Cancelled => prop_assert_eq!(booking.status, BookingStatus::Cancelled),
    }
    let states: Vec<State> = case.received.iter().map(|(state, _)| *state).collect();
    let whole = plan.serial();
    prop_assert!(is_part_of(&states, &whole), "{:?} is no part of {:?}", states, whole);
    let mut versions: Vec<_> = case.received.iter().map(|(_, version)| *version).collect();
    versions.sort_unstable();
    versions.dedup();
    prop_assert_eq!(versions.len(), states.len(), "a version is sent twice");
    let unannounced = last == State::Cancelled && states.is_empty();
    prop_assert!(unannounced || states.last() == Some(&last), "{:?} does not end so", states);
    Ok(())
}

#[test]
fn a_table_between_lost_and_newer_requests_leads_to_the_truth_once() {
    let runtime = Runtime::new().unwrap();
    let db = runtime.block_on(database());
    let config = ProptestConfig {
        cases: 60,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    let number = std::sync::atomic::AtomicI64::new(1);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&plans(), |plan| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut case = Case { db: &db, number, received: Vec::new() };
        runtime.block_on(async {
            let played = tokio::time::timeout(Duration::from_secs(60), case.play(&plan));
            prop_assert!(played.await.is_ok(), "something is never sent");
            check(&case, &plan).await
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
