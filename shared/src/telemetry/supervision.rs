//! Life under a supervisor. A process that hangs ends itself; and systemd (`Type=notify`) is told: ready when
//! `/readyz` says so for the first time, alive as long as the runtime that does the work runs, and stopping.

use std::{sync::Arc, time::Duration};

use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{readiness::Readiness, watchdog};

/// How often readiness is asked for until it is there.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Watches this runtime, and tells systemd from it, until the process ends. A runtime whose threads all
/// hang feeds no watchdog, neither systemd's nor our own, which is for where there is no systemd.
pub fn report(readiness: Arc<Readiness>, stop: CancellationToken) {
    if let Err(error) = watchdog::start() {
        tracing::warn!(%error, "nobody watches whether the program hangs");
    }
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let asked = stop.clone();
    tokio::spawn(async move {
        asked.cancelled().await;
        tell(&[NotifyState::Stopping]);
    });
    tokio::spawn(async move {
        while !readiness.report().await.ready {
            tokio::select! {
                () = tokio::time::sleep(ASK_EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
        tell(&[NotifyState::Ready]);
        if let Some(pace) = watchdog() {
            feed(pace).await;
        }
    });
}

/// While it drains, too: that can take as long as the watchdog waits.
async fn feed(pace: Duration) {
    let mut pace = tokio::time::interval(pace);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

/// How often the watchdog has to be fed: twice in the time it waits.
fn watchdog() -> Option<Duration> {
    let mut microseconds = 0;
    let enabled = sd_notify::watchdog_enabled(false, &mut microseconds);
    (enabled && microseconds > 1).then(|| Duration::from_micros(microseconds / 2))
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, states) {
        tracing::warn!(%error, "systemd can't be told how it goes");
    }
}
