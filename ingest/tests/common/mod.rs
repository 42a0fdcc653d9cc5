//! The context of one test: the router on a real Redis under a prefix of its own and, if set up, on a
//! database of its own. Either can be unavailable.
#![allow(dead_code, clippy::unwrap_used, reason = "shared by several test programs")]

#[path = "../../../shared/tests/common/database.rs"]
mod database;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use ingest::{
    enqueue::{Enqueuer, Fallback, REDIS_TIMEOUT},
    router,
};
use sea_orm::EntityTrait;
use shared::{
    clock::ManualClock,
    queue::{IngestJob, JobQueue, QueueName},
    settings::{Environment, IngestSettings},
    store::{self, DatabaseConnection},
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use self::database::{given, new_database};

pub const SECRET: &str = "first-secret-0123456789";
/// As `openssl rand -base64` gives them.
pub const NEXT_SECRET: &str = "next+secret/0123456789==";
pub const TOKEN: &str = "telegram-token-of-thirty-two-characters";
pub const NOW: &str = "2025-12-01T00:00:00Z";

pub struct World {
    pub router: Router,
    pub clock: ManualClock,
    queue: JobQueue,
    db: Option<DatabaseConnection>,
    tasks: TaskTracker,
    end: CancellationToken,
}

/// The backends of a [`World`].
#[derive(Clone, Default)]
pub struct Setup {
    /// Replaces the address of the real Redis.
    pub redis_url: Option<String>,
    pub with_database: bool,
    pub polling: bool,
    /// `WEBHOOK_PATH`.
    pub path: Option<&'static str>,
}

/// A whole response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The fields that the problem names.
    pub fn fields(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn redis_url() -> String {
    given("TEST_REDIS_URL")
}

/// A loopback port without a listener.
pub async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

impl World {
    /// On the real Redis; PostgreSQL is away.
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        let prefix = format!("t{}", uuid::Uuid::now_v7().simple());
        let database_url = if setup.with_database {
            new_database().await
        } else {
            format!("postgres://nobody@127.0.0.1:{}/nothing", closed_port().await)
        };
        let redis = setup.redis_url.unwrap_or_else(redis_url);
        let secrets = format!("{SECRET},{NEXT_SECRET}");
        let environment: Environment = [
            ("DATABASE_URL", database_url.as_str()),
            ("REDIS_URL", &redis),
            ("QUEUE_PREFIX", &prefix),
            ("TIMEZONE", "Asia/Yekaterinburg"),
            ("BUKZA_WEBHOOK_SECRET", &secrets),
            ("TELEGRAM_WEBHOOK_SECRET", TOKEN),
            ("TELEGRAM_MODE", if setup.polling { "polling" } else { "webhook" }),
            ("WEBHOOK_PATH", setup.path.unwrap_or_default()),
        ]
        .into_iter()
        .collect();
        let settings = IngestSettings::from_environment(&environment).unwrap();
        let (tasks, end) = (TaskTracker::new(), CancellationToken::new());
        let open = |url: &str| JobQueue::open(&url.into(), &prefix, REDIS_TIMEOUT).unwrap();
        let db = store::connect(&settings.common.database_url, 4).await.unwrap();
        let fallback = Fallback::new(open(&redis), db.clone(), &tasks, &end);
        let enqueuer = Enqueuer::start(fallback, &tasks, end.clone());
        let clock = ManualClock::at(NOW.parse().unwrap());
        let router = router::router(&settings, enqueuer, Arc::new(clock.clone()));
        let db = setup.with_database.then_some(db);
        Self { router, clock, queue: open(&redis_url()), db, tasks, end }
    }

    /// Posts to Bukza's path with the secret in its header.
    pub async fn post(&self, query: &str, body: impl Into<Body>) -> Answer {
        let uri = format!("/webhook/bukza?{query}");
        self.send(Request::post(uri).header("X-Webhook-Secret", SECRET), body).await
    }

    pub async fn send(
        &self,
        request: axum::http::request::Builder,
        body: impl Into<Body>,
    ) -> Answer {
        let request = request.body(body.into()).unwrap();
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: head.status, headers: head.headers, text }
    }

    /// The jobs in a queue, in no order.
    pub async fn queued(&self, queue: QueueName) -> Vec<IngestJob> {
        let key = self.queue.keys().config(queue).job_data_hash();
        let mut connection = self.queue.connection();
        let payloads: Vec<Vec<u8>> =
            redis::cmd("HVALS").arg(key).query_async(&mut connection).await.unwrap();
        payloads.iter().map(|payload| IngestJob::decode(payload).unwrap()).collect()
    }

    /// The jobs in the inbox.
    pub async fn inbox(&self) -> Vec<IngestJob> {
        let db = self.db.as_ref().expect("a world with a database");
        let rows = store::entity::inbox::Entity::find().all(db).await.unwrap();
        rows.iter().map(|row| IngestJob::decode(row.payload.as_bytes()).unwrap()).collect()
    }

    /// Ends the batcher as the binary does, and waits for its task.
    pub async fn close(&self) {
        self.end.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
