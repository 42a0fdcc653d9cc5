//! What every part of the worker works with: one bundle of handles, made once at start.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use shared::{
    clock::Clock,
    domain::{ids::ChatId, plan::Policy},
    queue::JobQueue,
    settings::WorkerSettings,
    store::{DatabaseConnection, QueueWork, events::Audience, replica::Reads},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    outbox_batcher::OutboxBatcher,
    telegram::{Client, Limiter, UpdateParser},
    texts::Texts,
};

/// The worker's handles and settings. Cheap to clone behind its `Arc`.
pub struct App {
    pub settings: WorkerSettings,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub db: DatabaseConnection,
    /// For what may lag: a replica, where there is one.
    pub reads: Reads,
    pub queue: JobQueue,
    pub limiter: Limiter,
    pub outbox_batcher: OutboxBatcher,
    pub telegram: Client,
    pub texts: Arc<Texts>,
    pub update_parser: UpdateParser,
    pub staff: StaffChat,
    /// Cancelled when the process is asked to stop: work in flight is finished, none is begun.
    pub stop: CancellationToken,
    /// Work that outlives its job and is waited for at the end.
    pub background: TaskTracker,
}

/// The staff's chat: the setting, or the id that Telegram has given the group since.
#[derive(Debug)]
pub struct StaffChat(Option<AtomicI64>);

impl StaffChat {
    #[must_use]
    pub fn new(setting: Option<ChatId>) -> Self {
        Self(setting.map(|chat| AtomicI64::new(chat.0)))
    }

    #[must_use]
    pub fn get(&self) -> Option<ChatId> {
        self.0.as_ref().map(|chat| ChatId(chat.load(Ordering::Relaxed)))
    }

    /// Notes that a chat has another id; nothing happens if it is not the staff's.
    pub fn renamed(&self, from: ChatId, to: ChatId) {
        if let Some(chat) = &self.0 {
            // A group is renamed once: whoever tells it first, it is the same id.
            let _ = chat.compare_exchange(from.0, to.0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

impl App {
    /// The staff's chat, if there is one.
    #[must_use]
    pub fn staff_chat(&self) -> Option<ChatId> {
        self.staff.get()
    }

    /// Whom booking events are told to.
    #[must_use]
    pub fn audience(&self) -> Audience {
        Audience { staff_chat: self.staff_chat() }
    }

    /// Does what a committed change asks of the queue. A failure loses nothing: what was not pushed
    /// is overdue soon, and the reconciler pushes it; what was not cancelled finds nothing to do.
    pub async fn carry_out(&self, work: QueueWork) {
        if let Err(error) = self.queue.push(&work.push).await {
            tracing::warn!(%error, jobs = work.push.len(), "could not push jobs, left to the reconciler");
            return;
        }
        // Only what is said about bookings is ever cancelled, and that is bulk.
        let bulk = shared::queue::QueueName::Bulk;
        if let Err(error) = self.queue.cancel(bulk, &work.cancel).await {
            tracing::warn!(%error, jobs = work.cancel.len(), "could not cancel jobs, they will find nothing to do");
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Settings and handles are left out: they hold secrets.
        f.debug_struct("App").field("policy", &self.policy).finish_non_exhaustive()
    }
}
