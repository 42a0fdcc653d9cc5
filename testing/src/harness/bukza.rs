//! Web requests as Bukza sends them: the production template (see the README) with other values,
//! and our own template.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
pub use simulator::bukza::PRODUCTION;

use super::fleet::BUKZA_SECRET;

/// The venue of the production payload.
pub const ZONE: Tz = chrono_tz::Asia::Yekaterinburg;

/// A request to post: a query with its question mark, and a body.
#[derive(Debug, Clone)]
pub struct Request {
    pub query: String,
    pub body: String,
}

/// A booking, posted with the production account's template.
#[derive(Debug, Clone)]
pub struct Booking {
    pub code: String,
    /// In E.164.
    pub phone: String,
    pub name: String,
    pub service: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Booking {
    /// An hour's visit that starts at `start`.
    #[must_use]
    pub fn at(code: &str, phone: &str, start: DateTime<Utc>) -> Self {
        Self {
            code: code.to_owned(),
            phone: phone.to_owned(),
            name: "Алина".to_owned(),
            service: "VR Арена".to_owned(),
            start,
            end: start + TimeDelta::hours(1),
        }
    }

    /// The same booking at another time, as long as before.
    #[must_use]
    pub fn moved_to(&self, start: DateTime<Utc>) -> Self {
        Self { start, end: start + (self.end - self.start), ..self.clone() }
    }

    /// The web request of a new or changed booking.
    #[must_use]
    pub fn created(&self) -> Request {
        self.request("newrega")
    }

    /// The web request of a cancelled booking.
    #[must_use]
    pub fn cancelled(&self) -> Request {
        self.request("cancel")
    }

    /// The number of its order, which has no other booking.
    fn order(&self) -> String {
        self.code
            .bytes()
            .fold(1u64, |sum, byte| sum * 31 % 100_000_007 + u64::from(byte))
            .to_string()
    }

    fn request(&self, message: &str) -> Request {
        let body = json!({
            "code": self.code,
            "name": self.name,
            "name_zone": self.service,
            // ISO 8601 in UTC: Bukza offers it besides the local form, and it has seconds.
            "start": iso(self.start),
            "end": iso(self.end),
            "teh_end": iso(self.end),
            "id_zakaz": self.order(),
            "total_sum": "8990",
            "resource": self.service,
            "payed": "0",
            "kolvo": "10",
            "invoiceItems": [],
            "fields": [],
        });
        Request::new(message, &self.phone, &self.name, &body)
    }
}

impl Request {
    /// A request with the URL parameters of the production account.
    #[must_use]
    pub fn new(message: &str, phone: &str, name: &str, body: &Value) -> Self {
        let query = format!("?message={message}&phone={}&name={}", encode(phone), encode(name));
        Self { query, body: body.to_string() }
    }

    /// The payload seen in production. Only the year is changed, so that the visit is in the
    /// future.
    #[must_use]
    pub fn production(message: &str, phone: &str, name: &str) -> Self {
        let body = PRODUCTION.replace("2025", &(now().year() + 1).to_string());
        Self { body, ..Self::new(message, phone, name, &Value::Null) }
    }

    /// Posts it to an ingest with the right secret; returns status and body.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post(&self, http: &reqwest::Client, url: &str) -> reqwest::Result<(u16, Value)> {
        let answer = http
            .post(format!("{url}/webhook/bukza{}", self.query))
            .header("X-Webhook-Secret", BUKZA_SECRET)
            .header("content-type", "application/json")
            .body(self.body.clone())
            .send()
            .await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// A body without URL parameters.
    #[must_use]
    pub fn body(body: impl ToString) -> Self {
        Self { query: String::new(), body: body.to_string() }
    }
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn encode(text: &str) -> impl std::fmt::Display {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

/// The wall clock, the only place of the harness that reads it.
#[must_use]
pub fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}
