//! The Bot API client: how it connects, and how a method is called and measured.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    settings::WorkerSettings,
    telemetry::metrics::{self, TelegramOutcome, WhichWay},
};
use tokio::{sync::OnceCell, time::Instant};
use url::Url;

use super::{answer::CallError, error::call_label, way::Way, ways::Ways};

/// The bot's client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    ways: Arc<Ways>,
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
        Ok(Self::new(Ways::open(&settings.telegram_ways, &settings.bot_token)?))
    }

    /// A client with default timeouts for the Bot API at `api_url`.
    #[must_use]
    pub fn with_token(token: &str, api_url: Url) -> Self {
        let way = Way::new(reqwest::Client::new(), token, api_url.as_str(), Arc::default());
        Self::new(Ways::new(way, None))
    }

    pub(super) fn new(ways: Ways) -> Self {
        Self { ways: Arc::new(ways), username: Arc::default() }
    }

    /// The ways to Telegram there are.
    #[must_use]
    pub fn ways(&self) -> &'static [WhichWay] {
        self.ways.all()
    }

    /// Records in the metrics which way to Telegram is in use.
    pub fn record_way(&self) {
        self.ways.record();
    }

    /// The bot's own account, by one of the ways alone.
    ///
    /// # Errors
    /// Why the call failed, and its cause where the way could not be connected to.
    pub async fn get_me_by(&self, way: WhichWay) -> Result<Me, (CallError, String)> {
        let me = self.ways.post_by(way, GetMe::NAME, &|request| request.json(&GetMe {})).await;
        me.map_err(|failed| (failed.error.clone(), failed.explained()))
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
        self.ways.post(M::NAME, |request| request.json(method)).await
    }

    /// Uploads a file by a method whose caller measures the call. Each way that is tried gets a form of its own.
    pub(super) async fn upload<A: DeserializeOwned>(
        &self,
        method: &str,
        form: impl Fn() -> reqwest::multipart::Form + Sync,
    ) -> Result<A, CallError> {
        self.ways.post(method, |request| request.multipart(form())).await
    }
}
