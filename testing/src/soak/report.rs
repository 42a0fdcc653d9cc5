//! The figures of a soak as a table for the README.

use std::{collections::BTreeMap, fmt, time::Duration};

use chrono::TimeDelta;

use super::{
    audit::Violation,
    expected_status,
    observed::{MessageRow, Observed},
    plan::Plan,
    record::{Meaning, Record},
    resources::Usage,
    text,
};

/// The result of a soak.
#[derive(Debug)]
pub struct Report {
    pub violations: Vec<Violation>,
    /// Errors in the programs' logs, by message.
    pub errors: BTreeMap<String, u64>,
    rows: Vec<(&'static str, String)>,
}

impl Report {
    /// The figures of a soak that was quiescent after `rest`; `None`: never.
    #[must_use]
    pub fn of(
        plan: &Plan,
        record: &Record,
        observed: &Observed,
        rest: Option<Duration>,
        [start, end]: [Usage; 2],
    ) -> Self {
        let posts = format!(
            "{} accepted, {} refused with 4xx and kept, {} answered 503, {} unanswered",
            record.accepted(),
            record.refused.len(),
            record.not_stored,
            record.unanswered
        );
        let rest = rest.map_or("never".to_owned(), |rest| format!("{} s", rest.as_secs()));
        let mib = |bytes: u64| format!("{:.1}", bytes as f64 / 1_048_576.0);
        let connections = format!(
            "Redis {} → {}, PostgreSQL {} → {}",
            start.redis_connections,
            end.redis_connections,
            start.postgres_connections,
            end.postgres_connections
        );
        let rows = vec![
            ("fault burst", format!("{} s, seed {}", plan.fault_burst.as_secs(), plan.seed)),
            (
                "programs and clients",
                format!(
                    "{} ingests, {} workers, {} clients",
                    plan.ingests, plan.workers, plan.clients
                ),
            ),
            ("bookings", record.bookings.len().to_string()),
            ("their requests", requests(record)),
            ("Bukza's requests", posts),
            ("Bukza's own table", table(record, observed)),
            ("updates of Telegram", record.updates.len().to_string()),
            (
                "faults of servers and programs",
                summary(record.faults.iter().map(|fault| fault.name)),
            ),
            ("calls that Telegram answered badly", outcomes(observed)),
            ("messages", summary(observed.messages.iter().map(|row| row.status.as_str()))),
            ("shown in chats, second deliveries among them", shown(observed)),
            ("lateness of reminders and questions, p50 / p99 / most", lateness(observed)),
            ("quiescent after the fault burst", rest),
            (
                "Redis' memory, start → end",
                format!("{} → {} MiB", mib(start.redis_memory), mib(end.redis_memory)),
            ),
            ("connections, start → end", connections),
            ("largest program at the end", format!("{} MiB", mib(end.largest_program))),
        ];
        Self { violations: Vec::new(), errors: BTreeMap::new(), rows }
    }

    /// Prints what was done with the bookings that a violation is about, and their messages: a soak
    /// can't be repeated exactly.
    pub fn cases(&self, record: &Record, observed: &Observed) {
        let of_violation = |code: &str| self.violations.iter().any(|found| found.about == code);
        for booking in record.bookings.iter().filter(|booking| of_violation(&booking.code)) {
            println!("{booking:?}, client {:?}", record.clients.get(&booking.client));
            let mine = |row: &&MessageRow| row.code.as_ref() == Some(&booking.code);
            for row in observed.messages.iter().filter(mine) {
                println!("   {row:?}");
            }
        }
    }
}

/// Counts the requests other than plain new, moved and repeated bookings.
fn requests(record: &Record) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut count = |what, times: usize| *counts.entry(what).or_default() += times as u64;
    for booking in &record.bookings {
        count("reservations of orders", usize::from(booking.order.is_some()));
        count("rated", usize::from(booking.rated.is_some()));
        count("late phones", usize::from(booking.events.iter().any(|event| !event.with_phone)));
        count(
            "second triggers",
            usize::from(expected_status::may_be_contradicted(&booking.events)),
        );
        for (at, event) in booking.events.iter().enumerate() {
            let times = (event.start, event.end);
            let before = at.checked_sub(1).map(|at| &booking.events[at]);
            let other_times = before.is_some_and(|it| (it.start, it.end) != times);
            count("corrections", usize::from(event.corrected && other_times));
            let other_word = before.is_none_or(|it| it.word != event.word);
            match event.meaning() {
                _ if !other_word => {}
                Meaning::Stands => count("restored", usize::from(event.word.restores())),
                Meaning::Pending => count("pending", 1),
                Meaning::NoShow => count("no-shows", 1),
                Meaning::Ignored => count("ignored", 1),
                Meaning::Cancelled => count("cancelled", 1),
            }
        }
    }
    listed(counts)
}

fn table(record: &Record, observed: &Observed) -> String {
    let answers = &observed.table_answers;
    let bad = answers.iter().filter(|status| **status != 200).count();
    let lost = record.lost();
    format!("alone knew {lost} lost requests; {} calls, {bad} not answered 200", answers.len())
}

fn outcomes(observed: &Observed) -> String {
    let bad = observed.calls.iter().map(|call| call.outcome.as_str()).filter(|name| *name != "ok");
    let (count, calls) = (bad.clone().count(), observed.calls.len());
    format!("{count} of {calls}: {}", listed(counted(bad)))
}

/// How many there are, and how many of each name.
fn summary<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    format!("{}: {}", names.len(), listed(counted(names)))
}

fn counted<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn listed(counts: BTreeMap<&str, u64>) -> String {
    counts.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

fn shown(observed: &Observed) -> String {
    let mut counts: BTreeMap<(String, &str), u64> = BTreeMap::new();
    let calls = observed.calls.iter().filter(|call| call.delivered);
    for call in calls.clone().filter(|call| call.chat_id.is_some_and(|chat| chat > 0)) {
        let words = call.body["text"].as_str().unwrap_or_default();
        let kind = text::kind(words);
        if let Some(tag) = text::tag(words).filter(|_| kind != "answer") {
            *counts.entry((tag, kind)).or_default() += 1;
        }
    }
    let twice = counts.values().filter(|count| **count > 1).count();
    format!("{}, {twice}", calls.count())
}

fn lateness(observed: &Observed) -> String {
    let planned = |kind: &str| matches!(kind, "reminder" | "feedback");
    let rows = observed.messages.iter().filter(|row| planned(&row.kind));
    let mut late: Vec<TimeDelta> = rows.filter_map(|row| Some(row.sent_at? - row.due_at)).collect();
    late.sort_unstable();
    let at = |percent: usize| {
        let value = late.get((late.len().saturating_sub(1)) * percent / 100);
        value.map_or("–".to_owned(), |late| format!("{:.1} s", late.as_seconds_f64()))
    };
    format!("{} / {} / {}", at(50), at(99), at(100))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            writeln!(f, "VIOLATION {violation}")?;
        }
        for (message, count) in &self.errors {
            writeln!(f, "logged as an error {count} times: {message}")?;
        }
        writeln!(f, "\n| soak | |\n| --- | --- |")?;
        for (what, figure) in &self.rows {
            writeln!(f, "| {what} | {figure} |")?;
        }
        write!(f, "| promises broken | {} |", self.violations.len())
    }
}
