//! Server-sent events: each part of the page that has changed, once for each open page.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    time::Duration,
};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, stream};
use tokio::sync::watch;

use super::view::{self, Part};
use crate::state::Shared;

/// Changes within this time are shown together.
const TOGETHER: Duration = Duration::from_millis(30);

pub(super) async fn events(
    State(simulator): State<Shared>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let viewer = Viewer::new(simulator);
    let events = stream::unfold(viewer, |mut viewer| async move {
        let part = viewer.next().await?;
        // A part is made of strings alone.
        let event = Event::default().json_data(part).unwrap_or_default();
        Some((Ok(event), viewer))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// An open page: what it shows, and what it has yet to get.
struct Viewer {
    simulator: Shared,
    changes: watch::Receiver<u64>,
    shown: HashMap<String, Part>,
    waiting: VecDeque<Part>,
}

impl Viewer {
    fn new(simulator: Shared) -> Self {
        let changes = simulator.changes();
        count(&simulator, 1);
        let mut viewer =
            Self { simulator, changes, shown: HashMap::new(), waiting: VecDeque::new() };
        // The page may have missed something since it was made.
        viewer.look();
        viewer
    }

    /// The next part to show, as soon as there is one; `None` when the simulator ends.
    async fn next(&mut self) -> Option<Part> {
        loop {
            if let Some(part) = self.waiting.pop_front() {
                return Some(part);
            }
            self.changes.changed().await.ok()?;
            tokio::time::sleep(TOGETHER).await;
            self.look();
        }
    }

    /// Compares what there is with what is shown.
    fn look(&mut self) {
        self.changes.mark_unchanged();
        let parts = {
            let state = self.simulator.look();
            state.page.as_ref().map(|page| view::parts(&state, page)).unwrap_or_default()
        };
        let mut before = std::mem::take(&mut self.shown);
        for part in parts {
            if before.remove(&part.id).as_ref() != Some(&part) {
                self.waiting.push_back(part.clone());
            }
            self.shown.insert(part.id.clone(), part);
        }
        let gone = before.into_values().map(|part| Part { html: String::new(), ..part });
        self.waiting.extend(gone);
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        count(&self.simulator, -1);
    }
}

fn count(simulator: &Shared, more: isize) {
    simulator.change(|state| {
        if let Some(page) = &mut state.page {
            page.viewers = page.viewers.saturating_add_signed(more);
        }
    });
}
