//! Pushes of one process, made known to others by Redis' publish and subscribe: ingest publishes, workers
//! receive, and wake an idle poller each.

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use tokio_util::sync::CancellationToken;

use super::{JobQueue, QueueError, QueueName};

/// The shortest interval between two publications about a queue. What is pushed in between shares one.
const PUBLISH_EVERY: Duration = Duration::from_millis(1);
/// A subscription is renewed after this time: nothing else shows that its connection fell silent.
const RENEW_AFTER: Duration = Duration::from_secs(60);
/// Pause before a subscription that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl JobQueue {
    /// Publishes each push of this process to the workers, until `stop`. A push does not wait for that.
    pub async fn publish_pushes(self, stop: CancellationToken) {
        let queues = QueueName::ALL.map(|queue| self.publish_pushes_to(queue));
        stop.run_until_cancelled(futures::future::join_all(queues)).await;
    }

    async fn publish_pushes_to(&self, queue: QueueName) {
        loop {
            self.woken(queue).await;
            let (mut redis, mut publish) = (self.connection(), redis::cmd("PUBLISH"));
            publish.arg(self.keys().wakeups()).arg(queue.as_str());
            if let Err(error) = publish.exec_async(&mut redis).await {
                tracing::debug!(queue = queue.as_str(), %error, "could not publish a push");
            }
            tokio::time::sleep(PUBLISH_EVERY).await;
        }
    }

    /// Wakes a poller of this process at each push of others that is published, until `stop`.
    pub async fn receive_pushes(self, stop: CancellationToken) {
        let receiving = async {
            loop {
                if let Err(error) = self.receive_for_a_while().await {
                    tracing::debug!(%error, "could not receive the pushes of others");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        };
        stop.run_until_cancelled(receiving).await;
    }

    async fn receive_for_a_while(&self) -> Result<(), QueueError> {
        let end = tokio::time::sleep(RENEW_AFTER);
        let mut subscription = self.link.subscribe(&self.keys().wakeups()).await?;
        let mut published = subscription.on_message().take_until(end.boxed());
        // Pushes may have been missed before.
        QueueName::ALL.into_iter().for_each(|queue| self.wake(queue));
        while let Some(message) = published.next().await {
            if let Some(queue) = QueueName::parse(&message.get_payload::<String>()?) {
                self.wake(queue);
            }
        }
        Ok(())
    }
}
