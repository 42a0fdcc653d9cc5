//! The state that the handlers share.

use shared::{bukza::Rules, settings::Secrets};

use crate::{enqueue::Enqueuer, http::receive_time::ReceiveTimes};

#[derive(Debug)]
pub struct App {
    pub(crate) rules: Rules,
    pub(crate) bukza_secrets: Secrets,
    /// `None` when a worker polls updates.
    pub(crate) telegram_secret: Option<Secrets>,
    pub(crate) enqueuer: Enqueuer,
    pub(crate) receive_times: ReceiveTimes,
}
