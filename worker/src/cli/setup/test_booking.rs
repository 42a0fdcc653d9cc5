//! The test booking of `worker setup --check`: a booking of nobody in a month, and the way on which Bukza would
//! send it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, distr::Alphanumeric};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use shared::domain::ids::BookingCode;
use url::Url;

use super::bukza;
use crate::cli::words::Wording;

/// Longest wait for an answer of the public address.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// Bukza's way: the public address with the secret.
pub(super) struct Way {
    http: reqwest::Client,
    pub(super) address: Url,
    secret: SecretString,
}

impl Way {
    pub(super) fn new(address: Url, secret: SecretString) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(ANSWERS_WITHIN)
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, address, secret })
    }

    pub(super) async fn post(&self, body: &Value) -> Result<u16, reqwest::Error> {
        let request = self.http.post(self.address.clone());
        let secret = self.secret.expose_secret();
        Ok(request.header(bukza::HEADER, secret).json(body).send().await?.status().as_u16())
    }
}

/// The last cause says what happened: a name without an address, a refused connection, a wrong certificate.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// A booking of nobody, in a month.
pub(super) struct TestBooking {
    pub(super) code: BookingCode,
    service: String,
}

impl TestBooking {
    pub(super) fn new(texts: &Wording) -> anyhow::Result<Self> {
        let letters = rand::rng().sample_iter(Alphanumeric).take(8).map(char::from);
        let code = format!("TEST-{}", letters.collect::<String>().to_uppercase());
        let code = BookingCode::parse(&code)?;
        Ok(Self { code, service: texts.plain("setup-check-service") })
    }

    pub(super) fn made(&self, now: DateTime<Utc>) -> Value {
        let start = now + TimeDelta::days(30);
        let end = start + TimeDelta::hours(1);
        json!({
            "event": "update",
            "code": self.code.as_str(),
            "start": start.to_rfc3339(),
            "end": end.to_rfc3339(),
            "service": self.service,
        })
    }

    pub(super) fn cancelled(&self) -> Value {
        json!({ "event": "cancel", "code": self.code.as_str() })
    }
}
