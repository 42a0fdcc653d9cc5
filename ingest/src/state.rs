//! What the handlers share.

use shared::{bukza::Rules, settings::Secrets};

use crate::{enqueue::Enqueuer, http::receive_time::ReceiveTimes};

/// The state behind the routes.
#[derive(Debug)]
pub struct App {
    pub(crate) rules: Rules,
    pub(crate) bukza_secrets: Secrets,
    /// `None`: a worker fetches updates, and none is taken here.
    pub(crate) telegram_secret: Option<Secrets>,
    pub(crate) enqueuer: Enqueuer,
    pub(crate) receive_times: ReceiveTimes,
}
