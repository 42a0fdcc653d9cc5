//! The HTTP front: proves the caller by a secret, reads a Bukza web request or a Telegram update,
//! stores it as a job in Redis (or, when that is away, in PostgreSQL), and answers. Stateless.

pub mod enqueue;
pub mod http;
pub mod router;
mod state;
mod webhooks;
