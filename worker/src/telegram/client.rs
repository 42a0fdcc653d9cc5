//! The Bot API client: how it connects, and how a method is called and measured.

use std::{fmt, time::Duration};

use anyhow::Context;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    settings::WorkerSettings,
    telemetry::metrics::{self, TelegramOutcome},
};
use teloxide::{
    Bot, RequestError,
    requests::{JsonRequest, Payload, Request},
};
use tokio::time::Instant;
use url::Url;

use super::error::{call_label, reason};

/// The bot's client. Cheap to clone.
#[derive(Clone)]
pub struct Client(Bot);

impl fmt::Debug for Client {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// The part of `getMe`'s answer that is read.
#[derive(Debug, Deserialize)]
pub struct Me {
    pub id: i64,
    pub username: Option<String>,
}

/// The part of `getWebhookInfo`'s answer that is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct WebhookInfo {
    /// Empty: no webhook is set.
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub pending_update_count: u64,
    /// Unix seconds.
    pub last_error_date: Option<i64>,
    pub last_error_message: Option<String>,
    /// The kinds of updates that come. Left out: those of Telegram's default, and more than are needed.
    pub allowed_updates: Option<Vec<String>>,
}

/// A method of the Bot API with its parameters, and what is read of its answer.
macro_rules! method {
    ($name:literal, $payload:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? } -> $output:ty) => {
        #[derive(Clone, Serialize)]
        struct $payload { $($(#[$attribute])* $field: $type),* }

        impl Payload for $payload {
            type Output = $output;
            const NAME: &'static str = $name;
        }
    };
}
pub(super) use method;

method!("GetMe", GetMe {} -> Me);
method!("GetWebhookInfo", GetWebhookInfo {} -> WebhookInfo);

impl Client {
    /// The client for the bot of these settings. Nothing is connected yet.
    ///
    /// # Errors
    /// When the proxy's address or the TLS set-up is unusable.
    pub fn open(settings: &WorkerSettings) -> anyhow::Result<Self> {
        let mut client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(20))
            .pool_idle_timeout(Duration::from_secs(20))
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if let Some(proxy) = &settings.telegram_proxy {
            let proxy =
                reqwest::Proxy::all(proxy.expose_secret()).ok().context("TELEGRAM_PROXY")?;
            client = client.proxy(proxy);
        }
        let client = client.build().context("can't set up the client for Telegram")?;
        let bot = Bot::with_client(settings.bot_token.expose_secret(), client)
            .set_api_url(settings.telegram_api_url.clone());
        Ok(Self(bot))
    }

    /// A client with default timeouts for the Bot API at `api_url`.
    #[must_use]
    pub fn with_token(token: &str, api_url: Url) -> Self {
        Self(Bot::new(token).set_api_url(api_url))
    }

    /// The bot's own account.
    ///
    /// # Errors
    /// The reason, without the token.
    pub async fn get_me(&self) -> Result<Me, String> {
        self.call(GetMe {}).await.map_err(|error| reason(&error))
    }

    /// The webhook as Telegram has it.
    ///
    /// # Errors
    /// The reason, without the token.
    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, String> {
        self.call(GetWebhookInfo {}).await.map_err(|error| reason(&error))
    }

    /// Calls a method and measures the call.
    pub(super) async fn call<P>(&self, payload: P) -> Result<P::Output, RequestError>
    where
        P: Payload + Serialize + 'static,
        P::Output: DeserializeOwned,
    {
        let started = Instant::now();
        let answer = self.call_unmeasured(payload).await;
        let label = answer.as_ref().map_or_else(call_label, |_| TelegramOutcome::Ok);
        metrics::telegram_request(P::NAME, label, started.elapsed());
        answer
    }

    /// Calls a method whose caller measures the call.
    pub(super) async fn call_unmeasured<P>(&self, payload: P) -> Result<P::Output, RequestError>
    where
        P: Payload + Serialize + 'static,
        P::Output: DeserializeOwned,
    {
        JsonRequest::new(self.0.clone(), payload).send().await
    }
}
