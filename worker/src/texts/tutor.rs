//! The card that shows field by field how one of the first requests was read. Every value in it may be a visitor's words.

use chrono::{DateTime, Utc};
use shared::domain::{
    event::{BookingEvent, Details},
    reading::{Field, Reading},
    status::Meaning,
    tutor::{TUTOR_CARDS, TutorCard},
};

use super::{
    Args, Lines, Rendered, Texts,
    card::{NAME_MAX, WORDS_MAX, rendered},
    untrusted,
};

/// Most characters of a comment, and of an order's number.
const COMMENT_MAX: usize = 160;
const ORDER_MAX: usize = 40;
/// Most words of other statuses; the others are counted, as are unknown names.
const OTHER_WORDS: usize = 3;

impl Texts {
    /// How a request was read.
    #[must_use]
    pub fn staff_tutor(&self, card: &TutorCard, now: DateTime<Utc>) -> Rendered {
        let TutorCard { number, request } = card;
        let nothing = Reading::default();
        let reading = request.reading.as_deref().unwrap_or(&nothing);
        let mut lines = Lines::default();
        lines.add(self.get("tutor-title", Args::new().code(request.code.as_str())));
        let args = Args::new().number("n", *number).number("of", TUTOR_CARDS);
        lines.add(self.get("tutor-number", args));
        if reading.more_reservations > 0 {
            lines.add(self.get("tutor-reservations", counted(reading.more_reservations)));
        }
        self.add_read(&mut lines, request, now);
        self.add_status(&mut lines, request, reading);
        let is_cancelled = request.meaning() == Meaning::Cancelled;
        let named = |field: &Field| self.missing_line(*field, is_cancelled);
        self.add_part(&mut lines, "tutor-unfilled", reading.unfilled.iter().map(named).collect());
        let unread = reading.unread.iter().map(|(field, value)| {
            self.tutor_line(*field, untrusted::harmless_short(value, NAME_MAX))
        });
        self.add_part(&mut lines, "tutor-unread", unread.collect());
        // A cancellation needs nothing but the code.
        if !is_cancelled {
            self.add_absent(&mut lines, &reading.absent);
        }
        self.add_names(&mut lines, reading);
        match *number {
            1 => self.add_end(&mut lines, "tutor-first"),
            TUTOR_CARDS => self.add_end(&mut lines, "tutor-last"),
            _ => {}
        }
        rendered(lines)
    }

    fn add_end(&self, lines: &mut Lines, key: &str) {
        lines.gap();
        lines.add(self.plain(key));
    }

    /// A part with its heading, if it has a line.
    fn add_part(&self, lines: &mut Lines, heading: &str, part: Vec<String>) {
        if part.is_empty() {
            return;
        }
        lines.gap();
        lines.add(self.plain(heading));
        for line in part {
            lines.add(line);
        }
    }

    fn add_read(&self, lines: &mut Lines, request: &BookingEvent, now: DateTime<Utc>) {
        let mut read = self.read_times(request, now);
        read.extend(self.read_details(&request.details));
        read.extend(self.field_lines(&request.details.fields));
        self.add_part(lines, "tutor-read", read);
    }

    fn read_times(&self, request: &BookingEvent, now: DateTime<Utc>) -> Vec<String> {
        let Some(visit) = request.visit_time() else { return Vec::new() };
        let (times, zone) = (self.times(), self.venue.zone);
        let is_one_day =
            zone.local(visit.start()).date_naive() == zone.local(visit.end()).date_naive();
        let end = match is_one_day {
            true => times.clock(visit.end()),
            false => times.date_time(visit.end(), now),
        };
        let start = Args::new().html("time", times.date_time(visit.start(), now));
        let start = self.get("tutor-time", start.literal("zone", zone.0.name(), NAME_MAX));
        vec![self.tutor_line(Field::Start, start), self.tutor_line(Field::End, end)]
    }

    fn read_details(&self, details: &Details) -> Vec<String> {
        let short =
            |text: &Option<String>, max| Some(untrusted::harmless_short(text.as_deref()?, max));
        let money = |sum| Some(self.priced("tutor-sum", sum?));
        // The page's id stands in for a missing number.
        let order = details.order.clone().filter(|_| details.order != details.order_page);
        let values = [
            (Field::Service, short(&details.service, NAME_MAX)),
            (Field::Zone, short(&details.zone, NAME_MAX)),
            (Field::Phone, details.phone.as_ref().map(|phone| phone.as_e164().to_owned())),
            (Field::Name, short(&details.client_name, NAME_MAX)),
            (Field::LastName, short(&details.last_name, NAME_MAX)),
            (Field::People, details.people.map(|people| people.to_string())),
            (Field::Total, money(details.total)),
            (Field::Prepayment, money(details.prepayment)),
            (Field::Paid, money(details.paid)),
            (Field::Order, short(&order, ORDER_MAX)),
            (Field::OrderPage, short(&details.order_page, ORDER_MAX)),
            (Field::Comment, short(&details.comment, COMMENT_MAX)),
        ];
        let lines = values.into_iter().filter_map(|(field, value)| Some((field, value?)));
        lines.map(|(field, value)| self.tutor_line(field, value)).collect()
    }

