//! Enqueues jobs: batches of them into Redis, or into PostgreSQL's inbox while Redis is away.
//! A request is answered 200 only after one of the two has confirmed.

mod circuit_breaker;
mod enqueuer;
mod error;
mod fallback;

pub use enqueuer::Enqueuer;
pub use error::NotStored;
pub use fallback::{Fallback, REDIS_TIMEOUT};
