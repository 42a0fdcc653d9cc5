//! The server loop over real sockets: draining, broken heads, and large heads.
#![allow(clippy::unwrap_used)]

mod common;

use std::{net::SocketAddr, time::Duration};

use common::{SECRET, World};
use ingest::http::server;
use shared::queue::QueueName;
use simulator::bukza::PRODUCTION;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

async fn serving(world: &World) -> (SocketAddr, CancellationToken, JoinHandle<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (addr, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let served = tokio::spawn(server::serve(listener, world.router.clone(), stop.clone()));
    (addr, stop, served)
}

fn head() -> String {
    format!(
        "POST /webhook/bukza HTTP/1.1\r\nHost: x\r\nX-Webhook-Secret: {SECRET}\r\n\
         Content-Length: {}\r\n\r\n",
        PRODUCTION.len()
    )
}

/// Reads at least the response's head.
async fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 4096];
    let read = stream.read(&mut buffer).await.unwrap();
    String::from_utf8_lossy(&buffer[..read]).into_owned()
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_an_idle_connection_closed() {
    let world = World::new().await;
    let (addr, stop, served) = serving(&world).await;
    let mut idle = TcpStream::connect(addr).await.unwrap();
    idle.write_all(format!("{}{PRODUCTION}", head()).as_bytes()).await.unwrap();
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200"));

    let mut busy = TcpStream::connect(addr).await.unwrap();
    let (first, rest) = PRODUCTION.as_bytes().split_at(100);
    // `100 Continue` shows that the request is in flight.
    let expecting = head().replace("Host: x", "Host: x\r\nExpect: 100-continue");
    busy.write_all(expecting.as_bytes()).await.unwrap();
    assert!(answer(&mut busy).await.starts_with("HTTP/1.1 100"));
    busy.write_all(first).await.unwrap();

    stop.cancel();
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0, "the idle connection stays open");
    busy.write_all(rest).await.unwrap();
    assert!(answer(&mut busy).await.starts_with("HTTP/1.1 200"));
    assert!(served.await.unwrap(), "the drain did not end");
    assert!(TcpStream::connect(addr).await.is_err(), "the port is still open");
    assert_eq!(world.queued(QueueName::Events).await.len(), 2);
}

/// The kernel accepts connections before the program does; the stop may come in between.
#[tokio::test]
async fn requests_that_wait_to_be_taken_at_the_stop_are_answered() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(format!("{}{PRODUCTION}", head()).as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    let stop = CancellationToken::new();
    stop.cancel();
    let served = tokio::spawn(server::serve(listener, world.router.clone(), stop));
    for stream in &mut waiting {
        assert!(answer(stream).await.starts_with("HTTP/1.1 200"));
    }
    assert!(served.await.unwrap(), "the drain did not end");
    assert!(TcpStream::connect(addr).await.is_err(), "the port is still open");
    assert_eq!(world.queued(QueueName::Events).await.len(), waiting.len());
}

#[tokio::test]
async fn what_is_no_request_harms_nobody_else() {
    let world = World::new().await;
    let (addr, _stop, _served) = serving(&world).await;
    let post = |headers: &str| format!("POST /webhook/bukza HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let long = "a".repeat(64 * 1024);
    let table = [
        "\0\0\0\r\n\r\n".to_owned(),
        "GET / SMTP\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\n\r\n"),
        format!("POST /webhook/bukza?phone={long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        post(&format!("X-Webhook-Secret: {long}\r\n")),
        post(&"X-Many: 1\r\n".repeat(500)),
        post("Content-Length: 5\r\nContent-Length: 6\r\n"),
        post("Content-Length: -1\r\n"),
        post("Content-Length: 99999999999999999999\r\n"),
        post("X-Webhook-Secret: a\0b\r\n"),
        post(&format!("X-Webhook-Secret: {SECRET}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")),
        post(" : : \r\n"),
    ];
    for nonsense in &table {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        let _ = stream.write_all(nonsense.as_bytes()).await;
        let mut buffer = vec![0; 4096];
        if let Ok(read @ 1..) = stream.read(&mut buffer).await {
            assert!(buffer[..read].starts_with(b"HTTP/1.1 4"), "{nonsense:.20}");
        }
    }
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(format!("{}{PRODUCTION}", head()).as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

/// More connections than there are places, each with a head that never ends.
#[tokio::test]
async fn unfinished_heads_hold_up_a_request_for_a_short_time_only() {
    const CONNECTIONS: usize = 1_100;
    let world = World::new().await;
    let (addr, _stop, _served) = serving(&world).await;
    let mut unfinished = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"POST /webhook/bukza HTTP/1.1\r\nX-Slow: ").await.unwrap();
        unfinished.push(stream);
    }
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(format!("{}{PRODUCTION}", head()).as_bytes()).await.unwrap();
    // nginx would give up a request after 8 s, and pass it to another ingest.
    let answered = timeout(Duration::from_secs(30), answer(&mut stream)).await;
    assert!(answered.expect("held up").starts_with("HTTP/1.1 200"));
}

/// Bukza puts parameters into the URL as they are: brackets, braces and Cyrillic, not encoded.
#[tokio::test]
async fn an_unencoded_url_is_understood() {
    let world = World::new().await;
    let (addr, _stop, _served) = serving(&world).await;
    for query in ["phone=[bukza_phone]&name={name}", "name=Алина&phone=+7(999)123-45-67"] {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        let request = head().replace("/webhook/bukza", &format!("/webhook/bukza?{query}"));
        stream.write_all(format!("{request}{PRODUCTION}").as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{query}: {answer}");
    }
}
