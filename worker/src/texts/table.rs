//! The card of what Bukza's own table shows otherwise than the bookings, its buttons, and what became of a press on one.
//! It names bookings by code, service and time, and nobody.

use chrono::{DateTime, Utc};
use shared::{
    domain::{
        difference::DifferenceKind, event::BookingEvent, staff_answer::TableApplied,
        status::Meaning,
    },
    store::table_sync::{CardLine, TableCard},
};

use super::{Args, Button, Form, Keyboard, Lines, Rendered, Texts, filled, untrusted};
use crate::bot::keyboard::CallbackData;

/// Most differences that a card names; each has a line and a button.
const SHOWN_MAX: usize = 10;
/// Most codes that an answer names.
const CODES_MAX: usize = 10;
/// Most characters of a service, of a status, and of a code on a button.
const SERVICE_MAX: usize = 60;
const STATUS_MAX: usize = 40;
const CODE_MAX: usize = 24;

impl Texts {
    /// The differences of a card, soonest first. `None`: there are none any more.
    #[must_use]
    pub fn table_card(
        &self,
        card: TableCard,
        differences: &[CardLine],
        now: DateTime<Utc>,
    ) -> Option<Rendered> {
        if differences.is_empty() {
            return None;
        }
        let mut lines = Lines::default();
        lines.add(self.plain("table-card"));
        for difference in differences.iter().take(SHOWN_MAX) {
            lines.add(self.table_line(difference, now));
        }
        if differences.len() > SHOWN_MAX {
            let more = i64::try_from(differences.len() - SHOWN_MAX).unwrap_or(i64::MAX);
            lines.add(self.get("staff-more", Args::new().number("n", more)));
        }
        lines.gap();
        if differences.iter().any(|difference| difference.kind.is_applicable()) {
            lines.add(self.plain("table-card-end"));
        }
        if differences.iter().any(|difference| !difference.kind.is_applicable()) {
            lines.add(self.plain("table-not-in-table-end"));
        }
        Some(Rendered::new(lines.text(), self.table_keyboard(card, differences)))
    }

    /// The buttons below a card from now on, without a text.
    #[must_use]
    pub fn table_buttons(
        &self,
        (card, telegram_message_id): (TableCard, i64),
        differences: &[CardLine],
    ) -> Rendered {
        let keyboard = match self.table_keyboard(card, differences) {
            Keyboard::Inline(rows) => Keyboard::Inline(rows),
            Keyboard::Keep | Keyboard::Menu | Keyboard::AskContact => Keyboard::Inline(Vec::new()),
        };
        Rendered { keyboard, ..Rendered::form(Form::Buttons { telegram_message_id }) }
    }

    /// A button for each difference that is named and can be applied, and one for all of the card.
    fn table_keyboard(&self, card: TableCard, differences: &[CardLine]) -> Keyboard {
        let applicable = |it: &&CardLine| it.kind.is_applicable();
        let count = differences.iter().filter(applicable).count();
        let named = differences.iter().take(SHOWN_MAX).filter(applicable);
        let buttons: Vec<Button> = named
            .map(|difference| {
                let code: String = difference.code.chars().take(CODE_MAX).collect();
                let label = self.get("button-table", Args::new().html("code", code));
                Button::press(label, CallbackData::Table { difference: difference.id })
            })
            .collect();
        let all = (count > 1).then(|| {
            let args = Args::new().number("n", i64::try_from(count).unwrap_or(i64::MAX));
            let label = self.get("button-table-all", args);
            Button::press(label, CallbackData::TableAll { card: card.0 })
        });
        let rows = buttons.chunks(2).map(<[Button]>::to_vec);
        Keyboard::rows(rows.chain([all.into_iter().collect()]))
    }

