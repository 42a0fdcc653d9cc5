//! One function for each thing that is measured. Durations become seconds here.

use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::{counter, gauge, histogram};

use super::{
    catalogue as name,
    labels::{
        BookingChange, DbErrorKind, DeletionOrigin, EnqueuedTo, JobOutcome, Label, MeasuredAt,
        MessageOutcome, PoolState, QueueState, ReadFrom, Source, TableCall, TableOutcome,
        TableRound, TableRow, TelegramOutcome, UpdateOutcome, WebhookOutcome, WebhookRepair,
        WhichWay,
    },
};
use crate::domain::difference::DifferenceKind;

pub(super) fn build_info() {
    let commit = option_env!("BUILD_COMMIT").unwrap_or("unknown");
    gauge!(name::BUILD_INFO, "version" => env!("CARGO_PKG_VERSION"), "commit" => commit).set(1.0);
}

/// Counters that are watched for their first event start at zero: `increase()` sees no first one.
pub(super) fn at_zero() {
    for kind in DbErrorKind::ALL {
        counter!(name::DB_ERRORS, "kind" => kind.label()).absolute(0);
    }
}

fn unix_seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp() as f64
}

/// This process's resident memory, from the kernel. Nothing where there is no `/proc`.
pub(in crate::telemetry) fn process_memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u32>().ok());
    if let Some(kib) = kib {
        gauge!(name::PROCESS_MEMORY).set(f64::from(kib) * 1024.0);
    }
}

/// A webhook was answered.
pub fn webhook(source: Source, outcome: WebhookOutcome, took: Duration) {
    counter!(name::WEBHOOKS, "source" => source.label(), "outcome" => outcome.label()).increment(1);
    histogram!(name::WEBHOOK_DURATION, "source" => source.label()).record(took);
}

/// A webhook that arrived at this time was stored.
pub fn last_webhook(source: Source, at: DateTime<Utc>) {
    gauge!(name::LAST_WEBHOOK, "source" => source.label()).set(unix_seconds(at));
}

/// Whether the venue is open, so that silence of Bukza means something.
pub fn venue_open(open: bool) {
    gauge!(name::VENUE_OPEN).set(f64::from(u8::from(open)));
}

/// Ingest stored this many jobs in one call.
pub fn enqueued(to: EnqueuedTo, jobs: usize) {
    counter!(name::ENQUEUED, "to" => to.label()).increment(jobs as u64);
    histogram!(name::ENQUEUE_BATCH, "to" => to.label()).record(jobs as f64);
}

/// A booking event was applied, or found to change nothing. `late` is the time since it arrived.
pub fn booking(change: BookingChange, late: Duration) {
    counter!(name::BOOKINGS, "event" => change.label()).increment(1);
    histogram!(name::EVENT_LATENESS).record(late);
}

/// A client rated a visit. Values outside 1 to 5 are not counted.
pub fn rating(stars: u8) {
    const WORDS: [&str; 5] = ["1", "2", "3", "4", "5"];
    if let Some(word) = WORDS.get(usize::from(stars).wrapping_sub(1)) {
        counter!(name::RATINGS, "stars" => *word).increment(1);
    }
}

/// A Telegram update was taken from the queue.
pub fn update(outcome: UpdateOutcome) {
    counter!(name::UPDATES, "outcome" => outcome.label()).increment(1);
}

/// Clients with a phone who can be reached.
pub fn active_users(users: u64) {
    gauge!(name::ACTIVE_USERS).set(users as f64);
}

/// The outcome of a message.
pub fn message(kind: impl Label, outcome: MessageOutcome) {
    messages(kind, outcome, 1);
}

/// The same outcome of several messages.
pub fn messages(kind: impl Label, outcome: MessageOutcome, count: u64) {
    counter!(name::MESSAGES, "kind" => kind.label(), "outcome" => outcome.label()).increment(count);
}

/// A message was sent this long after it was due.
pub fn message_lateness(kind: impl Label, late: Duration) {
    histogram!(name::MESSAGE_LATENESS, "kind" => kind.label()).record(late);
}

