//! `worker setup --check`: the running system from outside. Telegram's webhook, then a test booking through the public
//! address: its card reaches the staff, and it is cancelled. It has no phone, so no client hears of it.

use std::time::Duration;

use anyhow::bail;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use shared::{
    clock::{Clock, SystemClock},
    domain::{booking::BookingStatus, ids::BookingCode, venue::Locale},
    settings::{Environment, IngestSettings, WorkerSettings, WorkerTelegram},
    store::{self, DatabaseConnection, bookings, entity::message, staff_binding},
};
use tokio::time::{Instant, sleep};

use super::{
    answers,
    options::{SetupOptions, secret_of},
    test_booking::{TestBooking, Way, cause},
};
use crate::{
    cli::{print_text, words::Wording},
    telegram::Client,
};

/// How often the database is looked at.
const POLL_EVERY: Duration = Duration::from_millis(250);

/// A step's result for the terminal.
struct Report<'a> {
    texts: &'a Wording,
    failed: bool,
}

impl Report<'_> {
    fn ok(&mut self, key: &str, values: &[(&str, &str)]) -> anyhow::Result<()> {
        let what = self.texts.with(key, values);
        Ok(print_text(&self.texts.with("setup-check-ok", &[("what", &what)]))?)
    }

    fn fail(&mut self, key: &str, values: &[(&str, &str)]) -> anyhow::Result<()> {
        self.failed = true;
        let what = self.texts.with(key, values);
        Ok(print_text(&self.texts.with("setup-check-fail", &[("what", &what)]))?)
    }
}

/// Checks, and prints each result.
pub(super) async fn run(options: &SetupOptions) -> anyhow::Result<()> {
    let environment = environment(options)?;
    let locale = options.locale.as_deref().or(environment.get("LOCALE"));
    let texts = &Wording::of(locale.and_then(Locale::parse).unwrap_or_default());
    let mut report = Report { texts, failed: false };
    examine(&mut report, environment, options).await?;
    if report.failed {
        bail!(texts.plain("setup-check-failed"));
    }
    Ok(())
}

async fn examine(
    report: &mut Report<'_>,
    environment: Environment,
    options: &SetupOptions,
) -> anyhow::Result<()> {
    let worker = match WorkerSettings::from_environment(&environment) {
        Ok(worker) => worker,
        Err(error) => {
            return report.fail("setup-check-settings", &[("reason", &error.to_string())]);
        }
    };
    webhook(report, &worker).await?;
    let Some(secret) = options.secret(&environment)? else {
        return report.fail("setup-check-no-secret", &[]);
    };
    let environment = environment.with("BUKZA_WEBHOOK_SECRET", &secret);
    let host = environment.get("WEBHOOK_HOST").and_then(answers::host);
    let ingest = match IngestSettings::from_environment(&environment) {
        Ok(ingest) => ingest,
        Err(error) => {
            return report.fail("setup-check-settings", &[("reason", &error.to_string())]);
        }
    };
    let Some(address) = host.and_then(|host| host.join(&ingest.webhook_path).ok()) else {
        return report.fail("setup-check-settings", &[("reason", "WEBHOOK_HOST")]);
    };
    let booking = TestBooking::new(report.texts)?;
    let db = match connect(&worker, &booking.code).await {
        Ok(db) => db,
        Err(reason) => return report.fail("setup-check-database", &[("reason", &reason)]),
    };
    let way = Way::new(address, ingest.bukza_secrets.first())?;
    if deliver(report, &way, &booking, &booking.made(SystemClock.now())).await? {
        let patience = Duration::from_secs(options.wait);
        card(report, &db, &worker, &booking.code, patience).await?;
        take_back(report, &db, &way, &booking, patience).await?;
    }
    Ok(())
}

/// A connection that answers: without one nothing is posted that could not be taken back.
async fn connect(
    settings: &WorkerSettings,
    code: &BookingCode,
) -> Result<DatabaseConnection, String> {
    let db = store::connect(&settings.common.database_url, 1).await;
    let db = db.map_err(|error| error.to_string())?;
    bookings::by_code(&db, code).await.map_err(|error| error.to_string())?;
    Ok(db)
}

/// The process's settings, with those of the flags.
fn environment(options: &SetupOptions) -> anyhow::Result<Environment> {
    let example = std::fs::read_to_string(super::EXAMPLE).unwrap_or_default();
    let further = options.further(&example)?.into_iter();
    Ok(further.fold(Environment::of_process(), |all, (name, value)| all.with(&name, &value)))
}

