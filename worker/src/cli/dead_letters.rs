//! Dead letters: listed, shown, and put back into their queue.

use anyhow::{Context, bail};
use sea_orm::EntityTrait;
use shared::{
    clock::{Clock, SystemClock},
    domain::ids::JobId,
    queue::{Job, QueueName},
    store::{
        dead_letters,
        entity::dead_letter::{Entity, Model},
        outbox,
    },
};

use super::{Tools, print_line, print_text};

/// Lists the open dead letters.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = dead_letters::open(&tools.db, limit).await?;
    for row in &rows {
        print_line(format_args!(
            "{}  {}  {}  {}: {}",
            row.id, row.created_at, row.queue, row.job_id, row.reason
        ))?;
    }
    print_line(format_args!("{} dead letters", rows.len()))?;
    Ok(())
}

/// Shows one, with its payload.
pub(super) async fn show(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    print_line(format_args!("queue {}, job {}, {} tries", row.queue, row.job_id, row.attempts))?;
    print_line(format_args!("reason: {}", row.reason))?;
    print_text(&row.payload)?;
    Ok(())
}

/// Puts one back into its queue. Idempotent: a message is planned again only while its status is failed.
pub(super) async fn replay(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    let Some(queue) = QueueName::parse(&row.queue) else {
        bail!("this version knows no queue {:?}", row.queue)
    };
    let now = SystemClock.now();
    outbox::reopen(&tools.db, &row.job_id, now).await?;
    let id_now = JobId(format!("replay-{id}-{}", now.timestamp_millis()));
    let job = Job { id: id_now, queue, due_at: None, payload: row.payload.clone() };
    tools.queue()?.push(&[job]).await?;
    dead_letters::replayed(&tools.db, &row, now).await?;
    print_line(format_args!("dead letter {id} is in the queue again"))?;
    Ok(())
}

async fn find(tools: &Tools, id: i64) -> anyhow::Result<Model> {
    let row = Entity::find_by_id(id).one(&tools.db).await?;
    row.with_context(|| format!("there is no dead letter {id}"))
}
