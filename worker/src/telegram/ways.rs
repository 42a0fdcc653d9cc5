//! The ways to Telegram, one or two. A call goes by the way in use, and by the other one only where no byte of it can
//! have reached Telegram. Each process remembers which way works, and returns to the first.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde::de::{DeserializeOwned, IgnoredAny};
use shared::{
    settings::TelegramWay,
    telemetry::metrics::{self, WhichWay},
};
use tokio::time::Instant;

use super::{
    answer::CallError,
    way::{Failed, Way},
};

/// How often the first way is tried while the second is in use. No message waits for it.
const RETURN_EVERY: Duration = Duration::from_secs(30);

/// The ways to Telegram.
pub(super) struct Ways {
    first: Way,
    second: Option<Way>,
    second_in_use: AtomicBool,
    /// When the first way was last found away, or tried.
    first_tried: Mutex<Instant>,
}

impl Ways {
    /// The ways of the settings.
    ///
    /// # Errors
    /// When a proxy's address or the TLS set-up is unusable.
    pub fn open(ways: &[TelegramWay], token: &SecretString) -> anyhow::Result<Self> {
        let mut ways = ways.iter().map(|way| Way::open(way, token));
        let first = ways.next().unwrap_or_else(|| anyhow::bail!("no way to Telegram"))?;
        Ok(Self::new(first, ways.next().transpose()?))
    }

    pub fn new(first: Way, second: Option<Way>) -> Self {
        let (second_in_use, first_tried) = (AtomicBool::default(), Mutex::new(Instant::now()));
        Self { first, second, second_in_use, first_tried }
    }

    /// The ways there are.
    pub fn all(&self) -> &'static [WhichWay] {
        if self.second.is_some() { WhichWay::ALL } else { &[WhichWay::First] }
    }

    pub fn in_use(&self) -> WhichWay {
        if self.second_in_use.load(Ordering::Relaxed) { WhichWay::Second } else { WhichWay::First }
    }

    /// Calls a method. `with_body` is called once for each way that is tried.
    pub async fn post<A: DeserializeOwned>(
        self: &Arc<Self>,
        method: &str,
        with_body: impl Fn(RequestBuilder) -> RequestBuilder + Sync,
    ) -> Result<A, CallError> {
        self.return_to_first();
        let used = self.in_use();
        let failed = match self.post_by(used, method, &with_body).await {
            Err(failed) if failed.is_undelivered() && self.second.is_some() => failed,
            answer => return answer.map_err(|failed| failed.error),
        };
        let other = match used {
            WhichWay::First => WhichWay::Second,
            WhichWay::Second => WhichWay::First,
        };
        let answer = self.post_by(other, method, &with_body).await;
        if !answer.as_ref().is_err_and(Failed::is_undelivered) {
            self.switch_to(other, &failed);
        }
        answer.map_err(|failed| failed.error)
    }

    /// Calls a method by one of the ways alone.
    pub async fn post_by<A: DeserializeOwned>(
        &self,
        way: WhichWay,
        method: &str,
        with_body: &(impl Fn(RequestBuilder) -> RequestBuilder + Sync),
    ) -> Result<A, Failed> {
        let way = match way {
            WhichWay::First => &self.first,
            WhichWay::Second => self.second.as_ref().unwrap_or(&self.first),
        };
        way.post(method, with_body).await
    }

    /// Of several calls that find the same, one changes the way.
    fn switch_to(&self, way: WhichWay, failed: &Failed) {
        let to_second = way == WhichWay::Second;
        if to_second {
            *self.first_tried.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        if self.second_in_use.swap(to_second, Ordering::Relaxed) == to_second {
            return;
        }
        self.record();
        let reason = failed.explained();
        match way {
            WhichWay::First => {
                tracing::warn!(reason, "the second way to Telegram fails: the first one is used");
            }
            WhichWay::Second => {
                tracing::warn!(reason, "the first way to Telegram fails: the second one is used");
            }
        }
    }

    /// Tries the first way in the background, where that is due.
    fn return_to_first(self: &Arc<Self>) {
        if self.in_use() == WhichWay::First {
            return;
        }
        {
            let mut tried = self.first_tried.lock().unwrap_or_else(PoisonError::into_inner);
            if tried.elapsed() < RETURN_EVERY {
                return;
            }
            *tried = Instant::now();
        }
        let ways = Arc::clone(self);
        tokio::spawn(async move {
            let nothing = serde_json::json!({});
            let with_body = |request: RequestBuilder| request.json(&nothing);
            let answer = ways.post_by::<IgnoredAny>(WhichWay::First, "GetMe", &with_body).await;
            if answer.is_ok() && ways.second_in_use.swap(false, Ordering::Relaxed) {
                ways.record();
                tracing::info!("the first way to Telegram works again and is used");
            }
        });
    }

    /// Records in the metrics which way is in use.
    pub fn record(&self) {
        let in_use = self.in_use();
        WhichWay::ALL.iter().for_each(|way| metrics::telegram_way(*way, *way == in_use));
    }
}

#[cfg(test)]
#[path = "ways_tests.rs"]
mod tests;
