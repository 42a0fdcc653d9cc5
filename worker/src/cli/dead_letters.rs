//! Dead letters: listed, shown, and put back into their queue.

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

use super::{
    Tools, Which, print_line, print_text,
    words::{Words, count, say},
};

/// Lists the open dead letters.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = dead_letters::open(&tools.db, limit).await?;
    for row in &rows {
        print_line(format_args!(
            "{}  {}  {}  {}: {}",
            row.id, row.created_at, row.queue, row.job_id, row.reason
        ))?;
    }
    tools.print(&say("dead-count").number("n", count(rows.len())))?;
    Ok(())
}

/// Shows one, with its payload.
pub(super) async fn show(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    for words in shown(&row) {
        tools.print(&words)?;
    }
    print_text(&row.payload)?;
    Ok(())
}

/// Puts one, all, or those of a kind back into their queues. Idempotent: a message is planned again only while
/// its status is failed.
pub(super) async fn replay(tools: &Tools, which: Which) -> anyhow::Result<()> {
    let queue = tools.queue()?;
    if let Some(id) = which.id {
        replay_page(tools, &queue, &[find(tools, id).await?]).await?;
        tools.print(&say("dead-replayed").with("id", id.to_string()))?;
        return Ok(());
    }
    let (mut after, mut replayed) = (0, 0);
    loop {
        let page = dead_letters::open_of(&tools.db, which.kind.as_deref(), after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        replay_page(tools, &queue, &page).await?;
        replayed += page.len();
    }
    tools.print(&say("dead-replayed-all").number("n", count(replayed)))?;
    Ok(())
}

async fn replay_page(tools: &Tools, queue: &JobQueue, page: &[Model]) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let mut jobs = Vec::with_capacity(page.len());
    for letter in page {
        let Some(queue) = QueueName::parse(&letter.queue) else {
            let unknown = say("dead-queue-unknown").with("id", letter.id.to_string());
            return Err(tools.failure(&unknown.with("queue", letter.queue.as_str())));
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
    row.ok_or_else(|| tools.failure(&say("dead-none").with("id", id.to_string())))
}

fn shown(row: &Model) -> [Words; 2] {
    let tries = u64::try_from(row.attempts).unwrap_or_default();
    let shown =
        say("dead-shown").with("queue", row.queue.as_str()).with("job", row.job_id.as_str());
    [shown.number("n", tries), say("reason").with("reason", row.reason.as_str())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::words::in_both, texts::fixtures::at};

    #[test]
    fn a_dead_letter_is_shown_in_the_venues_language() {
        let row = Model {
            id: 3,
            queue: "bulk".into(),
            job_id: "m5".into(),
            payload: "{}".into(),
            reason: "Bad Request".into(),
            attempts: 5,
            replayed_at: None,
            created_at: at("26.12.2025 11:00"),
        };
        let [russian, english] = in_both(&shown(&row));
        assert_eq!(russian, ["очередь bulk, задание m5, попыток: 5", "причина: Bad Request"]);
        assert_eq!(english, ["queue bulk, job m5, 5 tries", "reason: Bad Request"]);
        let counts = [0, 1, 2].map(|n| say("dead-count").number("n", n));
        let [russian, english] = in_both(&counts);
        assert_eq!(russian, ["отложено сбоев: 0", "отложено сбоев: 1", "отложено сбоев: 2"]);
        assert_eq!(english, ["0 dead letters", "1 dead letter", "2 dead letters"]);
    }
}
