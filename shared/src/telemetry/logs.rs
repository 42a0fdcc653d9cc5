//! Structured logs by `tracing`, to standard error (standard output belongs to what a tool prints) or
//! to daily files. Fields carry units in their names; none holds a secret, a whole phone number or a
//! client's text.

use std::{io::IsTerminal, path::Path};

use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{InitError, RollingFileAppender, Rotation},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::settings::{Common, LogFormat};

/// Keep it until the process ends: dropped, it writes down what is still on its way to a file.
#[derive(Debug, Default)]
#[must_use]
pub struct Flush {
    _guard: Option<WorkerGuard>,
}

/// Starts logging as the settings say; `program` names the files. A second call, as tests make them,
/// changes nothing.
///
/// # Errors
/// When `LOG_DIR` can't be written to.
pub fn init(settings: &Common, program: &str) -> Result<Flush, InitError> {
    let (filter, format) = (&settings.log_filter, settings.log_format);
    let Some(folder) = &settings.log_dir else {
        init_with(filter, format);
        return Ok(Flush::default());
    };
    // The port tells the instances of one machine apart, in as many digits as a port can have: no name
    // begins another.
    let name = format!("{program}-{:05}", settings.metrics_addr.port());
    let files = daily_files(folder, &name, settings.log_keep)?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    start(filter, format, writer, false);
    Ok(Flush { _guard: Some(guard) })
}

/// A file for each day: today's, and those of `keep` days before.
fn daily_files(folder: &Path, name: &str, keep: usize) -> Result<RollingFileAppender, InitError> {
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .filename_suffix("log")
        .max_log_files(keep + 1)
        .build(folder)
}

/// Starts logging to standard error with a filter in the form of `RUST_LOG`.
pub fn init_with(filter: &str, format: LogFormat) {
    start(filter, format, std::io::stderr, std::io::stderr().is_terminal());
}

fn start<W>(filter: &str, format: LogFormat, writer: W, colours: bool)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let started = match format {
        LogFormat::Pretty => builder.with_ansi(colours).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging had been started already");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn so_many_days_are_kept_of_each_process_and_of_no_other() {
        let folder = std::env::temp_dir().join(format!("logs-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        let old = |name: &str, day: u32| folder.join(format!("{name}.2026-01-0{day}.log"));
        for day in 1..=5 {
            for name in ["worker-09121", "worker-09122"] {
                std::fs::write(old(name, day), "old\n").unwrap();
                // Their age is when they were made, as the system tells it.
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
        let mut files = daily_files(&folder, "worker-09121", 2).unwrap();
        files.write_all(b"new\n").unwrap();
        let there = |name: &str| (1..=5).filter(|day| old(name, *day).exists()).collect::<Vec<_>>();
        assert_eq!(there("worker-09121"), [4, 5]);
        assert_eq!(there("worker-09122"), [1, 2, 3, 4, 5]);
        let all = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(all, 8, "and today's");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
