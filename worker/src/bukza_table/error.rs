//! Why Bukza's table could not be read. Holds no secret and nothing of a client's.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use shared::{domain::table_columns::TableField, telemetry::metrics::TableOutcome};

/// Why there is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The password or the token is wrong, or ended.
    #[error("Bukza refuses the credentials (HTTP {status})")]
    CredentialsRefused { status: u16 },
    /// No answer, or one of a server in trouble.
    #[error("Bukza can't be reached: {reason}")]
    Unreachable { reason: String },
    /// Bukza demands a pause.
    #[error("Bukza limits requests: the next one is allowed in {} s", retry_after.as_secs())]
    Limited { retry_after: Duration },
    /// The API has changed, the table lacks columns, or the address is wrong.
    #[error("Bukza's answer is not understood: {0}")]
    NotUnderstood(FormFault),
    /// More rows than an answer holds start within a minute, or more than are read at all.
    #[error("the table has too many rows from {from} until {till}")]
    TooManyRows { from: DateTime<Utc>, till: DateTime<Utc> },
    /// The circuit is open: no request is sent for a while after a failure.
    #[error("no request is sent for another {} s after a failure: {reason}", left.as_secs())]
    Paused { left: Duration, reason: String },
}

impl TableError {
    /// How it is counted.
    pub(super) fn outcome(&self) -> TableOutcome {
        match self {
            Self::CredentialsRefused { .. } => TableOutcome::Refused,
            Self::Unreachable { .. } => TableOutcome::Unreachable,
            Self::Limited { .. } => TableOutcome::Limited,
            Self::NotUnderstood(_) => TableOutcome::NotUnderstood,
            Self::TooManyRows { .. } => TableOutcome::TooManyRows,
            Self::Paused { .. } => TableOutcome::Paused,
        }
    }
}

/// What is not understood of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormFault {
    /// An HTTP status that no known answer has.
    Status(u16),
    NotJson,
    /// Larger than any known answer.
    TooLarge,
    /// The sign-in's answer lacks this, or it can't be used.
    Lacks(&'static str),
    NoRows,
    /// Required columns that no row has, and the columns that are there.
    ColumnsAbsent {
        absent: Vec<TableField>,
        there: Vec<String>,
    },
    /// Not one of the rows can be used, for this cause.
    NoUsableRow {
        rows: usize,
        cause: String,
    },
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "HTTP {status}"),
            Self::NotJson => f.write_str("it is not JSON"),
            Self::TooLarge => f.write_str("it is too large"),
            Self::Lacks(what) => write!(f, "it lacks a usable {what}"),
            Self::NoRows => f.write_str("it has no list of rows"),
            Self::ColumnsAbsent { absent, there } => {
                let absent: Vec<&str> = absent.iter().map(|field| field.as_str()).collect();
                write!(f, "no column for {}; there are {}", absent.join(", "), there.join(", "))
            }
            Self::NoUsableRow { rows, cause } => {
                write!(f, "none of {rows} rows can be used ({cause})")
            }
        }
    }
}
