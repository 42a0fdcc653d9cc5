//! Notifications to systemd at a socket: READY=1 when /readyz succeeds, WATCHDOG=1 while the worker
//! threads run, STOPPING=1 after SIGTERM.

use std::{
    collections::BTreeSet,
    os::unix::{fs::PermissionsExt, net::UnixDatagram},
    path::Path,
    time::Duration,
};

use crate::common::{Options, Outcome, World};
use rustix::process::Signal;
use testing::harness::fleet::Binaries;

/// Time-out for a notification that takes a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// The watchdog's time-out. A program notifies twice in that time.
const WATCHDOG: Duration = Duration::from_millis(400);

/// systemd's end.
struct Systemd {
    socket: UnixDatagram,
    folder: tempfile::TempDir,
}

impl Systemd {
    fn new() -> anyhow::Result<Self> {
        // A socket's path must be short.
        let folder = tempfile::Builder::new().prefix("notify-").tempdir_in("/tmp")?;
        let socket = UnixDatagram::bind(folder.path().join("socket"))?;
        Ok(Self { socket, folder })
    }

    /// Sets the variables that systemd sets. A shell gives the program its own process id in
    /// WATCHDOG_PID.
    fn starting(&self, binaries: &Path) -> anyhow::Result<Binaries> {
        for name in ["ingest", "worker"] {
            let path = self.folder.path().join(name);
            let program = binaries.join(name);
            let script =
                format!("#!/bin/sh\nWATCHDOG_PID=$$ exec '{}' \"$@\"\n", program.display());
            std::fs::write(&path, script)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        }
        Ok(Binaries::in_folder(self.folder.path().to_owned()))
    }

    /// The notifications up to `last`.
    async fn receives(&self, last: &str) -> anyhow::Result<Vec<String>> {
        let (socket, last) = (self.socket.try_clone()?, last.to_owned());
        socket.set_read_timeout(Some(PATIENCE))?;
        tokio::task::spawn_blocking(move || {
            let (mut output, mut buffer) = (Vec::new(), [0; 512]);
            while output.last() != Some(&last) {
                let length = socket.recv(&mut buffer).map_err(|error| {
                    anyhow::anyhow!("{last} was not output, but {output:?}: {error}")
                })?;
                output.push(String::from_utf8_lossy(&buffer[..length]).trim().to_owned());
            }
            Ok(output)
        })
        .await?
    }

    /// Checks that no notification comes for longer than the watchdog's time-out.
    fn is_silent(&self) -> anyhow::Result<bool> {
        self.socket.set_read_timeout(Some(WATCHDOG * 3))?;
        Ok(self.socket.recv(&mut [0; 512]).is_err())
    }
}

#[tokio::test]
async fn a_worker_is_ready_with_its_schema_lives_and_stops() -> Outcome {
    let systemd = Systemd::new()?;
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    world.settings.set("NOTIFY_SOCKET", systemd.folder.path().join("socket").display());
    world.settings.set("WATCHDOG_USEC", WATCHDOG.as_micros());
    world.start_from(
        systemd.starting(&testing::harness::environment::TestEnvironment::read()?.binaries)?,
    );

    // Without its schema it is not ready and sends no notification.
    let hidden = "ALTER TABLE seaql_migrations RENAME TO hidden";
    world.database.execute(hidden).await?;
    world.start_worker()?;
    assert!(systemd.is_silent()?);
    world.database.execute("ALTER TABLE hidden RENAME TO seaql_migrations").await?;
    assert_eq!(systemd.receives("READY=1").await?, ["READY=1"]);
    world.ready().await?;
    systemd.receives("WATCHDOG=1").await?;
    systemd.receives("WATCHDOG=1").await?;

    // A process whose threads are stopped does not notify.
    let mut worker = world.workers.remove(0);
    worker.process.signal(Signal::STOP);
    while !systemd.is_silent()? {}
    worker.process.signal(Signal::CONT);
    systemd.receives("WATCHDOG=1").await?;

    let stopped = tokio::spawn(worker.stop());
    let output: BTreeSet<String> = systemd.receives("STOPPING=1").await?.into_iter().collect();
    assert!(output.iter().all(|word| word == "WATCHDOG=1" || word == "STOPPING=1"), "{output:?}");
    assert!(stopped.await??.success());
    Ok(())
}

#[tokio::test]
async fn an_ingest_is_ready_lives_and_stops() -> Outcome {
    let systemd = Systemd::new()?;
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    world.settings.set("NOTIFY_SOCKET", systemd.folder.path().join("socket").display());
    world.settings.set("WATCHDOG_USEC", WATCHDOG.as_micros());
    world.start_from(
        systemd.starting(&testing::harness::environment::TestEnvironment::read()?.binaries)?,
    );
    world.start_ingest()?;
    assert_eq!(systemd.receives("READY=1").await?, ["READY=1"]);
    systemd.receives("WATCHDOG=1").await?;
    systemd.receives("WATCHDOG=1").await?;
    let stopped = tokio::spawn(world.ingests.remove(0).stop());
    systemd.receives("STOPPING=1").await?;
    assert!(stopped.await??.success());
    Ok(())
}
