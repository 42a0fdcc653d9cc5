//! Lists the statuses of recent requests, each with its meaning, and marks doubtful meanings.

use chrono::{DateTime, Days, NaiveDate, Utc};
use shared::{
    clock::{Clock, SystemClock},
    domain::{status::Meaning, time::VenueZone},
    store::statuses::{self, SeenStatus},
};

use super::{
    Tools, print_line,
    words::{Wording, Words, count, say},
};

/// Days listed, today included, in the venue's zone.
const DAYS: u64 = 30;

/// Why a status's meaning may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A word for a cancellation was overruled by the words beside it.
    HeldBack,
    /// It looks like a cancellation, and the booking stands.
    LooksCancelled,
}

impl Doubt {
    /// The doubt about a status, if there is one.
    pub(crate) fn of(status: &SeenStatus) -> Option<Self> {
        match status.meaning {
            Meaning::Cancelled | Meaning::Ignored | Meaning::NoShow => None,
            Meaning::Pending | Meaning::Stands if status.held_back => Some(Self::HeldBack),
            Meaning::Pending => None,
            Meaning::Stands => looks_cancelled(&status.words).then_some(Self::LooksCancelled),
        }
    }

    fn why(self) -> Words {
        match self {
            Self::HeldBack => say("doubt-held-back"),
            Self::LooksCancelled => say("doubt-looks-cancelled"),
        }
    }
}

/// Parts of words for a cancelled booking. Wider than the rule that cancels: a person reviews the matches.
fn looks_cancelled(words: &str) -> bool {
    const PARTS: &[&str] = &[
        "отмен",
        "отказ",
        "аннул",
        "отклон",
        "удал",
        "снят",
        "не состо",
        "несосто",
        "cancel",
        "reject",
        "declin",
        "delet",
        "annul",
        "void",
        "refus",
    ];
    let plain = words.to_lowercase().replace('ё', "е");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    PARTS.iter().any(|part| plain.contains(part))
}

/// The first day listed.
pub(crate) fn since(zone: VenueZone, now: DateTime<Utc>) -> NaiveDate {
    let today = zone.local(now).date_naive();
    today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today)
}

/// Lists every status with its meaning, how many bookings had it, and which had it last.
pub(super) async fn list(tools: &Tools) -> anyhow::Result<()> {
    let zone = tools.common.rules.zone;
    let seen = statuses::list(&tools.db, since(zone, SystemClock.now())).await?;
    if seen.is_empty() {
        tools.print(&say("status-none").number("days", DAYS))?;
        return Ok(());
    }
    print_line(format_args!("{}", heading(&tools.wording)))?;
    for status in &seen {
        print_line(format_args!("{}", line(&tools.wording, status, zone)))?;
    }
    tools.print(&say("status-count").number("n", count(seen.len())).number("days", DAYS))?;
    if seen.iter().any(|status| Doubt::of(status).is_some()) {
        tools.print(&say("status-change"))?;
    }
    Ok(())
}

fn heading(wording: &Wording) -> String {
    let [meaning, bookings, last, at, words] = [
        "status-heading-meaning",
        "status-heading-bookings",
        "status-heading-last",
        "status-heading-at",
        "status-heading-words",
    ]
    .map(|key| wording.text(&say(key)));
    format!("{meaning:10}  {bookings:>8}  {last:12}  {at:16}  {words}")
}

fn line(wording: &Wording, status: &SeenStatus, zone: VenueZone) -> String {
    let SeenStatus { words, meaning, bookings, last_code, last_seen, .. } = status;
    let at = zone.local(*last_seen).format("%Y-%m-%d %H:%M");
    let meaning = wording.text(&say("meaning").with("meaning", meaning.as_str()));
    let doubt = Doubt::of(status).map(|doubt| format!("  ⚠ {}", wording.text(&doubt.why())));
    let mark = doubt.unwrap_or_default();
    format!("{meaning:10}  {bookings:>8}  {last_code:12}  {at}  {words}{mark}")
}

#[cfg(test)]
mod tests {
    use shared::domain::venue::Locale;

    use super::*;

    fn seen(words: &str, meaning: Meaning, held_back: bool) -> SeenStatus {
        SeenStatus {
            words: words.into(),
            meaning,
            held_back,
            bookings: 12,
            last_code: "C6UDS3".into(),
            last_seen: "2026-03-01T20:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn what_stands_and_looks_cancelled_is_doubtful() {
        use Meaning::{Cancelled, Ignored, NoShow, Pending, Stands};
        for (words, meaning, held_back, doubt) in [
            ("Подтверждено", Stands, false, None),
            ("ОТМЕНЁН  гостем!", Stands, false, Some(Doubt::LooksCancelled)),
            ("Бронь снята", Stands, false, Some(Doubt::LooksCancelled)),
            ("Не  состоялось", Stands, false, Some(Doubt::LooksCancelled)),
            ("Client refused", Stands, false, Some(Doubt::LooksCancelled)),
            ("Отмена оплаты", Stands, true, Some(Doubt::HeldBack)),
            ("Ждёт оплаты, отмена переноса", Pending, true, Some(Doubt::HeldBack)),
            ("Ждёт оплаты, иначе отмена", Pending, false, None),
            ("Отменён", Cancelled, false, None),
            ("Отменён", Cancelled, true, None),
            ("Отказ: не пришёл", NoShow, true, None),
            ("Техническая, отменена", Ignored, true, None),
        ] {
            assert_eq!(Doubt::of(&seen(words, meaning, held_back)), doubt, "{words}");
        }
    }

    #[test]
    fn a_status_is_one_line_in_the_venues_time_and_language() {
        let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let table = |locale| {
            let wording = Wording::of(locale);
            let missed = line(&wording, &seen("Новая", Meaning::NoShow, false), zone);
            let removed = line(&wording, &seen("Снято", Meaning::Stands, false), zone);
            let held = line(&wording, &seen("Отмена оплаты", Meaning::Pending, true), zone);
            [heading(&wording), missed, removed, held]
        };
        assert_eq!(
            table(Locale::En),
            [
                "meaning     bookings  last booking  at                status",
                "no_show           12  C6UDS3        2026-03-02 01:00  Новая",
                "stands            12  C6UDS3        2026-03-02 01:00  Снято  ⚠ looks like a cancellation",
                "pending           12  C6UDS3        2026-03-02 01:00  Отмена оплаты  ⚠ a word for a \
                 cancellation, held back by what stands beside it",
            ]
        );
        assert_eq!(
            table(Locale::Ru),
            [
                "значение     записей  последняя     когда             статус",
                "не пришёл         12  C6UDS3        2026-03-02 01:00  Новая",
                "действует         12  C6UDS3        2026-03-02 01:00  Снято  ⚠ похоже на отмену",
                "ждёт              12  C6UDS3        2026-03-02 01:00  Отмена оплаты  ⚠ слово отмены, \
                 которое снимают слова рядом",
            ]
        );
    }

    #[test]
    fn every_meaning_has_a_russian_word() {
        let russian = Wording::of(Locale::Ru);
        for meaning in Meaning::ALL {
            let word = russian.text(&say("meaning").with("meaning", meaning.as_str()));
            assert_ne!(word, meaning.as_str());
        }
    }

    #[test]
    fn thirty_days_of_the_venue_are_listed() {
        let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let first = since(zone, "2026-03-30T19:30:00Z".parse().unwrap());
        assert_eq!(first.to_string(), "2026-03-02");
    }
}
