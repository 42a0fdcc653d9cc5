//! The two webhooks: Bukza's web requests and Telegram's updates.

pub(crate) mod bukza;
pub(crate) mod telegram;
