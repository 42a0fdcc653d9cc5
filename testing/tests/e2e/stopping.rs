//! SIGTERM: `/readyz` fails first, work in flight is finished, nothing is started, the exit code is
//! 0. A second signal ends a program at once.

use std::time::{Duration, Instant};

use crate::common::{
    Booking, Options, Outcome, SOON, World, applied, expect_message, in_seconds, message_count,
    person, phrases, register,
};
use anyhow::{Context, ensure};
use rustix::process::Signal;
use simulator::model::{Fault, FaultKind};
use testing::harness::fleet::{BUKZA_SECRET, Program};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// 128 + the number of SIGTERM.
const ENDED_AT_ONCE: Option<i32> = Some(143);

/// Waits until /readyz reports that the program is stopping.
async fn reports_not_ready(world: &World, program: &Program) -> Outcome {
    let deadline = Instant::now() + SOON;
    loop {
        let (ready, parts) = program.readiness(&world.http).await.context("/readyz is silent")?;
        if !ready && parts.contains("stopping") {
            break;
        }
        ensure!(Instant::now() < deadline, "/readyz still reports {parts}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let health = format!("{}/healthz", program.operations_url());
    ensure!(world.http.get(health).send().await?.status().is_success(), "/healthz has turned");
    Ok(())
}

/// Brings a message to this client in flight. Telegram responds after `ms`.
async fn sending(world: &World, chat: i64, ms: u64) -> Outcome {
    let hang = Fault::sending(FaultKind::Hang { ms }, 1).in_chat(chat).accepted();
    world.telegram.script(&hang).await?;
    let client = person(chat - 10_000);
    world.accept(&Booking::at("INSEND", &client.phone, in_seconds(86_400)).created()).await?;
    let hangs = |call: &simulator::model::Call| call.outcome == "hang";
    world.telegram.wait_for_call(0, hangs, SOON).await?;
    Ok(())
}

/// Sends all but the last bytes of a request; returns the connection and these bytes.
async fn posting(world: &World, code: &str) -> anyhow::Result<(TcpStream, Vec<u8>)> {
    let request = Booking::at(code, "+79990000009", in_seconds(86_400)).created();
    let address = world.ingest_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await?;
    let body = request.body.into_bytes();
    let head = format!(
        "POST /webhook/bukza{} HTTP/1.1\r\nHost: {address}\r\nX-Webhook-Secret: {BUKZA_SECRET}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        request.query,
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    // 100 Continue: the request is in flight.
    ensure!(answer(&mut stream).await?.starts_with("HTTP/1.1 100"), "no 100 Continue");
    let (most, rest) = body.split_at(body.len() - 10);
    stream.write_all(most).await?;
    Ok((stream, rest.to_vec()))
}

async fn answer(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut buffer = vec![0; 4096];
    let read = tokio::time::timeout(SOON, stream.read(&mut buffer)).await??;
    Ok(String::from_utf8_lossy(&buffer[..read]).into_owned())
}

#[tokio::test]
async fn a_stopping_worker_finishes_its_message_and_starts_no_other() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let (client, other) = (person(1), person(2));
    register(&world, &client).await?;
    register(&world, &other).await?;
    sending(&world, client.chat, 5_000).await?;

    let mut worker = world.workers.remove(0);
    worker.process.signal(Signal::TERM);
    reports_not_ready(&world, &worker).await?;
    world.accept(&Booking::at("NOTYET", &other.phone, in_seconds(86_400)).created()).await?;
    let signalled = Instant::now();
    let status = worker.process.wait(Duration::from_secs(30)).await?;
    ensure!(status.code() == Some(0), "it ended with {status}");
    ensure!(signalled.elapsed() < Duration::from_secs(21), "it took {:?}", signalled.elapsed());

    let ended = format!(
        "SELECT status || ' ' || attempts FROM messages WHERE kind = 'confirmation' \
         AND chat_id = {}",
        client.chat
    );
    assert_eq!(world.database.column::<String>(&ended).await?, ["sent 1"]);
    world.start_worker()?;
    applied(&world, "NOTYET", "active", 1).await?;
    expect_message(&world, &other, phrases::CONFIRMED).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_stopping_ingest_answers_requests_it_has_begun_to_read() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let (mut stream, rest) = posting(&world, "INBODY").await?;
    let mut ingest = world.ingests.remove(0);
    ingest.process.signal(Signal::TERM);
    reports_not_ready(&world, &ingest).await?;
    stream.write_all(&rest).await?;
    let answered = answer(&mut stream).await?;
    ensure!(answered.starts_with("HTTP/1.1 200"), "{answered}");
    let status = ingest.process.wait(Duration::from_secs(30)).await?;
    ensure!(status.code() == Some(0), "it ended with {status}");
    applied(&world, "INBODY", "active", 1).await
}

#[tokio::test]
async fn a_second_signal_ends_a_program_at_once() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    sending(&world, client.chat, 19_000).await?;
    let (_stream, _rest) = posting(&world, "UNREAD").await?;
    for mut program in [world.workers.remove(0), world.ingests.remove(0)] {
        program.process.signal(Signal::TERM);
        reports_not_ready(&world, &program).await?;
        let signalled = Instant::now();
        program.process.signal(Signal::TERM);
        let status = program.process.wait(SOON).await?;
        ensure!(status.code() == ENDED_AT_ONCE, "it ended with {status}");
        // Far less than the work in flight takes.
        ensure!(signalled.elapsed() < Duration::from_secs(5), "it took {:?}", signalled.elapsed());
    }
    Ok(())
}
