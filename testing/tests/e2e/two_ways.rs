//! Two ways to Telegram. The second is used where the first can't be connected to, and for nothing that the first may
//! have delivered. The worker returns to the first, and goes through the proxy of each.

use std::{path::Path, time::Duration};

use crate::common::{
    Booking, Options, Outcome, Person, SOON, World, clients_settled, expect_message, in_seconds,
    message_count, person, phrases, register,
};
use rustix::process::Signal;
use simulator::model::{Fault, FaultKind};
use testing::harness::{
    packages::program_path,
    ports,
    process::{Process, Start},
    proxy::{Network, Proxy},
    socks::Socks,
};
use tokio::{io::AsyncReadExt, net::TcpListener, process::Command, task::JoinHandle};

const SECOND: &str = "the first way to Telegram fails: the second one is used";
const FIRST: &str = "the second way to Telegram fails: the first one is used";
const RETURNED: &str = "the first way to Telegram works again and is used";
/// The pause between two trials of the first way, and a call that causes one.
const RETURN: Duration = Duration::from_secs(90);

async fn start_worker(world: &mut World, ways: &str) -> Outcome {
    world.settings.set("TELEGRAM_API_URL", ways);
    world.launch(0, 1).await
}

/// The address of a world's Telegram, as it is without another way.
fn direct(world: &World) -> String {
    format!("http://{}", world.host.simulator.address())
}

/// Registers a client, makes a booking, and checks that it is confirmed once.
async fn is_confirmed_once(world: &World, client: &Person, code: &str) -> Outcome {
    register(world, client).await?;
    accept(world, client, code).await?;
    confirmed_once(world, client).await
}

async fn accept(world: &World, client: &Person, code: &str) -> Outcome {
    world.accept(&Booking::at(code, &client.phone, in_seconds(3 * 86_400)).created()).await
}

