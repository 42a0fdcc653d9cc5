//! Two ways of which one is broken, with real sockets, and a host with an IPv4 and an IPv6 address.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::atomic::AtomicUsize,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use simulator::Running;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

use super::{super::families::Families, *};

/// Only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that is none of Telegram: takes connections, and what comes by each until `takes` is satisfied, then closes it.
struct Closing {
    address: SocketAddr,
    taken: Arc<AtomicUsize>,
}

impl Closing {
    fn on(listener: TcpListener, takes: impl Fn(&[u8]) -> bool + Copy + Send + 'static) -> Self {
        let (address, taken) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    read_until(&mut stream, takes).await;
                    count.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, taken }
    }

    async fn start(takes: impl Fn(&[u8]) -> bool + Copy + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), takes)
    }

    fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

async fn read_until(stream: &mut TcpStream, enough: impl Fn(&[u8]) -> bool) {
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    while !enough(&all) {
        match stream.read(&mut buffer).await {
            Ok(length @ 1..) => all.extend_from_slice(&buffer[..length]),
            Ok(0) | Err(_) => return,
        }
    }
}

fn way(url: &str) -> Way {
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    Way::new(http, "1:test", url, Arc::default())
}

fn two(first: &str, second: &str) -> Arc<Ways> {
    Arc::new(Ways::new(way(first), Some(way(second))))
}

async fn get_me(ways: &Arc<Ways>) -> Result<IgnoredAny, CallError> {
    ways.post("GetMe", |request| request.json(&serde_json::json!({}))).await
}

async fn calls(telegram: &Running) -> usize {
    telegram.client().journal(0, Some("getMe")).await.unwrap().len()
}

/// An address at which nothing listens.
async fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_call_goes_by_the_second_way_where_the_first_refuses_and_later_ones_go_there_at_once() {
    let telegram = simulator::spawn().await.unwrap();
    // A server that speaks no TLS.
    let first = Closing::start(|bytes| !bytes.is_empty()).await;
    let ways = two(&format!("https://{}", first.address), &telegram.url());
    for number in 1..=3 {
        get_me(&ways).await.unwrap();
        assert_eq!((ways.in_use(), calls(&telegram).await), (WhichWay::Second, number));
    }
    assert_eq!(first.taken(), 1, "the first way is left alone meanwhile");
    let ways = two(&closed().await, &telegram.url());
    get_me(&ways).await.unwrap();
    assert_eq!(ways.in_use(), WhichWay::Second);
}

#[tokio::test]
async fn what_the_first_way_may_have_passed_on_is_not_repeated_by_the_second() {
    let telegram = simulator::spawn().await.unwrap();
    // The whole request is read, and not answered.
    let first = Closing::start(|bytes| bytes.ends_with(b"{}")).await;
    let ways = two(&format!("http://{}", first.address), &telegram.url());
    for number in 1..=2 {
        assert_eq!(get_me(&ways).await.unwrap_err(), CallError::ConnectionLost);
        assert_eq!((ways.in_use(), first.taken()), (WhichWay::First, number));
    }
    assert_eq!(calls(&telegram).await, 0);
}

#[tokio::test]
async fn where_both_are_away_nothing_is_delivered_and_either_is_used_once_it_is_back() {
    let (first, second) = (closed().await, closed().await);
    let ways = two(&first, &second);
    assert_eq!(get_me(&ways).await.unwrap_err(), CallError::NotConnected);
    assert_eq!(ways.in_use(), WhichWay::First);
    let listen =
        async |url: &str| TcpListener::bind(url.trim_start_matches("http://")).await.unwrap();
    let server = tokio::spawn(simulator::serve(listen(&second).await));
    get_me(&ways).await.unwrap();
    assert_eq!(ways.in_use(), WhichWay::Second);
    server.abort();
    let _ = server.await;
    tokio::spawn(simulator::serve(listen(&first).await));
    get_me(&ways).await.unwrap();
    assert_eq!(ways.in_use(), WhichWay::First);
}

