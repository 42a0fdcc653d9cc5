//! Messages of which it is unknown whether they arrived: listed, and sent again where the operator prefers
//! one message too many to one too few.

use sea_orm::EntityTrait;
use shared::{
    clock::{Clock, SystemClock},
    domain::{ids::MessageId, message::MessageStatus},
    store::{
        entity::message,
        outbox::{self, Resent, UnknownMessage},
    },
};

use super::{
    Tools, Which,
    words::{Words, count, say},
};

/// Lists those that are still news.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = outbox::unknown(&tools.db, limit, SystemClock.now()).await?;
    for row in &rows {
        tools.print(&line(row))?;
    }
    tools.print(&say("unknown-count").number("n", count(rows.len())))?;
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
    let (resent, work) = outbox::resend(&tools.db, &which, SystemClock.now()).await?;
    if resent == 0
        && let Resent::One(MessageId(id)) = which
    {
        let row = message::Entity::find_by_id(id).one(&tools.db).await?;
        let status = row.as_ref().map(|row| row.status.as_str());
        return Err(tools.failure(&why_not(status).with("id", id.to_string())));
    }
    // If this fails, the reconciler pushes them within half a minute.
    queue.push(&work.push).await?;
    tools.print(&say("unknown-resent").number("n", count(resent)))?;
    Ok(())
}

fn line(row: &UnknownMessage) -> Words {
    say("unknown-line")
        .with("id", row.id.to_string())
        .with("kind", row.kind.as_str())
        .with("booking", row.booking.as_deref().unwrap_or("-"))
        .with("due", row.due_at.to_string())
        .with("reason", row.reason.as_deref().unwrap_or("-"))
}

/// Why a message in this status is not sent again. `None`: there is no such message.
fn why_not(status: Option<&str>) -> Words {
    match status {
        None => say("message-none"),
        Some(status) if status == MessageStatus::Unknown.as_str() => say("unknown-no-news"),
        Some(status) => {
            say("unknown-other").with("status", say("message-status").with("status", status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::words::in_both, texts::fixtures::at};

    #[test]
    fn a_message_and_why_it_is_not_sent_again_are_printed_in_the_venues_language() {
        let row = UnknownMessage {
            id: 5,
            kind: "confirmation".into(),
            booking: Some("C6UDS3".into()),
            due_at: at("26.12.2025 11:00"),
            reason: Some("timeout".into()),
        };
        let why = [None, Some("unknown"), Some("sent")];
        let why = why.map(|status| why_not(status).with("id", "5"));
        let [russian, english] = in_both([line(&row)].iter().chain(&why));
        assert_eq!(
            russian,
            [
                "5  confirmation  запись C6UDS3  срок 2025-12-26 06:00:00 UTC: timeout",
                "сообщения 5 нет",
                "сообщение 5 уже не новость",
                "сообщение 5 не из тех, что могли не дойти: отправлено",
            ]
        );
        assert_eq!(
            english,
            [
                "5  confirmation  booking C6UDS3  due 2025-12-26 06:00:00 UTC: timeout",
                "there is no message 5",
                "message 5 is no news any more",
                "message 5 is not unknown, but sent",
            ]
        );
    }
}
