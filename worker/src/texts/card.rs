//! Lines of a staff card: service and time, client, price, comment, status, order. Each untrusted value is cut to the card's limits.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, event::FormField};

use super::{Args, ClientReach, Keyboard, Lines, Rendered, Texts, filled, untrusted};

/// Most characters of a name in a card.
pub(super) const NAME_MAX: usize = 60;
/// Most characters of a status in a card.
pub(super) const WORDS_MAX: usize = 80;
const COMMENT_MAX: usize = 160;
const ORDER_MAX: usize = 40;
/// Most fields of the form, and most characters of each one's name and value.
const FIELDS_MAX: usize = 4;
const FIELD_NAME_MAX: usize = 30;
const FIELD_VALUE_MAX: usize = 60;

impl Texts {
    /// A card with its title.
    pub(super) fn card(&self, title: &str, booking: &BookingView) -> Lines {
        let mut lines = Lines::default();
        lines.add(self.get(title, Args::new().code(&booking.code)));
        lines
    }

    /// Every known detail of the booking.
    pub(super) fn add_whole(&self, lines: &mut Lines, booking: &BookingView, now: DateTime<Utc>) {
        lines.add(self.what_and_when(booking, now));
        for line in self.details(booking, false) {
            lines.add(line);
        }
    }

    /// Every known detail but service and time. In a list price and people are lines of their own: bookings of one
    /// order share the price.
    pub(super) fn details(&self, booking: &BookingView, is_listed: bool) -> Vec<String> {
        let money_and_people = match is_listed {
            true => [self.people_line(booking), self.money_line(booking)],
            false => [self.money_and_people(booking), None],
        };
        [self.person_line(booking)]
            .into_iter()
            .chain(money_and_people.into_iter().flatten())
            .chain(self.comment_line(booking))
            .chain(self.field_lines(&booking.fields))
            .chain(self.status_line(booking))
            .chain(self.order_line(booking))
            .collect()
    }

    /// Client, status and order.
    pub(super) fn person_and_order(&self, booking: &BookingView) -> Vec<String> {
        let person = [self.person_line(booking)].into_iter();
        person.chain(self.status_line(booking)).chain(self.order_line(booking)).collect()
    }

    /// «VR Арена · суббота, 27 декабря, 12:00 · 1 час»
    pub(super) fn what_and_when(
        &self,
        booking: &BookingView,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let service = filled(booking.service.as_deref());
        let service = service.map(|service| untrusted::harmless_short(service, NAME_MAX));
        let when =
            booking.visit_time.map(|visit_time| self.times().date_time(visit_time.start(), now));
        let duration = booking.visit_time.and_then(|visit_time| self.times().duration(visit_time));
        joined(service.into_iter().chain(when).chain(duration))
    }

    /// Name and phone, or which of the two is missing.
    pub(super) fn person_line(&self, booking: &BookingView) -> String {
        let first = filled(booking.client_name.as_deref());
        // Some accounts put the whole name into the first name.
        let last = filled(booking.last_name.as_deref()).filter(|last| {
            !first.is_some_and(|first| first.split_whitespace().any(|name| name == *last))
        });
        let names: Vec<String> = first
            .into_iter()
            .chain(last)
            .map(|name| untrusted::harmless_short(name, NAME_MAX))
            .collect();
        let name = if names.is_empty() { self.plain("staff-no-name") } else { names.join(" ") };
        let phone = booking.phone.as_ref().map(|phone| phone.as_e164().to_owned());
        let phone = phone.unwrap_or_else(|| self.plain("staff-no-phone"));
        self.get("staff-person", Args::new().html("name", format!("{name}, {phone}")))
    }

    fn money_and_people(&self, booking: &BookingView) -> Option<String> {
        let people = booking.people.filter(|n| *n > 0);
        match self.money_line(booking) {
            Some(money) => {
                let people = people.map(|n| self.get("people", Args::new().number("n", n)));
                joined([money].into_iter().chain(people))
            }
            None => self.people_line(booking),
        }
    }

    fn comment_line(&self, booking: &BookingView) -> Option<String> {
        let comment = filled(booking.comment.as_deref())?;
        let args = Args::new().untrusted_short("comment", comment, COMMENT_MAX);
        Some(self.get("staff-comment", args))
    }

    pub(super) fn field_lines(&self, fields: &[FormField]) -> Vec<String> {
        let mut lines = Vec::new();
        let filled_ones: Vec<(&str, &str)> = fields
            .iter()
            .filter_map(|field| Some((filled(Some(&field.name))?, filled(Some(&field.value))?)))
            .collect();
        for (name, value) in filled_ones.iter().take(FIELDS_MAX) {
            let args = Args::new()
                .untrusted_short("name", name.trim_end_matches([':', ' ']), FIELD_NAME_MAX)
                .untrusted_short("value", value, FIELD_VALUE_MAX);
            lines.push(self.get("staff-field", args));
        }
        if let Some(more) = filled_ones.len().checked_sub(FIELDS_MAX).filter(|more| *more > 0) {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            lines.push(self.get("staff-more", Args::new().number("n", more)));
        }
        lines
    }

    /// The account's own words for the status.
    pub(super) fn status_line(&self, booking: &BookingView) -> Option<String> {
        let words = filled(booking.status_words.as_deref())?;
        Some(self.get("staff-status", Args::new().untrusted_short("words", words, WORDS_MAX)))
    }

    /// The order: a link to its page in Bukza if the page's id is known. The order's number is not that id.
    pub(super) fn order_line(&self, booking: &BookingView) -> Option<String> {
        let order = filled(booking.order.as_deref());
        match filled(booking.order_page.as_deref()).filter(|page| is_page(page)) {
            Some(page) => {
                let args = Args::new().literal("page", page, ORDER_MAX);
                let args = args.literal("order", order.unwrap_or(page), ORDER_MAX);
                Some(self.get("staff-order-link", args))
            }
            None => {
                let args = Args::new().untrusted_short("order", order?, ORDER_MAX);
                Some(self.get("staff-order", args))
            }
        }
    }

    pub(super) fn reach_line(&self, reach: ClientReach) -> String {
        self.plain(match reach {
            ClientReach::InBot => "staff-in-bot",
            ClientReach::NotInBot => "staff-not-in-bot",
            ClientReach::Blocked => "staff-bot-blocked",
        })
    }
}

/// Whether an id can stand in a URL unescaped.
fn is_page(id: &str) -> bool {
    id.len() <= ORDER_MAX && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

pub(super) fn rendered(lines: Lines) -> Rendered {
    Rendered::new(lines.text(), Keyboard::Keep)
}