async fn confirmed_once(world: &World, client: &Person) -> Outcome {
    expect_message(world, client, phrases::CONFIRMED).await?;
    clients_settled(world).await?;
    assert_eq!(message_count(world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

/// Whether the worker's metric says that this way is used.
async fn uses(world: &World, way: &str) -> anyhow::Result<bool> {
    let (name, label) = ("bukza_bridge_telegram_way_in_use", format!("way=\"{way}\""));
    let worker = world.workers.first().expect("a worker");
    let value = |label: String| async move { worker.metric(&world.http, name, &label).await };
    let all = value("way=".to_owned()).await?;
    anyhow::ensure!(all == 1.0, "{all} ways are in use");
    Ok(value(label).await? == 1.0)
}

fn logged(world: &World, words: &str) -> anyhow::Result<usize> {
    world.workers.first().expect("a worker").process.log_lines(words)
}

async fn until_logged(world: &World, words: &str, patience: Duration) -> Outcome {
    let appears = async {
        while logged(world, words)? == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(patience, appears).await.map_err(|_| anyhow::anyhow!("never: {words}"))?
}

/// A server that speaks no TLS: closes each connection after its first bytes.
pub async fn without_tls() -> anyhow::Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind(ports::free()?).await?;
    let url = format!("https://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 64]).await;
        }
    });
    Ok((url, task))
}

/// A server of TLS whose certificate nobody has signed.
pub async fn with_own_certificate(folder: &Path) -> anyhow::Result<(String, Process)> {
    let openssl = program_path("openssl")?;
    let mut request = Command::new(&openssl);
    request.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]);
    request.args(["-subj", "/CN=127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]);
    let made = request.current_dir(folder).output().await?;
    anyhow::ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let address = ports::free()?;
    let arguments = format!("s_server -accept {address} -cert cert.pem -key key.pem -www");
    let mut process = Process::start(Start {
        name: "openssl",
        program: openssl,
        arguments: arguments.split(' ').map(str::to_owned).collect(),
        environment: Vec::new(),
        folder,
        account: None,
        stop_signal: Signal::TERM,
    })?;
    let listens = async || tokio::net::TcpStream::connect(address).await.is_ok();
    process.until_ready(SOON, listens).await?;
    Ok((format!("https://{address}"), process))
}

#[tokio::test]
async fn where_the_first_way_cannot_be_connected_to_messages_go_by_the_second_each_once() -> Outcome
{
    let mut world = World::start(Options::default().workers(0)).await?;
    let folder = tempfile::tempdir()?;
    let second = direct(&world);
    let (no_tls, _closing) = without_tls().await?;
    let (wrong_certificate, _openssl) = with_own_certificate(folder.path()).await?;
    // Takes connections, and answers nothing.
    let silent = TcpListener::bind(ports::free()?).await?;
    let firsts = [
        (format!("http://{}", ports::free()?), "refused"),
        (no_tls, "cannot connect"),
        (wrong_certificate, "certificate"),
        (format!("https://{}", silent.local_addr()?), "timed out"),
        ("https://no-such-host.invalid".to_owned(), "lookup"),
    ];
    for ((first, reason), number) in firsts.into_iter().zip(1..) {
        start_worker(&mut world, &format!("{first}, {second}")).await?;
        is_confirmed_once(&world, &person(number), &format!("AWAY{number}")).await?;
        assert!(uses(&world, "second").await?, "{first}");
        assert_eq!(logged(&world, SECOND)?, 1, "one line, not one a message");
        let log = std::fs::read_to_string(world.workers[0].process.log())?;
        let line = log.lines().find(|line| line.contains(SECOND)).unwrap_or_default();
        assert!(line.to_lowercase().contains(reason), "{reason}: {line}");
        world.workers.remove(0).stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn updates_are_fetched_by_the_second_way_too() -> Outcome {
    let polling = Options::default().workers(0).set("TELEGRAM_MODE", "polling");
    let mut world = World::start(polling).await?;
    let ways = format!("http://{}, {}", ports::free()?, direct(&world));
    start_worker(&mut world, &ways).await?;
    is_confirmed_once(&world, &person(1), "POLLED").await?;
    assert!(uses(&world, "second").await?);
    Ok(())
}

#[tokio::test]
async fn what_the_first_way_may_have_delivered_is_not_sent_by_the_second() -> Outcome {
    let mut world = World::start(Options::default().workers(0)).await?;
    let other = simulator::spawn().await?;
    let ways = format!("{}, {}", direct(&world), other.url());
    start_worker(&mut world, &ways).await?;
    let (cut, hangs) = (person(1), person(2));
    for (client, fault) in
        [(&cut, FaultKind::CutAfterAccept), (&hangs, FaultKind::Hang { ms: 60_000 })]
    {
        register(&world, client).await?;
        clients_settled(&world).await?;
        world.telegram.script(&Fault::sending(fault, 1).in_chat(client.chat)).await?;
        world.telegram.say(client.chat, "/help").await?;
    }
    for (client, reason) in [(&cut, "connection_lost"), (&hangs, "timeout")] {
        let end = format!(
            "SELECT status || ' ' || attempts || ' ' || coalesce(reason, '-') FROM messages \
             WHERE kind = 'answer' AND chat_id = {} ORDER BY id DESC LIMIT 1",
            client.chat
        );
        world.until(&end, format!("unknown 1 {reason}"), SOON).await?;
    }
    assert_eq!(message_count(&world, cut.chat, phrases::HELP).await?, 1);
    assert_eq!(other.client().journal(0, None).await?.len(), 0, "the second way was not used");
    assert!(uses(&world, "first").await?);
    assert_eq!(logged(&world, SECOND)?, 0);
    Ok(())
}

#[tokio::test]
async fn with_both_ways_away_messages_wait_and_the_first_is_used_again_once_it_is_back() -> Outcome
{
    let mut world = World::start(Options::default().workers(0)).await?;
    let telegram = world.host.simulator.address();
    let (first, second) = (Proxy::before(telegram).await?, Proxy::before(telegram).await?);
    let ways = format!("http://{},http://{}", first.address(), second.address());
    start_worker(&mut world, &ways).await?;
    let clients = [1, 2, 3].map(person);
    for client in &clients {
        register(&world, client).await?;
    }
    assert!(uses(&world, "first").await?);

    first.set(Network::Refusing);
    accept(&world, &clients[0], "BY2").await?;
    confirmed_once(&world, &clients[0]).await?;
    assert!(uses(&world, "second").await?);

    second.set(Network::Refusing);
    accept(&world, &clients[1], "NONE").await?;
    let waits = format!(
        "SELECT coalesce(reason, '') FROM messages WHERE kind = 'confirmation' AND chat_id = {}",
        clients[1].chat
    );
    world.until(&waits, "not_connected".to_owned(), SOON).await?;
    second.set(Network::Well);
    confirmed_once(&world, &clients[1]).await?;
    assert!(uses(&world, "second").await?, "which was never changed");

    first.set(Network::Well);
    until_logged(&world, RETURNED, RETURN).await?;
    assert!(uses(&world, "first").await?);
    second.set(Network::Refusing);
    accept(&world, &clients[2], "BY1").await?;
    confirmed_once(&world, &clients[2]).await?;
    assert_eq!(
        [SECOND, FIRST, RETURNED].map(|words| logged(&world, words).ok()),
        [Some(1), Some(0), Some(1)]
    );
    Ok(())
}

#[tokio::test]
async fn each_way_has_its_proxy_and_no_password_is_logged() -> Outcome {
    let mut world = World::start(Options::default().workers(0)).await?;
    let telegram = world.host.simulator.address();
    let proxy = Socks::start(telegram, "venue", "proxy-hush")?;
    // The first one's proxy refuses its password. The name is one that only a proxy knows.
    let by = |password: &str| {
        format!("http://telegram via socks5h://venue:{password}@{}", proxy.address())
    };
    let ways = format!("{}, {}", by("wrong-hush"), by("proxy-hush"));
    start_worker(&mut world, &ways).await?;
    is_confirmed_once(&world, &person(1), "PROXY1").await?;
    assert!(uses(&world, "second").await?);
    assert!(proxy.passed() > 0 && proxy.refused() > 0);
    world.workers.remove(0).stop().await?;

    // That of TELEGRAM_PROXY is for the ways without one of their own.
    let closed = ports::free()?;
    world.settings.set("TELEGRAM_PROXY", format!("http://venue:default-hush@{closed}"));
    let refused = proxy.refused();
    start_worker(&mut world, &format!("http://elsewhere {}", by("proxy-hush"))).await?;
    is_confirmed_once(&world, &person(2), "PROXY2").await?;
    assert!(uses(&world, "second").await?);
    assert_eq!(proxy.refused(), refused);
    world.workers.remove(0).stop().await?;

    let mut logs = 0;
    for entry in std::fs::read_dir(&world.folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let log = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            assert!(!log.contains("hush"), "{}", path.display());
            logs += usize::from(log.contains(SECOND));
        }
    }
    assert_eq!(logs, 2);
    Ok(())
}
