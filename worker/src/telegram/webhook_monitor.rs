//! Monitors Telegram's side of the webhook: its address, the kinds of updates, what waits and the last error.
//! What another program with the bot's token has changed is set again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use shared::telemetry::metrics::{self, WebhookRepair};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    client::{Client, WebhookInfo},
    setup::{ALLOWED_UPDATES, set_webhook_again},
};

/// The pause between two checks.
const PACE: Duration = Duration::from_secs(30);

impl WebhookInfo {
    /// The host that updates are posted to, for logs and the terminal: the rest of a URL may be a secret.
    #[must_use]
    pub fn host(&self) -> String {
        let url = Url::parse(&self.url).ok();
        match url.as_ref().and_then(Url::host_str) {
            Some(host) => host.chars().take(100).collect(),
            None if self.url.is_empty() => "none".to_owned(),
            None => "unreadable".to_owned(),
        }
    }

    /// What has to be set again for updates to come to `url`.
    fn fault(&self, url: &Url) -> Option<WebhookRepair> {
        if self.url != url.as_str() {
            return Some(WebhookRepair::Url);
        }
        (!self.missing_updates().is_empty()).then_some(WebhookRepair::AllowedUpdates)
    }

    /// The kinds of updates that are needed and do not come.
    #[must_use]
    pub fn missing_updates(&self) -> Vec<&'static str> {
        // An empty list is Telegram's default, which has them all.
        let allowed = self.allowed_updates.as_ref().filter(|kinds| !kinds.is_empty());
        let is_missing =
            |kind: &&str| allowed.is_some_and(|all| !all.iter().any(|allowed| allowed == kind));
        ALLOWED_UPDATES.into_iter().filter(is_missing).collect()
    }
}

/// Checks twice a minute, until `stop`, that updates come to `url`, and sets the webhook again if not.
pub async fn watch(client: &Client, url: &Url, secret: &SecretString, stop: &CancellationToken) {
    let mut last_logged = None;
    let watching = async {
        loop {
            match client.get_webhook_info().await {
                Ok(info) => {
                    report(&info, url, &mut last_logged);
                    if let Some(fault) = info.fault(url) {
                        repair(client, url, secret, &info, fault).await;
                    }
                }
                Err(reason) => tracing::debug!(reason, "getWebhookInfo failed"),
            }
            tokio::time::sleep(PACE).await;
        }
    };
    stop.run_until_cancelled(watching).await;
}

async fn repair(
    client: &Client,
    url: &Url,
    secret: &SecretString,
    info: &WebhookInfo,
    fault: WebhookRepair,
) {
    let host = info.host();
    match set_webhook_again(client, url, secret).await {
        Ok(()) => {
            metrics::telegram_webhook_repaired(fault);
            tracing::warn!(host, cause = ?fault, "the webhook was changed by another program and is set again");
        }
        Err(reason) => {
            tracing::warn!(host, cause = ?fault, reason, "the webhook could not be set again");
        }
    }
}

/// Records the metrics, and logs each error once.
fn report(info: &WebhookInfo, url: &Url, last_logged: &mut Option<i64>) {
    let registered = info.url == url.as_str();
    let last_error = info.last_error_date.and_then(|at| DateTime::<Utc>::from_timestamp(at, 0));
    metrics::telegram_webhook(registered, info.pending_update_count, last_error);
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

    #[test]
    fn what_another_program_changed_is_found_and_more_kinds_are_no_fault() {
        let url = Url::parse("https://bot.example/webhook/telegram").unwrap();
        let found = |stands: &str, allowed: Option<&[&str]>| {
            let allowed_updates =
                allowed.map(|kinds| kinds.iter().map(|kind| (*kind).to_owned()).collect());
            let info =
                WebhookInfo { url: stands.to_owned(), allowed_updates, ..Default::default() };
            info.fault(&url)
        };
        let all = ["my_chat_member", "message", "poll", "callback_query"];
        for sound in [None, Some(&[] as &[&str]), Some(&all)] {
            assert_eq!(found(url.as_str(), sound), None, "{sound:?}");
        }
        for missing in 0..2 {
            let narrowed = found(url.as_str(), Some(&all[missing..missing + 2]));
            assert_eq!(narrowed, Some(WebhookRepair::AllowedUpdates));
        }
        for elsewhere in ["", "https://bot.example/", "https://other.example/webhook/telegram"] {
            assert_eq!(found(elsewhere, None), Some(WebhookRepair::Url), "{elsewhere}");
        }
    }

    #[test]
    fn of_a_foreign_address_only_the_host_is_shown() {
        let host = |url: &str| WebhookInfo { url: url.to_owned(), ..Default::default() }.host();
        assert_eq!(
            host("https://user:secret@other.example:8443/42:token?key=1#x"),
            "other.example"
        );
        assert_eq!(host(""), "none");
        assert_eq!(host("secret"), "unreadable");
    }
}
