//! What the staff look up: the visits of a day, bookings that were found, and the help of their chat.

use chrono::{DateTime, NaiveDate, Utc};
use shared::{
    domain::{
        agenda::{VISITS_PER_PART, day_span},
        booking::BookingView,
        request::VisitAnswer,
        status::Meaning,
    },
    store::{agenda::ListedBooking, search::Found},
};

use super::{Args, Keyboard, Lines, Rendered, Texts, filled, untrusted};
use crate::bot::staff_command::StaffCommand;

/// Most characters of a service and of a name in a line of the agenda: so that its lines fit one message.
const SERVICE_MAX: usize = 40;
const NAME_MAX: usize = 40;
/// Most characters of what was looked for.
const WORDS_MAX: usize = 60;

/// A part of the agenda: which one of how many, and how many visits the day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgendaPart {
    pub day: NaiveDate,
    /// From 0.
    pub part: u32,
    pub parts: u32,
    pub visits: u64,
}

impl Texts {
    /// A part of a day's agenda: a line for each visit.
    #[must_use]
    pub fn agenda(&self, of: AgendaPart, visits: &[ListedBooking], now: DateTime<Utc>) -> Rendered {
        let midnight = day_span(self.venue.zone, of.day).map_or(now, |(from, _)| from);
        let args = Args::new().html("date", self.times().date(midnight, now));
        if of.visits == 0 {
            return Rendered::new(self.get("agenda-none", args), Keyboard::Keep);
        }
        let count = i64::try_from(of.visits).unwrap_or(i64::MAX);
        let mut lines = Lines::default();
        let mut title = self.get("agenda-title", args.number("n", count));
        if of.parts > 1 {
            let part = Args::new().html("part", (of.part.saturating_add(1)).to_string());
            let part = part.html("parts", of.parts.to_string());
            title = format!("{title} {}", self.get("agenda-part", part));
        }
        lines.add(title);
        lines.gap();
        for visit in visits {
            lines.add(self.agenda_line(visit));
        }
        let shown = u64::from(of.parts) * u64::from(VISITS_PER_PART);
        let left = of.visits.saturating_sub(shown);
        if of.part.saturating_add(1) == of.parts && left > 0 {
            lines.add(self.more(left));
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// «12:00 · VR Арена · Алина Иванова ✅»
    fn agenda_line(&self, visit: &ListedBooking) -> String {
        let booking = &visit.booking;
        let time = booking.visit_time.map(|visit_time| self.times().clock(visit_time.start()));
        let service = filled(booking.service.as_deref());
        let service = service.map(|service| untrusted::harmless_short(service, SERVICE_MAX));
        let names = [booking.client_name.as_deref(), booking.last_name.as_deref()];
        let name = names.into_iter().filter_map(filled).collect::<Vec<_>>().join(" ");
        let name = match name.is_empty() {
            true => self.plain("staff-no-name"),
            false => untrusted::harmless_short(&name, NAME_MAX),
        };
        let parts: Vec<String> = time.into_iter().chain(service).chain([name]).collect();
        format!("{} {}", parts.join(" · "), signs(visit))
    }

    /// The bookings that were found, each with its client. `words`: what was looked for.
    #[must_use]
    pub fn found(&self, words: &str, found: &Found, now: DateTime<Utc>) -> Rendered {
        let args = Args::new().untrusted_short("words", words, WORDS_MAX);
        if found.bookings.is_empty() {
            return Rendered::new(self.get("found-none", args), Keyboard::Keep);
        }
        let all =
            u64::try_from(found.bookings.len()).unwrap_or(u64::MAX).saturating_add(found.more);
        let all = i64::try_from(all).unwrap_or(i64::MAX);
        let mut lines = Lines::default();
        lines.add(self.get("found-title", args.number("n", all)));
        for listed in &found.bookings {
            lines.add(format!("{} {}", self.staff_item(&listed.booking, now), signs(listed)));
            lines.add(format!("   {}", self.person_line(&listed.booking)));
        }
        if found.more > 0 {
            lines.add(self.more(found.more));
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// What to write after `/find`.
    #[must_use]
    pub fn how_to_find(&self) -> Rendered {
        Rendered::new(self.plain("how-to-find"), Keyboard::Keep)
    }

    /// What the staff can do in their chat.
    #[must_use]
    pub fn staff_help(&self) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("staff-help"));
        let by_itself = self.venue.agenda_at.map(|at| Args::new().html("time", at.to_string()));
        lines.add(by_itself.map(|args| self.get("staff-help-agenda", args)));
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// Name and description of each command of the staff's chat, in the order of Telegram's menu.
    #[must_use]
    pub fn staff_command_list(&self) -> Vec<(&'static str, String)> {
        let keys = [
            "command-today",
            "command-tomorrow",
            "command-find",
            "command-stats",
            "command-staff-help",
        ];
        let named = StaffCommand::NAMES.into_iter().zip(keys);
        named.map(|(name, key)| (name, self.plain(key))).collect()
    }

    fn more(&self, count: u64) -> String {
        self.get("staff-more", Args::new().number("n", i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

/// What is known of the visit, as the help explains: cancelled, not come, waiting, and else the client's answer. A client
/// whom the bot can't write to has a sign of their own, and no missing answer.
fn signs(listed: &ListedBooking) -> String {
    let BookingView { cancelled, meaning, answer, .. } = &listed.booking;
    let state = match (meaning, answer) {
        _ if *cancelled => return "❌".to_owned(),
        (Meaning::NoShow, _) => return "🚫".to_owned(),
        (Meaning::Pending, _) => "⏳",
        (_, Some(VisitAnswer::Comes)) => "✅",
        (_, Some(VisitAnswer::CannotCome)) => "✖️",
        (_, Some(VisitAnswer::WantsToMove)) => "🕓",
        (_, None) if listed.in_bot => "❓",
        (_, None) => "",
    };
    let reach = if listed.in_bot { "" } else { "🔕" };
    format!("{state}{reach}")
}
