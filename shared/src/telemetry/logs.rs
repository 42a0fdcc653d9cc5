//! Structured logs by `tracing`, to standard error (standard output belongs to what a tool prints).
//! Fields carry units in their names; none holds a secret, a whole phone number or a client's text.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::settings::{Common, LogFormat};

/// Starts logging as the settings say. A second call, as tests make them, changes nothing.
pub fn init(settings: &Common) {
    init_with(&settings.log_filter, settings.log_format);
}

/// Starts logging with a filter in the form of `RUST_LOG`.
pub fn init_with(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Pretty => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging had been started already");
    }
}
