//! Dead letters: listed, shown, and put back into their queue.

use anyhow::{Context, bail};
use sea_orm::EntityTrait;
use shared::{
    clock::{Clock, SystemClock},
    domain::ids::JobId,
    queue::{Job, JobQueue, QueueName},
    store::{
        dead_letters,
        entity::dead_letter::{Entity, Model},
        outbox,
    },
};

use super::{Tools, Which, print_line, print_text};

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

/// Puts one, all, or those of a kind back into their queues. Idempotent: a message is planned again only while
/// its status is failed.
pub(super) async fn replay(tools: &Tools, which: Which) -> anyhow::Result<()> {
    let queue = tools.queue()?;
    if let Some(id) = which.id {
        replay_page(tools, &queue, &[find(tools, id).await?]).await?;
        print_line(format_args!("dead letter {id} is in the queue again"))?;
        return Ok(());
    }
    let (mut after, mut count) = (0, 0);
    loop {
        let page = dead_letters::open_of(&tools.db, which.kind.as_deref(), after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        replay_page(tools, &queue, &page).await?;
        count += page.len();
    }
    print_line(format_args!("{count} dead letters are in their queues again"))?;
    Ok(())
}

async fn replay_page(tools: &Tools, queue: &JobQueue, page: &[Model]) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let mut jobs = Vec::with_capacity(page.len());
    for letter in page {
        let Some(queue) = QueueName::parse(&letter.queue) else {
            bail!("dead letter {}: this version knows no queue {:?}", letter.id, letter.queue)
        };
        let id = JobId(format!("replay-{}-{}", letter.id, now.timestamp_millis()));
        jobs.push(Job { id, queue, due_at: None, payload: letter.payload.clone() });
    }
    let messages: Vec<&str> = page.iter().map(|letter| letter.job_id.as_str()).collect();
    outbox::reopen(&tools.db, &messages, now).await?;
    queue.push(&jobs).await?;
    for letter in page {
        dead_letters::replayed(&tools.db, letter, now).await?;
    }
    Ok(())
}

async fn find(tools: &Tools, id: i64) -> anyhow::Result<Model> {
    let row = Entity::find_by_id(id).one(&tools.db).await?;
    row.with_context(|| format!("there is no dead letter {id}"))
}
