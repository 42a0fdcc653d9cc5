//! Messages of which it is unknown whether they arrived: listed, and sent again where the operator prefers
//! one message too many to one too few.

use anyhow::bail;
use sea_orm::EntityTrait;
use shared::{
    clock::{Clock, SystemClock},
    domain::ids::MessageId,
    store::{
        entity::message,
        outbox::{self, Resent},
    },
};

use super::{Tools, Which, print_line};

/// Lists those that are still news.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = outbox::unknown(&tools.db, limit, SystemClock.now()).await?;
    for row in &rows {
        print_line(format_args!(
            "{}  {}  booking {}  due {}: {}",
            row.id,
            row.kind,
            row.booking.as_deref().unwrap_or("-"),
            row.due_at,
            row.reason.as_deref().unwrap_or("-")
        ))?;
    }
    print_line(format_args!("{} messages that may not have arrived", rows.len()))?;
    Ok(())
}

/// Has messages sent again. One that was sent again already is not unknown any more.
pub(super) async fn resend(tools: &Tools, which: Which) -> anyhow::Result<()> {
    let which = match (which.id, which.kind) {
        (Some(id), _) => Resent::One(MessageId(id)),
        (None, Some(kind)) => Resent::OfKind(kind),
        (None, None) => Resent::All,
    };
    let queue = tools.queue()?;
    let (count, work) = outbox::resend(&tools.db, &which, SystemClock.now()).await?;
    if count == 0
        && let Resent::One(MessageId(id)) = which
    {
        let Some(row) = message::Entity::find_by_id(id).one(&tools.db).await? else {
            bail!("there is no message {id}")
        };
        match row.status.as_str() {
            "unknown" => bail!("message {id} is no news any more"),
            status => bail!("message {id} is not unknown, but {status}"),
        }
    }
    // If this fails, the reconciler pushes them within half a minute.
    queue.push(&work.push).await?;
    print_line(format_args!("{count} messages are sent again"))?;
    Ok(())
}
