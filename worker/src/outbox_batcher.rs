//! Batches the outbox queries of concurrent senders into one statement each. A single query is not
//! delayed, and a backlog costs PostgreSQL a fraction of the statements.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use shared::{
    batcher::{Batcher, Limits},
    clock::Clock,
    domain::ids::ChatId,
    store::{
        DatabaseConnection, DbErr,
        outbox::{self, Among, BrokenMessage, Claimed, DueMessage, Settled, Settlement, ToClaim},
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The next batch collects while a statement is under way. More statements at once were measured to be
/// slower: each gets smaller, not faster. One that is stuck, by a lock or a silent connection, delays the
/// chats in it, and no other.
const LIMITS: Limits = Limits { batch: 64, in_flight: 1, slow_permits: 2 };

/// The batched queries of the outbox.
#[derive(Debug)]
pub struct OutboxBatcher {
    due: Batcher<ChatId, Option<Result<Rows, DbErr>>>,
    claims: Batcher<ToClaim, Result<Claimed, DbErr>>,
    settlements: Batcher<Settlement, Result<Settled, DbErr>>,
}

impl OutboxBatcher {
    /// Messages read of a chat: the one that is sent next, and whether there is another.
    pub(crate) const LIMIT: i64 = 2;

    /// Starts the batchers; they end when the last handle is dropped.
    #[must_use]
    pub fn start(db: DatabaseConnection, clock: Arc<dyn Clock>) -> Self {
        let (tasks, never) = (TaskTracker::new(), CancellationToken::new());
        let statements = Statements { db, clock };
        let (due, claims, settlements) = (statements.clone(), statements.clone(), statements);
        Self {
            due: Batcher::start(LIMITS, &tasks, never.clone(), move |chats| due.clone().due(chats)),
            claims: Batcher::start(LIMITS, &tasks, never.clone(), move |wanted| {
                claims.clone().claim(wanted)
            }),
            settlements: Batcher::start(LIMITS, &tasks, never, move |ended| {
                settlements.clone().settle(ended)
            }),
        }
    }

    /// The due messages of a chat, at most [`Self::LIMIT`]. `None`: a row of the batch can't be read,
    /// perhaps of another chat.
    pub(crate) async fn due(&self, chat: ChatId) -> Option<Result<Rows, DbErr>> {
        self.due.call(chat).await.flatten()
    }

    /// Claims messages of a chat. Where the database fails, the claim may stand.
    pub(crate) async fn claim(&self, wanted: ToClaim) -> Result<Claimed, DbErr> {
        self.claims.call(wanted).await.unwrap_or_else(panicked)
    }

    /// Records how a claim ended.
    pub(crate) async fn settle(&self, ended: Settlement) -> Result<Settled, DbErr> {
        self.settlements.call(ended).await.unwrap_or_else(panicked)
    }
}

fn panicked<T>() -> Result<T, DbErr> {
    Err(DbErr::Custom("the statement for several messages made the program panic".to_owned()))
}

#[derive(Clone)]
struct Statements {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
}

impl Statements {
    async fn due(self, chats: Vec<ChatId>) -> Vec<Option<Result<Rows, DbErr>>> {
        let limit = OutboxBatcher::LIMIT;
        let due = outbox::due(&self.db, &chats, Among::All, self.clock.now(), limit);
        let due = read(due).await;
        let of_chat = |chat: &ChatId| match &due {
            Ok(Ok(due)) => Some(Ok(due.get(chat).cloned().unwrap_or_default())),
            Ok(Err(error)) => Some(Err(error.clone())),
            Err(_) => None,
        };
        chats.iter().map(of_chat).collect()
    }

    async fn claim(self, wanted: Vec<ToClaim>) -> Vec<Result<Claimed, DbErr>> {
        outbox::claim(&self.db, &wanted, self.clock.now()).await
    }

    async fn settle(self, ended: Vec<Settlement>) -> Vec<Result<Settled, DbErr>> {
        outbox::settle(&self.db, &ended, self.clock.now()).await
    }
}

/// The due messages of a chat, each readable or set aside.
pub(crate) type Rows = Vec<Result<DueMessage, BrokenMessage>>;

/// Reads rows. `Err` if one of them holds what this program can't read; the driver panics at some of
/// it (`infinity`). Every other error is the database's, and says nothing of the rows.
pub(crate) async fn read<T>(
    rows: impl Future<Output = Result<T, DbErr>>,
) -> Result<Result<T, DbErr>, String> {
    match AssertUnwindSafe(rows).catch_unwind().await {
        Err(_) => Err("its row makes the driver panic".to_owned()),
        Ok(Err(error)) if error.to_string().contains("while decoding column") => {
            Err(error.to_string())
        }
        Ok(result) => Ok(result),
    }
}
