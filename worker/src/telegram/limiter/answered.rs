//! What a call says of Telegram, and the keys in Redis by which the fleet knows it.

use shared::domain::outcome::SendOutcome;

/// After so many server errors in a row only probes are sent.
pub(super) const ERRORS_IN_A_ROW: u32 = 3;
/// The number of server errors in a row.
pub(super) const SERVER_ERRORS: &str = "server_errors";
/// The time of the last good answer, in microseconds.
pub(super) const ANSWERED: &str = "answered";

/// What a call says of Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// An answer to the call itself, a refusal included.
    Well,
    ServerError,
    /// No answer, a 429, or no call.
    Nothing,
}

impl Answered {
    /// What the outcome of a send says.
    #[must_use]
    pub fn of(outcome: &SendOutcome) -> Self {
        match outcome {
            SendOutcome::Sent { .. }
            | SendOutcome::Migrated { .. }
            | SendOutcome::Unreachable { .. }
            | SendOutcome::Refused { .. } => Self::Well,
            SendOutcome::Unknown { reason: "server_error" } => Self::ServerError,
            SendOutcome::Unknown { .. }
            | SendOutcome::NotConnected
            | SendOutcome::TooManyRequests { .. } => Self::Nothing,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::ServerError => "server_error",
            Self::Nothing => "nothing",
        }
    }
}
