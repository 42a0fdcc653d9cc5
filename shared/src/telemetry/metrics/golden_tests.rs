//! What `/metrics` shows, without the values: each metric with its sort, unit, labels and their values, as
//! they are rendered after everything was recorded once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
    time::Duration,
};

use chrono::DateTime;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::*;
use crate::{
    domain::{difference::DifferenceKind, message::MessageKind},
    queue::QueueName,
};

/// Records each metric with each value of its labels.
fn record_everything() {
    let (took, at) = (Duration::from_millis(3), DateTime::UNIX_EPOCH);
    record::build_info();
    record::at_zero();
    record::process_memory();
    Source::ALL.iter().for_each(|source| last_webhook(*source, at));
    for outcome in WebhookOutcome::ALL {
        Source::ALL.iter().for_each(|source| webhook(*source, *outcome, took));
    }
    EnqueuedTo::ALL.iter().for_each(|to| enqueued(*to, 1));
    BookingChange::ALL.iter().for_each(|change| booking(*change, took));
    (1..=5).for_each(rating);
    UpdateOutcome::ALL.iter().for_each(|outcome| update(*outcome));
    for kind in MessageKind::ALL {
        MessageOutcome::ALL.iter().for_each(|outcome| message(*kind, *outcome));
        message_lateness(*kind, took);
    }
    TelegramOutcome::ALL.iter().for_each(|outcome| telegram_request("SendMessage", *outcome, took));
    for queue in QueueName::ALL.map(QueueName::as_str) {
        JobOutcome::ALL.iter().for_each(|outcome| job(queue, *outcome, took));
        QueueState::ALL.iter().for_each(|state| queue_depth(queue, *state, 1));
        queue_oldest_due(queue, took);
        queue_worker_restart(queue);
    }
    TableRound::ALL.iter().for_each(|outcome| table_round(*outcome));
    DifferenceKind::ALL.iter().for_each(|kind| table_differences(*kind, 1));
    ReadFrom::ALL.iter().for_each(|from| read(*from));
    PoolState::ALL.iter().for_each(|state| db_connections(*state, 1));
    DbErrorKind::ALL.iter().for_each(|kind| db_error(*kind));
    DeletionOrigin::ALL.iter().for_each(|by| recorded_deletions(*by, 1));
    WebhookRepair::ALL.iter().for_each(|cause| telegram_webhook_repaired(*cause));
    TableCall::ALL.iter().for_each(|call| table_request(*call, took));
    TableOutcome::ALL.iter().for_each(|outcome| table_read(*outcome));
    table_watched(at);
    table_rows(1, 1, at);
    WhichWay::ALL.iter().for_each(|way| telegram_way(*way, true));
    MeasuredAt::ALL.iter().for_each(|place| measured(*place, at));
    record_what_has_no_labels(took);
}

fn record_what_has_no_labels(took: Duration) {
    venue_open(true);
    active_users(1);
    reminder_lateness(took);
    outbox_planned(1);
    outbox_overdue(1, took);
    telegram_freeze();
    telegram_freeze_left(took);
    telegram_webhook(true, 1, None);
    inbox_depth(1);
    dead_letters(1);
    rejected_requests(1);
    reconciled(1, took);
    redis_memory(1, 1);
}

type Labels = BTreeMap<String, Vec<String>>;

/// Adds the labels of a rendered line. A label's values keep the order in which they come.
fn add_labels(labels: &mut Labels, rendered: &str) {
    for pair in rendered.split(',').filter(|pair| !pair.is_empty()) {
        let (label, value) = pair.split_once('=').unwrap();
        let value = value.trim_matches('"');
        // The version is another with each release.
        let value = if label == "version" { "…" } else { value };
        let values = labels.entry(label.to_owned()).or_default();
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
}

/// The rendered metrics by name, each with its type and labels.
fn rendered(text: &str) -> BTreeMap<&str, (&str, Labels)> {
    let mut metrics = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        metrics.insert(name, (kind, Labels::new()));
    }
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (series, _) = line.rsplit_once(' ').unwrap();
        let (series, labels) = series.split_once('{').unwrap_or((series, ""));
        let parts = ["_bucket", "_sum", "_count"];
        let base = parts.iter().find_map(|part| series.strip_suffix(part));
        let name = base.filter(|base| metrics.contains_key(base)).unwrap_or(series);
        let (_, known) = metrics.get_mut(name).unwrap();
        add_labels(known, labels.trim_end_matches('}'));
    }
    metrics
}

#[test]
fn metrics_are_rendered_as_the_golden_file_says() {
    let recorder = catalogue::with_buckets(PrometheusBuilder::new()).unwrap().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        catalogue::describe();
        record_everything();
    });
    let text = recorder.handle().render();
    let metrics = rendered(&text);
    let units: BTreeMap<_, _> = catalogue::units().collect();
    let recorded: BTreeSet<_> = metrics.keys().collect();
    assert_eq!(recorded, units.keys().collect(), "each metric is recorded here");
    let mut golden = String::new();
    for (name, (kind, labels)) in metrics {
        writeln!(golden, "{name} {kind} {}", units[name]).unwrap();
        for (label, mut values) in labels {
            // The bounds of buckets are numbers, in their order.
            if label != "le" {
                values.sort_unstable();
            }
            writeln!(golden, "    {label} = {}", values.join(" ")).unwrap();
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/metrics.txt");
    expect_test::expect_file![file].assert_eq(&golden);
}