#[tokio::test]
async fn the_first_way_is_used_again_once_it_answers_a_trial_that_no_call_waits_for() {
    let telegram = simulator::spawn().await.unwrap();
    let first = closed().await;
    let ways = two(&first, &telegram.url());
    get_me(&ways).await.unwrap();
    let due = || *ways.first_tried.lock().unwrap() -= RETURN_EVERY;
    // It takes connections and answers nothing: the call does not wait.
    let address = first.trim_start_matches("http://").to_owned();
    let silent = TcpListener::bind(&address).await.unwrap();
    due();
    get_me(&ways).await.unwrap();
    let (trial, _) = tokio::time::timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();
    assert_eq!((ways.in_use(), calls(&telegram).await), (WhichWay::Second, 2));
    drop((trial, silent));
    let listener = loop {
        match TcpListener::bind(&address).await {
            Ok(listener) => break listener,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    tokio::spawn(simulator::serve(listener));
    get_me(&ways).await.unwrap();
    assert_eq!(ways.in_use(), WhichWay::Second, "not due");
    due();
    get_me(&ways).await.unwrap();
    let returned = async {
        while ways.in_use() == WhichWay::Second {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, returned).await.unwrap();
    get_me(&ways).await.unwrap();
    assert_eq!(calls(&telegram).await, 4, "the last one went by the first way");
}

/// Finds these addresses.
struct Fixed(Arc<Families>, Vec<SocketAddr>);

impl Resolve for Fixed {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.order(self.1.clone()).into_iter());
        Box::pin(async { Ok(addresses) })
    }
}

/// A way to a host with an address of each family, IPv6 or IPv4 first.
fn dual_way(scheme: &str, port: u16, ipv6_first: bool) -> Way {
    let mut addresses =
        vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port)), (Ipv6Addr::LOCALHOST, port).into()];
    if ipv6_first {
        addresses.reverse();
    }
    let families = Arc::new(Families::default());
    let fixed = Arc::new(Fixed(Arc::clone(&families), addresses));
    let http = reqwest::Client::builder().no_proxy().dns_resolver(fixed).build().unwrap();
    Way::new(http, "1:test", &format!("{scheme}://telegram:{port}"), families)
}

/// Listeners of each family at one port.
async fn dual_listeners() -> (TcpListener, TcpListener) {
    loop {
        let ipv4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = ipv4.local_addr().unwrap().port();
        if let Ok(ipv6) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            return (ipv4, ipv6);
        }
    }
}

#[tokio::test]
async fn a_host_that_answers_by_one_family_only_is_reached_whichever_is_tried_first() {
    for (serves_ipv6, ipv6_first) in [(true, true), (true, false), (false, true), (false, false)] {
        let (ipv4, ipv6) = dual_listeners().await;
        let (open, closed) = if serves_ipv6 { (ipv6, ipv4) } else { (ipv4, ipv6) };
        drop(closed);
        let port = open.local_addr().unwrap().port();
        let server = tokio::spawn(simulator::serve(open));
        let ways = Arc::new(Ways::new(dual_way("http", port, ipv6_first), None));
        let answer = get_me(&ways).await;
        assert!(answer.is_ok(), "IPv6 serves: {serves_ipv6}, is first: {ipv6_first}");
        server.abort();
    }
}

#[tokio::test]
async fn where_tls_fails_by_one_family_the_next_call_tries_the_other_one_first() {
    let (ipv4, ipv6) = dual_listeners().await;
    let cut = |bytes: &[u8]| !bytes.is_empty();
    let (ipv4, ipv6) = (Closing::on(ipv4, cut), Closing::on(ipv6, cut));
    let ways = Arc::new(Ways::new(dual_way("https", ipv4.address.port(), false), None));
    for (by_ipv4, by_ipv6) in [(1, 0), (1, 1), (2, 1)] {
        assert_eq!(get_me(&ways).await.unwrap_err(), CallError::NotConnected);
        assert_eq!((ipv4.taken(), ipv6.taken()), (by_ipv4, by_ipv6));
    }
}
