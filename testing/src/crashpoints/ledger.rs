//! What a story has left: bookings, messages, and what the chats show. Compared with the ledger of a run
//! without a fault.

use std::collections::BTreeMap;

use super::{
    guests,
    point::{Fault, Point},
    story::{CHAT, CODES},
};
use crate::harness::{
    fleet::{Database, STAFF_CHAT},
    phrases,
};

/// How often each thing is there.
type Counts = BTreeMap<String, i64>;

/// The state at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    bookings: Vec<String>,
    /// Messages by kind, booking and version, and their statuses.
    rows: BTreeMap<String, Vec<String>>,
    /// Differences from Bukza's table that are open, or that were applied.
    differences: Vec<String>,
    /// What the chats show: chat, title and booking of each message or card.
    shown: Counts,
    /// Entries that must not be there.
    left: Vec<String>,
}

/// The difference that a fault made.
#[derive(Debug, Default)]
pub struct Verdict {
    pub violations: Vec<String>,
    /// Repetitions and unknowns, with the row of the table of outcomes that allows each.
    pub allowed: Vec<String>,
}

impl Ledger {
    /// Reads it.
    ///
    /// # Errors
    /// When PostgreSQL or the simulator fails.
    pub async fn read(database: &Database, telegram: &simulator::Client) -> anyhow::Result<Self> {
        const BOOKINGS: &str = "SELECT concat_ws(' ', bukza_booking_id, status, meaning, version, rating) \
            FROM bookings ORDER BY 1";
        const ROWS: &str = "SELECT concat_ws(' ', m.kind, m.recipient, b.bukza_booking_id, m.booking_version), \
            m.status FROM messages m LEFT JOIN bookings b ON b.id = m.booking_id \
            WHERE m.slot <> 'pending' AND NOT (m.kind = 'staff_table' AND m.reason IS NOT DISTINCT FROM 'table_agrees') ORDER BY 1, 2";
        const DIFFERENCES: &str = "SELECT concat_ws(' ', code, kind, \
            CASE WHEN card IS NOT NULL THEN 'shown' END, \
            CASE WHEN applied_at IS NOT NULL THEN 'applied' END, \
            CASE WHEN gone_at IS NOT NULL THEN 'gone' END) \
            FROM table_differences WHERE gone_at IS NULL OR applied_at IS NOT NULL ORDER BY 1";
        const LEFT: &str = "SELECT 'dead letter: ' || reason FROM dead_letters \
            UNION ALL SELECT 'refused request: ' || body FROM rejected_requests \
            UNION ALL SELECT 'in the inbox' FROM inbox";
        let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in database.rows(ROWS).await? {
            rows.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
        }
        // A round right after a worker's restart may find what is on its way; its card is left out, since all agrees by then.
        // What a client learns where the staff do not have a request within a minute depends on the time that a fault
        // takes: it is left out here and below.
        let mut shown = Counts::new();
        for chat in [CHAT, guests::GUEST, STAFF_CHAT, guests::BOUND] {
            let messages = telegram.chat(chat).await?;
            for card in messages
                .iter()
                .filter(|it| it.from_bot)
                .flat_map(|it| it.text.split("➖➖➖"))
                .filter(|card| !card.contains(phrases::REQUEST_PENDING))
            {
                for key in keys(chat, card) {
                    *shown.entry(key).or_default() += 1;
                }
            }
        }
        let (bookings, left) = (database.column(BOOKINGS).await?, database.column(LEFT).await?);
        let differences = database.column(DIFFERENCES).await?;
        Ok(Self { bookings, rows, differences, shown, left })
    }

