//! Monitors Telegram's side of the webhook: its address, the pending updates and the last error. Only
//! this check finds a webhook that another program took over.

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::telemetry::metrics;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::client::{Client, WebhookInfo};

/// The pause between two checks.
const PACE: Duration = Duration::from_secs(120);

/// Checks every 2 minutes, until `stop`, that updates come to `url`.
pub async fn watch(client: &Client, url: &Url, stop: &CancellationToken) {
    let mut last_logged = None;
    let watching = async {
        loop {
            match client.get_webhook_info().await {
                Ok(info) => report(&info, url, &mut last_logged),
                Err(reason) => tracing::debug!(reason, "getWebhookInfo failed"),
            }
            tokio::time::sleep(PACE).await;
        }
    };
    stop.run_until_cancelled(watching).await;
}

/// Records the metrics, and logs each error once.
fn report(info: &WebhookInfo, url: &Url, last_logged: &mut Option<i64>) {
    let registered = info.url == url.as_str();
    let last_error = info.last_error_date.and_then(|at| DateTime::<Utc>::from_timestamp(at, 0));
    metrics::telegram_webhook(registered, info.pending_update_count, last_error);
    if !registered {
        tracing::warn!("Telegram posts updates elsewhere: restart a worker, or end the other bot");
    }
    if info.last_error_date.is_some() && info.last_error_date != *last_logged {
        *last_logged = info.last_error_date;
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
    fn each_error_is_logged_once() {
        let url = Url::parse("https://bot.example/webhook/telegram").unwrap();
        let read = |json: &str| serde_json::from_str::<WebhookInfo>(json).unwrap();
        let mut last_logged = None;
        report(
            &read(r#"{"url":"","pending_update_count":3,"new_field":{}}"#),
            &url,
            &mut last_logged,
        );
        assert_eq!(last_logged, None);
        let failed = read(
            r#"{"url":"https://bot.example/webhook/telegram","pending_update_count":3,
                "last_error_date":1700000000,"last_error_message":"Connection refused"}"#,
        );
        for _ in 0..2 {
            report(&failed, &url, &mut last_logged);
            assert_eq!(last_logged, Some(1_700_000_000));
        }
    }
}
