//! The report of an import in the venue's language: each row that was left out with the reason, then the numbers.

use shared::{
    domain::{
        import::{ImportEffect, LeftOut, OldRow, Why},
        venue::Locale,
    },
    store::import::ImportedBooking,
};

use crate::cli::{
    print_line,
    words::{Wording, Words, say},
};

/// What an import has counted so far.
pub(super) struct Report {
    wording: Wording,
    dry_run: bool,
    pub(super) new_clients: usize,
    pub(super) known_clients: usize,
    /// Rows that were read.
    pub(super) bookings: usize,
    pub(super) messages: usize,
    created: usize,
    changed: usize,
    unchanged: usize,
    new_messages: usize,
    known_messages: usize,
    planned: usize,
    cancelled: usize,
    left_clients: usize,
    left_bookings: usize,
    left_messages: usize,
}

impl Report {
    pub(super) fn new(locale: Locale, dry_run: bool) -> Self {
        Self {
            wording: Wording::of(locale),
            dry_run,
            new_clients: 0,
            known_clients: 0,
            bookings: 0,
            messages: 0,
            created: 0,
            changed: 0,
            unchanged: 0,
            new_messages: 0,
            known_messages: 0,
            planned: 0,
            cancelled: 0,
            left_clients: 0,
            left_bookings: 0,
            left_messages: 0,
        }
    }

    pub(super) fn no_tables(&self, tables: Vec<String>) -> String {
        self.wording.text(&say("import-no-tables").with("tables", tables.join(", ")))
    }

    pub(super) fn own_database(&self) -> String {
        self.wording.text(&say("import-own-database"))
    }

    /// Prints a row that was left out, or a part of one.
    pub(super) fn left_out(&mut self, left: &LeftOut) -> anyhow::Result<()> {
        let counted = usize::from(!left.why.is_of_a_part());
        let (key, row) = match &left.row {
            OldRow::Client(row) => {
                self.left_clients += counted;
                ("import-left-client", row)
            }
            OldRow::Booking(row) => {
                self.left_bookings += counted;
                ("import-left-booking", row)
            }
            OldRow::Message(row) => {
                self.left_messages += counted;
                ("import-left-message", row)
            }
        };
        let words = say(key).with("row", row.as_str()).with("why", reason(&left.why));
        let words = match &left.row {
            OldRow::Client(_) | OldRow::Booking(_) => {
                words.with("about", left.about.as_deref().unwrap_or("—"))
            }
            OldRow::Message(_) => words,
        };
        self.line(&words)
    }

    /// Counts a booking that was taken over, with so many messages of the old bot.
    pub(super) fn imported(&mut self, imported: &ImportedBooking, messages: usize) {
        match imported.effect {
            ImportEffect::Created => self.created += 1,
            ImportEffect::Changed => self.changed += 1,
            ImportEffect::Unchanged => self.unchanged += 1,
        }
        self.new_messages += imported.sent;
        self.known_messages += messages - imported.sent;
        self.planned += imported.planned;
        self.cancelled += imported.cancelled;
    }

    /// Prints the numbers. `clients`: the rows that were read.
    pub(super) fn numbers(&self, clients: usize) -> anyhow::Result<()> {
        let number = |words: Words, name, value: usize| words.number(name, value as u64);
        let mut line = number(say("import-clients"), "rows", clients);
        line = number(line, "new", self.new_clients);
        line = number(line, "known", self.known_clients);
        self.line(&number(line, "left", self.left_clients))?;
        let mut line = number(say("import-bookings"), "rows", self.bookings);
        line = number(line, "new", self.created);
        line = number(line, "changed", self.changed);
        line = number(line, "known", self.unchanged);
        self.line(&number(line, "left", self.left_bookings))?;
        let mut line = number(say("import-messages"), "rows", self.messages);
        line = number(line, "new", self.new_messages);
        line = number(line, "known", self.known_messages);
        self.line(&number(line, "left", self.left_messages))?;
        let line = number(say("import-planned"), "planned", self.planned);
        self.line(&number(line, "cancelled", self.cancelled))?;
        self.line(&say(if self.dry_run { "import-dry-run" } else { "import-done" }))
    }

    fn line(&self, words: &Words) -> anyhow::Result<()> {
        Ok(print_line(format_args!("{}", self.wording.text(words)))?)
    }
}

/// The reason in words.
fn reason(why: &Why) -> Words {
    match why {
        Why::NoAccount => say("why-no-account"),
        Why::AccountTwice { other } => say("why-account-twice").with("other", other.as_str()),
        Why::PhoneMissing => say("why-phone-missing"),
        Why::PhoneUnreadable => say("why-phone-unreadable"),
        Why::PhoneTwice { other } => say("why-phone-twice").with("other", other.as_str()),
        Why::PhoneOfOther => say("why-phone-of-other"),
        Why::OtherPhone => say("why-other-phone"),
        Why::Deleted => say("why-deleted"),
        Why::CodeMissing => say("why-code-missing"),
        Why::CodeUnusable => say("why-code-unusable"),
        Why::CodeTwice { other } => say("why-code-twice").with("other", other.as_str()),
        Why::StatusMissing => say("why-status-missing"),
        Why::StatusUnknown { word } => say("why-status-unknown").with("word", word.as_str()),
        Why::StartMissing => say("why-start-missing"),
        Why::StartImpossible { text } => say("why-start-impossible").with("text", text.as_str()),
        Why::DurationMissing => say("why-duration-missing"),
        Why::DurationImpossible { text } => {
            say("why-duration-impossible").with("text", text.as_str())
        }
        Why::BookingPhone => say("why-booking-phone"),
        Why::Rating { text } => say("why-rating").with("text", text.as_str()),
        Why::KindMissing => say("why-kind-missing"),
        Why::KindUnknown { word } => say("why-kind-unknown").with("word", word.as_str()),
        Why::SentMissing => say("why-sent-missing"),
        Why::SentUnreadable => say("why-sent-unreadable"),
        Why::NoBooking => say("why-no-booking"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_and_its_reason_are_one_line_in_each_language() {
        for (locale, line) in [
            (Locale::En, "booking 7 (C6UDS3): unknown status \"ARCHIVED\""),
            (Locale::Ru, "запись 7 (C6UDS3): неизвестный статус «ARCHIVED»"),
        ] {
            let report = Report::new(locale, true);
            let why = reason(&Why::StatusUnknown { word: "ARCHIVED".into() });
            let words = say("import-left-booking").with("row", "7").with("about", "C6UDS3");
            assert_eq!(report.wording.text(&words.with("why", why)), line);
        }
    }
}
