//! The queue of work in Redis, as both processes see it: names, jobs, pushing, cancelling, upkeep.
//! Redis is a fast, rebuildable index; what must not be lost stands in PostgreSQL.

mod connect;
mod job;
mod names;
mod payload;
pub mod safety;
mod scripts;
mod time;
mod upkeep;

pub use apalis_redis::ConnectionManager;
pub use connect::QueueError;
pub use job::{Job, JobQueue};
pub use names::{Keyspace, QueueName};
pub use payload::{
    IngestJob, PAYLOAD_VERSION, PayloadError, RejectedRequest, TelegramUpdate, WakeChat,
};
pub use time::{keep_time, take_time};
pub use upkeep::{Depth, Memory, clean_finished, depth, memory, promote_due};