    /// Compares the ledger after a fault at `point` with `self`, that of a run without a fault.
    #[must_use]
    pub fn compare(&self, found: &Self, point: &Point) -> Verdict {
        let mut verdict = Verdict::default();
        let why = excuse(point);
        if self.bookings != found.bookings {
            verdict
                .violations
                .push(format!("bookings {:?} instead of {:?}", found.bookings, self.bookings));
        }
        if self.differences != found.differences {
            verdict.violations.push(format!(
                "differences {:?} instead of {:?}",
                found.differences, self.differences
            ));
        }
        verdict.violations.extend(found.left.iter().map(|left| format!("is left: {left}")));
        for key in
            self.rows.keys().chain(found.rows.keys()).collect::<std::collections::BTreeSet<_>>()
        {
            let (wanted, there) = (self.rows.get(key), found.rows.get(key));
            if wanted == there {
                continue;
            }
            let what = format!(
                "{key}: {:?} instead of {:?}",
                there.map_or(&[][..], |it| it),
                wanted.map_or(&[][..], |it| it)
            );
            match why.filter(|_| only_unknown(wanted, there)) {
                Some(why) => verdict.allowed.push(format!("{what} ({why})")),
                None => verdict.violations.push(what),
            }
        }
        let unknown = found.rows.values().flatten().any(|status| status == "unknown");
        for key in
            self.shown.keys().chain(found.shown.keys()).collect::<std::collections::BTreeSet<_>>()
        {
            let of = |counts: &Counts| counts.get(key).copied().unwrap_or_default();
            let once = is_sent_once(key);
            // The staff learn that a reply may not have arrived.
            let is_receipt = key.contains(phrases::STAFF_REPLY_PERHAPS);
            let fine = match of(&found.shown) - of(&self.shown) {
                0 => continue,
                1 => !once || is_receipt && unknown,
                -1 => once && unknown,
                _ => false,
            };
            let what =
                format!("{key}: shown {} times instead of {}", of(&found.shown), of(&self.shown));
            match why.filter(|_| fine) {
                Some(why) => verdict.allowed.push(format!("{what} ({why})")),
                None => verdict.violations.push(what),
            }
        }
        verdict
    }
}

/// The title of a message or card with each booking that it names.
fn keys(chat: i64, card: &str) -> Vec<String> {
    let card = card.trim();
    let reader = match chat {
        STAFF_CHAT => "staff",
        guests::BOUND => "new staff",
        guests::GUEST => "guest",
        _ => "client",
    };
    let title = card.lines().next().unwrap_or_default();
    // The title of a staff card ends in its code.
    let title = CODES.iter().fold(title.to_owned(), |title, code| title.replace(code, ""));
    // The visit's hour depends on the hour of the run.
    let is_time =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(':');
    let words: Vec<&str> = title.split(' ').filter(|word| !is_time(word)).collect();
    let title = words.join(" ");
    let named: Vec<String> = CODES
        .iter()
        .filter(|code| card.contains(**code))
        .map(|code| format!("{reader}: {} {code}", title.trim()))
        .collect();
    if named.is_empty() { vec![format!("{reader}: {}", title.trim())] } else { named }
}

/// Questions and answers are never tried twice.
fn is_sent_once(key: &str) -> bool {
    let contains = |words: &&str| key.contains(*words);
    let answers = [phrases::FEEDBACK, phrases::VISIT_CONFIRMED, phrases::STAFF_APPLIED];
    let cards = [
        phrases::STAFF_BOUND,
        phrases::STAFF_LEFT,
        phrases::STAFF_INVITATION,
        phrases::STAFF_TABLE,
    ];
    answers.iter().any(contains) || !CODES.iter().chain(&cards).any(contains)
}

/// Whether rows differ only in that something sent may or may not have arrived.
fn only_unknown(wanted: Option<&Vec<String>>, there: Option<&Vec<String>>) -> bool {
    let (Some(wanted), Some(there)) = (wanted, there) else { return false };
    let sent = |status: &String| matches!(status.as_str(), "sent" | "unknown");
    let others =
        |all: &[String]| all.iter().filter(|status| !sent(status)).cloned().collect::<Vec<_>>();
    wanted.len() == there.len() && others(wanted) == others(there)
}

