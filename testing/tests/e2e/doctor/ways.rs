//! Two ways to Telegram, each broken in turn.

use std::path::Path;

use testing::harness::{ports, proxy::Proxy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use super::{doctor, fails, names, warns};
use crate::{
    common::{Outcome, World},
    two_ways::without_tls,
};

/// A server whose answers are none of Telegram's.
async fn another_server() -> anyhow::Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind(ports::free()?).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let answer =
                b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nwelcome";
            let _ = stream.write_all(answer).await;
        }
    });
    Ok((url, task))
}

fn set(world: &mut World, ways: &str) {
    world.settings.set("TELEGRAM_API_URL", ways);
}

pub async fn are_judged(world: &mut World, backups: &Path) -> Outcome {
    let sound = world.settings.clone();
    let telegram = format!("http://{}", world.host.simulator.address());
    let beside = Proxy::before(world.host.simulator.address()).await?;
    let [closed, closed_too] = [ports::free()?, ports::free()?];
    let (no_tls, _closing) = without_tls().await?;
    let (another, _answering) = another_server().await?;

    set(world, &format!("{telegram}, http://{}", beside.address()));
    let (success, output) = doctor(world, backups, None).await;
    assert!(success && !output.contains("warn"), "{output}");
    for about in ["first way", "second way"] {
        assert!(names(&output, "ok", about, "answers"), "{output}");
    }

    set(world, &format!("http://{closed}, {telegram}"));
    warns(world, backups, "first way", "cannot connect: Connection refused").await;
    let (_, output) = doctor(world, backups, None).await;
    assert!(
        names(&output, "ok", "second way", "answers") && names(&output, "ok", "bot", "@"),
        "{output}"
    );
    assert!(
        output.contains("firewall, DNS") && output.contains("the second way is used"),
        "{output}"
    );

    set(world, &format!("{telegram}, {no_tls}/hush via http://venue:hush@{closed}"));
    let shown = format!("{no_tls} via http://{closed}: cannot connect");
    warns(world, backups, "second way", &shown).await;
    let (_, output) = doctor(world, backups, None).await;
    assert!(output.contains("the proxy runs") && !output.contains("hush"), "{output}");

    set(world, &format!("{no_tls}, {telegram}"));
    warns(world, backups, "first way", "cannot connect").await;

    set(world, &format!("http://{closed}, http://{closed_too}"));
    for about in ["first way", "second way", "bot"] {
        fails(world, backups, about, "cannot connect").await;
    }

    // The other way is not used here: Telegram might have got the message.
    set(world, &format!("{telegram}, {another}"));
    fails(world, backups, "second way", "does not answer well: unreadable answer").await;

    set(world, &format!("{telegram}, {telegram}, {telegram}"));
    fails(world, backups, "settings", "TELEGRAM_API_URL is not usable").await;
    world.settings = sound;
    Ok(())
}
