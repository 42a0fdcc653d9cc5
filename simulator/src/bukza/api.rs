//! The API of the simulated Bukza: the sign-in, and the rows of a table on the server that the sign-in names.

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    form,
    model::{BukzaCall, BukzaFaultKind, BukzaMethod, EMAIL, TABLE_ID},
    table::Bukza,
};
use crate::{api::CutConnection, state::Shared};

/// The path of the server with the account's data. An API without it does not answer there.
const SERVER: &str = "/eu1";
const PAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/account/signin", post(sign_in))
        .route(&format!("{SERVER}/api/reservation-tables/data"), post(rows))
}

/// An answer, before faults.
struct Answer {
    status: u16,
    body: Value,
    period: Option<(DateTime<Utc>, DateTime<Utc>)>,
    rows: usize,
}

impl Answer {
    fn new(status: u16, body: Value) -> Self {
        Self { status, body, period: None, rows: 0 }
    }

    fn refused(status: u16) -> Self {
        Self::new(status, json!({ "message": "refused" }))
    }
}

async fn sign_in(State(simulator): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let server = format!("http://{host}{SERVER}/");
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    respond(&simulator, BukzaMethod::SignIn, |bukza| {
        if !form::is_sign_in_request(&request) {
            Answer::refused(400)
        } else if request["email"] != EMAIL || request["password"] != bukza.password.as_str() {
            Answer::refused(401)
        } else {
            let token = bukza.sign_in();
            Answer::new(200, form::sign_in(&token, &server))
        }
    })
    .await
}

async fn rows(State(simulator): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = token.and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    respond(&simulator, BukzaMethod::Table, |bukza| read(bukza, token, &request)).await
}

fn read(bukza: &Bukza, token: &str, request: &Value) -> Answer {
    let time = |key: &str| request[key].as_str().and_then(|text| text.parse().ok());
    if !bukza.knows(token) {
        return Answer::refused(401);
    }
    let Some(period) = time("from").zip(time("till")).filter(|_| form::is_table_request(request))
    else {
        return Answer::refused(400);
    };
    if request["reservationTableId"] != TABLE_ID {
        return Answer::refused(404);
    }
    let rows = bukza.rows(period.0, period.1);
    let shown = rows.iter().copied().take(bukza.rows_max);
    let body = form::table(shown, (bukza.zone, bukza.time_format));
    Answer { status: 200, body, period: Some(period), rows: rows.len() }
}

/// Answers, journals the call, and does what a scripted fault says.
async fn respond(
    simulator: &Shared,
    method: BukzaMethod,
    answer: impl FnOnce(&mut Bukza) -> Answer,
) -> Response {
    let at_ms = u64::try_from(simulator.uptime().as_millis()).unwrap_or(u64::MAX);
    let (answer, fault) = simulator.change(|state| {
        let bukza = &mut state.bukza;
        let fault = bukza.faults.take(method);
        let answer = answer(bukza);
        let status = match &fault {
            Some(BukzaFaultKind::Cut) => 0,
            Some(BukzaFaultKind::Status { status, .. } | BukzaFaultKind::Html { status }) => {
                *status
            }
            _ => answer.status,
        };
        let (period, rows) = (answer.period, answer.rows);
        bukza.calls.push(BukzaCall { method, at_ms, status, period, rows });
        (answer, fault)
    });
    if let Some(BukzaFaultKind::Slow { ms }) = &fault {
        tokio::time::sleep(Duration::from_millis(*ms)).await;
    }
    spoilt(answer, fault)
}

/// The answer as the fault leaves it.
fn spoilt(answer: Answer, fault: Option<BukzaFaultKind>) -> Response {
    let Answer { status, mut body, .. } = answer;
    match fault {
        None | Some(BukzaFaultKind::Slow { .. }) => {}
        Some(BukzaFaultKind::Cut) => return CutConnection.into_response(),
        Some(BukzaFaultKind::Html { status }) => {
            return (code(status), [(header::CONTENT_TYPE, "text/html")], PAGE).into_response();
        }
        Some(BukzaFaultKind::Status { status, retry_after }) => {
            let mut response = json_of(status, json!({ "message": "scripted" }).to_string());
            if let Some(Ok(value)) = retry_after.map(|text| text.parse()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            return response;
        }
        Some(BukzaFaultKind::Truncated) => {
            let text = body.to_string();
            let half = text.chars().count() / 2;
            return json_of(status, text.chars().take(half).collect());
        }
        Some(BukzaFaultKind::Padding { bytes }) => {
            let text = body.to_string();
            let end = text.len().saturating_sub(1);
            return json_of(
                status,
                format!("{}{}{}", &text[..end], " ".repeat(bytes), &text[end..]),
            );
        }
        Some(BukzaFaultKind::Body { json }) => body = json,
        Some(BukzaFaultKind::HalfTable) => {
            let mut keep = false;
            let rows = body["rows"].as_array_mut();
            rows.into_iter().for_each(|rows| {
                rows.retain(|_| {
                    keep = !keep;
                    keep
                });
            });
        }
        Some(BukzaFaultKind::RenamedColumn { from, to }) => {
            cells(&mut body, |cell| {
                if cell["type"] == from.as_str() {
                    cell["type"] = to.as_str().into();
                }
                true
            });
        }
        Some(BukzaFaultKind::NoColumn { column }) => {
            cells(&mut body, |cell| cell["type"] != column.as_str());
        }
        Some(BukzaFaultKind::Cells { column, value, formatted }) => cells(&mut body, |cell| {
            if cell["type"] == column.as_str() {
                let name = ("type".to_owned(), Value::from(column.as_str()));
                let value = value.clone().map(|it| ("value".to_owned(), it));
                let formatted = formatted.clone().map(|it| ("formatted".to_owned(), it));
                *cell = [name].into_iter().chain(value).chain(formatted).collect();
            }
            true
        }),
    }
    json_of(status, body.to_string())
}

/// Changes each cell; one for which `change` is false is removed.
fn cells(body: &mut Value, mut change: impl FnMut(&mut Value) -> bool) {
    for row in body["rows"].as_array_mut().into_iter().flatten() {
        if let Some(cells) = row["cells"].as_array_mut() {
            cells.retain_mut(&mut change);
        }
    }
}

fn json_of(status: u16, text: String) -> Response {
    (code(status), [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY)
}
