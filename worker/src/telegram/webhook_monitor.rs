//! Watching Telegram's side of the webhook: where it posts updates, how many wait there, and when
//! it last failed. It tells nobody by itself; only this finds a webhook that was taken over.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::telemetry::metrics;
use teloxide::{Bot, requests::Payload};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::setup::{call, reason};

const PACE: Duration = Duration::from_secs(120);

#[derive(Clone, Serialize)]
struct GetWebhookInfo {}

impl Payload for GetWebhookInfo {
    type Output = WebhookInfo;
    const NAME: &'static str = "GetWebhookInfo";
}

/// What is read of Telegram's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct WebhookInfo {
    #[serde(default)]
    url: String,
    #[serde(default)]
    pending_update_count: u64,
    /// Unix seconds.
    last_error_date: Option<i64>,
    last_error_message: Option<String>,
}

/// Asks again and again, until `stop`, whether updates come to `url`.
pub async fn watch(bot: &Bot, url: &Url, stop: &CancellationToken) {
    let mut told = None;
    let watching = async {
        loop {
            match call(bot, GetWebhookInfo {}).await {
                Ok(info) => report(&info, url, &mut told),
                Err(error) => {
                    tracing::debug!(reason = reason(&error), "the webhook can't be asked for");
                }
            }
            tokio::time::sleep(PACE).await;
        }
    };
    stop.run_until_cancelled(watching).await;
}

/// Measures what Telegram says, and tells of each trouble once.
fn report(info: &WebhookInfo, url: &Url, told: &mut Option<i64>) {
    let registered = info.url == url.as_str();
    let last_error = info.last_error_date.and_then(|at| DateTime::<Utc>::from_timestamp(at, 0));
    metrics::telegram_webhook(registered, info.pending_update_count, last_error);
    if !registered {
        tracing::warn!("Telegram posts updates elsewhere: restart a worker, or end the other bot");
    }
    if info.last_error_date.is_some() && info.last_error_date != *told {
        *told = info.last_error_date;
        let words = info.last_error_message.as_deref().unwrap_or_default();
        let reason: String = words.chars().take(200).collect();
        let pending = info.pending_update_count;
        tracing::warn!(reason, pending, "Telegram could not deliver an update");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_once_and_of_no_webhook_too() {
        let url = Url::parse("https://bot.example/webhook/telegram").unwrap();
        let read = |json: &str| serde_json::from_str::<WebhookInfo>(json).unwrap();
        let mut told = None;
        report(&read(r#"{"url":"","pending_update_count":3,"new_field":{}}"#), &url, &mut told);
        assert_eq!(told, None);
        let failed = read(
            r#"{"url":"https://bot.example/webhook/telegram","pending_update_count":3,
                "last_error_date":1700000000,"last_error_message":"Connection refused"}"#,
        );
        for _ in 0..2 {
            report(&failed, &url, &mut told);
            assert_eq!(told, Some(1_700_000_000));
        }
    }
}
