//! Telegram's responses: `{"ok":true,"result":…}`, and errors with description and parameters.
//! Descriptions are Telegram's exact texts, because clients match them.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::model::FaultKind;

/// An HTTP response. Status 0 means a cut connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Json(Value),
    Html(&'static str),
}

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";
const NOT_JSON: &str = "<!doctype html><title>Sign in to the network</title>";

impl Answer {
    pub(crate) fn ok(result: Value) -> Self {
        Self { status: 200, body: Body::Json(json!({"ok": true, "result": result})) }
    }

    pub(crate) fn error(status: u16, description: impl Into<String>) -> Self {
        let body = json!({"ok": false, "error_code": status, "description": description.into()});
        Self { status, body: Body::Json(body) }
    }

    fn with_parameter(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Body::Json(Value::Object(body)) = &mut self.body {
            body.insert("parameters".into(), json!({ name: value.into() }));
        }
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::error(404, "Not Found")
    }

    /// The description of an error, for the journal.
    pub(crate) fn description(&self) -> String {
        match &self.body {
            Body::Json(body) => body["description"].as_str().unwrap_or_default().to_owned(),
            Body::Html(_) => "HTML".to_owned(),
        }
    }

    /// The response of a scripted fault.
    pub(crate) fn of_fault(kind: &FaultKind) -> Self {
        match kind {
            FaultKind::TooManyRequests { retry_after } => {
                Self::error(429, format!("Too Many Requests: retry after {retry_after}"))
                    .with_parameter("retry_after", *retry_after)
            }
            FaultKind::Forbidden => Self::error(403, "Forbidden: bot was blocked by the user"),
            FaultKind::Unauthorized => Self::error(401, "Unauthorized"),
            FaultKind::ChatNotFound => Self::error(400, "Bad Request: chat not found"),
            FaultKind::Refused { description } => Self::error(400, description.as_str()),
            FaultKind::UserDeactivated => Self::error(403, "Forbidden: user is deactivated"),
            FaultKind::BadRequest => Self::error(400, "Bad Request: scripted by the simulator"),
            FaultKind::ServerError => Self::error(500, "Internal Server Error"),
            FaultKind::BadGatewayHtml => Self { status: 502, body: Body::Html(BAD_GATEWAY) },
            FaultKind::Migrate { to } => {
                Self::error(400, "Bad Request: group chat was upgraded to a supergroup chat")
                    .with_parameter("migrate_to_chat_id", *to)
            }
            FaultKind::Garbage => Self { status: 200, body: Body::Html(NOT_JSON) },
            FaultKind::Hang { .. } | FaultKind::CutBeforeAccept | FaultKind::CutAfterAccept => {
                Self { status: 0, body: Body::Html("") }
            }
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        match self.body {
            Body::Json(body) => {
                (status, [(header::CONTENT_TYPE, "application/json")], body.to_string())
                    .into_response()
            }
            Body::Html(body) => {
                (status, [(header::CONTENT_TYPE, "text/html")], body).into_response()
            }
        }
    }
}

/// Marks a response that must not be sent: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CutConnection;

impl IntoResponse for CutConnection {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}
