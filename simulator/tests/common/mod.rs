//! A bot for the simulator's tests: calls methods as a client library would.
//! Each test file uses a part of it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::time::Duration;

use serde_json::Value;
use simulator::{Client, Running};

pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Bot {
    pub simulator: Running,
    pub user: Client,
    http: reqwest::Client,
}

impl Bot {
    pub async fn start() -> Self {
        let simulator = simulator::spawn().await.expect("a free port");
        Self { user: simulator.client(), http: reqwest::Client::new(), simulator }
    }

    /// Calls a method; the connection's end without an answer is an error.
    pub async fn call(&self, method: &str, body: Value) -> Result<(u16, String), reqwest::Error> {
        let url = format!("{}/bot42:secret/{method}", self.simulator.url());
        let response = self.http.post(url).json(&body).send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    /// Calls a method and reads the JSON of its answer.
    pub async fn json(&self, method: &str, body: Value) -> Value {
        let (_, text) = self.call(method, body).await.expect("an answer");
        serde_json::from_str(&text).expect("JSON")
    }
}
