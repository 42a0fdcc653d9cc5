//! Checks for statuses whose meaning is doubtful.

use shared::{
    domain::time::VenueZone,
    store::{
        DatabaseConnection, DbErr,
        statuses::{self, SeenStatus},
    },
};

use super::{Finding, Words, say};
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
        return Finding::ok(ABOUT, say("statuses-none"));
    }
    let doubtful: Vec<&SeenStatus> =
        seen.iter().filter(|status| Doubt::of(status).is_some()).collect();
    if doubtful.is_empty() {
        let count = u64::try_from(seen.len()).unwrap_or(u64::MAX);
        return Finding::ok(ABOUT, say("statuses-well").number("n", count));
    }
    let mut named: Vec<Words> = doubtful.iter().take(NAMED).map(|status| name(status)).collect();
    if let Some(more) = doubtful.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(say("statuses-more").number("n", u64::try_from(more).unwrap_or(u64::MAX)));
    }
    let found = say("statuses-doubtful").list("statuses", named);
    Finding::warn(ABOUT, found, say("statuses-doubtful-name"))
}

fn name(SeenStatus { words, bookings, last_code, .. }: &SeenStatus) -> Words {
    let status = say("statuses-one").with("words", words.clone());
    status.with("n", bookings.to_string()).with("code", last_code.clone())
}

#[cfg(test)]
mod tests {
    use shared::domain::{status::Meaning, venue::Locale};

    use super::{
        super::{Verdict, Wording},
        *,
    };

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
        let text = |finding: &Finding| Wording::of(Locale::En).text(&finding.found);
        assert!(text(&found).ends_with(": «Бронь снята» (2, last C6UDS3)"), "{}", text(&found));
        let many = vec![seen("Отмены", Meaning::Stands); 8];
        assert!(text(&finding(&many)).ends_with(", and 3 more"));
    }
}
