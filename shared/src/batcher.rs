//! A batcher: concurrent calls are made as one. The next batch collects while calls are in flight; a single
//! call is not delayed.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Inputs that may wait for a batch. Further callers wait until one is taken.
const WAITING: usize = 4096;
/// A call that takes longer may give its place in flight to the next one.
const LONG: Duration = Duration::from_millis(100);

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most inputs of one call.
    pub batch: usize,
    /// Calls in flight at the same time.
    pub in_flight: usize,
    /// Calls that have taken long and that the next ones do not wait for: so many more are in flight while
    /// some are stuck.
    pub slow_permits: usize,
}

/// A handle of the batcher, which ends when the last handle is dropped, or when it is cancelled.
pub struct Batcher<Q, A>(mpsc::Sender<Item<Q, A>>);

struct Item<Q, A> {
    input: Q,
    reply: oneshot::Sender<A>,
}

impl<Q: Send + 'static, A: Send + 'static> Batcher<Q, A> {
    /// Starts a batcher as one of `tasks`; `call` gives an output for each input, in their order. When `end` is
    /// cancelled the batcher takes no more inputs, finishes those it has, and the task ends.
    pub fn start<F, C>(limits: Limits, tasks: &TaskTracker, end: CancellationToken, call: F) -> Self
    where
        F: Fn(Vec<Q>) -> C + Send + Sync + 'static,
        C: Future<Output = Vec<A>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(WAITING);
        tasks.spawn(run(receiver, limits, end, Arc::new(call)));
        Self(sender)
    }

    /// Waits for the output. `None`: the batcher takes no more inputs, or the call panicked.
    pub async fn call(&self, input: Q) -> Option<A> {
        let (reply, output) = oneshot::channel();
        self.0.send(Item { input, reply }).await.ok()?;
        output.await.ok()
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
        // The permit first: inputs that arrive meanwhile join the batch.
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
            let (inputs, replies): (Vec<_>, Vec<_>) =
                items.into_iter().map(|item| (item.input, item.reply)).unzip();
            let outputs = finished(call(inputs), permit, &slow_permits).await;
            for (reply, output) in replies.into_iter().zip(outputs) {
                // The caller may have been cancelled; the call was made anyway.
                let _ = reply.send(output);
            }
        });
    }
    calls.close();
    calls.wait().await;
}

/// Waits for a call. The permit is released when the call has finished, or when it has taken long and there is
/// a slow permit for it.
async fn finished<A>(
    call: impl Future<Output = Vec<A>>,
    permit: OwnedSemaphorePermit,
    slow_permits: &Semaphore,
) -> Vec<A> {
    let mut call = pin!(call);
    if let Ok(answers) = timeout(LONG, &mut call).await {
        return answers;
    }
    let Ok(_slow_permit) = slow_permits.try_acquire() else { return call.await };
    drop(permit);
    call.await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::join_all;

    use super::*;

    type Calls = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Doubles numbers, and records each call, which lasts until there is a permit for it.
    fn doubler(
        limits: Limits,
        end: &CancellationToken,
    ) -> (Batcher<u32, u32>, Calls, Arc<Semaphore>) {
        let (calls, go) = (Calls::default(), Arc::new(Semaphore::new(0)));
        let (noted, going) = (Arc::clone(&calls), Arc::clone(&go));
        let batcher =
            Batcher::start(limits, &TaskTracker::new(), end.clone(), move |inputs: Vec<u32>| {
                noted.lock().unwrap().push(inputs.clone());
                let going = Arc::clone(&going);
                async move {
                    going.acquire().await.unwrap().forget();
                    assert!(!inputs.contains(&13), "unlucky");
                    inputs.into_iter().map(|n| n * 2).collect()
                }
            });
        (batcher, calls, go)
    }

    #[tokio::test]
    async fn inputs_that_come_during_a_call_are_batched_in_the_next() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 0 };
        let (batcher, calls, go) = doubler(limits, &CancellationToken::new());
        let call = |n| {
            let batcher = batcher.clone();
            tokio::spawn(async move { batcher.call(n).await })
        };
        let alone = call(1);
        while calls.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (2..6).map(call).collect();
        while batcher.0.capacity() != WAITING - 4 {
            tokio::task::yield_now().await;
        }
        go.add_permits(10);
        assert_eq!(alone.await.unwrap(), Some(2));
        let answers: Vec<_> = join_all(others).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some(4), Some(6), Some(8), Some(10)]);
        assert_eq!(*calls.lock().unwrap(), [vec![1], vec![2, 3, 4], vec![5]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_call_is_not_waited_for_while_there_is_a_slow_permit() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 1 };
        let (batcher, calls, go) = doubler(limits, &CancellationToken::new());
        let mut inputs = Vec::new();
        for n in 1..4 {
            let batcher = batcher.clone();
            inputs.push(tokio::spawn(async move { batcher.call(n).await }));
            tokio::time::sleep(LONG * 2).await;
        }
        assert_eq!(*calls.lock().unwrap(), [[1], [2]], "there is no slow permit for the second");
        go.add_permits(3);
        let answers: Vec<_> = join_all(inputs).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some(2), Some(4), Some(6)]);
    }

    #[tokio::test]
    async fn a_call_that_panics_answers_nobody_and_ends_nothing() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 0 };
        let (batcher, _, go) = doubler(limits, &CancellationToken::new());
        go.add_permits(10);
        assert_eq!(batcher.call(13).await, None);
        assert_eq!(batcher.call(2).await, Some(4));
    }

    #[tokio::test]
    async fn inputs_taken_before_the_end_get_their_output_and_none_after_it() {
        let limits = Limits { batch: 3, in_flight: 1, slow_permits: 0 };
        let end = CancellationToken::new();
        let (batcher, calls, go) = doubler(limits, &end);
        let inputs: Vec<_> = (1..3)
            .map(|n| {
                let batcher = batcher.clone();
                tokio::spawn(async move { batcher.call(n).await })
            })
            .collect();
        while calls.lock().unwrap().concat().len() + WAITING - batcher.0.capacity() < 2 {
            tokio::task::yield_now().await;
        }
        end.cancel();
        go.add_permits(10);
        let answers: Vec<_> = join_all(inputs).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Some(2), Some(4)]);
        while !batcher.0.is_closed() {
            tokio::task::yield_now().await;
        }
        assert_eq!(batcher.call(3).await, None);
    }
}
