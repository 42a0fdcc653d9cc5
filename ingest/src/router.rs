//! The routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::{any, post},
};
use shared::{
    clock::Clock,
    settings::{BUKZA_WEBHOOK_PATH, IngestSettings, IngestTelegram, TELEGRAM_WEBHOOK_PATH},
};

use crate::{
    enqueue::Enqueuer,
    http::{
        body,
        problem::{self, Problem},
        receive_time::ReceiveTimes,
        refusal_log::RefusalLog,
    },
    state::App,
    webhooks::{bukza, telegram},
};

/// The routes of ingest.
pub fn router(settings: &IngestSettings, enqueuer: Enqueuer, clock: Arc<dyn Clock>) -> Router {
    let telegram_secrets = match &settings.telegram {
        IngestTelegram::Webhook { secrets } => Some(secrets.clone()),
        IngestTelegram::Polling => None,
    };
    let app = App {
        rules: settings.common.rules.clone(),
        locale: settings.common.locale,
        bukza_secrets: settings.bukza_secrets.clone(),
        telegram_secrets,
        enqueuer,
        receive_times: ReceiveTimes::new(clock),
        bukza_refusals: RefusalLog::new("bukza"),
        telegram_refusals: RefusalLog::new("telegram"),
    };
    let own = settings.webhook_path.trim_end_matches('/');
    let paths = [own].into_iter().chain((own != BUKZA_WEBHOOK_PATH).then_some(BUKZA_WEBHOOK_PATH));
    // Some accounts' URLs end with a slash.
    let bukza = paths.fold(Router::new(), |router, path| {
        router.route(path, any(bukza::receive)).route(&format!("{path}/"), any(bukza::receive))
    });
    bukza
        .route(TELEGRAM_WEBHOOK_PATH, post(telegram::receive))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(problem::not_found)
        .with_state(Arc::new(app))
}

async fn method_not_allowed(State(app): State<Arc<App>>, request: Request) -> Response {
    body::discard(request.into_body()).await;
    Problem::MethodNotAllowed(Vec::new()).response(app.locale)
}
