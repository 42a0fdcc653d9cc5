//! The simulated Bukza: it answers recorded requests in the recorded form, and goes wrong as scripted.

#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use simulator::{
    Running,
    bukza::model::{BukzaFault, BukzaFaultKind as Kind, BukzaMethod, BukzaSetup, Reservation},
    client::BukzaClient,
};

struct Bukza {
    simulator: Running,
    owner: BukzaClient,
    http: reqwest::Client,
}

fn start_of_year() -> DateTime<Utc> {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

impl Bukza {
    /// With three reservations, a day apart.
    async fn start() -> Self {
        let simulator = simulator::spawn().await.unwrap();
        let owner = simulator.client().bukza();
        let reservations = (0..3).map(|day| {
            let start = start_of_year() + TimeDelta::days(day);
            Reservation::new(&format!("CODE{day}"), "+79990000001", start)
        });
        owner.set(&reservations.collect::<Vec<_>>()).await.unwrap();
        Self { simulator, owner, http: reqwest::Client::new() }
    }

    async fn post(&self, url: &str, token: &str, body: &Value) -> (u16, String) {
        let request = self.http.post(url).bearer_auth(token).json(body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn sign_in(&self, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/account/signin", self.simulator.url());
        let (status, text) = self.post(&url, "", body).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    /// A session: the address of the rows, and its token.
    async fn session(&self) -> (String, String) {
        let recorded = include_str!("../fixtures/sign_in_request.json");
        let (status, answer) = self.sign_in(&serde_json::from_str(recorded).unwrap()).await;
        assert_eq!(status, 200, "{answer}");
        let server = answer["serverUrl"].as_str().unwrap().trim_end_matches('/').to_owned();
        let token = answer["token"].as_str().unwrap().to_owned();
        (format!("{server}/api/reservation-tables/data"), token)
    }
}

/// The recorded request, for the first days of the year.
fn request() -> Value {
    let recorded = include_str!("../fixtures/table_request.json");
    let mut request: Value = serde_json::from_str(recorded).unwrap();
    request["from"] = json!("2027-01-01T00:00:00.000Z");
    request["till"] = json!("2027-01-03T00:00:00.000Z");
    request
}

#[tokio::test]
async fn the_recorded_requests_are_answered_for_their_period() {
    let bukza = Bukza::start().await;
    let (url, token) = bukza.session().await;
    let (status, text) = bukza.post(&url, &token, &request()).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, answer["rows"].as_array().unwrap().len()), (200, 2), "{text}");
    assert!(text.contains("01.01.2027 05:00"), "as the venue's clocks show it: {text}");
    bukza.owner.vanish("CODE0").await.unwrap();
    bukza.owner.put(&[Reservation::new("LATE", "", start_of_year())]).await.unwrap();
    let setup =
        BukzaSetup { rows_max: Some(1), shows_seconds: Some(true), ..BukzaSetup::default() };
    bukza.owner.set_up(&setup).await.unwrap();
    let (_, text) = bukza.post(&url, &token, &request()).await;
    assert!(text.contains("LATE") && !text.contains("CODE"), "{text}");
    let calls = bukza.owner.calls().await.unwrap();
    let seen: Vec<_> = calls.iter().map(|call| (call.method, call.status, call.rows)).collect();
    let expected =
        [(BukzaMethod::SignIn, 200, 0), (BukzaMethod::Table, 200, 2), (BukzaMethod::Table, 200, 2)];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn what_is_not_allowed_is_refused() {
    let bukza = Bukza::start().await;
    let wrong = json!({"email": "owner@example.com", "password": "guess"});
    assert_eq!(bukza.sign_in(&wrong).await.0, 401);
    assert_eq!(bukza.sign_in(&json!({"login": "owner@example.com"})).await.0, 400);
    let (url, token) = bukza.session().await;
    assert_eq!(bukza.post(&url, "guess", &request()).await.0, 401);
    let mut other = request();
    other["reservationTableId"] = json!(1);
    assert_eq!(bukza.post(&url, &token, &other).await.0, 404);
    assert_eq!(bukza.post(&url, &token, &json!({"reservationTableId": 154_891})).await.0, 400);
    bukza.owner.revoke_sessions().await.unwrap();
    assert_eq!(bukza.post(&url, &token, &request()).await.0, 401);
}

#[tokio::test]
async fn faults_are_taken_in_order_and_lasting_ones_until_cleared() {
    let bukza = Bukza::start().await;
    let (url, token) = bukza.session().await;
    let limited = Kind::Status { status: 429, retry_after: Some("7".into()) };
    bukza.owner.script(&BukzaFault::once(limited)).await.unwrap();
    bukza.owner.script(&BukzaFault::lasting(Kind::HalfTable)).await.unwrap();
    assert_eq!(bukza.post(&url, &token, &request()).await.0, 429);
    for _ in 0..2 {
        let (_, text) = bukza.post(&url, &token, &request()).await;
        assert!(text.contains("CODE0") && !text.contains("CODE1"), "{text}");
    }
    bukza.owner.clear_faults().await.unwrap();
    let renamed = Kind::RenamedColumn { from: "bukza_reservation_code".into(), to: "own".into() };
    bukza.owner.script(&BukzaFault::once(renamed)).await.unwrap();
    let (_, text) = bukza.post(&url, &token, &request()).await;
    assert!(text.contains(r#""type":"own""#) && text.contains("CODE1"), "{text}");
    bukza.owner.script(&BukzaFault::once(Kind::Truncated)).await.unwrap();
    let (status, text) = bukza.post(&url, &token, &request()).await;
    assert!(status == 200 && serde_json::from_str::<Value>(&text).is_err(), "{text}");
    bukza.owner.script(&BukzaFault::once(Kind::Cut)).await.unwrap();
    let cut = bukza.http.post(&url).json(&request()).send().await;
    assert!(cut.is_err(), "{cut:?}");
}
