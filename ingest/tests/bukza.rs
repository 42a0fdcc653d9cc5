//! Bukza's web requests against a real Redis: accepted requests, and responses to bad input.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use common::{NEXT_SECRET, NOW, SECRET, Setup, World};
use futures::future::join_all;
use shared::{
    domain::event::{BookingEvent, Change},
    queue::{IngestJob, QueueName, RejectedRequest},
};
use simulator::bukza::PRODUCTION;

async fn events(world: &World) -> Vec<BookingEvent> {
    let jobs = world.queued(QueueName::Events).await.into_iter();
    jobs.filter_map(|job| if let IngestJob::Booking(event) = job { Some(*event) } else { None })
        .collect()
}

async fn rejected(world: &World) -> Vec<RejectedRequest> {
    let jobs = world.queued(QueueName::Events).await.into_iter();
    jobs.filter_map(|job| if let IngestJob::Rejected(kept) = job { Some(kept) } else { None })
        .collect()
}

#[tokio::test]
async fn the_production_payload_is_stored_before_it_is_answered() {
    let world = World::new().await;
    let answer = world.post("message=newrega&phone=%2B79991234567&name=x", PRODUCTION).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let stored = events(&world).await;
    let [event] = &stored[..] else { panic!("{stored:?}") };
    let expected = serde_json::json!({"status": "accepted", "ids": [event.id]});
    assert_eq!(answer.json(), expected);
    assert_eq!(event.code.as_str(), "C6UDS3");
    assert_eq!(event.received_at.to_rfc3339(), "2025-12-01T00:00:00+00:00");
    assert!(matches!(event.change, Change::Stands(_)));
    assert_eq!(event.details.phone.as_ref().unwrap().as_e164(), "+79991234567");
}

#[tokio::test]
async fn a_delayed_event_has_the_proxys_time() {
    let world = World::new().await;
    let request = Request::post("/webhook/bukza")
        .header("X-Webhook-Secret", SECRET)
        // Nine seconds before the world's time.
        .header("X-Request-Start", "t=1764547191.000");
    let answer = world.send(request, PRODUCTION).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let stored = events(&world).await;
    assert_eq!(stored[0].received_at.to_rfc3339(), "2025-11-30T23:59:51+00:00");
}

