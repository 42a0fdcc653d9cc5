//! The routes, and what their handlers share.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::{any, post},
};
use shared::{
    bukza::Rules,
    clock::Clock,
    settings::{IngestSettings, IngestTelegram, Secrets, TELEGRAM_WEBHOOK_PATH},
};

use crate::{arrivals::Arrivals, body, bukza, problem::Problem, storage::Intake, telegram};

/// What the handlers share.
#[derive(Debug)]
pub struct App {
    pub(crate) rules: Rules,
    pub(crate) bukza_secrets: Secrets,
    /// `None`: updates are fetched by worker, and not taken here.
    pub(crate) telegram_secret: Option<Secrets>,
    pub(crate) intake: Intake,
    pub(crate) arrivals: Arrivals,
}

/// The routes of ingest.
pub fn router(settings: &IngestSettings, intake: Intake, clock: Arc<dyn Clock>) -> Router {
    let telegram_secret = match &settings.telegram {
        IngestTelegram::Webhook { secret } => Some(secret.clone()),
        IngestTelegram::Polling => None,
    };
    let app = App {
        rules: Rules::from(&settings.common),
        bukza_secrets: settings.bukza_secrets.clone(),
        telegram_secret,
        intake,
        arrivals: Arrivals::new(clock),
    };
    // An account that adds a slash means the same.
    let path = settings.webhook_path.trim_end_matches('/');
    Router::new()
        .route(path, any(bukza::receive))
        .route(&format!("{path}/"), any(bukza::receive))
        .route(TELEGRAM_WEBHOOK_PATH, post(telegram::receive))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .with_state(Arc::new(app))
}

async fn method_not_allowed(request: Request) -> Response {
    body::discard(request.into_body()).await;
    Problem::MethodNotAllowed(Vec::new()).into_response()
}

pub(crate) async fn not_found(request: Request) -> Response {
    body::discard(request.into_body()).await;
    Problem::NotFound.into_response()
}
