//! Bukza's own table of reservations, read over its API, which is documented nowhere. The only code that calls it.
//! An answer that is not understood is an error, never an empty table.

mod collect;
mod error;
mod limits;
mod requests;
mod snapshot;
mod wire;

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures::{FutureExt, future::BoxFuture};
use shared::{
    bukza::{Rules, cause},
    clock::Clock,
    settings::BukzaApi,
    telemetry::metrics::{self, TableOutcome},
};
use tokio::{sync::Mutex, time::Duration};

use self::{
    collect::Collected,
    limits::{CircuitBreaker, Limits, Turns, with_jitter},
    requests::{Failed, Session},
    wire::WireRow,
};
pub use error::{FormFault, TableError};
pub use snapshot::{LEFT_OUT_MAX, LeftOut, Snapshot};

/// Read before and after the period. Whether Bukza takes its bounds for UTC or for the venue's time is not known.
const MARGIN: TimeDelta = TimeDelta::hours(14);
/// The shortest period that is read by itself.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// Most requests for one snapshot.
const REQUESTS_MAX: usize = 60;
/// How often a period is halved because an answer is too large in bytes.
const TOO_LARGE_MAX: usize = 3;
/// Most attempts of one request.
const ATTEMPTS: u32 = 3;
/// Longest demanded pause that is waited for within a snapshot.
const WAITED_MAX: Duration = Duration::from_secs(10);

/// A client of Bukza's API. Its session, rate and circuit breaker are its own: a process has one.
#[derive(Debug)]
pub struct BukzaTable {
    settings: BukzaApi,
    rules: Rules,
    clock: Arc<dyn Clock>,
    limits: Limits,
    http: reqwest::Client,
    /// One snapshot at a time.
    link: Mutex<Link>,
}

#[derive(Debug, Default)]
struct Link {
    session: Option<Session>,
    turns: Turns,
    breaker: CircuitBreaker,
    /// What the log has of left out rows: the same is not logged again.
    left_out: String,
}

type Period = (DateTime<Utc>, DateTime<Utc>);

