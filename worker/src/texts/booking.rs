//! Client texts about one booking: confirmation, move, cancellation, reminder, feedback request, thanks.
//! Every text shows the booking as it is at rendering.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, status::Meaning};

use super::{Args, Keyboard, Lines, Rendered, Texts, filled, untrusted};

/// What a booking was before a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    pub service: Option<String>,
    pub start: Option<DateTime<Utc>>,
}

impl Before {
    /// The start that the booking had, if it has another one now.
    pub(super) fn other_start(&self, booking: &BookingView) -> Option<DateTime<Utc>> {
        self.start
            .filter(|was| booking.visit_time.is_some_and(|visit_time| visit_time.start() != *was))
    }

    /// The service that the booking was for, if it is for another one now.
    pub(super) fn other_service(&self, booking: &BookingView) -> Option<&str> {
        let is = filled(booking.service.as_deref());
        filled(self.service.as_deref()).filter(|was| Some(*was) != is)
    }
}

impl Texts {
    /// The booking is confirmed. If it no longer stands at rendering, its actual state is shown.
    #[must_use]
    pub fn created(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let title = match booking.meaning {
            Meaning::Stands => "created-title",
            Meaning::Pending => "waits-title",
            Meaning::NoShow | Meaning::Ignored => "changed-title",
            Meaning::Cancelled => return self.cancelled(booking, now),
        };
        let mut lines = self.titled(title);
        lines.add(self.service_line(booking));
        self.add_details(&mut lines, booking, now);
        // A booking entered after the visit is confirmed without an invitation.
        let awaited = booking.visit_time.is_some_and(|visit_time| visit_time.end() > now);
        if awaited && booking.meaning == Meaning::Stands {
            lines.gap();
            lines.add(self.plain("created-end"));
        }
        Rendered::new(lines.text(), self.visit_keyboard(booking, now))
    }

