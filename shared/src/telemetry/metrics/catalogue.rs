//! The catalogue: the names of all metrics with their units, descriptions and buckets, after
//! Prometheus' naming (`_total` for counters, base units in the name).

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

enum Kind {
    Counter,
    Gauge,
    /// With the upper bounds of its buckets.
    Histogram(&'static [f64]),
}

struct Metric {
    name: &'static str,
    kind: Kind,
    unit: Unit,
    about: &'static str,
}

/// Seconds, for what should take milliseconds.
const FAST: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds, for what may be late by minutes.
const SLOW: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];
/// Counts of things done at once.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

macro_rules! catalogue {
    ($($constant:ident = $name:literal: $kind:expr, $unit:ident, $about:literal;)*) => {
        $(pub(super) const $constant: &str = concat!("bukza_bridge_", $name);)*
        const ALL: &[Metric] =
            &[$(Metric { name: $constant, kind: $kind, unit: Unit::$unit, about: $about }),*];
    };
}

use Kind::{Counter, Gauge, Histogram};

catalogue! {
    BUILD_INFO = "build_info": Gauge, Count, "1, with the version and the commit as labels";
    PROCESS_MEMORY = "process_resident_memory_bytes": Gauge, Bytes, "Resident memory of this process";

    WEBHOOKS = "webhooks_total": Counter, Count, "Webhooks by source and outcome";
    WEBHOOK_DURATION = "webhook_duration_seconds": Histogram(FAST), Seconds,
        "From a webhook's head to its answer";
    ENQUEUED = "enqueued_jobs_total": Counter, Count, "Jobs that ingest stored, by place";
    ENQUEUE_BATCH = "enqueue_batch_jobs": Histogram(SIZES), Count, "Jobs that ingest stored in one call";
    LAST_WEBHOOK = "last_webhook_timestamp_seconds": Gauge, Seconds,
        "When this process accepted its last webhook, by source";
    VENUE_OPEN = "venue_open": Gauge, Count, "1 within OPENING_HOURS, else 0 (whole service)";

    BOOKINGS = "bookings_total": Counter, Count, "Booking events by what they did";
    EVENT_LATENESS = "event_lateness_seconds": Histogram(SLOW), Seconds,
        "From a webhook's arrival to its event being applied";
    RATINGS = "ratings_total": Counter, Count, "Ratings by stars";
    UPDATES = "telegram_updates_total": Counter, Count, "Telegram updates by outcome";
    DELETIONS = "recorded_deletions": Gauge, Count,
        "Deletions of a client's data on record, by who wanted them (whole service)";
    ACTIVE_USERS = "active_users": Gauge, Count, "Clients with a phone who can be reached (whole service)";

    MESSAGES = "messages_total": Counter, Count, "Messages by kind and outcome";
    REMINDER_LATENESS = "reminder_lateness_seconds": Histogram(SLOW), Seconds,
        "How long after its due time a reminder was sent";
    MESSAGE_LATENESS = "message_lateness_seconds": Histogram(SLOW), Seconds,
        "How long after its due time a message was sent, by kind";
    OUTBOX_PLANNED = "outbox_planned_messages": Gauge, Count,
        "Messages not yet due or sent (whole service)";
    OUTBOX_OVERDUE = "outbox_overdue_messages": Gauge, Count, "Messages due and not sent (whole service)";
    OUTBOX_OVERDUE_SECONDS = "outbox_overdue_seconds": Gauge, Seconds,
        "How long the oldest unsent message has been due (whole service)";

    TELEGRAM_DURATION = "telegram_request_duration_seconds": Histogram(FAST), Seconds,
        "Calls to Telegram by method and outcome";
    TELEGRAM_WAY = "telegram_way_in_use": Gauge, Count,
        "1 for the way to Telegram that this worker uses, 0 for the other one, by way";
    TELEGRAM_FREEZES = "telegram_freezes_total": Counter, Count, "Times Telegram made the bot wait";
    TELEGRAM_FREEZE_SECONDS = "telegram_freeze_seconds": Gauge, Seconds,
        "How long the whole fleet still has to wait";
    WEBHOOK_REGISTERED = "telegram_webhook_registered": Gauge, Count,
        "1 while Telegram posts updates to this system, 0 if elsewhere or nowhere (whole service)";
    WEBHOOK_PENDING = "telegram_webhook_pending_updates": Gauge, Count,
        "Updates that Telegram has not delivered yet (whole service)";
    WEBHOOK_LAST_ERROR = "telegram_webhook_last_error_timestamp_seconds": Gauge, Seconds,
        "When Telegram last failed to deliver an update, 0 if never (whole service)";
    WEBHOOK_REPAIRS = "telegram_webhook_repairs_total": Counter, Count,
        "Times the webhook was set right after another program had changed it, by cause";

    TABLE_READS = "table_reads_total": Counter, Count, "Readings of Bukza's own table by outcome";
    TABLE_DURATION = "table_request_duration_seconds": Histogram(SLOW), Seconds, "Requests of Bukza's API by call";
    TABLE_ROWS = "table_rows": Gauge, Count, "Rows of Bukza's own table when it was last read, by use";
    TABLE_LAST_READ = "table_last_read_timestamp_seconds": Gauge, Seconds,
        "When this process last read Bukza's own table; before that, since when it is to read it";

    JOBS = "jobs_total": Counter, Count, "Runs of jobs by queue and outcome";
    JOB_DURATION = "job_duration_seconds": Histogram(FAST), Seconds, "Runs of jobs by queue";
    QUEUE_DEPTH = "queue_depth": Gauge, Count, "Jobs by queue and state (whole service)";
    QUEUE_OLDEST_DUE = "queue_oldest_due_seconds": Gauge, Seconds,
        "How long the oldest waiting job has been due, by queue (whole service)";
    QUEUE_RESTARTS = "queue_worker_restarts_total": Counter, Count,
        "Times a queue's worker ended by an error and was started again";
    INBOX_DEPTH = "inbox_depth": Gauge, Count, "Jobs kept in PostgreSQL while Redis was away (whole service)";
    DEAD_LETTERS = "dead_letters": Gauge, Count, "Work given up, waiting for an operator (whole service)";
    REJECTED_REQUESTS = "rejected_requests": Gauge, Count,
        "Refused web requests kept for the owner (whole service)";
    RECONCILED = "reconciled_messages_total": Counter, Count, "Messages whose job had to be pushed again";
    RECONCILER_ROUND = "reconciler_round_seconds": Histogram(FAST), Seconds, "Rounds of the reconciler";

    TABLE_ROUNDS = "table_rounds_total": Counter, Count, "Rounds that compare Bukza's table with the bookings, by outcome";
    TABLE_DIFFERENCES = "table_differences": Gauge, Count,
        "Bookings that Bukza's table shows otherwise and that nobody has applied, by kind (whole service)";

    READS = "reads_total": Counter, Count, "Reads that may lag, by where they were answered";
    DB_CONNECTIONS = "db_pool_connections": Gauge, Count, "Connections to PostgreSQL by state";
    DB_ERRORS = "db_errors_total": Counter, Count, "Work that PostgreSQL made fail, by kind";
    REDIS_USED = "redis_used_memory_bytes": Gauge, Bytes, "Memory that Redis uses (whole service)";
    REDIS_MAX = "redis_max_memory_bytes": Gauge, Bytes,
        "Redis' maxmemory, 0 without a limit (whole service)";
    MEASURED = "last_measured_timestamp_seconds": Gauge, Seconds,
        "When the whole service's gauges were last read from this place (whole service)";
}

/// Describes each metric to Prometheus.
pub(super) fn describe() {
    for metric in ALL {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.unit, metric.about),
            Kind::Gauge => describe_gauge!(metric.name, metric.unit, metric.about),
            Kind::Histogram(_) => describe_histogram!(metric.name, metric.unit, metric.about),
        }
    }
}

/// Each metric's name and unit.
#[cfg(test)]
pub(super) fn units() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().map(|metric| (metric.name, metric.unit.as_str()))
}

/// Gives each histogram its buckets.
pub(super) fn with_buckets(builder: PrometheusBuilder) -> Result<PrometheusBuilder, BuildError> {
    ALL.iter().try_fold(builder, |builder, metric| match metric.kind {
        Kind::Histogram(bounds) => {
            builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)
        }
        Kind::Counter | Kind::Gauge => Ok(builder),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_convention() {
        for metric in ALL {
            assert_eq!(
                metric.name.ends_with("_total"),
                matches!(metric.kind, Kind::Counter),
                "{}",
                metric.name
            );
            let in_seconds = metric.name.ends_with("_seconds");
            assert_eq!(in_seconds, metric.unit == Unit::Seconds, "{}", metric.name);
        }
    }
}
