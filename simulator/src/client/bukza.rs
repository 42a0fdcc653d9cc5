//! Acting as the owner of the account at the simulated Bukza, and reading the calls that it got.

use std::time::{Duration, Instant};

use reqwest::Method;

use super::{Client, POLL, Result, left, send, timeout};
use crate::bukza::model::{BukzaCall, BukzaFault, BukzaMethod, BukzaSetup, Reservation};

/// The simulated Bukza of one simulator.
#[derive(Debug, Clone)]
pub struct BukzaClient(Client);

impl Client {
    /// The simulated Bukza. `BUKZA_API_URL` is [`Client::url`].
    #[must_use]
    pub fn bukza(&self) -> BukzaClient {
        BukzaClient(self.clone())
    }
}

impl BukzaClient {
    pub async fn set_up(&self, setup: &BukzaSetup) -> Result<()> {
        self.0.set("bukza/setup", setup).await
    }

    /// Makes these all reservations there are.
    pub async fn set(&self, reservations: &[Reservation]) -> Result<()> {
        self.0.set("bukza/reservations", &reservations).await
    }

    /// Adds these, or changes those of the same codes.
    pub async fn put(&self, reservations: &[Reservation]) -> Result<()> {
        self.0.set("bukza/reservations/put", &reservations).await
    }

    /// Removes a reservation, as Bukza does with a deleted order's. It must be there.
    pub async fn vanish(&self, code: &str) -> Result<()> {
        let path = format!("bukza/reservations/{code}");
        send(self.0.request(Method::DELETE, &path)).await.map(drop)
    }

    /// Ends all sessions.
    pub async fn revoke_sessions(&self) -> Result<()> {
        send(self.0.request(Method::DELETE, "bukza/sessions")).await.map(drop)
    }

    /// Adds a fault to the queue.
    pub async fn script(&self, fault: &BukzaFault) -> Result<()> {
        self.0.set("bukza/faults", fault).await
    }

    pub async fn clear_faults(&self) -> Result<()> {
        send(self.0.request(Method::DELETE, "bukza/faults")).await.map(drop)
    }

    /// All calls since the start or the last reset.
    pub async fn calls(&self) -> Result<Vec<BukzaCall>> {
        self.0.get("bukza/calls").await
    }

    /// The number of sign-ins and of requests for rows since the start or the last reset.
    pub async fn count(&self) -> Result<(usize, usize)> {
        let calls = self.calls().await?;
        let reads = calls.iter().filter(|call| call.method == BukzaMethod::Table).count();
        Ok((calls.len() - reads, reads))
    }

    /// Waits until there were so many requests for rows since the start or the last reset.
    pub async fn wait_for_reads(&self, reads: usize, patience: Duration) -> Result<Vec<BukzaCall>> {
        let started = Instant::now();
        while let Some(wait) = left(started, patience) {
            let wait = wait.min(POLL).as_millis();
            let path = format!("bukza/calls?reads={reads}&wait_ms={wait}");
            let calls: Vec<BukzaCall> = self.0.get(&path).await?;
            if calls.iter().filter(|call| call.method == BukzaMethod::Table).count() >= reads {
                return Ok(calls);
            }
        }
        let seen = self.calls().await?;
        Err(timeout(patience, seen.iter().map(|call| format!("  {call:?}")).collect()))
    }
}
