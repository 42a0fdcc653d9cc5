//! Refused requests: listed, shown, and replayed after the cause is fixed.

use anyhow::{Context, bail};
use sea_orm::EntityTrait;
use shared::{
    bukza::Fault,
    clock::{Clock, SystemClock},
    queue::Job,
    store::{
        entity::rejected_request::{Entity, Model},
        rejected,
    },
};

use super::{Tools, print_line, print_text};

/// Lists the open refused requests.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = rejected::open(&tools.db, limit).await?;
    for row in &rows {
        print_line(format_args!(
            "{}  {}  answered {}  [{}]{}: {}",
            row.id,
            row.received_at,
            row.http_status,
            row.cause.as_deref().unwrap_or("-"),
            read(row),
            faults(row)
        ))?;
    }
    print_line(format_args!("{} refused requests", rows.len()))?;
    Ok(())
}

/// Shows one, with its body, and notes that it was read.
pub(super) async fn show(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    print_line(format_args!(
        "received {}, answered {}{}: {}",
        row.received_at,
        row.http_status,
        read(&row),
        faults(&row)
    ))?;
    print_line(format_args!("cause: {}", row.cause.as_deref().unwrap_or("-")))?;
    if let Some(at) = row.replayed_at {
        print_line(format_args!("replayed {at}"))?;
    }
    print_line(format_args!("?{}", row.query))?;
    print_text(&row.body)?;
    rejected::read(&tools.db, id, SystemClock.now()).await?;
    Ok(())
}

/// Reads one again under the present rules and settings, as of its receive time. Idempotent: the events'
/// ids derive from the request's.
pub(super) async fn replay(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    let jobs = match rejected::read_again(&row, &tools.common.rules) {
        Ok(jobs) => jobs,
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(text).collect();
            bail!("it can't be used yet: {}", faults.join("; "))
        }
    };
    let jobs: Vec<Job> = jobs.iter().map(Job::ingest).collect();
    tools.queue()?.push(&jobs).await?;
    rejected::replayed(&tools.db, id, SystemClock.now()).await?;
    print_line(format_args!("request {id} is in the queue as {} booking events", jobs.len()))?;
    Ok(())
}

async fn find(tools: &Tools, id: i64) -> anyhow::Result<Model> {
    let row = Entity::find_by_id(id).one(&tools.db).await?;
    row.with_context(|| format!("there is no refused request {id}"))
}

fn read(row: &Model) -> String {
    row.read_at.map_or_else(String::new, |at| format!(", read {at}"))
}

fn faults(row: &Model) -> String {
    let faults: Vec<Fault> = serde_json::from_value(row.faults.clone()).unwrap_or_default();
    faults.iter().map(text).collect::<Vec<_>>().join("; ")
}

fn text(fault: &Fault) -> String {
    format!("{} {}", fault.field, fault.message)
}
