//! The job queues in Redis: keys, payloads, pushing, cancelling, maintenance. Redis is a fast index that
//! can be rebuilt; PostgreSQL holds what must not be lost.

mod clock_sync;
mod connection;
pub mod durability;
mod horizon;
mod job;
mod keys;
mod maintenance;
mod payload;
mod pushes;
mod scripts;
mod wakeups;

pub use apalis_redis::ConnectionManager;
pub use clock_sync::{keep_clock_synced, sync_clock};
pub use connection::QueueError;
pub use horizon::HORIZON;
pub use job::{Job, JobQueue};
pub use keys::{Keyspace, QueueName};
pub use maintenance::{Depth, clean_finished, depth, promote_due};
pub use payload::{
    IngestJob, PAYLOAD_VERSION, PayloadError, RejectedRequest, TelegramUpdate, WakeChat,
};