/// A reminder was sent this long after it was due.
pub fn reminder_lateness(late: Duration) {
    histogram!(name::REMINDER_LATENESS).record(late);
}

/// Messages for later.
pub fn outbox_planned(messages: u64) {
    gauge!(name::OUTBOX_PLANNED).set(messages as f64);
}

/// Messages that are due and not sent.
pub fn outbox_overdue(overdue: u64, oldest_overdue: Duration) {
    gauge!(name::OUTBOX_OVERDUE).set(overdue as f64);
    gauge!(name::OUTBOX_OVERDUE_SECONDS).set(oldest_overdue.as_secs_f64());
}

/// A call to Telegram ended. `method` is the name of a method of the Bot API, not text from outside.
pub fn telegram_request(method: &'static str, outcome: TelegramOutcome, took: Duration) {
    let labels = [("method", method), ("outcome", outcome.label())];
    histogram!(name::TELEGRAM_DURATION, &labels).record(took);
}

/// Bukza's own table is read by this process from this time on. Its counters start at zero.
pub fn table_watched(at: DateTime<Utc>) {
    for outcome in TableOutcome::ALL {
        counter!(name::TABLE_READS, "outcome" => outcome.label()).absolute(0);
    }
    gauge!(name::TABLE_LAST_READ).set(unix_seconds(at));
}

/// A request of Bukza's API ended.
pub fn table_request(call: TableCall, took: Duration) {
    histogram!(name::TABLE_DURATION, "call" => call.label()).record(took);
}

/// Bukza's own table was read, or could not be.
pub fn table_read(outcome: TableOutcome) {
    counter!(name::TABLE_READS, "outcome" => outcome.label()).increment(1);
}

/// What the table had when it was read, at this time.
pub fn table_rows(used: usize, left_out: usize, at: DateTime<Utc>) {
    gauge!(name::TABLE_ROWS, "row" => TableRow::Used.label()).set(used as f64);
    gauge!(name::TABLE_ROWS, "row" => TableRow::LeftOut.label()).set(left_out as f64);
    gauge!(name::TABLE_LAST_READ).set(unix_seconds(at));
}

/// Whether this process uses a way to Telegram.
pub fn telegram_way(way: WhichWay, in_use: bool) {
    gauge!(name::TELEGRAM_WAY, "way" => way.label()).set(f64::from(u8::from(in_use)));
}

/// Telegram responded 429.
pub fn telegram_freeze() {
    counter!(name::TELEGRAM_FREEZES).increment(1);
}

/// How long the fleet still has to wait; zero when it does not.
pub fn telegram_freeze_left(left: Duration) {
    gauge!(name::TELEGRAM_FREEZE_SECONDS).set(left.as_secs_f64());
}

/// Telegram's view of its webhook: whether it leads here, pending updates, and the time of the last failure.
pub fn telegram_webhook(registered: bool, pending: u64, last_error: Option<DateTime<Utc>>) {
    gauge!(name::WEBHOOK_REGISTERED).set(f64::from(u8::from(registered)));
    gauge!(name::WEBHOOK_PENDING).set(pending as f64);
    gauge!(name::WEBHOOK_LAST_ERROR).set(last_error.map_or(0.0, unix_seconds));
}

/// The webhook was set right after another program had changed it.
pub fn telegram_webhook_repaired(cause: WebhookRepair) {
    counter!(name::WEBHOOK_REPAIRS, "cause" => cause.label()).increment(1);
}

/// A job ran. `queue` is one of the queues' fixed names.
pub fn job(queue: &'static str, outcome: JobOutcome, took: Duration) {
    counter!(name::JOBS, "queue" => queue, "outcome" => outcome.label()).increment(1);
    histogram!(name::JOB_DURATION, "queue" => queue).record(took);
}

/// How many jobs of a queue are in a state.
pub fn queue_depth(queue: &'static str, state: QueueState, jobs: u64) {
    gauge!(name::QUEUE_DEPTH, "queue" => queue, "state" => state.label()).set(jobs as f64);
}

/// How long the oldest waiting job of a queue has been due.
pub fn queue_oldest_due(queue: &'static str, due_for: Duration) {
    gauge!(name::QUEUE_OLDEST_DUE, "queue" => queue).set(due_for.as_secs_f64());
}

