//! The desk: what couriers ask of the outbox at the same time, each for its chat, is asked with one
//! statement. So a backlog costs PostgreSQL a fraction, and one message alone waits for nobody.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;

use shared::{
    batcher::{Batcher, Limits},
    clock::Clock,
    domain::ids::ChatId,
    store::{
        DatabaseConnection, DbErr,
        outbox::{self, BrokenMessage, DueMessage, Sent, Settled, ToClaim},
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// While a statement is under way the next questions gather. More of them at once were measured to be
/// slower: the statements get smaller, not sooner answered. One that is stuck, by a lock or a silent
/// connection, keeps those waiting that are in it, and no other chat.
const LIMITS: Limits = Limits { batch: 64, in_flight: 1, slow_permits: 2 };

/// Where couriers ask.
#[derive(Debug)]
pub struct OutboxBatcher {
    heads: Batcher<ChatId, Option<Result<Rows, DbErr>>>,
    claims: Batcher<ToClaim, Result<bool, DbErr>>,
    sent: Batcher<Sent, Result<Settled, DbErr>>,
}

impl OutboxBatcher {
    /// Messages of a chat that are looked at: the one that is said next, and whether there is another.
    pub(crate) const LOOKED_AT: i64 = 2;

    /// Opens it; it closes when nobody can come any more.
    #[must_use]
    pub fn open(db: DatabaseConnection, clock: Arc<dyn Clock>) -> Self {
        let (tasks, never) = (TaskTracker::new(), CancellationToken::new());
        let clerk = Statements { db, clock };
        let (looks, claims, settles) = (clerk.clone(), clerk.clone(), clerk);
        Self {
            heads: Batcher::start(LIMITS, &tasks, never.clone(), move |chats| {
                looks.clone().look(chats)
            }),
            claims: Batcher::start(LIMITS, &tasks, never.clone(), move |asked| {
                claims.clone().claim(asked)
            }),
            sent: Batcher::start(LIMITS, &tasks, never, move |sent| settles.clone().settle(sent)),
        }
    }

    /// The due messages of a chat, at most [`Self::LOOKED_AT`]. `None`: one of those that were looked at
    /// can't be read, perhaps of another chat.
    pub(crate) async fn head(&self, chat: ChatId) -> Option<Result<Rows, DbErr>> {
        self.heads.call(chat).await.flatten()
    }

    /// Claims a message; says whether the claim stands. Where the database fails it may.
    pub(crate) async fn claim(&self, asked: ToClaim) -> Result<bool, DbErr> {
        self.claims.call(asked).await.unwrap_or_else(closed)
    }

    /// Settles a message that was said.
    pub(crate) async fn settle(&self, sent: Sent) -> Result<Settled, DbErr> {
        self.sent.call(sent).await.unwrap_or_else(closed)
    }
}

fn closed<T>() -> Result<T, DbErr> {
    Err(DbErr::Custom("the statement for several messages made the program panic".to_owned()))
}

#[derive(Clone)]
struct Statements {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
}

impl Statements {
    async fn look(self, chats: Vec<ChatId>) -> Vec<Option<Result<Rows, DbErr>>> {
        let now = self.clock.now();
        if let [chat] = chats[..] {
            let rows = read(outbox::due_head(&self.db, chat, now, OutboxBatcher::LOOKED_AT)).await;
            return vec![rows.ok()];
        }
        let heads = read(outbox::due_heads(&self.db, &chats, now, OutboxBatcher::LOOKED_AT)).await;
        let head = |chat: &ChatId| match &heads {
            Ok(Ok(heads)) => Some(Ok(heads.get(chat).cloned().unwrap_or_default())),
            Ok(Err(error)) => Some(Err(error.clone())),
            Err(_) => None,
        };
        chats.iter().map(head).collect()
    }

    async fn claim(self, asked: Vec<ToClaim>) -> Vec<Result<bool, DbErr>> {
        outbox::claim_each(&self.db, &asked, self.clock.now()).await
    }

    async fn settle(self, sent: Vec<Sent>) -> Vec<Result<Settled, DbErr>> {
        outbox::settle_sent(&self.db, &sent, self.clock.now()).await
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
