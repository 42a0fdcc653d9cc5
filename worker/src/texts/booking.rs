//! What a client is told about one booking: confirmed, moved, cancelled, the reminder, the question
//! how it was, and the thanks. Every text shows the booking as it is when the text is made.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, money::Money};

use super::{Args, Keyboard, Lines, Rendered, Texts, filled};

/// What a booking was before a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    pub service: Option<String>,
    pub start: Option<DateTime<Utc>>,
}

impl Before {
    /// The start that the booking had, if it has another one now.
    pub(super) fn other_start(&self, booking: &BookingView) -> Option<DateTime<Utc>> {
        self.start.filter(|was| booking.slot.is_some_and(|slot| slot.start() != *was))
    }

    /// The service that the booking was for, if it is for another one now.
    pub(super) fn other_service(&self, booking: &BookingView) -> Option<&str> {
        let is = filled(booking.service.as_deref());
        filled(self.service.as_deref()).filter(|was| Some(*was) != is)
    }
}

impl Texts {
    /// The booking is confirmed.
    #[must_use]
    pub fn created(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.titled("created-title");
        lines.add(self.service_line(booking));
        self.add_details(&mut lines, booking, now);
        // A booking that was entered after the visit is confirmed, but nobody is awaited.
        if booking.slot.is_some_and(|slot| slot.end() > now) {
            lines.gap();
            lines.add(self.plain("created-end"));
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// The booking has another time, or another service. What does not differ from `before` (it
    /// was moved back, or only its end moved) is simply shown as it is.
    #[must_use]
    pub fn moved(&self, booking: &BookingView, before: &Before, now: DateTime<Utc>) -> Rendered {
        let start = booking.slot.map(|slot| slot.start());
        let was = before.other_start(booking);
        let mut lines = self.titled(if was.is_some() { "moved-title" } else { "changed-title" });
        match before.other_service(booking) {
            Some(service) => {
                lines.add(self.get("line-was", Args::new().text("was", service)));
                lines
                    .add(self.get("line-now", Args::new().html("now", self.service_line(booking))));
                lines.gap();
            }
            None => lines.add(self.service_line(booking)),
        }
        match was.zip(start) {
            Some((was, is)) => {
                let (was, is) = (self.times().date_time(was, now), self.times().date_time(is, now));
                lines.add(self.get("line-was", Args::new().html("was", was)));
                lines.add(self.get("line-now", Args::new().html("now", format!("<b>{is}</b>"))));
                self.add_details_but_when(&mut lines, booking);
            }
            None => self.add_details(&mut lines, booking, now),
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// The booking is off.
    #[must_use]
    pub fn cancelled(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.titled("cancelled-title");
        lines.add(self.service_line(booking));
        lines.add(self.when_line(booking, now));
        if filled(booking.service.as_deref()).is_some() {
            lines.add(self.code_line(booking));
        }
        lines.gap();
        lines.add(self.plain("cancelled-end"));
        let link = self.company.booking_url.as_ref();
        let keyboard = link.map_or(Keyboard::Keep, |url| {
            Keyboard::Links(vec![(self.plain("button-book-again"), url.clone())])
        });
        Rendered::new(lines.text(), keyboard)
    }

    /// The visit is near: says how near at `now`, the moment of sending.
    #[must_use]
    pub fn reminder(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = Lines::default();
        let start = booking.slot.map_or(now, |slot| slot.start());
        let left = self.times().left(start, now);
        lines.add(self.get("reminder-title", Args::new().html("left", left)));
        lines.gap();
        lines.add(self.service_line(booking));
        lines.add(self.when_line(booking, now));
        lines.add(self.duration_line(booking));
        lines.add(self.people_line(booking));
        lines.add(self.rest_line(booking));
        lines.add(self.place_line(booking));
        lines.add(self.code_line(booking));
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// How was it? With five buttons.
    #[must_use]
    pub fn feedback_request(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let day = self.times().day(booking.slot.map_or(now, |slot| slot.start()), now);
        let args = Args::new().html("service", self.service(booking)).html("day", day);
        Rendered::new(self.get("feedback-request", args), Keyboard::Rating(booking.id))
    }

    /// Thanks for a rating; for a five with the places where a review helps.
    #[must_use]
    pub fn thanks(&self, stars: u8) -> Rendered {
        if stars < 5 {
            return Rendered::new(self.plain("thanks-less"), Keyboard::Keep);
        }
        let places = [
            ("button-review-2gis", &self.links.two_gis),
            ("button-review-yandex", &self.links.yandex_maps),
        ];
        let links: Vec<(String, String)> = places
            .into_iter()
            .filter_map(|(label, url)| Some((self.plain(label), url.clone()?)))
            .collect();
        if links.is_empty() {
            return Rendered::new(self.plain("thanks-five"), Keyboard::Keep);
        }
        Rendered::new(self.plain("thanks-five-links"), Keyboard::Links(links))
    }

    fn titled(&self, title: &str) -> Lines {
        let mut lines = Lines::default();
        lines.add(self.plain(title));
        lines.gap();
        lines
    }

    fn add_details(&self, lines: &mut Lines, booking: &BookingView, now: DateTime<Utc>) {
        lines.add(self.when_line(booking, now));
        self.add_details_but_when(lines, booking);
    }

    fn add_details_but_when(&self, lines: &mut Lines, booking: &BookingView) {
        lines.add(self.duration_line(booking));
        lines.add(self.people_line(booking));
        lines.add(self.price_line(booking));
        lines.add(self.place_line(booking));
        lines.add(self.code_line(booking));
    }

    /// The service's name, escaped; without one, «Запись C6UDS3».
    pub(super) fn service(&self, booking: &BookingView) -> String {
        match filled(booking.service.as_deref()) {
            Some(service) => super::html::escape(service),
            None => self.get("service-unknown", Args::new().text("code", &booking.code)),
        }
    }

    fn service_line(&self, booking: &BookingView) -> String {
        self.get("line-service", Args::new().html("service", self.service(booking)))
    }

    fn when_line(&self, booking: &BookingView, now: DateTime<Utc>) -> Option<String> {
        let when = self.times().date_time(booking.slot?.start(), now);
        Some(self.get("line-when", Args::new().html("when", when)))
    }

    fn duration_line(&self, booking: &BookingView) -> Option<String> {
        let span = self.times().duration(booking.slot?)?;
        Some(self.get("line-duration", Args::new().html("span", span)))
    }

    fn people_line(&self, booking: &BookingView) -> Option<String> {
        let people = booking.people.filter(|n| *n > 0)?;
        Some(self.get("line-people", Args::new().number("n", people)))
    }

    fn price_line(&self, booking: &BookingView) -> Option<String> {
        let (key, args) = match (positive(booking.total), positive(booking.paid)) {
            (None, None) => return None,
            (None, Some(paid)) => ("line-paid", Args::new().html("paid", paid.to_string())),
            (Some(total), None) => ("line-price", Args::new().html("total", total.to_string())),
            (Some(total), Some(paid)) => {
                let args = Args::new().html("total", total.to_string());
                match rest(total, paid) {
                    None => ("line-price-settled", args),
                    Some(rest) => (
                        "line-price-part",
                        args.html("paid", paid.to_string()).html("rest", rest.to_string()),
                    ),
                }
            }
        };
        Some(self.get(key, args))
    }

    /// What is left to pay, for the reminder.
    fn rest_line(&self, booking: &BookingView) -> Option<String> {
        let paid = positive(booking.paid).unwrap_or(Money(0));
        let rest = rest(positive(booking.total)?, paid)?;
        Some(self.get("line-rest", Args::new().html("rest", rest.to_string())))
    }

    /// Hall (where it is not just the service's name again) and address.
    fn place_line(&self, booking: &BookingView) -> Option<String> {
        let service = filled(booking.service.as_deref()).unwrap_or_default().to_lowercase();
        let zone = filled(booking.zone.as_deref()).filter(|zone| zone.to_lowercase() != service);
        let address = filled(self.company.address.as_deref());
        let place: Vec<&str> = zone.into_iter().chain(address).collect();
        let place = (!place.is_empty()).then(|| place.join(", "))?;
        Some(self.get("line-place", Args::new().short("place", &place, 500)))
    }

    fn code_line(&self, booking: &BookingView) -> String {
        self.get("line-code", Args::new().text("code", &booking.code))
    }
}

/// An amount worth a word: nothing is shown as «0 ₽».
pub(super) fn positive(amount: Option<Money>) -> Option<Money> {
    amount.filter(|amount| amount.0 > 0)
}

fn rest(total: Money, paid: Money) -> Option<Money> {
    positive(total.0.checked_sub(paid.0).map(Money))
}
