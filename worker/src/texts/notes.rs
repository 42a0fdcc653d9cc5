//! Notes for the staff about changes without a message to the client, each with what the staff should do.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, message::Note};

use super::{
    Args, ClientReach, Rendered, Texts,
    card::{WORDS_MAX, rendered},
};

impl Texts {
    /// A note about a booking.
    #[must_use]
    pub fn staff_note(
        &self,
        booking: &BookingView,
        note: &Note,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = self.card(title(note), booking);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(match note {
            Note::Waits | Note::WaitsUntold | Note::Confirmed | Note::BelievesBooked => {
                self.status_line(booking)
            }
            Note::NoShow | Note::StandsAfterCancel | Note::PhoneAdded | Note::HeldBack { .. } => {
                None
            }
        });
        lines.add(match note {
            Note::Waits => Some(self.plain("note-waits-why")),
            Note::WaitsUntold => Some(self.plain("note-waits-untold")),
            Note::BelievesBooked => Some(self.plain("note-believes-why")),
            Note::StandsAfterCancel => Some(self.plain("note-stands-why")),
            Note::HeldBack { words } => {
                let args = Args::new().untrusted_short("words", words, WORDS_MAX);
                Some(self.get("note-held-back-why", args))
            }
            Note::Confirmed | Note::NoShow | Note::PhoneAdded => None,
        });
        lines.add(match note {
            Note::NoShow | Note::HeldBack { .. } => None,
            Note::Waits
            | Note::WaitsUntold
            | Note::Confirmed
            | Note::BelievesBooked
            | Note::StandsAfterCancel
            | Note::PhoneAdded => Some(self.reach_line(reach)),
        });
        match note {
            Note::NoShow | Note::HeldBack { .. } => rendered(lines),
            Note::Waits
            | Note::WaitsUntold
            | Note::Confirmed
            | Note::BelievesBooked
            | Note::StandsAfterCancel
            | Note::PhoneAdded => self.inviting(lines, booking, reach, now),
        }
    }
}

fn title(note: &Note) -> &'static str {
    match note {
        Note::Waits | Note::WaitsUntold => "note-waits",
        Note::Confirmed => "note-confirmed",
        Note::NoShow => "note-no-show",
        Note::BelievesBooked => "note-believes",
        Note::StandsAfterCancel => "note-stands",
        Note::PhoneAdded => "note-phone",
        Note::HeldBack { .. } => "note-held-back",
    }
}
