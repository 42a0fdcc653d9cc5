//! The HTTP front: proves the caller by a secret, reads a Bukza web request or a Telegram update,
//! stores it as a job in Redis (or, when that is away, in PostgreSQL), and answers. Stateless.

pub mod app;
mod arrivals;
mod body;
mod bukza;
mod problem;
mod query;
pub mod server;
pub mod storage;
mod telegram;
