//! A micro-batcher: what many ask at the same time is answered with one call. While calls are under
//! way the next questions gather; one that comes alone is asked at once.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Questions that may wait to be taken; whoever asks more waits with them.
const WAITING: usize = 4096;
/// A call that takes longer may step slow_permits.
const LONG: Duration = Duration::from_millis(100);

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most questions in one call.
    pub batch: usize,
    /// Calls under way at the same time.
    pub in_flight: usize,
    /// Calls that have taken long and that the next ones do not wait for: so much more is under way
    /// while some are stuck.
    pub slow_permits: usize,
}

/// The way in for those who ask. The batcher ends when all of them are gone, or as it was told to.
pub struct Batcher<Q, A>(mpsc::Sender<Item<Q, A>>);

struct Item<Q, A> {
    question: Q,
    asker: oneshot::Sender<A>,
}

impl<Q: Send + 'static, A: Send + 'static> Batcher<Q, A> {
    /// Starts a batcher as one of `tasks`; `call` answers all questions, in their order. When `end` is
    /// cancelled it takes no more, answers what has gathered, and the task ends.
    pub fn start<F, C>(limits: Limits, tasks: &TaskTracker, end: CancellationToken, call: F) -> Self
    where
        F: Fn(Vec<Q>) -> C + Send + Sync + 'static,
        C: Future<Output = Vec<A>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(WAITING);
        tasks.spawn(run(receiver, limits, end, Arc::new(call)));
        Self(sender)
    }

    /// Asks, and waits for the answer. `None`: no more questions are taken, or the call panicked.
    pub async fn call(&self, question: Q) -> Option<A> {
        let (asker, answer) = oneshot::channel();
        self.0.send(Item { question, asker }).await.ok()?;
        answer.await.ok()
    }
}

impl<Q, A> Clone for Batcher<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q, A> fmt::Debug for Batcher<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").field("room", &self.0.capacity()).finish_non_exhaustive()
    }
}

async fn run<Q, A, F, C>(
    mut waiting: mpsc::Receiver<Item<Q, A>>,
    limits: Limits,
    end: CancellationToken,
    call: Arc<F>,
) where
    Q: Send + 'static,
    A: Send + 'static,
    F: Fn(Vec<Q>) -> C + Send + Sync + 'static,
    C: Future<Output = Vec<A>> + Send + 'static,
{
    let calls = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(limits.in_flight));
    let slow_permits = Arc::new(Semaphore::new(limits.slow_permits));
    loop {
        // Room for a call first: what arrives meanwhile joins it.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        let mut items = Vec::with_capacity(limits.batch);
        tokio::select! {
            biased;
            taken = waiting.recv_many(&mut items, limits.batch) => if taken == 0 { break },
            () = end.cancelled(), if !waiting.is_closed() => {
                waiting.close();
                continue;
            }
        }
        let (call, slow_permits) = (Arc::clone(&call), Arc::clone(&slow_permits));
        calls.spawn(async move {
            let (questions, askers): (Vec<_>, Vec<_>) =
                items.into_iter().map(|item| (item.question, item.asker)).unzip();
            let answers = answered(call(questions), permit, &slow_permits).await;
            for (asker, answer) in askers.into_iter().zip(answers) {
                // Who has gone does not wait any more; it is done all the same.
                let _ = asker.send(answer);
            }
        });
    }
    calls.close();
    calls.wait().await;
}

/// Waits for a call. Its permit is for others as soon as it has an answer, or has taken long and there
/// is room slow_permits.
async fn answered<A>(
    call: impl Future<Output = Vec<A>>,
    permit: OwnedSemaphorePermit,
    slow_permits: &Semaphore,
) -> Vec<A> {
    let mut call = pin!(call);
    if let Ok(answers) = timeout(LONG, &mut call).await {
        return answers;
    }
    let Ok(_room) = slow_permits.try_acquire() else { return call.await };
    drop(permit);
    call.await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::join_all;

    use super::*;

    type Calls = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Doubles, and notes each call, which lasts until there is a permit for it.
    fn doubler(
        limits: Limits,
        end: &CancellationToken,
    ) -> (Batcher<u32, u32>, Calls, Arc<Semaphore>) {
        let (calls, go) = (Calls::default(), Arc::new(Semaphore::new(0)));
        let (noted, going) = (Arc::clone(&calls), Arc::clone(&go));
        let gather =
            Batcher::start(limits, &TaskTracker::new(), end.clone(), move |asked: Vec<u32>| {
                noted.lock().unwrap().push(asked.clone());
                let going = Arc::clone(&going);
                async move {
                    going.acquire().await.unwrap().forget();
                    assert!(!asked.contains(&13), "unlucky");
                    asked.into_iter().map(|n| n * 2).collect()
                }
            });
        (gather, calls, go)
    }

    #[tokio::test]
    async fn what_comes_during_a_call_is_asked_with_the_next() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 0 };
        let (gather, calls, go) = doubler(limits, &CancellationToken::new());
        let ask = |n| {
            let gather = gather.clone();
            tokio::spawn(async move { gather.call(n).await })
        };
        let alone = ask(1);
        while calls.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (2..6).map(ask).collect();
        while gather.0.capacity() != WAITING - 4 {
            tokio::task::yield_now().await;
        }
        go.add_permits(10);
        assert_eq!(alone.await.unwrap(), Some(2));
        let answers: Vec<_> = join_all(others).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some(4), Some(6), Some(8), Some(10)]);
        assert_eq!(*calls.lock().unwrap(), [vec![1], vec![2, 3, 4], vec![5]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_takes_long_is_not_waited_for_while_there_is_room_aside() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 1 };
        let (gather, calls, go) = doubler(limits, &CancellationToken::new());
        let mut asked = Vec::new();
        for n in 1..4 {
            let gather = gather.clone();
            asked.push(tokio::spawn(async move { gather.call(n).await }));
            tokio::time::sleep(LONG * 2).await;
        }
        assert_eq!(*calls.lock().unwrap(), [[1], [2]], "the second has no room slow_permits");
        go.add_permits(3);
        let answers: Vec<_> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some(2), Some(4), Some(6)]);
    }

    #[tokio::test]
    async fn a_call_that_panics_answers_nobody_and_ends_nothing() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 0 };
        let (gather, _, go) = doubler(limits, &CancellationToken::new());
        go.add_permits(10);
        assert_eq!(gather.call(13).await, None);
        assert_eq!(gather.call(2).await, Some(4));
    }

    #[tokio::test]
    async fn what_has_gathered_at_the_end_is_answered_and_nothing_after_it() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 0 };
        let end = CancellationToken::new();
        let (gather, calls, go) = doubler(limits, &end);
        let asked: Vec<_> = (1..3)
            .map(|n| {
                let gather = gather.clone();
                tokio::spawn(async move { gather.call(n).await })
            })
            .collect();
        while calls.lock().unwrap().concat().len() + WAITING - gather.0.capacity() < 2 {
            tokio::task::yield_now().await;
        }
        end.cancel();
        go.add_permits(10);
        let answers: Vec<_> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some(2), Some(4)]);
        while !gather.0.is_closed() {
            tokio::task::yield_now().await;
        }
        assert_eq!(gather.call(3).await, None);
    }
}
