//! Runs apalis 1.0.0 so that no job is lost, repeated or stalled: the workarounds for its measured faults.
//! `docs/queue.md` lists the faults. A release of apalis without them lets this module go.

mod codec;
mod drain;
mod poll;
mod supervisor;

pub use supervisor::{Handler, QueueRunner};
