//! The Bot API client: how it connects, and how a method is called and measured.

use std::{fmt, sync::Arc, time::Duration};

use anyhow::Context;
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    settings::WorkerSettings,
    telemetry::metrics::{self, TelegramOutcome},
};
use tokio::{sync::OnceCell, time::Instant};
use url::Url;

use super::{
    answer::{self, CallError},
    error::call_label,
};

/// The bot's client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// The address of the bot's methods, up to a method's name. It holds the token.
    methods: SecretString,
    /// Known once it was needed.
    username: Arc<OnceCell<String>>,
}

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

/// A method of the Bot API: its parameters, its name, and what is read of its answer.
pub(super) trait Method: Serialize + Sync {
    const NAME: &'static str;
    type Answer: DeserializeOwned;
}

macro_rules! method {
    ($name:literal, $method:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? } -> $answer:ty) => {
        #[derive(Clone, Serialize)]
        struct $method { $($(#[$attribute])* $field: $type),* }

        impl crate::telegram::client::Method for $method {
            type Answer = $answer;
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
        Ok(Self::new(client, settings.bot_token.expose_secret(), &settings.telegram_api_url))
    }

    /// A client with default timeouts for the Bot API at `api_url`.
    #[must_use]
    pub fn with_token(token: &str, api_url: Url) -> Self {
        Self::new(reqwest::Client::new(), token, &api_url)
    }

    fn new(http: reqwest::Client, token: &str, api_url: &Url) -> Self {
        let methods = format!("{}/bot{token}/", api_url.as_str().trim_end_matches('/'));
        Self { http, methods: methods.into(), username: Arc::default() }
    }

    /// The bot's own account.
    ///
    /// # Errors
    /// Why the call failed.
    pub async fn get_me(&self) -> Result<Me, String> {
        self.call(GetMe {}).await.map_err(|error| error.to_string())
    }

    /// The bot's name in links `t.me/NAME`.
    ///
    /// # Errors
    /// Why the call failed.
    pub async fn username(&self) -> Result<&str, String> {
        let named = self.username.get_or_try_init(async || {
            self.get_me().await?.username.ok_or_else(|| "the bot has no name".to_owned())
        });
        named.await.map(String::as_str)
    }

    /// Whether a command that names this bot is for another one. While Telegram does not tell the bot's own name, it is
    /// not: other bots' commands come in a few groups only.
    pub async fn is_another_bot(&self, name: &str) -> bool {
        self.username().await.is_ok_and(|own| !own.eq_ignore_ascii_case(name))
    }

    /// The webhook as Telegram has it.
    ///
    /// # Errors
    /// Why the call failed.
    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, String> {
        self.call(GetWebhookInfo {}).await.map_err(|error| error.to_string())
    }

    /// Calls a method and measures the call.
    pub(super) async fn call<M: Method>(&self, method: M) -> Result<M::Answer, CallError> {
        let started = Instant::now();
        let answer = self.call_unmeasured(&method).await;
        let label = answer.as_ref().map_or_else(call_label, |_| TelegramOutcome::Ok);
        metrics::telegram_request(M::NAME, label, started.elapsed());
        answer
    }

    /// Calls a method whose caller measures the call.
    pub(super) async fn call_unmeasured<M: Method>(
        &self,
        method: &M,
    ) -> Result<M::Answer, CallError> {
        self.post(M::NAME, |request| request.json(method)).await
    }

    /// Uploads a file by a method whose caller measures the call.
    pub(super) async fn upload<A: DeserializeOwned>(
        &self,
        method: &str,
        form: reqwest::multipart::Form,
    ) -> Result<A, CallError> {
        self.post(method, |request| request.multipart(form)).await
    }

    async fn post<A: DeserializeOwned>(
        &self,
        method: &str,
        with_body: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<A, CallError> {
        let url = format!("{}{method}", self.methods.expose_secret());
        let response = with_body(self.http.post(url)).send().await.map_err(lost)?;
        let status = response.status().as_u16();
        answer::read(status, &response.bytes().await.map_err(lost)?)
    }
}

/// A call without an answer. The error's own text is not kept: it names the address, and with it the token.
fn lost(error: reqwest::Error) -> CallError {
    if error.is_connect() {
        CallError::NotConnected
    } else if error.is_timeout() {
        CallError::Timeout
    } else {
        CallError::ConnectionLost
    }
}
