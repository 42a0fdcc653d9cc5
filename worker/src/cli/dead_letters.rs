//! Dead letters: listed, shown, and put back into their queue.

use anyhow::bail;
use shared::{
    clock::{Clock, SystemClock},
    domain::ids::JobId,
    queue::{Job, QueueName},
    store::{dead_letters, outbox},
};

use super::{Tools, tell, tell_body};

/// Lists what waits to be looked at.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = dead_letters::open(&tools.db, limit).await?;
    for row in &rows {
        tell(format_args!(
            "{}  {}  {}  {}: {}",
            row.id, row.created_at, row.queue, row.job_id, row.reason
        ))?;
    }
    tell(format_args!("{} dead letters", rows.len()))?;
    Ok(())
}

/// Shows one, with its payload.
pub(super) async fn show(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let Some(row) = dead_letters::by_id(&tools.db, id).await? else {
        bail!("there is no dead letter {id}")
    };
    tell(format_args!("queue {}, job {}, {} tries", row.queue, row.job_id, row.attempts))?;
    tell(format_args!("reason: {}", row.reason))?;
    tell_body(&row.payload)?;
    Ok(())
}

/// Puts one back into its queue. The job's effects are applied once, however often this is done: a
/// message is given back to the schedule only while it stands as failed.
pub(super) async fn replay(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let Some(row) = dead_letters::by_id(&tools.db, id).await? else {
        bail!("there is no dead letter {id}")
    };
    let Some(queue) = QueueName::parse(&row.queue) else {
        bail!("this version knows no queue {:?}", row.queue)
    };
    let now = SystemClock.now();
    outbox::reopen(&tools.db, &row.job_id, now).await?;
    let id_now = JobId(format!("replay-{id}-{}", now.timestamp_millis()));
    let job = Job { id: id_now, queue, due_at: None, payload: row.payload.clone() };
    tools.queue()?.push(&[job]).await?;
    dead_letters::replayed(&tools.db, &row, now).await?;
    tell(format_args!("dead letter {id} is in the queue again"))?;
    Ok(())
}
