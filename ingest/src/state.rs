//! The state that the handlers share.

use shared::{bukza::Rules, domain::venue::Locale, settings::Secrets};

use crate::{
    enqueue::Enqueuer,
    http::{receive_time::ReceiveTimes, refusal_log::RefusalLog},
};

#[derive(Debug)]
pub struct App {
    pub(crate) rules: Rules,
    /// The language of refusals.
    pub(crate) locale: Locale,
    pub(crate) bukza_secrets: Secrets,
    /// `None` when a worker polls updates.
    pub(crate) telegram_secrets: Option<Secrets>,
    pub(crate) enqueuer: Enqueuer,
    pub(crate) receive_times: ReceiveTimes,
    pub(crate) bukza_refusals: RefusalLog,
    pub(crate) telegram_refusals: RefusalLog,
}