/// The row of the table of outcomes (docs/architecture.md) by which a message may be repeated or unknown.
fn excuse(point: &Point) -> Option<&'static str> {
    match (point.fault, point.place.link.as_str()) {
        (Fault::Cut, "worker-telegram") => Some("unreadable answer: perhaps delivered"),
        (Fault::Kill, link) if link.starts_with("worker") => Some("lost lease: perhaps delivered"),
        (Fault::Cut | Fault::Kill, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run may cross the hour, and the visits' times with it.
    #[test]
    fn a_title_is_the_same_at_any_hour() {
        let at = |time: &str| keys(1, &format!("⏰ Ждём вас завтра в {time}\nKEPT01"));
        assert_eq!(at("9:00"), ["client: ⏰ Ждём вас завтра в KEPT01"]);
        assert_eq!(at("9:00"), at("10:00"));
    }

    fn ledger(status: &str, shown: i64, title: &str) -> Ledger {
        let rows = [("confirmation client KEPT01 1".to_owned(), vec![status.to_owned()])].into();
        Ledger { rows, shown: [(title.to_owned(), shown)].into(), ..Ledger::default() }
    }

    fn verdict(point: &str, found: &Ledger, title: &str) -> (usize, usize) {
        let point = Point::parse(point).unwrap();
        let verdict = ledger("sent", 1, title).compare(found, &point);
        (verdict.violations.len(), verdict.allowed.len())
    }

    #[test]
    fn a_difference_from_the_table_that_stays_open_is_excused_by_nothing() {
        let of = |all: &[&str]| Ledger {
            differences: all.iter().map(ToString::to_string).collect(),
            ..Ledger::default()
        };
        let wanted = of(&["TABLE1 moved shown applied gone"]);
        let point = Point::parse("kill/apply/worker-postgres/commit_x/after").unwrap();
        assert!(wanted.compare(&wanted, &point).violations.is_empty());
        for found in [of(&["TABLE1 moved shown applied"]), of(&[])] {
            assert_eq!(wanted.compare(&found, &point).violations.len(), 1, "{found:?}");
        }
    }

    #[test]
    fn the_answer_to_a_press_is_sent_once_and_the_card_of_differences_may_be_repeated() {
        let answer = "✅ Применено записей: 2 (TABLE1, TABLE2). О них придут карточки.";
        let card = "🧾 В таблице Bukza иначе\n• TABLE1: у бота записи нет";
        let once = |text| keys(STAFF_CHAT, text).iter().all(|key| is_sent_once(key));
        assert!(once(answer));
        assert!(!once(card));
    }

    #[test]
    fn a_repetition_is_allowed_only_where_an_answer_of_telegram_was_lost() {
        let title = "client: Вы записаны KEPT01";
        let twice = ledger("sent", 2, title);
        assert_eq!(verdict("book/worker-telegram/SendMessage/after", &twice, title), (0, 1));
        assert_eq!(verdict("kill/book/worker-postgres/commit_x/after", &twice, title), (0, 1));
        assert_eq!(verdict("book/worker-postgres/commit_x/after", &twice, title), (1, 0));
        assert_eq!(verdict("kill/book/ingest-redis/push_tasks/after", &twice, title), (1, 0));
        assert_eq!(
            verdict("book/worker-telegram/SendMessage/after", &ledger("sent", 3, title), title),
            (1, 0)
        );
    }

    #[test]
    fn nothing_may_be_lost_and_only_a_question_may_be_unknown_and_unseen() {
        let (point, title) =
            ("question/worker-telegram/SendMessage/before", "client: Как всё прошло? KEPT01");
        assert_eq!(verdict(point, &ledger("unknown", 0, title), title), (0, 2));
        assert_eq!(verdict(point, &ledger("sent", 0, title), title), (1, 0));
        assert_eq!(verdict(point, &ledger("sent", 2, title), title), (1, 0));
        let other = "client: Вы записаны KEPT01";
        assert_eq!(verdict(point, &ledger("unknown", 0, other), other), (1, 1));
        assert_eq!(verdict(point, &ledger("scheduled", 1, title), title), (1, 0));
        assert_eq!(verdict(point, &Ledger::default(), title), (2, 0));
    }
}
