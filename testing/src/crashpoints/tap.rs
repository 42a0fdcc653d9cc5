//! A proxy on one link that knows the link's protocol. At the message of the armed point it closes the
//! connection, or kills the program.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use rustix::process::{Pid, Signal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    task::{JoinHandle, JoinSet},
};

use super::{
    point::{Fault, Moment, Place, Point},
    protocol::{Protocol, Units},
};
use crate::harness::proxy::{listen, through};

/// What the taps of a fleet share.
#[derive(Debug, Default)]
pub struct Watch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    step: String,
    seen: BTreeSet<Place>,
    /// The point whose message has not come yet.
    armed: Option<Point>,
    ingest: Option<Pid>,
    worker: Option<Pid>,
}

impl Watch {
    /// A watch that waits for this point.
    #[must_use]
    pub fn aiming_at(point: Option<Point>) -> Self {
        Self(Mutex::new(State { armed: point, ..State::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on messages belong to this step.
    pub fn enter(&self, step: &str) {
        step.clone_into(&mut self.state().step);
    }

    /// The process to kill.
    pub fn set_pid(&self, is_worker: bool, id: u32) {
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        let mut state = self.state();
        if is_worker {
            state.worker = pid;
        } else {
            state.ingest = pid;
        }
    }

    /// The messages seen since the first step.
    #[must_use]
    pub fn seen(&self) -> BTreeSet<Place> {
        self.state().seen.clone()
    }

    /// Whether the armed point's message has come.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.state().armed.is_none()
    }

    /// Notes a message. Returns the armed point if it is there.
    fn meet(&self, link: &str, label: String) -> Option<Point> {
        let mut state = self.state();
        if state.step.is_empty() {
            return None;
        }
        let place = Place { step: state.step.clone(), link: link.to_owned(), label };
        let point = state.armed.take_if(|point| point.place == place);
        state.seen.insert(place);
        point
    }

    /// Does what the point says, but for closing the connection.
    fn strike(&self, point: &Point) {
        match point.fault {
            Fault::Cut => {}
            Fault::Kill => {
                let state = self.state();
                let pid = if point.place.link.starts_with("worker") {
                    state.worker
                } else {
                    state.ingest
                };
                let _ = pid.map(|pid| rustix::process::kill_process(pid, Signal::KILL));
            }
        }
    }
}

/// A proxy that listens until it is dropped.
#[derive(Debug)]
pub struct Tap(JoinHandle<()>);

impl Tap {
    /// Starts one before the server of a URL; returns the URL through it.
    ///
    /// # Errors
    /// When the URL names no host and port, or no port can be bound.
    pub fn before(
        url: &str,
        link: &'static str,
        protocol: Protocol,
        watch: &Arc<Watch>,
    ) -> anyhow::Result<(Self, String)> {
        let listener = listen()?;
        let (server, url) = through(url, listener.local_addr()?)?;
        let wire = Wire { link, protocol, watch: Arc::clone(watch) };
        Ok((Self(tokio::spawn(serve(listener, server, wire))), url))
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Clone)]
struct Wire {
    link: &'static str,
    protocol: Protocol,
    watch: Arc<Watch>,
}

async fn serve(listener: TcpListener, server: SocketAddr, wire: Wire) {
    // Owned by this task, so that connections end with the proxy.
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(forward(near, server, wire.clone()));
    }
}

/// Forwards one connection until it ends, or its message comes.
async fn forward(mut near: TcpStream, server: SocketAddr, wire: Wire) {
    let Ok(mut far) = TcpStream::connect(server).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_in, near_out), (far_in, far_out)) = (near.split(), far.split());
    let awaited = OnceLock::new();
    // The end of one direction ends both, because dropping the sockets closes them.
    let met = tokio::select! {
        met = requests(near_in, far_out, &wire, &awaited) => met,
        met = responses(far_in, near_out, &awaited) => met,
    };
    if let Some(point) = met {
        wire.watch.strike(&point);
    }
}

/// Hands on unit by unit. Ends with the point before whose message it stops.
async fn requests(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    wire: &Wire,
    awaited: &OnceLock<Point>,
) -> Option<Point> {
    let (mut units, mut buffer) = (Units::of(wire.protocol), Vec::new());
    while let Ok(1..) = from.read_buf(&mut buffer).await {
        while let Some((length, label)) = units.next(&buffer) {
            match label.and_then(|label| wire.watch.meet(wire.link, label)) {
                Some(point) if point.moment == Moment::Before => return Some(point),
                Some(point) => drop(awaited.set(point)),
                None => {}
            }
            let unit: Vec<u8> = buffer.drain(..length).collect();
            to.write_all(&unit).await.ok()?;
        }
    }
    None
}

/// Hands on the server's bytes. Ends with the point whose message has its response.
async fn responses(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    awaited: &OnceLock<Point>,
) -> Option<Point> {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if awaited.get().is_some() {
            break;
        }
        to.write_all(&buffer[..length]).await.ok()?;
    }
    awaited.get().cloned()
}
