//! A staff chat with another id, by Telegram (a group became a supergroup) or by the setting: waiting cards
//! go along.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    domain::{
        ids::ChatId,
        message::{Content, MessageKind},
        venue::StaffChat,
    },
    queue::{Job, QueueName},
    store::{
        DatabaseConnection, DbErr, QueueWork, TransactionTrait, limited,
        outbox::{self, NewMessage},
    },
};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// The pause after a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);

/// At the start: cards that wait for another chat, which the setting named before, go to the present one.
/// Several workers do no harm: each card moves once.
pub async fn take_cards_along(app: Arc<App>, stop: CancellationToken) {
    let moving = async {
        while let Err(error) = move_cards(&app).await {
            tracing::warn!(%error, "waiting cards could not be moved to the staff's chat, retrying");
            tokio::time::sleep(PAUSE).await;
        }
    };
    stop.run_until_cancelled(moving).await;
}

async fn move_cards(app: &App) -> Result<(), DbErr> {
    let staff = &app.venue.staff_chat;
    refresh(staff, &app.db).await?;
    let Some(chat) = staff.get() else { return Ok(()) };
    let now = app.clock.now();
    let cards = outbox::move_staff_cards(&app.db, chat, now).await?;
    if cards > 0 {
        tracing::info!(cards, "the staff's chat is another: waiting cards were moved to it");
        let wake = vec![Job::wake_later(QueueName::Bulk, chat, now)];
        app.carry_out(QueueWork { push: wake, cancel: Vec::new() }).await;
    }
    Ok(())
}

/// Reads the staff's id from PostgreSQL: another worker, or an earlier run, may have recorded a new one.
///
/// # Errors
/// When the database fails.
pub async fn refresh(staff: &StaffChat, db: &DatabaseConnection) -> Result<(), DbErr> {
    if let Some(chat) = staff.get()
        && let Some(to) = outbox::alias_of(db, chat).await?
    {
        staff.rename(chat, to);
    }
    Ok(())
}

/// Moves a group's waiting messages to its new id with a card about it, and wakes that chat. Repeating it does
/// no harm.
///
/// # Errors
/// When the database fails.
pub async fn migrate(
    db: &DatabaseConnection,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let wake = vec![Job::wake_later(QueueName::Bulk, to, now)];
    let mut work = QueueWork { push: wake, cancel: Vec::new() };
    let tx = limited(db.begin()).await?;
    if outbox::migrate_chat(&tx, from, to, now).await? {
        let card = NewMessage::staff_card(MessageKind::StaffGroupMoved, to, now)
            .saying(Content::GroupMoved { to });
        work = work.and(outbox::insert(&tx, &[card], now).await?);
    }
    limited(tx.commit()).await?;
    Ok(work)
}
