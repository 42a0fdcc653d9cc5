//! Ways to Telegram by TLS and through a proxy of HTTP CONNECT, as the settings name them: real sockets and certificates. The
//! tests' authority stands beside those that are compiled in; nothing else differs from a worker's client.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::Certificate;
use secrecy::ExposeSecret;
use serde::de::IgnoredAny;
use serde_json::json;
use shared::{
    settings::{Environment, TelegramWay, WorkerSettings},
    telemetry::metrics::WhichWay,
};
use simulator::Running;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::{families::Families, way::Way, ways::Ways};
use crate::tls_fixture::Authority;

/// A name that only the proxy finds.
const NAME: &str = "telegram.invalid";
/// `venue:hush`, as a proxy gets it.
const PASSWORD: &str = "Basic dmVudWU6aHVzaA==";
const CHAT: i64 = 10_001;

/// A proxy that leads to one server, for whoever has the password.
struct Tunnel {
    address: SocketAddr,
    opened: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

impl Tunnel {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tunnel = Self {
            address: listener.local_addr().unwrap(),
            opened: Arc::default(),
            refused: Arc::default(),
        };
        let (opened, refused) = (Arc::clone(&tunnel.opened), Arc::clone(&tunnel.refused));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (opened, refused) = (Arc::clone(&opened), Arc::clone(&refused));
                tokio::spawn(async move { tunnel_one(near, server, &opened, &refused).await });
            }
        });
        tunnel
    }

    /// How many connections were led on, and how many refused.
    fn counts(&self) -> (usize, usize) {
        (self.opened.load(Ordering::SeqCst), self.refused.load(Ordering::SeqCst))
    }
}

async fn tunnel_one(
    mut near: TcpStream,
    server: SocketAddr,
    opened: &AtomicUsize,
    refused: &AtomicUsize,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(near.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let target = lines.next().unwrap_or_default();
    let is_known = lines.any(|line| {
        let header = line.split_once(": ").filter(|(_, value)| *value == PASSWORD);
        header.is_some_and(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
    });
    if !is_known || !target.starts_with(&format!("CONNECT {NAME}:")) {
        refused.fetch_add(1, Ordering::SeqCst);
        return near.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    }
    let mut far = TcpStream::connect(server).await?;
    near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    opened.fetch_add(1, Ordering::SeqCst);
    copy_bidirectional(&mut near, &mut far).await.map(drop)
}

/// The ways of these settings, which trust this authority, too.
fn ways(addresses: &str, authority: &Authority) -> Arc<Ways> {
    let settings = [
        ("DATABASE_URL", "postgres://localhost/any"),
        ("REDIS_URL", "redis://localhost"),
        ("TIMEZONE", "Europe/Moscow"),
        ("TELEGRAM_MODE", "polling"),
        ("BOT_TOKEN", "42:simulated"),
        ("TELEGRAM_API_URL", addresses),
    ];
    let environment: Environment = settings.into_iter().collect();
    let settings = WorkerSettings::from_environment(&environment).unwrap();
    let open = |way: &TelegramWay| {
        let families = Arc::new(Families::default());
        let trusted = Certificate::from_der(authority.der()).unwrap();
        let http = Way::builder(way, &families).unwrap().add_root_certificate(trusted);
        Way::new(http.build().unwrap(), "42:simulated", way.api_url.expose_secret(), families)
    };
    let mut each = settings.telegram_ways.iter().map(open);
    Arc::new(Ways::new(each.next().unwrap(), each.next()))
}

/// Sends a text, and the texts that have arrived since the start.
async fn send(ways: &Arc<Ways>, text: &str, telegram: &Running) -> Vec<String> {
    let message = json!({"chat_id": CHAT, "text": text});
    let sent = ways.post::<IgnoredAny>("SendMessage", |request| request.json(&message)).await;
    sent.unwrap();
    telegram.client().chat(CHAT).await.unwrap().into_iter().map(|message| message.text).collect()
}

/// A Telegram, and a server of TLS before it with a certificate for this name.
async fn telegram(authority: &Authority, name: &str) -> (Running, SocketAddr) {
    let telegram = simulator::spawn().await.unwrap();
    // Whoever writes first may be written to.
    telegram.client().say(CHAT, "/start").await.unwrap();
    let server = authority.serve(name, -1..30, telegram.address()).await;
    (telegram, server)
}

async fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_message_arrives_by_tls_and_no_proxy_is_needed() {
    let authority = Authority::new();
    let (telegram, server) = telegram(&authority, "localhost").await;
    let tunnel = Tunnel::to(server).await;
    let addresses = format!(
        "https://localhost:{}, https://{NAME} via http://venue:hush@{}",
        server.port(),
        tunnel.address
    );
    let ways = ways(&addresses, &authority);
    assert_eq!(send(&ways, "first", &telegram).await, ["/start", "first"]);
    assert_eq!((ways.in_use(), tunnel.counts()), (WhichWay::First, (0, 0)));
}

#[tokio::test]
async fn where_the_first_way_is_closed_a_message_arrives_once_through_the_proxy_and_tls() {
    let authority = Authority::new();
    let (telegram, server) = telegram(&authority, NAME).await;
    let tunnel = Tunnel::to(server).await;
    let second = format!("https://{NAME} via http://venue:hush@{}", tunnel.address);
    let ways = ways(&format!("https://{}, {second}", closed().await), &authority);
    assert_eq!(send(&ways, "first", &telegram).await, ["/start", "first"]);
    assert_eq!(send(&ways, "second", &telegram).await, ["/start", "first", "second"]);
    assert_eq!(ways.in_use(), WhichWay::Second);
    let (opened, refused) = tunnel.counts();
    assert!(opened >= 1 && refused == 0, "{opened} {refused}");
}

#[tokio::test]
async fn a_proxy_that_refuses_or_leads_to_a_wrong_certificate_is_no_way() {
    let (authority, another) = (Authority::new(), Authority::new());
    let (telegram, server) = telegram(&authority, "localhost").await;
    let second = format!("https://localhost:{}", server.port());
    // Somebody between the proxy and Telegram, with a certificate of their own; and one for another name.
    let foreign = another.serve(NAME, -1..30, telegram.address()).await;
    for (leads_to, password, expected) in
        [(server, "wrong", (0, 1)), (foreign, "hush", (1, 0)), (server, "hush", (1, 0))]
    {
        let tunnel = Tunnel::to(leads_to).await;
        let first = format!("https://{NAME} via http://venue:{password}@{}", tunnel.address);
        let ways = ways(&format!("{first}, {second}"), &authority);
        let before = telegram.client().chat(CHAT).await.unwrap().len();
        assert_eq!(send(&ways, "safe", &telegram).await.len(), before + 1, "{password}");
        assert_eq!((ways.in_use(), tunnel.counts()), (WhichWay::Second, expected), "{password}");
    }
}
