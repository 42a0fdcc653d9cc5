//! Checks for statuses whose meaning is doubtful.

use shared::{
    domain::time::VenueZone,
    store::{
        DatabaseConnection, DbErr,
        statuses::{self, SeenStatus},
    },
};

use super::Finding;
use crate::cli::statuses::{Doubt, since};

/// Most statuses that are named.
const NAMED: usize = 5;

pub(super) async fn check(
    db: &DatabaseConnection,
    zone: VenueZone,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Finding, DbErr> {
    Ok(finding(&statuses::list(db, since(zone, now)).await?))
}

fn finding(seen: &[SeenStatus]) -> Finding {
    const ABOUT: &str = "statuses";
    if seen.is_empty() {
        return Finding::ok(ABOUT, "no status yet: no request of the last 30 days had one");
    }
    let doubtful: Vec<&SeenStatus> =
        seen.iter().filter(|status| Doubt::of(status).is_some()).collect();
    if doubtful.is_empty() {
        return Finding::ok(ABOUT, format!("{} in 30 days: `worker statuses`", seen.len()));
    }
    let mut named: Vec<String> = doubtful.iter().take(NAMED).map(|status| name(status)).collect();
    if let Some(more) = doubtful.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("and {more} more"));
    }
    Finding::warn(
        ABOUT,
        format!("look like cancellations, but the bookings stand: {}", named.join(", ")),
        "if they are off, name the words in CANCELLED_STATUSES (docs/bukza.md); all: `worker statuses`",
    )
}

fn name(SeenStatus { words, bookings, last_code, .. }: &SeenStatus) -> String {
    format!("«{words}» ({bookings}, last {last_code})")
}

#[cfg(test)]
mod tests {
    use shared::domain::status::Meaning;

    use super::{super::Verdict, *};

    fn seen(words: &str, meaning: Meaning) -> SeenStatus {
        SeenStatus {
            words: words.into(),
            meaning,
            held_back: false,
            bookings: 2,
            last_code: "C6UDS3".into(),
            last_seen: "2026-03-01T20:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn what_may_be_a_cancellation_is_named_and_the_rest_is_well() {
        assert_eq!(finding(&[]).verdict, Verdict::Ok);
        let well = [seen("Новая", Meaning::Stands), seen("Отменён", Meaning::Cancelled)];
        assert_eq!(finding(&well).verdict, Verdict::Ok);
        let mut some = well.to_vec();
        some.push(seen("Бронь снята", Meaning::Stands));
        let found = finding(&some);
        assert_eq!(found.verdict, Verdict::Warn);
        assert!(found.found.ends_with(": «Бронь снята» (2, last C6UDS3)"), "{}", found.found);
        let many = vec![seen("Отмены", Meaning::Stands); 8];
        assert!(finding(&many).found.ends_with(", and 3 more"));
    }
}