impl BukzaTable {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(
        settings: &BukzaApi,
        rules: &Rules,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TableError> {
        Self::with_limits(settings, rules, clock, Limits::default())
    }

    fn with_limits(
        settings: &BukzaApi,
        rules: &Rules,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, TableError> {
        metrics::table_watched(clock.now());
        let link = Link { session: Session::by_hand(settings), ..Link::default() };
        Ok(Self {
            settings: settings.clone(),
            rules: rules.clone(),
            clock,
            limits,
            http: requests::http(&limits)?,
            link: Mutex::new(link),
        })
    }

    /// Reads the reservations that start from `from` until `till`. Takes seconds: requests are rare, and some are
    /// repeated. A failure is logged and counted here. Dropping the future is safe.
    ///
    /// # Errors
    /// [`TableError`] says whether the credentials, the way, the limits or the form of an answer are the cause.
    /// Nothing is known of the table then.
    pub async fn snapshot(
        &self,
        from: DateTime<Utc>,
        till: DateTime<Utc>,
    ) -> Result<Snapshot, TableError> {
        let mut link = self.link.lock().await;
        let read = match link.breaker.check() {
            Ok(()) => self.read(&mut link, (from, till)).await,
            Err(paused) => Err(paused),
        };
        match &read {
            Ok(snapshot) => self.record_success(&mut link, snapshot),
            Err(error) => self.record_failure(&mut link, error),
        }
        read
    }

    async fn read(&self, link: &mut Link, period: Period) -> Result<Snapshot, TableError> {
        self.sign_in(link).await?;
        let taken_at = self.clock.now();
        let mut collected = Collected::new(&self.settings.columns, &self.rules, taken_at);
        let too_many = |(from, till)| TableError::TooManyRows { from, till };
        let (from, till) = period;
        let (mut requests, mut renewed, mut too_large) = (0, false, 0);
        // The earliest is the last.
        let mut periods = vec![(from - MARGIN, till + MARGIN)];
        while let Some(part) = periods.pop() {
            requests += 1;
            if requests > REQUESTS_MAX {
                return Err(too_many(period));
            }
            match self.rows(link, part, &mut renewed).await {
                Ok(rows) if rows.len() < self.limits.rows_max => {
                    collected.add(rows);
                    continue;
                }
                Err(Failed::TooLarge) if too_large < TOO_LARGE_MAX => too_large += 1,
                Ok(_) => {}
                Err(failed) => return Err(failed.into_error()),
            }
            let (first, second) = halves(part).ok_or_else(|| too_many(part))?;
            periods.extend([second, first]);
        }
        let rows = collected.finish().map_err(TableError::NotUnderstood)?;
        let collect::Rows { bookings, left_out, left_out_count, fields } = rows;
        Ok(Snapshot { taken_at, from, till, bookings, left_out, left_out_count, fields })
    }

    /// The rows of a period. A session that is over is renewed once in a snapshot.
    async fn rows(
        &self,
        link: &mut Link,
        period: Period,
        renewed: &mut bool,
    ) -> Result<Vec<Option<WireRow>>, Failed> {
        loop {
            let session = self.sign_in(link).await.map_err(Failed::Other)?;
            let request = || {
                let now = self.clock.now();
                requests::rows(&self.http, &self.settings, &session, period, now).boxed()
            };
            let answer = self.repeated(&mut link.turns, request).await;
            let Err(Failed::SessionOver { status }) = answer else { return answer };
            link.session = Session::by_hand(&self.settings);
            if *renewed || link.session.is_some() {
                return Err(Failed::SessionOver { status });
            }
            *renewed = true;
        }
    }

    /// The session; a new one if there is none.
    async fn sign_in(&self, link: &mut Link) -> Result<Session, TableError> {
        if let Some(session) = &link.session {
            return Ok(session.clone());
        }
        let request = || requests::sign_in(&self.http, &self.settings, self.clock.now()).boxed();
        let session = self.repeated(&mut link.turns, request).await.map_err(Failed::into_error)?;
        tracing::info!("signed in to Bukza");
        link.session = Some(session.clone());
        Ok(session)
    }

    /// Sends a request, again after a pause where that may help.
    async fn repeated<'a, T>(
        &self,
        turns: &mut Turns,
        request: impl Fn() -> BoxFuture<'a, Result<T, Failed>>,
    ) -> Result<T, Failed> {
        let mut backoff = self.limits.backoff;
        for _ in 1..ATTEMPTS {
            turns.wait(&self.limits).await;
            let answer = request().await;
            let pause = match &answer {
                Err(Failed::Other(TableError::Unreachable { .. })) => with_jitter(backoff),
                Err(Failed::Other(TableError::Limited { retry_after }))
                    if *retry_after <= WAITED_MAX =>
                {
                    *retry_after
                }
                Ok(_) | Err(_) => return answer,
            };
            tokio::time::sleep(pause).await;
            backoff *= 2;
        }
        turns.wait(&self.limits).await;
        request().await
    }

    fn record_success(&self, link: &mut Link, snapshot: &Snapshot) {
        link.breaker.succeeded();
        let (used, left_out) = (snapshot.bookings.len(), snapshot.left_out_count);
        metrics::table_read(TableOutcome::Ok);
        metrics::table_rows(used, left_out, self.clock.now());
        let faults = snapshot.left_out.iter().flat_map(|row| row.faults.clone());
        let faults = cause(&faults.collect::<Vec<_>>());
        if left_out > 0 && link.left_out != faults {
            tracing::warn!(used, left_out, faults, "rows of Bukza's table could not be used");
        }
        link.left_out = faults;
    }

    fn record_failure(&self, link: &mut Link, error: &TableError) {
        metrics::table_read(error.outcome());
        if matches!(error, TableError::Paused { .. }) {
            return;
        }
        let pause = link.breaker.failed(error, &self.limits);
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        match error {
            TableError::NotUnderstood(_) | TableError::TooManyRows { .. } => {
                tracing::error!(reason = %error, pause_ms, "Bukza's table is not understood: bookings stay as they are");
            }
            TableError::CredentialsRefused { .. }
            | TableError::Unreachable { .. }
            | TableError::Limited { .. }
            | TableError::Paused { .. } => {
                tracing::warn!(reason = %error, pause_ms, "Bukza's table could not be read");
            }
        }
    }
}

/// Both halves of a period, parted at a whole second. `None`: it is too short.
fn halves((from, till): Period) -> Option<(Period, Period)> {
    let middle = (from + (till - from) / 2).trunc_subsecs(0);
    (till - from > SHORTEST && middle > from).then_some(((from, middle), (middle, till)))
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
