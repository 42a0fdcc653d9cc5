//! The venue: where it is, how its clients reach it, and when it writes to them.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{
    agenda::AgendaAt, consent::ConsentDocuments, forgotten::ForgetKey, hours::OpeningHours,
    phone::PhoneRegion, quiet::QuietHours, resource::Resources, staff_chat::StaffChat,
    table_columns::TableColumns, time::VenueZone, tutor::Tutor,
};

/// All that is one venue's own, made once from the settings. `schedule` has the rules that follow from its times.
#[derive(Debug)]
pub struct Venue {
    pub zone: VenueZone,
    pub phone_region: PhoneRegion,
    pub locale: Locale,
    /// The sign or name after an amount of money.
    pub currency: String,
    pub company: Company,
    /// When bookings are made: alerts on missing webhooks are muted at other times.
    pub opening_hours: OpeningHours,
    /// The same, where the owner has set them: requests come again at these hours only.
    pub staff_hours: Option<OpeningHours>,
    pub staff_chat: StaffChat,
    /// Whether requests are still shown to the staff field by field.
    pub tutor: Tutor,
    /// When the agenda comes to the staff by itself. `None`: it does not.
    pub agenda_at: Option<AgendaAt>,
    /// From how many stars on a client is offered links to leave a review.
    pub review_from: u8,
    /// How long before the start reminders are due, the longest first; empty: no reminders.
    pub reminder_before: Vec<TimeDelta>,
    /// A reminder that is due sooner than this after the booking's announcement is left out.
    pub reminder_gap: TimeDelta,
    /// How long after a visit's end its feedback request is due.
    pub feedback_after: TimeDelta,
    /// A client gets no second feedback request within this time. `None`: no such limit.
    pub feedback_gap: Option<TimeDelta>,
    /// Hours at which clients are not woken. `None`: no hours are quiet.
    pub quiet_hours: Option<QuietHours>,
    /// What clients consent to before their phone is taken. `None`: nothing.
    pub consent: Option<ConsentDocuments>,
    /// How long after the last visit a client's data are kept. `None`: until they are deleted.
    pub keep_clients_for: Option<TimeDelta>,
    /// The key of deleted people's phones. `None`: there is none.
    pub forget_key: Option<ForgetKey>,
    pub file: VenueFile,
}

/// What `venue.toml` holds. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VenueFile {
    /// The path of the file that was read. `None`: there is none.
    pub path: Option<String>,
    pub resources: Resources,
    /// Texts in place of built-in ones, as they were written: whether one can be used is checked where texts are made.
    pub texts: Vec<OwnText>,
    /// The columns of Bukza's own table.
    pub columns: TableColumns,
}

/// A text that the owner wrote in place of a built-in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    pub locale: Locale,
    /// The key of the built-in text.
    pub key: String,
    /// The value in the form of Project Fluent.
    pub pattern: String,
    /// Where it stands in the file.
    pub line: usize,
}

impl Default for Venue {
    /// The defaults of the settings. The zone has none and must be set: here it is UTC.
    fn default() -> Self {
        Self {
            zone: VenueZone(Tz::UTC),
            phone_region: PhoneRegion::default(),
            locale: Locale::default(),
            currency: "₽".to_owned(),
            company: Company::default(),
            opening_hours: OpeningHours::default(),
            staff_hours: None,
            staff_chat: StaffChat::default(),
            tutor: Tutor::default(),
            agenda_at: None,
            review_from: 5,
            reminder_before: vec![TimeDelta::hours(24)],
            reminder_gap: TimeDelta::hours(1),
            feedback_after: TimeDelta::zero(),
            feedback_gap: None,
            quiet_hours: Some(QuietHours::default()),
            consent: None,
            keep_clients_for: None,
            forget_key: None,
            file: VenueFile::default(),
        }
    }
}

/// The language of texts: of the venue's (`LOCALE`), and of those to a client who has chosen another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    #[default]
    Ru,
    En,
}

impl Locale {
    pub const ALL: &[Self] = &[Self::Ru, Self::En];

    /// The ISO 639-1 code: the value in `users.language` and in callback data, and Telegram's `language_code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Reads the code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|locale| locale.as_str() == text)
    }
}

/// The company's details in texts. One that is not set is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub instagram: Option<String>,
    pub hours: Option<String>,
    /// Where to book (`BUKZA_BOOKING_URL`).
    pub booking_url: Option<String>,
    /// Where a happy client may leave a review.
    pub two_gis: Option<String>,
    pub yandex_maps: Option<String>,
}
