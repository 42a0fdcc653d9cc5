//! One way to Telegram: a server of the Bot API, perhaps through a proxy; how it is connected to, and whether a call
//! that failed may have been delivered.

use std::{error::Error, sync::Arc, time::Duration};

use anyhow::Context;
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use shared::settings::TelegramWay;

use super::{
    answer::{self, CallError},
    families::{Families, Resolver},
};

/// Longest attempt to connect, with the proxy's answer and TLS.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest cause that is shown, in characters.
const CAUSE_MAX: usize = 200;

/// One way to Telegram.
pub(super) struct Way {
    http: reqwest::Client,
    /// The address of the bot's methods, up to a method's name. It holds the token.
    methods: SecretString,
    families: Arc<Families>,
}

/// Why a call failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub error: CallError,
    /// Why no connection was made, as the system or TLS words it.
    pub cause: Option<String>,
}

impl Failed {
    /// Whether no byte of the call can have reached Telegram.
    pub fn is_undelivered(&self) -> bool {
        self.error == CallError::NotConnected
    }

    /// The error with its cause.
    pub fn explained(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{}: {cause}", self.error),
            None => self.error.to_string(),
        }
    }
}

impl Way {
    /// A way of the settings. Nothing is connected yet.
    ///
    /// # Errors
    /// When the proxy's address or the TLS set-up is unusable.
    pub fn open(way: &TelegramWay, token: &SecretString) -> anyhow::Result<Self> {
        let families = Arc::new(Families::default());
        let http = Self::builder(way, &families)?.build();
        let http = http.context("can't set up the client for Telegram")?;
        Ok(Self::new(http, token.expose_secret(), way.api_url.expose_secret(), families))
    }

    /// How a way of the settings is connected to. Certificates are checked by the authorities that are compiled in.
    ///
    /// # Errors
    /// When the proxy's address is unusable.
    pub fn builder(
        way: &TelegramWay,
        families: &Arc<Families>,
    ) -> anyhow::Result<reqwest::ClientBuilder> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(Duration::from_secs(20))
            .pool_idle_timeout(Duration::from_secs(20))
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver(Arc::clone(families))))
            .no_proxy();
        let Some(proxy) = &way.proxy else { return Ok(http) };
        let proxy = reqwest::Proxy::all(proxy.expose_secret());
        Ok(http.proxy(proxy.ok().context("the proxy of TELEGRAM_API_URL or TELEGRAM_PROXY")?))
    }

    /// A way of this client.
    pub fn new(http: reqwest::Client, token: &str, api_url: &str, families: Arc<Families>) -> Self {
        let methods = format!("{}/bot{token}/", api_url.trim_end_matches('/'));
        Self { http, methods: methods.into(), families }
    }

    /// Calls a method.
    pub async fn post<A: DeserializeOwned>(
        &self,
        method: &str,
        with_body: &(impl Fn(RequestBuilder) -> RequestBuilder + Sync),
    ) -> Result<A, Failed> {
        let reversed = self.families.reversed();
        let url = format!("{}{method}", self.methods.expose_secret());
        let sent = with_body(self.http.post(url)).send().await;
        let response = sent.map_err(|error| lost(&error)).inspect_err(|failed| {
            if failed.is_undelivered() {
                self.families.failed(reversed);
            }
        })?;
        self.families.connected(response.remote_addr());
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| lost(&error))?;
        answer::read(status, &body).map_err(|error| Failed { error, cause: None })
    }
}

/// A call without an answer. The error's own text is not kept: it names the address, and with it the token.
fn lost(error: &reqwest::Error) -> Failed {
    if error.is_connect() {
        Failed { error: CallError::NotConnected, cause: cause(error) }
    } else if error.is_timeout() {
        Failed { error: CallError::Timeout, cause: None }
    } else {
        Failed { error: CallError::ConnectionLost, cause: None }
    }
}

/// The innermost cause. None of these names an address with a scheme.
fn cause(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text: String =
        cause.to_string().chars().filter(|c| !c.is_control()).take(CAUSE_MAX).collect();
    (!text.contains("://")).then_some(text)
}
