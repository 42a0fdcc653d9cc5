//! The two webhooks: Bukza's web requests and Telegram's updates.

mod authorized_request;
pub(crate) mod bukza;
mod json_depth;
pub(crate) mod telegram;
