//! HTTP: the server loop, the parts of a request, its receive time, and the documents of refusals.

pub(crate) mod body;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod receive_time;
pub mod server;