#[tokio::test]
async fn a_plus_that_became_a_space_and_a_cancel() {
    let world = World::new().await;
    let answer = world.post("message=cancel&phone=+7999+123-45-67", r#"{"code":"A"}"#).await;
    assert_eq!(answer.status, StatusCode::OK);
    let stored = events(&world).await;
    assert_eq!(stored[0].change, Change::Cancelled(None));
    assert_eq!(stored[0].details.phone.as_ref().unwrap().as_e164(), "+79991234567");
}

#[tokio::test]
async fn several_reservations_are_several_events() {
    let world = World::new().await;
    let body =
        PRODUCTION.replace("\"code\": \"C6UDS3\"", r#""reservations":[{"code":"A"},{"code":"B"}]"#);
    let answer = world.post("", body).await;
    assert_eq!(answer.json()["ids"].as_array().unwrap().len(), 2);
    let mut codes: Vec<_> = events(&world).await.into_iter().map(|event| event.code).collect();
    codes.sort();
    assert_eq!(codes.iter().map(|code| code.as_str()).collect::<Vec<_>>(), ["A", "B"]);
}

#[tokio::test]
async fn the_secret_may_stand_in_the_url_and_is_stored_nowhere() {
    let world = World::new().await;
    for query in [format!("secret={SECRET}&x=1"), format!("x=1&s%65cret={NEXT_SECRET}")] {
        let request = Request::post(format!("/webhook/bukza?{query}"));
        let answer = world.send(request, "{}").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let kept = rejected(&world).await;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|kept| kept.query == "x=1"), "{kept:?}");
}

#[tokio::test]
async fn without_the_secret_nothing_is_read_or_kept() {
    let world = World::new().await;
    let refused = [
        ("", None),
        ("secret=", None),
        ("secret=wrong", None),
        ("", Some("wrong")),
        ("", Some(&SECRET[1..])),
        // The URL's secret does not outweigh a wrong header.
        ("secret=first-secret-0123456789", Some("wrong")),
    ]
    .map(async |(query, header)| {
        let mut request = Request::post(format!("/webhook/bukza?{query}"));
        if let Some(header) = header {
            request = request.header("X-Webhook-Secret", header);
        }
        // The wait for a missing body is limited.
        let body = Body::from_stream(futures::stream::pending::<Result<&[u8], std::io::Error>>());
        let answer = world.send(request, body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{query} {header:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["status"], 401);
    });
    join_all(refused).await;
    assert!(world.queued(QueueName::Events).await.is_empty());
}

#[tokio::test]
async fn bad_input_is_answered_by_field_and_kept() {
    let world = World::new().await;
    let long = format!(r#"{{"code":"{}","start":"-","end":null}}"#, "A".repeat(5000));
    let table: Vec<(&str, Vec<u8>, u16, &[&str])> = vec![
        ("not JSON", "code=A".into(), 400, &["body"]),
        ("not UTF-8", vec![b'{', 0xff, b'}'], 400, &["body"]),
        ("an array", "[{}]".into(), 400, &["body"]),
        ("a comma forgotten", r#"{"code":"A" "status":"x"}"#.into(), 400, &["status"]),
        ("20,000 levels deep", "[".repeat(20_000).into(), 400, &["body"]),
        ("nothing", Vec::new(), 422, &["code", "start", "end"]),
        ("a code too long", long.into(), 422, &["code", "start", "end"]),
        (
            "31.02. and NUL",
            r#"{"code":"a\u0000b","start":"31.02.2026 12:00","end":"01.03.2026 12:00"}"#.into(),
            422,
            &["code", "start"],
        ),
        (
            "end before start",
            PRODUCTION.replace("27.12.2025 13:00", "27.12.2025 11:00").into(),
            422,
            &["end"],
        ),
    ];
    for (index, (what, body, status, fields)) in table.into_iter().enumerate() {
        let answer = world.post("message=newrega", body).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        assert_eq!(answer.json()["status"], status, "{what}");
        assert!(answer.json()["title"].is_string() && answer.json()["type"].is_string(), "{what}");
        assert_eq!(answer.fields(), fields, "{what}");
        assert_eq!(rejected(&world).await.len(), index + 1, "{what} is not kept");
    }
    let kept = rejected(&world).await;
    assert!(kept.iter().all(|kept| kept.query == "message=newrega" && !kept.faults.is_empty()));
    assert_eq!(kept.iter().filter(|kept| kept.status == 400).count(), 5);
    assert!(events(&world).await.is_empty());
}

#[tokio::test]
async fn the_beginning_of_a_too_large_body_is_kept() {
    let world = World::new().await;
    let fits = format!("{PRODUCTION}{}", " ".repeat(64 * 1024 - PRODUCTION.len()));
    assert_eq!(world.post("", fits.clone()).await.status, StatusCode::OK);
    let answer = world.post("", format!("{fits}  ")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let kept = rejected(&world).await;
    assert_eq!((kept[0].body.len(), kept[0].status), (64 * 1024, 413));
    assert!(kept[0].body.starts_with(PRODUCTION));
}

/// A whole booking in a URL.
const IN_THE_URL: &str =
    "code=A&start=27.12.2025+12:00&end=2025-12-27T13:00:00+05:00&phone=+84912345678";

#[tokio::test]
async fn every_method_that_carries_a_booking_works_with_a_slash_or_without() {
    let world = World::new().await;
    for method in ["GET", "POST", "PUT", "PATCH"] {
        for path in ["/webhook/bukza", "/webhook/bukza/"] {
            let before = events(&world).await.len();
            let request = Request::builder().method(method).uri(format!("{path}?{IN_THE_URL}"));
            let answer = world.send(request.header("X-Webhook-Secret", SECRET), "").await;
            assert_eq!(answer.status, StatusCode::OK, "{method} {path}: {answer:?}");
            assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
            assert_eq!(events(&world).await.len(), before + 1, "{method} {path}");
            let request = Request::builder().method(method).uri(path);
            let answer = world.send(request.header("X-Webhook-Secret", SECRET), PRODUCTION).await;
            assert_eq!(answer.status, StatusCode::OK, "{method} {path} with a body: {answer:?}");
        }
    }
    let phones = events(&world).await.into_iter().filter_map(|event| event.details.phone);
    assert!(phones.map(|phone| phone.as_e164().to_owned()).all(|phone| phone == "+84912345678"));
}

#[tokio::test]
async fn a_secret_of_any_characters_works_in_the_url_pasted_or_encoded() {
    let world = World::new().await;
    for secret in ["next+secret/0123456789==", "next%2Bsecret%2F0123456789%3D%3D"] {
        let request = Request::get(format!("/webhook/bukza/?{IN_THE_URL}&secret={secret}"));
        let answer = world.send(request, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{secret}: {answer:?}");
    }
    assert!(!serde_json::to_string(&events(&world).await).unwrap().contains("0123456789"));
}

#[tokio::test]
async fn requests_by_other_methods_are_kept_unless_empty() {
    let world = World::new().await;
    for (method, query, body) in [
        ("DELETE", IN_THE_URL, ""),
        ("DELETE", "", PRODUCTION),
        ("REPORT", "x=1", ""),
        ("HEAD", "x=1", ""),
    ] {
        let before = rejected(&world).await.len();
        let request = Request::builder().method(method).uri(format!("/webhook/bukza?{query}"));
        let answer = world.send(request.header("X-Webhook-Secret", SECRET), body).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}: {answer:?}");
        assert_eq!(answer.header("allow"), "GET, POST, PUT, PATCH, OPTIONS");
        assert!(method == "HEAD" || answer.fields() == ["method"], "{answer:?}");
        let kept = rejected(&world).await;
        assert_eq!(kept.len(), before + 1, "{method} {query} is not kept");
        assert!(kept.iter().any(|kept| kept.query == query && kept.body == body));
    }
    let kept = rejected(&world).await.len();
    for method in ["GET", "DELETE", "HEAD"] {
        let request = Request::builder().method(method).uri("/webhook/bukza");
        let answer = world.send(request.header("X-Webhook-Secret", SECRET), "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}: {answer:?}");
    }
    for secret in [SECRET, "wrong"] {
        let request = Request::builder().method("OPTIONS").uri("/webhook/bukza");
        let answer = world.send(request.header("X-Webhook-Secret", secret), "").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("allow"), "GET, POST, PUT, PATCH, OPTIONS");
    }
    assert_eq!(rejected(&world).await.len(), kept, "what brought nothing is kept");
    assert!(events(&world).await.is_empty());
}

#[tokio::test]
async fn a_body_of_another_type_is_used_or_kept() {
    let world = World::new().await;
    let form = IN_THE_URL.replace("+05:00", "%2B05:00");
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nA\r\n--b--\r\n";
    for (content_type, body, status) in [
        ("text/plain", form.as_str(), 200),
        ("application/octet-stream", &form, 200),
        ("text/plain", PRODUCTION, 200),
        ("multipart/form-data; boundary=b", multipart, 400),
        ("application/xml", "<code>A</code>", 400),
    ] {
        let kept = rejected(&world).await.len();
        let request = Request::post("/webhook/bukza")
            .header("X-Webhook-Secret", SECRET)
            .header("Content-Type", content_type);
        let answer = world.send(request, body.to_owned()).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type}: {answer:?}");
        let is_kept = rejected(&world).await.len() == kept + 1;
        assert_eq!(is_kept, status != 200, "{content_type}");
    }
}

#[tokio::test]
async fn a_401_names_the_ways_to_send_the_secret() {
    let world = World::new().await;
    for method in ["GET", "POST", "PUT", "DELETE", "HEAD"] {
        let request = Request::builder().method(method).uri(format!("/webhook/bukza?{IN_THE_URL}"));
        let answer = world.send(request, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Webhook-Secret realm=\"bukza\""), "{challenge}");
    }
    let answer = world.send(Request::post("/webhook/telegram"), "{}").await;
    assert!(answer.header("www-authenticate").contains("X-Telegram-Bot-Api-Secret-Token"));
    assert!(world.queued(QueueName::Events).await.is_empty());
}

#[tokio::test]
async fn other_paths_are_problems_too() {
    let world = World::new().await;
    let answer = world.send(Request::get("/webhook/telegram"), "").await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    for path in ["/", "/metrics", "/webhook", "/webhook/bukza/x", "/webhook/bukza//"] {
        let answer = world.send(Request::post(path), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn many_at_once_are_all_stored_at_distinct_times() {
    let world = World::new().await;
    let posts = (0..300).map(|i| {
        let world = &world;
        async move { world.post("", PRODUCTION.replace("C6UDS3", &format!("N{i}"))).await }
    });
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    let stored = events(&world).await;
    let times: std::collections::HashSet<_> = stored.iter().map(|e| e.received_at).collect();
    let codes: std::collections::HashSet<_> = stored.iter().map(|e| e.code.clone()).collect();
    assert_eq!((stored.len(), times.len(), codes.len()), (300, 300, 300));
    assert!(
        times.iter().all(|time| *time >= NOW.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
    );
}

#[tokio::test]
async fn the_path_of_the_documents_works_beside_another_one() {
    let world = World::with(Setup { path: Some("/webhook"), ..Setup::default() }).await;
    for path in ["/webhook", "/webhook/", "/webhook/bukza", "/webhook/bukza/"] {
        let uri = format!("{path}?message=newrega&phone=89991234567&secret={SECRET}");
        let answer = world.send(Request::post(uri), PRODUCTION).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let without = world.send(Request::post(path), PRODUCTION).await;
        assert_eq!(without.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
