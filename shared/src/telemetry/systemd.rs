//! Notifies systemd (`Type=notify`): ready at the first success of `/readyz`, alive while the runtime
//! that does the work runs, stopping. Starts the process's own watchdog, too.

use std::{sync::Arc, time::Duration};

use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{readiness::Readiness, watchdog};

/// Pause between two checks of readiness until the first success.
const CHECK_EVERY: Duration = Duration::from_millis(100);

/// Starts the watchdogs of this runtime and the notifications to systemd, until the process ends. A runtime
/// whose threads all hang feeds neither systemd's watchdog nor our own, which works without systemd.
pub fn report(readiness: Arc<Readiness>, stop: CancellationToken) {
    if let Err(error) = watchdog::start() {
        tracing::warn!(%error, "the watchdog could not be started");
    }
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    tokio::spawn(async move {
        while !readiness.report().await.ready {
            tokio::select! {
                () = tokio::time::sleep(CHECK_EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
        notify(&[NotifyState::Ready]);
        if let Some(pace) = watchdog() {
            feed(pace).await;
        }
    });
}

/// Notifies that the process stops. Called before anything begins to stop: a program without work in flight
/// ends within a millisecond.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Feeds systemd's watchdog, also during the drain, which can take as long as its timeout.
async fn feed(pace: Duration) {
    let mut pace = tokio::time::interval(pace);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        notify(&[NotifyState::Watchdog]);
    }
}

/// The interval of feeding: half of systemd's timeout. `None`: its watchdog is off.
fn watchdog() -> Option<Duration> {
    let mut microseconds = 0;
    let enabled = sd_notify::watchdog_enabled(false, &mut microseconds);
    (enabled && microseconds > 1).then(|| Duration::from_micros(microseconds / 2))
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, states) {
        tracing::warn!(%error, "systemd could not be notified");
    }
}
