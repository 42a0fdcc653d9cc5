//! Checks that the token is a bot's, and that updates come as the settings say.

use std::time::Duration;

use shared::settings::{WorkerSettings, WorkerTelegram};

use super::Finding;
use crate::telegram::{Client, WebhookInfo};

/// Longer than the client's own pause after a 5xx.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Pending updates above this number are a backlog.
const PENDING: u64 = 100;

pub(super) async fn check(settings: &WorkerSettings) -> Vec<Finding> {
    let client = match Client::open(settings) {
        Ok(client) => client,
        Err(error) => {
            let found = format!("can't be reached: {error:#}");
            return vec![Finding::fail("bot", found, "mend TELEGRAM_PROXY or TELEGRAM_API_URL")];
        }
    };
    match within(client.get_me()).await {
        Ok(me) => {
            let name = me.username.unwrap_or_else(|| "a bot without a name".to_owned());
            let info = within(client.get_webhook_info()).await;
            vec![Finding::ok("bot", format!("@{name}")), webhook(settings, info)]
        }
        Err(reason) => {
            let remedy = "mend BOT_TOKEN (@BotFather has it); if Telegram can't be reached: the \
                          network, or TELEGRAM_PROXY";
            vec![Finding::fail("bot", reason, remedy)]
        }
    }
}

async fn within<T>(call: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let answer = tokio::time::timeout(TIMEOUT, call).await;
    answer.unwrap_or_else(|_| Err("Telegram does not answer".to_owned()))
}

fn webhook(settings: &WorkerSettings, info: Result<WebhookInfo, String>) -> Finding {
    let about = "webhook";
    let info = match info {
        Ok(info) => info,
        Err(reason) => return Finding::warn(about, reason, "try again"),
    };
    let WorkerTelegram::Webhook { url, .. } = &settings.telegram else {
        return if info.url.is_empty() {
            Finding::ok(about, "none, updates are fetched")
        } else {
            let found = format!("{} is registered, though TELEGRAM_MODE is polling", info.url);
            Finding::fail(about, found, "start a worker, which takes it away")
        };
    };
    let waits = info.pending_update_count;
    if info.url != url.as_str() {
        let known = if info.url.is_empty() { "none" } else { &info.url };
        let found = format!("Telegram knows {known} instead of {url}");
        let remedy = "start a worker, which registers it; does another program use this token?";
        return Finding::fail(about, found, remedy);
    }
    let found = format!("{url}, {waits} updates wait");
    let remedy = "see that ingest runs and nginx lets Telegram in (certificate, port 443)";
    match info.last_error_message {
        Some(error) if waits > 0 => {
            Finding::fail(about, format!("{found}, Telegram's last trouble: {error}"), remedy)
        }
        Some(error) => {
            Finding::warn(about, format!("{found}, Telegram's last trouble: {error}"), remedy)
        }
        None if waits > PENDING => Finding::warn(about, found, remedy),
        None => Finding::ok(about, found),
    }
}