    fn table_line(&self, difference: &CardLine, now: DateTime<Utc>) -> String {
        let CardLine { code, kind, row, booking, .. } = difference;
        let known = booking.as_ref();
        let service = known.and_then(|known| known.details.service.as_deref());
        let shown = self.service_and_time(
            filled(service).or(row.as_ref().and_then(service_of)),
            known
                .and_then(|known| known.visit_time)
                .or(row.as_ref().and_then(|row| row.visit_time())),
            now,
        );
        let args = Args::new().code(code).html("what", shown);
        match kind {
            DifferenceKind::Missing => self.get("table-missing", args),
            DifferenceKind::Cancelled => self.get("table-cancelled", args),
            DifferenceKind::OtherClient => self.get("table-other-client", args),
            DifferenceKind::PhoneAdded => self.get("table-phone-added", args),
            DifferenceKind::NotInTable => self.get("table-not-in-table", args),
            DifferenceKind::Moved => {
                let to = row
                    .as_ref()
                    .map(|row| self.service_and_time(service_of(row), row.visit_time(), now));
                self.get("table-moved", args.html("to", to.unwrap_or_default()))
            }
            DifferenceKind::Stands => {
                self.get("table-stands", args.html("status", self.table_status(row.as_ref())))
            }
            DifferenceKind::OtherStatus => {
                self.get("table-other-status", args.html("status", self.table_status(row.as_ref())))
            }
        }
    }

    fn service_and_time(
        &self,
        service: Option<&str>,
        time: Option<shared::domain::event::VisitTime>,
        now: DateTime<Utc>,
    ) -> String {
        let service = service.map(|service| untrusted::harmless_short(service, SERVICE_MAX));
        let when = time.map(|time| self.times().date_time(time.start(), now));
        service.into_iter().chain(when).collect::<Vec<_>>().join(" · ")
    }

    /// The account's own words for the status, or what they mean.
    fn table_status(&self, row: Option<&BookingEvent>) -> String {
        let words = row.and_then(|row| filled(row.status.words.as_deref()));
        if let Some(words) = words {
            return format!("«{}»", untrusted::harmless_short(words, STATUS_MAX));
        }
        self.plain(match row.map(BookingEvent::meaning) {
            Some(Meaning::Stands) | None => "table-means-stands",
            Some(Meaning::Pending) => "table-means-pending",
            Some(Meaning::NoShow) => "table-means-no-show",
            Some(Meaning::Ignored) => "table-means-ignored",
            Some(Meaning::Cancelled) => "table-means-cancelled",
        })
    }

    /// The table was not used.
    #[must_use]
    pub fn table_refused(&self, known: u32, found: u32) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("table-refused"));
        lines.add(
            self.get(
                "table-refused-why",
                Args::new().number("known", known).number("found", found),
            ),
        );
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// What became of a press.
    #[must_use]
    pub fn table_applied(&self, applied: &TableApplied) -> Rendered {
        let TableApplied { applied, before, agree, otherwise, outdated } = applied;
        let mut lines = Lines::default();
        if !applied.is_empty() {
            let codes: Vec<String> = applied
                .iter()
                .take(CODES_MAX)
                .map(|code| format!("<code>{}</code>", untrusted::literal(code, CODE_MAX)))
                .collect();
            let more = if applied.len() > CODES_MAX { ", …" } else { "" };
            let args = Args::new().html("codes", format!("{}{more}", codes.join(", ")));
            let count = i64::try_from(applied.len()).unwrap_or(i64::MAX);
            lines.add(self.get("table-applied", args.number("n", count)));
        }
        for (key, count) in [
            ("table-applied-before", before),
            ("table-applied-agree", agree),
            ("table-applied-otherwise", otherwise),
            ("table-applied-outdated", outdated),
        ] {
            lines.add((*count > 0).then(|| self.get(key, Args::new().number("n", *count))));
        }
        if lines.0.is_empty() {
            lines.add(self.plain("table-applied-none"));
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }
}

fn service_of(row: &BookingEvent) -> Option<&str> {
    filled(row.details.service.as_deref())
}
