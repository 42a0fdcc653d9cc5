//! The worker's handles and settings, made once at start and shared by all its parts.

use std::{fmt, sync::Arc};

use shared::{
    clock::Clock,
    domain::{message::Recipient, venue::Venue},
    queue::JobQueue,
    settings::WorkerSettings,
    store::{DatabaseConnection, QueueWork, outbox::DueMessage, replica::Reads},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    delivery::GroupPauses,
    outbox_batcher::OutboxBatcher,
    telegram::{Client, Limiter, UpdateParser},
    texts::{Languages, Texts},
};

/// The worker's handles and settings. Cheap to clone behind its `Arc`.
pub struct App {
    pub settings: WorkerSettings,
    pub venue: Arc<Venue>,
    pub clock: Arc<dyn Clock>,
    pub db: DatabaseConnection,
    /// For reads that may lag: a replica, if there is one.
    pub reads: Reads,
    pub queue: JobQueue,
    pub limiter: Limiter,
    pub group_pauses: GroupPauses,
    pub outbox_batcher: OutboxBatcher,
    pub telegram: Client,
    pub texts: Languages,
    pub update_parser: UpdateParser,
    /// Cancelled at the signal to stop: work in flight is finished, none is started.
    pub stop: CancellationToken,
    /// Tasks that outlive their job. The drain waits for them.
    pub background: TaskTracker,
}

impl App {
    /// The texts in the language of a message's chat. Those to the staff are in the venue's.
    #[must_use]
    pub fn texts_of(&self, message: &DueMessage) -> &Arc<Texts> {
        match message.kind.recipient() {
            Recipient::Client => self.texts.chosen(message.chat_language),
            Recipient::Staff => self.texts.venue(),
        }
    }

    /// Pushes and cancels jobs after a commit. A failure loses nothing: the reconciler pushes the overdue
    /// messages, and a job that was not cancelled finds nothing to do.
    pub async fn carry_out(&self, work: QueueWork) {
        if let Err(error) = self.queue.push(&work.push).await {
            tracing::warn!(%error, jobs = work.push.len(), "could not push jobs, left to the reconciler");
            return;
        }
        // Those of bookings' messages. The job of a replaced answer is left: it finds nothing to do.
        let bulk = shared::queue::QueueName::Bulk;
        if let Err(error) = self.queue.cancel(bulk, &work.cancel).await {
            tracing::warn!(%error, jobs = work.cancel.len(), "could not cancel jobs, they will find nothing to do");
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Settings and handles are left out: they hold secrets.
        f.debug_struct("App").field("venue", &self.venue).finish_non_exhaustive()
    }
}
