//! Where a visit is: the hall, the address and the lines below it, and the way there. A resource of `venue.toml` may have
//! its own.

use shared::domain::{booking::BookingView, resource::Resource, venue::Locale};
use url::Url;

use super::{Args, Button, Lines, Texts, filled, untrusted};

/// Longest address, in characters.
const ADDRESS_MAX: usize = 300;
/// Longest line of a resource, in characters.
const LINE_MAX: usize = 200;

/// What is shown about a booking's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) address: Option<&'a str>,
    map: Option<&'a str>,
    lines: &'a [String],
}

impl Texts {
    fn resource(&self, booking: &BookingView) -> Option<&Resource> {
        self.venue.file.resources.of(booking.service.as_deref(), booking.zone.as_deref())
    }

    /// The place of a booking: its resource's, and for the rest the venue's.
    pub(super) fn place(&self, booking: &BookingView) -> Place<'_> {
        let own = self.resource(booking);
        let address = own.and_then(|own| filled(own.address.as_deref()));
        Place {
            address: address.or_else(|| filled(self.venue.company.address.as_deref())),
            map: own.and_then(|own| own.map.as_deref()),
            lines: own.map(|own| own.lines.as_slice()).unwrap_or_default(),
        }
    }

    /// The place of all these bookings. `None`: they are not at one place.
    pub(super) fn common_place(&self, bookings: &[BookingView]) -> Option<Place<'_>> {
        let (first, others) = bookings.split_first()?;
        let place = self.place(first);
        others.iter().all(|booking| self.place(booking) == place).then_some(place)
    }

    /// Hall and address, and what the resource adds.
    pub(super) fn add_place(&self, lines: &mut Lines, booking: &BookingView) {
        let place = self.place(booking);
        let shown: Vec<String> =
            self.zone(booking).into_iter().chain(place.address_html()).collect();
        if !shown.is_empty() {
            lines.add(self.get("line-place", Args::new().html("place", shown.join(", "))));
        }
        place.lines_html().for_each(|line| lines.add(line));
    }

    /// The address with its lines, without a hall.
    pub(super) fn place_lines(&self, place: Place<'_>) -> Vec<String> {
        let address = place.address_html();
        let address =
            address.map(|address| self.get("line-place", Args::new().html("place", address)));
        address.into_iter().chain(place.lines_html()).collect()
    }

    /// The way to a place: by its map, else by its address.
    pub(super) fn route_button(&self, place: Place<'_>) -> Option<Button> {
        let url = match place.map {
            Some(map) => map.to_owned(),
            None => self.search_on_map(place.address?)?,
        };
        Some(Button::open(self.plain("button-route"), url))
    }

    fn search_on_map(&self, address: &str) -> Option<String> {
        let (map, name) = match self.locale {
            Locale::Ru => ("https://yandex.ru/maps/", "text"),
            Locale::En => ("https://www.google.com/maps/search/?api=1", "query"),
        };
        Url::parse_with_params(map, [(name, address)]).ok().map(String::from)
    }

    /// Where a review of a visit belongs: 2GIS, Yandex. A resource with a link of its own is another place there, so that none of the
    /// venue's is offered beside it.
    pub(super) fn review_links(
        &self,
        booking: Option<&BookingView>,
    ) -> (Option<&str>, Option<&str>) {
        let own = booking.and_then(|booking| self.resource(booking)?.reviews.as_ref());
        let company = &self.venue.company;
        match own {
            Some(own) => (own.two_gis.as_deref(), own.yandex_maps.as_deref()),
            None => (company.two_gis.as_deref(), company.yandex_maps.as_deref()),
        }
    }
}

impl Place<'_> {
    fn address_html(self) -> Option<String> {
        self.address.map(|address| untrusted::literal(address, ADDRESS_MAX))
    }

    fn lines_html(self) -> impl Iterator<Item = String> {
        self.lines.iter().map(|line| untrusted::literal(line, LINE_MAX))
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
