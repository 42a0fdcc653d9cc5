//! HTTP: the server loop, a request's body, query and receive time, and the responses of refusals.

pub(crate) mod body;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod receive_time;
pub(crate) mod refusal_log;
pub mod server;
