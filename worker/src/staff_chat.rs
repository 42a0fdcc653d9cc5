//! Follows the staff's chat: a link bound another, the setting names another, a group has another id. Waiting cards go
//! along.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    domain::{
        ids::ChatId,
        message::{Content, MessageKind},
    },
    queue::{Job, QueueName},
    store::{
        DatabaseConnection, DbErr, QueueWork, TransactionTrait, limited,
        outbox::{self, NewMessage},
        staff_binding,
    },
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{app::App, telegram};

/// How often the binding is read: a card of another worker goes to the former chat for at most so long.
const INTERVAL: Duration = Duration::from_secs(2);
/// The pause until Telegram is requested again to tell what the chat is.
const KIND_RETRY: Duration = Duration::from_secs(60);

/// Reads the binding, before anything is sent or shown to the chat that the setting names. Waits for the database.
pub async fn learn(app: &App, stop: &CancellationToken) {
    let learning = async {
        while let Err(error) = staff_binding::refresh(&app.venue.staff_chat, &app.db).await {
            tracing::warn!(%error, "the staff's chat could not be followed, retrying");
            tokio::time::sleep(INTERVAL).await;
        }
    };
    stop.run_until_cancelled(learning).await;
}

/// Follows the staff's chat until `stop`. Several workers do no harm: each card moves once.
pub async fn follow(app: Arc<App>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    let mut kind = ChatKind::default();
    // Nothing at the start: the setting may name another chat than before. An update may have changed the chat since the
    // last look, so that the refresh itself tells of no change.
    let mut followed: Option<Option<ChatId>> = None;
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        match follow_once(&app, followed).await {
            Ok(present) => {
                if let Some(former) = followed.filter(|former| *former != present) {
                    show_commands(&app, (former, present), &stop);
                }
                followed = Some(present);
            }
            Err(error) => {
                tracing::warn!(%error, "the staff's chat could not be followed, retrying");
            }
        }
        kind.learn(&app).await;
    }
}

/// Moves waiting cards where the chat is another than the one that was followed. Returns the present one.
async fn follow_once(app: &App, followed: Option<Option<ChatId>>) -> Result<Option<ChatId>, DbErr> {
    staff_binding::refresh(&app.venue.staff_chat, &app.db).await?;
    let present = app.venue.staff_chat.get();
    if followed != Some(present) {
        move_cards(app).await?;
    }
    Ok(present)
}

/// Shows the staff's commands in their present chat, and no more in the former one. It may take long while Telegram is
/// away.
fn show_commands(
    app: &Arc<App>,
    chats: (Option<ChatId>, Option<ChatId>),
    stop: &CancellationToken,
) {
    let (app, stop) = (Arc::clone(app), stop.clone());
    let tracker = app.background.clone();
    tracker.spawn(async move {
        let shown = telegram::register_staff_commands(&app.telegram, &app.texts, chats);
        stop.run_until_cancelled(shown).await;
    });
}

/// Moves a card that was being sent to the former chat while another was bound, and waits again.
pub async fn move_late_card(app: &App, sent_to: ChatId) {
    if app.venue.staff_chat.get() == Some(sent_to) {
        return;
    }
    if let Err(error) = move_cards(app).await {
        tracing::warn!(%error, "a card for the former staff's chat could not be moved");
    }
}

async fn move_cards(app: &App) -> Result<(), DbErr> {
    let now = app.clock.now();
    let Some(chat) = app.venue.staff_chat.get() else {
        let cards = outbox::cancel_staff_cards(&app.db, now).await?;
        if cards > 0 {
            tracing::warn!(
                cards,
                "there is no staff's chat any more: waiting cards were cancelled"
            );
        }
        return Ok(());
    };
    let cards = outbox::move_staff_cards(&app.db, chat, now).await?;
    if cards > 0 {
        tracing::info!(cards, "the staff's chat is another: waiting cards were moved to it");
        let wake = vec![Job::wake_later(QueueName::Bulk, chat, now)];
        app.carry_out(QueueWork { push: wake, cancel: Vec::new() }).await;
    }
    Ok(())
}

/// Learns whether the staff's chat is a channel. Until then its cards have buttons.
#[derive(Default)]
struct ChatKind {
    known: Option<ChatId>,
    next: Option<Instant>,
}

impl ChatKind {
    async fn learn(&mut self, app: &App) {
        let Some(chat) = app.venue.staff_chat.get().filter(|chat| Some(*chat) != self.known) else {
            return;
        };
        if self.next.is_some_and(|next| Instant::now() < next) {
            return;
        }
        match app.telegram.is_channel(chat.0).await {
            Ok(is_channel) => {
                app.venue.staff_chat.set_channel(chat, is_channel);
                (self.known, self.next) = (Some(chat), None);
            }
            Err(error) => {
                tracing::debug!(%error, "Telegram did not tell what the staff's chat is");
                self.next = Some(Instant::now() + KIND_RETRY);
            }
        }
    }
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