impl SetupOptions {
    /// Bukza's secrets.
    fn secret(&self, environment: &Environment) -> anyhow::Result<Option<String>> {
        let named = environment.get("BUKZA_WEBHOOK_SECRET_FILE").filter(|file| !file.is_empty());
        match (&self.secret_file, environment.get("BUKZA_WEBHOOK_SECRET")) {
            (Some(file), _) => secret_of(file).map(Some),
            (None, Some(secret)) if !secret.is_empty() => Ok(Some(secret.to_owned())),
            (None, _) => named.map(|file| secret_of(file.as_ref())).transpose(),
        }
    }
}

/// Where Telegram sends updates.
async fn webhook(report: &mut Report<'_>, settings: &WorkerSettings) -> anyhow::Result<()> {
    let info = match Client::open(settings)?.get_webhook_info().await {
        Ok(info) => info,
        Err(reason) => return report.fail("setup-check-telegram-away", &[("reason", &reason)]),
    };
    let url = match &settings.telegram {
        WorkerTelegram::Polling => return report.ok("setup-check-polling", &[]),
        WorkerTelegram::Webhook { url, .. } => url,
    };
    if info.url.is_empty() {
        return report.fail("setup-check-webhook-none", &[]);
    }
    if info.url != url.as_str() {
        return report.fail("setup-check-webhook-elsewhere", &[("address", &info.url)]);
    }
    match info.last_error_message.filter(|_| info.pending_update_count > 0) {
        Some(reason) => report.fail("setup-check-webhook-error", &[("reason", &reason)]),
        None => report.ok("setup-check-webhook", &[("address", &info.url)]),
    }
}

/// Whether the booking was accepted.
async fn deliver(
    report: &mut Report<'_>,
    way: &Way,
    booking: &TestBooking,
    body: &Value,
) -> anyhow::Result<bool> {
    let (code, address) = (booking.code.as_str(), way.address.as_str());
    let status = match way.post(body).await {
        Ok(status) => status,
        Err(error) => {
            let values = [("address", address), ("reason", &cause(&error))];
            report.fail("setup-check-unreachable", &values)?;
            return Ok(false);
        }
    };
    match status {
        200 => report.ok("setup-check-accepted", &[("code", code), ("address", address)])?,
        401 => report.fail("setup-check-secret", &[("address", address)])?,
        other => {
            let values = [("address", address), ("status", &other.to_string())];
            report.fail("setup-check-refused", &values)?;
        }
    }
    Ok(status == 200)
}

/// Waits until the staff's card is there.
async fn card(
    report: &mut Report<'_>,
    db: &DatabaseConnection,
    worker: &WorkerSettings,
    code: &BookingCode,
    patience: Duration,
) -> anyhow::Result<()> {
    staff_binding::refresh(&worker.venue.staff_chat, db).await?;
    let has_staff = worker.venue.staff_chat.place().is_some();
    let found = until(patience, async || {
        let Some(booking) = bookings::by_code(db, code).await? else { return Ok(false) };
        if !has_staff {
            return Ok(true);
        }
        let sent = message::Entity::find()
            .filter(message::Column::BookingId.eq(booking.id.0))
            .filter(message::Column::Recipient.eq("staff"))
            .filter(message::Column::SentAt.is_not_null());
        Ok(sent.one(db).await?.is_some())
    });
    let values = [("code", code.as_str())];
    match (found.await?, has_staff) {
        (true, true) => report.ok("setup-check-card", &values),
        (true, false) => report.ok("setup-check-no-staff", &values),
        (false, _) => report.fail("setup-check-waiting", &values),
    }
}

/// Cancels the booking, also when its card did not come.
async fn take_back(
    report: &mut Report<'_>,
    db: &DatabaseConnection,
    way: &Way,
    booking: &TestBooking,
    patience: Duration,
) -> anyhow::Result<()> {
    // A worker that did not apply the booking is not waited for again.
    let patience = if report.failed { Duration::ZERO } else { patience };
    let is_accepted = way.post(&booking.cancelled()).await.is_ok_and(|status| status == 200);
    let is_cancelled = until(patience, async || {
        let found = bookings::by_code(db, &booking.code).await?;
        Ok(found.is_some_and(|found| found.status == BookingStatus::Cancelled))
    });
    let values = [("code", booking.code.as_str())];
    if is_accepted && is_cancelled.await? {
        report.ok("setup-check-back", &values)
    } else {
        report.fail("setup-check-not-back", &values)
    }
}

/// Looks until it is so, and at last once more; whether it was.
async fn until(
    patience: Duration,
    is_so: impl AsyncFn() -> anyhow::Result<bool>,
) -> anyhow::Result<bool> {
    let started = Instant::now();
    loop {
        if is_so().await? {
            return Ok(true);
        }
        if started.elapsed() >= patience {
            return Ok(false);
        }
        sleep(POLL_EVERY).await;
    }
}
