//! The calendar file of bookings: an entry of each that the client's calendar takes over, and moves when a newer one
//! with the same id comes (RFC 5545).

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike};
use shared::domain::{booking::BookingView, status::Meaning};

use super::{Document, Form, Keyboard, Rendered, Texts, filled};

/// Longest line of an entry, in characters.
const LINE_MAX: usize = 200;

impl Texts {
    /// A file with the bookings that stand and are not over. `None`: there is none.
    #[must_use]
    pub fn calendar(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Option<Rendered> {
        let mut calendar = Calendar::new();
        for booking in bookings {
            if let Some(entry) = self.entry(booking, now) {
                calendar.push(entry);
            }
        }
        if calendar.components.is_empty() {
            return None;
        }
        let document =
            Document { name: "booking.ics", kind: "text/calendar", content: calendar.to_string() };
        let caption = self.plain("calendar-caption");
        Some(Rendered { form: Form::Document(document), ..Rendered::new(caption, Keyboard::Keep) })
    }

    fn entry(&self, booking: &BookingView, now: DateTime<Utc>) -> Option<Event> {
        let visit_time = booking.visit_time.filter(|visit_time| visit_time.end() > now)?;
        let stands = match booking.meaning {
            Meaning::Stands | Meaning::Pending => !booking.cancelled,
            Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => false,
        };
        if !stands {
            return None;
        }
        let service = filled(booking.service.as_deref()).unwrap_or(&booking.code);
        let mut entry = Event::new();
        entry
            .uid(&format!("{}@bukza", booking.code))
            .sequence(u32::try_from(booking.version).unwrap_or(0))
            .timestamp(now)
            .starts(visit_time.start())
            .ends(visit_time.end())
            .summary(&line(service))
            .description(&line(&self.calendar_description(&booking.code)));
        let zone = filled(booking.zone.as_deref());
        let address = self.place(booking).address;
        let place: Vec<&str> = zone.into_iter().chain(address).collect();
        if !place.is_empty() {
            entry.location(&line(&place.join(", ")));
        }
        Some(entry.done())
    }

    /// Plain text: a calendar shows no markup.
    fn calendar_description(&self, code: &str) -> String {
        format!("{} {code}", self.plain("calendar-code"))
    }
}

/// A value as one line: what a visitor or an account wrote is no structure of the file.
fn line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().take(LINE_MAX).map(|c| if is_break(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::texts::fixtures::{any_booking, at, booking, texts};

    const NOW: &str = "20.12.2025 10:00";

    fn file(bookings: &[BookingView]) -> Option<String> {
        match texts().calendar(bookings, at(NOW))?.form {
            Form::Document(document) => Some(document.content),
            form => panic!("{form:?}"),
        }
    }

    #[test]
    fn an_entry_has_the_visit_in_utc_and_moves_by_its_sequence() {
        let moved = BookingView { version: 3, ..booking() };
        let file = file(&[moved]).unwrap();
        for line in [
            "UID:C6UDS3@bukza",
            "SEQUENCE:3",
            "DTSTAMP:20251220T050000Z",
            "DTSTART:20251227T070000Z",
            "DTEND:20251227T080000Z",
            "SUMMARY:VR Арена",
            "LOCATION:VR арена\\, ул. Ленина\\, 1",
            "DESCRIPTION:Код записи: C6UDS3",
        ] {
            assert!(file.lines().any(|it| it == line), "{line} is missing:\n{file}");
        }
    }

    #[test]
    fn what_does_not_stand_or_is_over_has_no_entry() {
        let cancelled = BookingView { meaning: Meaning::Cancelled, cancelled: true, ..booking() };
        let over = BookingView { visit_time: None, ..booking() };
        assert_eq!(file(&[cancelled, over]), None);
        let after = at("28.12.2025 10:00");
        assert_eq!(texts().calendar(&[booking()], after), None);
        assert_eq!(file(&[booking(), booking()]).unwrap().matches("BEGIN:VEVENT").count(), 2);
    }

    proptest! {
        #[test]
        fn no_value_adds_a_line(booking in any_booking()) {
            const NAMES: [&str; 13] = [
                "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "SEQUENCE", "DTSTAMP",
                "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION",
            ];
            let file = file(&[booking]).unwrap_or_default();
            // A line that begins with a space continues the one before.
            for line in file.split("\r\n").filter(|line| !line.is_empty() && !line.starts_with(' ')) {
                let name = line.split([':', ';']).next().unwrap_or_default();
                prop_assert!(NAMES.contains(&name), "{}", line);
            }
            prop_assert!(file.matches("BEGIN:VEVENT").count() <= 1, "{}", file);
        }
    }
}