    /// The status's words and what they mean, for the client and for the staff.
    fn add_status(&self, lines: &mut Lines, request: &BookingEvent, reading: &Reading) {
        let mut part = Vec::new();
        match request.status.words.as_deref() {
            Some(words) => {
                let args = Args::new().untrusted_short("words", words, WORDS_MAX);
                let meaning = self.plain(meaning(request, reading));
                part.push(self.get("tutor-words", args.html("meaning", meaning)));
            }
            None if request.meaning() == Meaning::Stands => {
                part.push(self.plain("tutor-no-status"))
            }
            None => part.push(self.plain(meaning(request, reading))),
        }
        if !reading.other_words.is_empty() {
            let words = reading.other_words.iter();
            let quoted = |word: &String| {
                self.get("tutor-quoted", Args::new().untrusted_short("word", word, WORDS_MAX))
            };
            let words = self.some(words.map(quoted).collect(), OTHER_WORDS, 0);
            let args = Args::new().html("words", words);
            part.push(self.get("tutor-other-words", args));
        }
        self.add_part(lines, "tutor-status", part);
    }

    /// Fields that would make messages better one by one, and the rest in a row.
    fn add_absent(&self, lines: &mut Lines, absent: &[Field]) {
        let (missed, others): (Vec<&Field>, Vec<&Field>) =
            absent.iter().partition(|field| consequence(**field).is_some());
        let mut part: Vec<String> =
            missed.into_iter().map(|field| self.missing_line(*field, false)).collect();
        if !others.is_empty() {
            let names: Vec<String> = others.into_iter().map(|it| self.plain(label(*it))).collect();
            let args = Args::new().html("names", names.join(", "));
            part.push(self.get("tutor-optional", args));
        }
        self.add_part(lines, "tutor-absent", part);
    }

    fn add_names(&self, lines: &mut Lines, reading: &Reading) {
        let shown = |names: &[String]| -> Vec<String> {
            names.iter().map(|name| untrusted::harmless_short(name, ORDER_MAX)).collect()
        };
        let unknown = shown(&reading.unknown);
        if !unknown.is_empty() || reading.unknown_more > 0 {
            let most = unknown.len();
            let names = self.some(unknown, most, reading.unknown_more);
            self.add_part(lines, "tutor-unknown", vec![names]);
        }
        if !reading.unused.is_empty() {
            lines.gap();
            let args = Args::new().html("names", shown(&reading.unused).join(", "));
            lines.add(self.get("tutor-unused", args));
        }
    }

    /// At most `most` of the words, and how many there are beside.
    fn some(&self, mut words: Vec<String>, most: usize, beside: usize) -> String {
        let more = beside + words.len().saturating_sub(most);
        words.truncate(most);
        match (words.is_empty(), more) {
            (_, 0) => words.join(", "),
            (true, _) => self.get("tutor-more-alone", counted(more)),
            (false, _) => {
                let args = counted(more).html("words", words.join(", "));
                self.get("tutor-more", args)
            }
        }
    }

    /// A field that is not there, and what comes of it.
    fn missing_line(&self, field: Field, is_cancelled: bool) -> String {
        match consequence(field).filter(|_| !is_cancelled) {
            Some(key) => self.tutor_line(field, self.plain(key)),
            None => self.get("tutor-name", Args::new().html("field", self.plain(label(field)))),
        }
    }

    fn tutor_line(&self, field: Field, value: String) -> String {
        let args = Args::new().html("field", self.plain(label(field)));
        self.get("tutor-line", args.html("value", value))
    }
}

fn counted<'a>(count: usize) -> Args<'a> {
    Args::new().number("n", i64::try_from(count).unwrap_or(i64::MAX))
}

/// The text that says what the request's status means.
fn meaning(request: &BookingEvent, reading: &Reading) -> &'static str {
    match request.meaning() {
        Meaning::Cancelled => "tutor-cancelled",
        Meaning::Ignored => "tutor-ignored",
        Meaning::NoShow => "tutor-no-show",
        Meaning::Pending => "tutor-pending",
        Meaning::Stands if request.status.restores => "tutor-restored",
        Meaning::Stands if request.status.held_back => "tutor-held-back",
        Meaning::Stands if reading.words_known => "tutor-stands",
        Meaning::Stands => "tutor-stands-unknown",
    }
}

/// What clients or staff miss without the field. `None`: nothing that they would miss.
fn consequence(field: Field) -> Option<&'static str> {
    match field {
        Field::Phone => Some("tutor-without-phone"),
        Field::Service => Some("tutor-without-service"),
        Field::Status => Some("tutor-without-status"),
        Field::Name => Some("tutor-without-name"),
        Field::People => Some("tutor-without-people"),
        Field::Total => Some("tutor-without-total"),
        Field::Order => Some("tutor-without-order"),
        Field::OrderPage => Some("tutor-without-order-page"),
        Field::Start
        | Field::End
        | Field::Zone
        | Field::LastName
        | Field::Prepayment
        | Field::Paid
        | Field::Comment => None,
    }
}

fn label(field: Field) -> &'static str {
    match field {
        Field::Start => "tutor-field-start",
        Field::End => "tutor-field-end",
        Field::Status => "tutor-field-status",
        Field::Service => "tutor-field-service",
        Field::Zone => "tutor-field-zone",
        Field::Phone => "tutor-field-phone",
        Field::Name => "tutor-field-name",
        Field::LastName => "tutor-field-last-name",
        Field::People => "tutor-field-people",
        Field::Total => "tutor-field-total",
        Field::Prepayment => "tutor-field-prepayment",
        Field::Paid => "tutor-field-paid",
        Field::Order => "tutor-field-order",
        Field::OrderPage => "tutor-field-order-page",
        Field::Comment => "tutor-field-comment",
    }
}