    /// The booking has another time, or another service. What does not differ from `before` (it
    /// was moved back, or only its end moved) is simply shown as it is.
    #[must_use]
    pub fn moved(&self, booking: &BookingView, before: &Before, now: DateTime<Utc>) -> Rendered {
        let start = booking.visit_time.map(|visit_time| visit_time.start());
        let was = before.other_start(booking);
        let mut lines = self.titled(if was.is_some() { "moved-title" } else { "changed-title" });
        match before.other_service(booking) {
            Some(service) => {
                lines.add(self.get("line-was", Args::new().untrusted("was", service)));
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
        lines.add(self.waits_line(booking));
        Rendered::new(lines.text(), self.visit_keyboard(booking, now))
    }

    /// The booking is cancelled.
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
        Rendered::new(lines.text(), self.book_again())
    }

    /// The button with which a cancelled booking is made again, where the venue has a page for it.
    pub(super) fn book_again(&self) -> Keyboard {
        let link = self.venue.company.booking_url.as_ref();
        link.map_or(Keyboard::Keep, |url| {
            Self::links(vec![(self.plain("button-book-again"), url.clone())])
        })
    }

    /// The reminder, with the time left at `now`, the moment of sending.
    #[must_use]
    pub fn reminder(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = Lines::default();
        let start = booking.visit_time.map_or(now, |visit_time| visit_time.start());
        let left = self.times().left(start, now);
        lines.add(self.reminder_title(left, std::slice::from_ref(booking)));
        lines.gap();
        lines.add(self.service_line(booking));
        lines.add(self.when_line(booking, now));
        lines.add(self.waits_line(booking));
        lines.add(self.duration_line(booking));
        lines.add(self.people_line(booking));
        lines.add(self.rest_line(booking));
        self.add_place(&mut lines, booking);
        lines.add(self.code_line(booking));
        Rendered::new(lines.text(), self.reminder_keyboard(booking, now))
    }

    /// The feedback request, with five buttons.
    #[must_use]
    pub fn feedback_request(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let day =
            self.times().day(booking.visit_time.map_or(now, |visit_time| visit_time.start()), now);
        let args = Args::new().html("service", self.service(booking)).html("day", day);
        Rendered::new(self.get("feedback-request", args), Keyboard::rating(booking.id))
    }

    /// Thanks for a rating; a five adds links to review sites: those of the booking's resource, else the venue's.
    #[must_use]
    pub fn thanks(&self, stars: u8, booking: Option<&BookingView>) -> Rendered {
        if stars < self.venue.review_from {
            return Rendered::new(self.plain("thanks-less"), Keyboard::Keep);
        }
        let (two_gis, yandex_maps) = self.review_links(booking);
        let sites = [("button-review-2gis", two_gis), ("button-review-yandex", yandex_maps)];
        let links: Vec<(String, String)> = sites
            .into_iter()
            .filter_map(|(label, url)| Some((self.plain(label), url?.to_owned())))
            .collect();
        if links.is_empty() {
            return Rendered::new(self.plain("thanks-five"), Keyboard::Keep);
        }
        Rendered::new(self.plain("thanks-five-links"), Self::links(links))
    }

    pub(super) fn titled(&self, title: &str) -> Lines {
        let mut lines = Lines::default();
        lines.add(self.plain(title));
        lines.gap();
        lines
    }

    pub(super) fn add_details(&self, lines: &mut Lines, booking: &BookingView, now: DateTime<Utc>) {
        lines.add(self.when_line(booking, now));
        self.add_details_but_when(lines, booking);
    }

    fn add_details_but_when(&self, lines: &mut Lines, booking: &BookingView) {
        lines.add(self.duration_line(booking));
        lines.add(self.people_line(booking));
        lines.add(self.money_line(booking));
        self.add_place(lines, booking);
        lines.add(self.code_line(booking));
    }

    /// The line for a pending booking.
    pub(super) fn waits_line(&self, booking: &BookingView) -> Option<String> {
        (booking.meaning == Meaning::Pending).then(|| self.plain("line-waits"))
    }

    /// The service's name as HTML; without one, «Запись C6UDS3».
    pub(super) fn service(&self, booking: &BookingView) -> String {
        match filled(booking.service.as_deref()) {
            Some(service) => untrusted::harmless(service),
            None => self.get("service-unknown", Args::new().untrusted("code", &booking.code)),
        }
    }

    pub(super) fn service_line(&self, booking: &BookingView) -> String {
        self.get("line-service", Args::new().html("service", self.service(booking)))
    }

    pub(super) fn when_line(&self, booking: &BookingView, now: DateTime<Utc>) -> Option<String> {
        let when = self.times().date_time(booking.visit_time?.start(), now);
        Some(self.get("line-when", Args::new().html("when", when)))
    }

    fn duration_line(&self, booking: &BookingView) -> Option<String> {
        let span = self.times().duration(booking.visit_time?)?;
        Some(self.get("line-duration", Args::new().html("span", span)))
    }

    pub(super) fn people_line(&self, booking: &BookingView) -> Option<String> {
        let people = booking.people.filter(|n| *n > 0)?;
        Some(self.get("line-people", Args::new().number("n", people)))
    }

    /// «4 человека»
    pub(super) fn people(&self, booking: &BookingView) -> Option<String> {
        let people = booking.people.filter(|n| *n > 0)?;
        Some(self.get("people", Args::new().number("n", people)))
    }

    /// The hall, where it is not just the service's name again.
    pub(super) fn zone(&self, booking: &BookingView) -> Option<String> {
        let service = filled(booking.service.as_deref()).unwrap_or_default().to_lowercase();
        let zone = filled(booking.zone.as_deref()).filter(|zone| zone.to_lowercase() != service);
        zone.map(untrusted::harmless)
    }

    fn code_line(&self, booking: &BookingView) -> String {
        self.get("line-code", Args::new().code(&booking.code))
    }
}
