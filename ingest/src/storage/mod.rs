//! Storing what was accepted: many requests' jobs in one call to Redis, and in PostgreSQL's inbox
//! while Redis is away. A request is answered 200 only after one of the two has confirmed.

mod intake;
mod places;
mod target;

pub use intake::{Intake, NotStored};
pub use places::{Places, REDIS_TIMEOUT};
