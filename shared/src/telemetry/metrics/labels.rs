//! The labels of the metrics: closed sets, so that no client, chat or error text can become a
//! time series of its own.

/// A value of a label. Implement it for an enum of your own, never for free text.
pub trait Label: Copy {
    /// The word in the metric.
    fn label(self) -> &'static str;
}

impl Label for crate::domain::message::MessageKind {
    fn label(self) -> &'static str {
        self.as_str()
    }
}

impl Label for crate::domain::difference::DifferenceKind {
    fn label(self) -> &'static str {
        self.as_str()
    }
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub enum $name { $($(#[$variant_doc])* $variant),* }

            impl $name {
                /// Every value.
                pub const ALL: &[Self] = &[$(Self::$variant),*];
            }

            impl Label for $name {
                fn label(self) -> &'static str {
                    match self { $(Self::$variant => $word),* }
                }
            }
        )*
    };
}

labels! {
    /// The sender of a webhook.
    Source { Bukza = "bukza", Telegram = "telegram" }

    /// The outcome of a webhook.
    WebhookOutcome {
        /// Stored; answered 200.
        Accepted = "accepted",
        /// No or a wrong secret; answered 401.
        Unauthorized = "unauthorized",
        /// The body cannot be read as JSON; answered 400.
        NotJson = "not_json",
        /// Fields missing or impossible; answered 422.
        InvalidFields = "invalid_fields",
        /// Answered 413.
        TooLarge = "too_large",
        /// The body did not arrive whole; answered 400 or 408, or the client was gone.
        Broken = "broken",
        /// Neither Redis nor PostgreSQL could store it; answered 503.
        NotStored = "not_stored",
    }

    /// Where ingest put a job.
    EnqueuedTo { Redis = "redis", Inbox = "inbox", Nowhere = "nowhere" }

    /// What a booking event did.
    BookingChange {
        Created = "created",
        Moved = "moved",
        /// Repeated, with other details or none.
        Updated = "updated",
        Cancelled = "cancelled",
        /// Older than what was applied already.
        Stale = "stale",
    }

    /// The outcome of a message, or of one attempt to send it.
    MessageOutcome {
        Sent = "sent",
        /// Not sent for certain, tried again later.
        Deferred = "deferred",
        /// Perhaps sent; tried once more.
        RetriedUnknown = "retried_unknown",
        /// Perhaps sent; not tried again.
        Unknown = "unknown",
        /// The client cannot be reached.
        Unreachable = "unreachable",
        Failed = "failed",
        Cancelled = "cancelled",
        Expired = "expired",
    }

    /// The outcome of a call to Telegram.
    TelegramOutcome {
        Ok = "ok",
        TooManyRequests = "too_many_requests",
        Forbidden = "forbidden",
        BadRequest = "bad_request",
        ServerError = "server_error",
        NotConnected = "not_connected",
        Timeout = "timeout",
        Unreadable = "unreadable",
    }

    /// A request of Bukza's API.
    TableCall { SignIn = "sign_in", Rows = "rows" }

    /// What came of reading Bukza's own table.
    TableOutcome {
        Ok = "ok",
        /// Password or token are refused.
        Refused = "refused",
        Unreachable = "unreachable",
        Limited = "limited",
        /// The form of an answer has changed, or columns are missing.
        NotUnderstood = "not_understood",
        TooManyRows = "too_many_rows",
        /// Not tried so soon after a failure.
        Paused = "paused",
    }

    /// A row of Bukza's own table.
    TableRow { Used = "used", LeftOut = "left_out" }

    /// One of the ways to Telegram that `TELEGRAM_API_URL` names.
    WhichWay { First = "first", Second = "second" }

    /// Who wanted a client's data deleted.
    DeletionOrigin { Client = "client", Operator = "operator", Retention = "retention" }

    /// What another program had changed about the webhook.
    WebhookRepair { Url = "url", AllowedUpdates = "allowed_updates" }

    /// The outcome of a Telegram update.
    UpdateOutcome { Applied = "applied", Repeated = "repeated", Ignored = "ignored", Unreadable = "unreadable" }

    /// The outcome of one run of a job.
    JobOutcome { Done = "done", Later = "later", Dead = "dead" }

    /// Where jobs of a queue are.
    QueueState {
        Scheduled = "scheduled",
        Due = "due",
        Active = "active",
        Dead = "dead",
    }

    /// A connection of the database pool.
    PoolState { Idle = "idle", InUse = "in_use" }

    /// Why PostgreSQL made work fail.
    DbErrorKind {
        /// It is away, overloaded or failing over; the work is tried again.
        Unavailable = "unavailable",
        /// PostgreSQL refused a statement: a bug.
        Refused = "refused",
    }

    /// The outcome of a round that compares Bukza's table with the bookings.
    TableRound {
        Compared = "compared",
        /// The table has too few of the known bookings.
        Refused = "refused",
        /// The table or the database could not be read.
        Failed = "failed",
    }

    /// Where the gauges of the whole service are read from.
    MeasuredAt { Redis = "redis", Postgres = "postgres" }

    /// Where a read that may lag was answered.
    ReadFrom {
        Replica = "replica",
        /// There is no replica.
        Primary = "primary",
        /// The replica did not have what the reader must see.
        PrimaryLagging = "primary_lagging",
        /// The replica failed.
        PrimaryAway = "primary_away",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_distinct_and_plain() {
        fn check<L: Label>(all: &[L]) {
            let words: std::collections::HashSet<_> =
                all.iter().map(|value| value.label()).collect();
            assert_eq!(words.len(), all.len());
            assert!(words.iter().all(|w| w.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        }
        check(Source::ALL);
        check(WebhookOutcome::ALL);
        check(EnqueuedTo::ALL);
        check(BookingChange::ALL);
        check(crate::domain::message::MessageKind::ALL);
        check(MessageOutcome::ALL);
        check(TelegramOutcome::ALL);
        check(TableCall::ALL);
        check(TableOutcome::ALL);
        check(TableRow::ALL);
        check(WhichWay::ALL);
        check(DeletionOrigin::ALL);
        check(WebhookRepair::ALL);
        check(UpdateOutcome::ALL);
        check(JobOutcome::ALL);
        check(QueueState::ALL);
        check(PoolState::ALL);
        check(DbErrorKind::ALL);
        check(MeasuredAt::ALL);
        check(ReadFrom::ALL);
    }
}
