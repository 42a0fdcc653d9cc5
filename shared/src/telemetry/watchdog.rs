//! Ends the process when all threads of its runtime hang, which a separate thread detects. The supervisor
//! (systemd, or Docker's restart policy) starts the process again.

use std::{
    io, process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::time::MissedTickBehavior;

/// Interval of the runtime's heartbeats and of the checks.
const PACE: Duration = Duration::from_secs(1);
/// Checks without a heartbeat until the process ends. Counted, not timed: a suspended process or a sleeping
/// machine does not hang.
const MISSED: u32 = 30;
/// "Internal software error" of sysexits.h.
const EXIT_CODE: i32 = 70;
/// Longest wait for the last log line: the log itself may hang.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Watches this runtime for as long as the process lives.
///
/// # Errors
/// When no thread can be started.
pub(super) fn start() -> io::Result<()> {
    watch(PACE, || {
        thread::spawn(|| tracing::error!("nothing moves any more: the process ends"));
        thread::sleep(LAST_WORDS);
        process::exit(EXIT_CODE);
    })
}

/// Calls `hangs` when this runtime has shown no life for [`MISSED`] times `pace`.
fn watch(pace: Duration, hangs: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let beats = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&beats);
    let heart = tokio::spawn(async move {
        let mut pace = tokio::time::interval(pace);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            pace.tick().await;
            beats.fetch_add(1, Ordering::Relaxed);
        }
    });
    let look = move || {
        let (mut last, mut missed) = (seen.load(Ordering::Relaxed), 0);
        while missed < MISSED {
            thread::sleep(pace);
            if heart.is_finished() {
                // The runtime has ended.
                return;
            }
            let now = seen.load(Ordering::Relaxed);
            missed = if now == last { missed + 1 } else { 0 };
            last = now;
        }
        hangs();
    };
    thread::Builder::new().name("watchdog".to_owned()).spawn(look).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A fraction of the real pace.
    const QUICK: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_runtime_that_hangs_is_noticed_and_a_busy_one_is_not() {
        let (report, reports) = mpsc::channel();
        watch(QUICK, move || report.send(()).unwrap()).unwrap();
        for _ in 0..MISSED * 2 {
            tokio::time::sleep(QUICK).await;
        }
        assert_eq!(reports.try_recv(), Err(mpsc::TryRecvError::Empty), "it moved all the time");
        // The only thread of this runtime waits for what can't come from it.
        assert_eq!(reports.recv_timeout(Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn a_runtime_that_ended_does_not_hang() {
        let (report, reports) = mpsc::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { watch(QUICK, move || report.send(()).unwrap()) }).unwrap();
        drop(runtime);
        // The thread ends without a word.
        let end = reports.recv_timeout(Duration::from_secs(60));
        assert_eq!(end, Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