/// A queue's worker ended by an error and is started again.
pub fn queue_worker_restart(queue: &'static str) {
    counter!(name::QUEUE_RESTARTS, "queue" => queue).increment(1);
}

/// Jobs kept in PostgreSQL while Redis was away.
pub fn inbox_depth(jobs: u64) {
    gauge!(name::INBOX_DEPTH).set(jobs as f64);
}

/// Work given up, waiting for an operator.
pub fn dead_letters(count: u64) {
    gauge!(name::DEAD_LETTERS).set(count as f64);
}

/// How many deletions of clients' data are on record, by who wanted them.
pub fn recorded_deletions(by: DeletionOrigin, count: u64) {
    gauge!(name::DELETIONS, "by" => by.label()).set(count as f64);
}

/// Refused web requests kept for the owner.
pub fn rejected_requests(count: u64) {
    gauge!(name::REJECTED_REQUESTS).set(count as f64);
}

/// A round of the reconciler pushed this many messages' jobs again.
pub fn reconciled(messages: u64, took: Duration) {
    counter!(name::RECONCILED).increment(messages);
    histogram!(name::RECONCILER_ROUND).record(took);
}

/// A round that compares Bukza's table with the bookings has ended.
pub fn table_round(outcome: TableRound) {
    counter!(name::TABLE_ROUNDS, "outcome" => outcome.label()).increment(1);
}

/// Bookings that Bukza's table shows otherwise.
pub fn table_differences(kind: DifferenceKind, count: u64) {
    gauge!(name::TABLE_DIFFERENCES, "kind" => kind.label()).set(count as f64);
}

/// A read that may lag was answered.
pub fn read(from: ReadFrom) {
    counter!(name::READS, "from" => from.label()).increment(1);
}

/// The database pool's connections.
pub fn db_connections(state: PoolState, connections: u32) {
    gauge!(name::DB_CONNECTIONS, "state" => state.label()).set(f64::from(connections));
}

/// Work failed because of PostgreSQL.
pub fn db_error(kind: DbErrorKind) {
    counter!(name::DB_ERRORS, "kind" => kind.label()).increment(1);
}

/// Redis' memory and its limit, in bytes; zero: no limit.
pub fn redis_memory(used: u64, max: u64) {
    gauge!(name::REDIS_USED).set(used as f64);
    gauge!(name::REDIS_MAX).set(max as f64);
}

/// The time at which the gauges of the whole service were last sampled from `place`. It shows that they are
/// stale: a gauge keeps its last value as long as its process runs.
pub fn measured(place: MeasuredAt, at: DateTime<Utc>) {
    gauge!(name::MEASURED, "place" => place.label()).set(unix_seconds(at));
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::domain::message::MessageKind;

    #[test]
    fn what_is_recorded_is_rendered_with_its_labels_and_buckets() {
        let recorder = name::with_buckets(PrometheusBuilder::new()).unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            name::describe();
            build_info();
            at_zero();
            last_webhook(Source::Bukza, DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(90));
            webhook(Source::Bukza, WebhookOutcome::Accepted, Duration::from_millis(3));
            message(MessageKind::Reminder, MessageOutcome::Sent);
            rating(5);
            rating(0);
        });
        let text = recorder.handle().render();
        for line in [
            r#"bukza_bridge_webhooks_total{source="bukza",outcome="accepted"} 1"#,
            r#"bukza_bridge_webhook_duration_seconds_bucket{source="bukza",le="0.005"} 1"#,
            r#"bukza_bridge_messages_total{kind="reminder",outcome="sent"} 1"#,
            r#"bukza_bridge_ratings_total{stars="5"} 1"#,
            r#"bukza_bridge_db_errors_total{kind="unavailable"} 0"#,
            r#"bukza_bridge_last_webhook_timestamp_seconds{source="bukza"} 90"#,
            "# TYPE bukza_bridge_webhooks_total counter",
            "# HELP bukza_bridge_webhooks_total Webhooks by source and outcome",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!text.contains(r#"stars="0""#));
    }
}
