//! Running apalis so that it neither loses, repeats nor stalls: the measured traps of version 1.0.0
//! are dealt with here and nowhere else. `docs/queue.md` lists them.

mod codec;
mod drain;
mod poll;
mod supervisor;

pub use supervisor::{Handler, QueueRunner};
