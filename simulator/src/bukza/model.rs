//! The types of the control API for the simulated Bukza: reservations, faults, and the calls that it got.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The account and the table of a new simulator.
pub const EMAIL: &str = "owner@example.com";
pub const PASSWORD: &str = "simulated-password";
pub const TABLE_ID: u64 = 154_891;

/// A reservation as Bukza holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    pub code: String,
    pub order_id: String,
    pub order_number: String,
    /// The owner's own word.
    pub status: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub resource: String,
    pub phone: String,
    pub first_name: String,
    pub people: u32,
    pub paid: u32,
}

impl Reservation {
    /// A confirmed hour that starts at `start`, alone in its order.
    #[must_use]
    pub fn new(code: &str, phone: &str, start: DateTime<Utc>) -> Self {
        let number = code.bytes().fold(1u64, |sum, byte| sum * 31 % 100_000_007 + u64::from(byte));
        Self {
            code: code.to_owned(),
            order_id: number.to_string(),
            order_number: (900_000_000 + number).to_string(),
            status: "Подтверждено".to_owned(),
            start,
            end: start + TimeDelta::hours(1),
            resource: "VR Арена".to_owned(),
            phone: phone.to_owned(),
            first_name: "Алина".to_owned(),
            people: 10,
            paid: 0,
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.status);
        self
    }

    /// The same at another time, as long as before.
    #[must_use]
    pub fn moved_to(mut self, start: DateTime<Utc>) -> Self {
        self.end = start + (self.end - self.start);
        self.start = start;
        self
    }
}

/// A call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BukzaMethod {
    SignIn,
    Table,
}

/// A call as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BukzaCall {
    pub method: BukzaMethod,
    /// Milliseconds since the simulator started, by a clock that never jumps.
    pub at_ms: u64,
    /// HTTP status of the answer; 0 when the connection was cut instead.
    pub status: u16,
    /// The period of a readable request for rows.
    pub period: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// How many rows the table has in that period, before faults and the limit of an answer.
    pub rows: usize,
}

/// A scripted fault of the next `times` calls, or of all until faults are cleared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BukzaFault {
    pub method: BukzaMethod,
    /// `None`: it lasts.
    pub times: Option<u32>,
    #[serde(flatten)]
    pub kind: BukzaFaultKind,
}

impl BukzaFault {
    /// `kind` for the next request for rows.
    #[must_use]
    pub fn once(kind: BukzaFaultKind) -> Self {
        Self::times(kind, 1)
    }

    /// `kind` for the next requests for rows.
    #[must_use]
    pub fn times(kind: BukzaFaultKind, times: u32) -> Self {
        Self { method: BukzaMethod::Table, times: Some(times), kind }
    }

    /// `kind` for all requests for rows until faults are cleared.
    #[must_use]
    pub fn lasting(kind: BukzaFaultKind) -> Self {
        Self { method: BukzaMethod::Table, times: None, kind }
    }

    /// The same for the sign-in.
    #[must_use]
    pub fn of_sign_in(self) -> Self {
        Self { method: BukzaMethod::SignIn, ..self }
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BukzaFaultKind {
    /// This status, with `Retry-After` if there is one (seconds or a date), and a short JSON.
    Status { status: u16, retry_after: Option<String> },
    /// This status with a page of HTML.
    Html { status: u16 },
    /// Silence for `ms`, then the answer.
    Slow { ms: u64 },
    /// The connection is closed without an answer.
    Cut,
    /// The first half of the answer's text, as of a connection that broke.
    Truncated,
    /// 200 with this JSON.
    Body { json: Value },
    /// Every second row.
    HalfTable,
    /// A column has another name.
    RenamedColumn { from: String, to: String },
    /// The owner has removed a column.
    NoColumn { column: String },
    /// Every cell of a column has these values; `None` leaves one out.
    Cells { column: String, value: Option<Value>, formatted: Option<Value> },
    /// So many bytes of white space before the answer's end.
    Padding { bytes: usize },
}

/// What is set of the simulated Bukza. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BukzaSetup {
    pub password: Option<String>,
    /// Most rows of an answer; 5,000 in a new simulator.
    pub rows_max: Option<usize>,
    /// The venue's offset from UTC, in which times are shown; 300 in a new simulator.
    pub utc_offset_minutes: Option<i32>,
    /// Whether times are shown with seconds: the owner chooses the format. Without in a new simulator.
    pub shows_seconds: Option<bool>,
}
