//! The venue's settings that only the worker reads: its texts, and the times of its messages.

use chrono::TimeDelta;

use super::{
    common::Common,
    durations,
    environment::Environment,
    names,
    reader::{Reader, SettingsError},
    values, venue_file,
};
use crate::domain::{
    agenda::AgendaAt,
    consent::ConsentDocuments,
    forgotten::ForgetKey,
    hours::OpeningHours,
    quiet::QuietHours,
    staff_chat::{StaffChat, StaffPlace},
    venue::{Company, Venue},
};

/// Reads the venue. `None` if a setting is refused, or one of `common` was.
pub(super) fn read(reader: &mut Reader<'_>, common: Option<&Common>) -> Option<Venue> {
    let default = Venue::default();
    let currency = reader.or(names::CURRENCY, default.currency, values::currency);
    let reminder_before = reminders(reader, default.reminder_before);
    let duration = durations::parse_duration;
    let feedback_after = reader.or(names::FEEDBACK_AFTER, default.feedback_after, duration);
    let quiet_hours = quiet_hours(reader, default.quiet_hours);
    let reminder_gap = reader.or(names::REMINDER_GAP, default.reminder_gap, duration);
    let feedback_gap = reader.optional(names::FEEDBACK_GAP, duration);
    let staff_chat = reader.optional(names::SUPPORT_CHANNEL_ID, StaffPlace::parse);
    let agenda_at = reader.optional(names::AGENDA_AT, AgendaAt::parse);
    let consent = consent(reader);
    let keep_clients_for = reader.optional(names::KEEP_CLIENTS_FOR, durations::parse_retention);
    let forget_key = reader.optional(names::FORGET_KEY, ForgetKey::parse);
    let company = company(reader);
    let file = venue_file::read(reader);
    let opening_hours = reader.or(names::OPENING_HOURS, default.opening_hours, OpeningHours::parse);
    let staff_hours = reader.given(names::OPENING_HOURS).and_then(OpeningHours::parse);
    let review_from = reader.or(names::REVIEW_FROM, default.review_from, values::number(1..=5));
    let common = common?;
    let rules = &common.rules;
    Some(Venue {
        zone: rules.zone,
        phone_region: rules.region,
        locale: common.locale,
        currency: currency?,
        company,
        opening_hours: opening_hours?,
        staff_hours,
        review_from: review_from?,
        staff_chat: StaffChat::new(staff_chat),
        tutor: default.tutor,
        agenda_at,
        reminder_before: reminder_before?,
        reminder_gap: reminder_gap?,
        feedback_after: feedback_after?,
        feedback_gap,
        quiet_hours: quiet_hours?,
        consent,
        keep_clients_for,
        forget_key,
        file: file?,
    })
}

fn consent(reader: &mut Reader<'_>) -> Option<ConsentDocuments> {
    let link = |text: &str| values::web_link(text).filter(|link| link.starts_with("http"));
    let consent = reader.optional(names::CONSENT_URL, link);
    let policy = reader.optional(names::POLICY_URL, link);
    Some(ConsentDocuments { consent: consent?, policy })
}

/// The key of deleted people's phones alone, for an operator's tool.
///
/// # Errors
/// When it is there and can't be used.
pub fn forget_key(environment: &Environment) -> Result<Option<ForgetKey>, SettingsError> {
    Reader::read(environment, |reader| Some(reader.optional(names::FORGET_KEY, ForgetKey::parse)))
}

/// Set to nothing: no reminders.
fn reminders(reader: &mut Reader<'_>, default: Vec<TimeDelta>) -> Option<Vec<TimeDelta>> {
    let Some(text) = reader.given(names::REMINDER_BEFORE) else { return Some(default) };
    let offsets = durations::parse_reminders(text);
    if offsets.is_none() {
        reader.refuse(names::REMINDER_BEFORE, text);
    }
    offsets
}

/// Set to nothing: no hours are quiet.
fn quiet_hours(reader: &mut Reader<'_>, default: Option<QuietHours>) -> Option<Option<QuietHours>> {
    match reader.given(names::QUIET_HOURS) {
        None => Some(default),
        Some("") => Some(None),
        Some(_) => reader.optional(names::QUIET_HOURS, QuietHours::parse).map(Some),
    }
}

fn company(reader: &mut Reader<'_>) -> Company {
    Company {
        address: reader.optional(names::COMPANY_ADDRESS, values::shown_text),
        phone: reader.optional(names::COMPANY_PHONE, values::shown_text),
        email: reader.optional(names::COMPANY_EMAIL, values::shown_text),
        website: reader.optional(names::COMPANY_WEBSITE, values::shown_text),
        instagram: reader.optional(names::COMPANY_INSTAGRAM, values::shown_text),
        hours: reader.optional(names::COMPANY_HOURS, values::shown_text),
        booking_url: reader.optional(names::BUKZA_BOOKING_URL, values::web_link),
        two_gis: reader.optional(names::LINK_2GIS, values::web_link),
        yandex_maps: reader.optional(names::LINK_YANDEX_MAPS, values::web_link),
    }
}
