//! Fault injection: one fault of the servers or programs after another, from a shuffled deck, and
//! Telegram's faults at the same time.

use std::time::Duration;

use anyhow::{Context, ensure};
use rand::{Rng, rngs::StdRng, seq::SliceRandom};
use simulator::model::{Fault, FaultKind};

use super::{
    context::{Phase, SoakContext},
    plan::span,
    quiescence,
    record::InjectedFault,
};
use crate::harness::{
    bukza::now,
    fleet::{Breakable, Program, System},
};

/// The promised minute for recovery, and some seconds to observe it.
const WELL_WITHIN: Duration = Duration::from_secs(75);

/// What can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    KillWorker,
    KillIngest,
    RestartWorker,
    RestartIngest,
    KillRedis,
    PauseRedis,
    EmptyRedis,
    KillPostgres,
    RestartPostgres,
    CutConnections,
    KillBoth,
}

/// Each with its name, and whether a worker may lose the lease of a message that it is sending.
const BREAKS: [(Break, &str, bool); 11] = [
    (Break::KillWorker, "worker killed", true),
    (Break::KillIngest, "ingest killed", false),
    (Break::RestartWorker, "worker restarted", false),
    (Break::RestartIngest, "ingest restarted", false),
    (Break::KillRedis, "Redis killed", false),
    (Break::PauseRedis, "Redis paused for 5 s", false),
    (Break::EmptyRedis, "Redis emptied", false),
    (Break::KillPostgres, "PostgreSQL killed", true),
    (Break::RestartPostgres, "PostgreSQL restarted", true),
    (Break::CutConnections, "connections to PostgreSQL cut", true),
    (Break::KillBoth, "both servers killed", true),
];

/// Injects one fault after another until the fault burst is over. Leaves everything running.
///
/// # Errors
/// When a part does not recover by itself.
pub async fn run_burst<H: Breakable>(
    system: &mut System<H>,
    context: &SoakContext,
    dice: &mut StdRng,
) -> anyhow::Result<()> {
    let mut deck = Vec::new();
    loop {
        context.pause(span(dice, context.plan.between_faults)).await;
        if context.phase() != Phase::FaultBurst {
            return Ok(());
        }
        if deck.is_empty() {
            deck.extend(BREAKS);
            deck.shuffle(dice);
        }
        let Some((what, name, unsettles)) = deck.pop() else { continue };
        let from = now();
        if !strike(system, context, dice, what).await.context(name)? {
            continue;
        }
        for program in system.ingests.iter_mut().chain(&mut system.workers) {
            program.ready(&system.http, WELL_WITHIN).await.context(name)?;
        }
        let to = now();
        println!("   {} {name} ({} ms)", from.format("%T"), (to - from).num_milliseconds());
        let fault = InjectedFault { name, unsettles, from, to };
        context.record().faults.push(fault);
    }
}

/// Injects a fault; returns whether it was done.
async fn strike<H: Breakable>(
    system: &mut System<H>,
    context: &SoakContext,
    dice: &mut StdRng,
    what: Break,
) -> anyhow::Result<bool> {
    let away = span(dice, (Duration::from_millis(500), Duration::from_secs(8)));
    match what {
        Break::KillWorker | Break::RestartWorker => {
            let at = dice.random_range(0..system.workers.len());
            end(system.workers.remove(at), what == Break::KillWorker).await?;
            tokio::time::sleep(away / 4).await;
            system.start_worker()?;
        }
        Break::KillIngest | Break::RestartIngest => {
            let at = dice.random_range(0..system.ingests.len());
            let program = system.ingests.remove(at);
            let address = program.address();
            end(program, what == Break::KillIngest).await?;
            tokio::time::sleep(away / 4).await;
            system.start_ingest_at(address)?;
        }
        Break::EmptyRedis => return empty_redis(system, context).await,
        Break::CutConnections => {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            system.database.reconnect().await?;
            system.database.one::<i64>(sql).await?;
        }
        _ => strike_servers(system, what, away).await?,
    }
    Ok(true)
}

async fn strike_servers<H: Breakable>(
    system: &mut System<H>,
    what: Break,
    away: Duration,
) -> anyhow::Result<()> {
    let (postgres, redis) = system.host.servers()?;
    match what {
        Break::KillRedis => redis.kill().await?,
        Break::PauseRedis => redis.pause(),
        Break::KillPostgres => postgres.kill().await?,
        Break::RestartPostgres => postgres.stop().await?,
        _ => {
            redis.kill().await?;
            postgres.kill().await?;
        }
    }
    match what {
        Break::PauseRedis => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            redis.unpause();
            return Ok(());
        }
        _ => tokio::time::sleep(away).await,
    }
    if matches!(what, Break::KillRedis | Break::KillBoth) {
        redis.resume().await?;
    }
    if what != Break::KillRedis {
        postgres.resume().await?;
    }
    Ok(())
}

async fn end(program: Program, killed: bool) -> anyhow::Result<()> {
    if killed {
        return program.kill().await;
    }
    let name = program.process.name().to_owned();
    let status = program.stop().await?;
    ensure!(status.success(), "{name} ended with {status} after its stop signal");
    Ok(())
}

/// Empties Redis at a moment when every accepted request is applied. Returns false when no such
/// moment comes.
async fn empty_redis<H>(system: &System<H>, context: &SoakContext) -> anyhow::Result<bool> {
    let mut redis = system.redis().await?;
    let deadline = std::time::Instant::now() + WELL_WITHIN;
    while std::time::Instant::now() < deadline && context.phase() == Phase::FaultBurst {
        let gate = context.gate.write().await;
        for _ in 0..20 {
            let quiet = context.telegram.stats().await?.pending_updates == 0
                && quiescence::unapplied(&mut redis, &system.database.name).await? == 0;
            if quiet {
                redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        drop(gate);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(false)
}

/// Scripts faults of Telegram until the fault burst is over.
///
/// # Errors
/// When the simulator fails.
pub async fn trouble(context: &SoakContext, dice: &mut StdRng) -> anyhow::Result<()> {
    loop {
        context.pause(span(dice, (Duration::from_millis(500), Duration::from_secs(4)))).await;
        if context.phase() != Phase::FaultBurst {
            return Ok(());
        }
        context.telegram.script(&fault(context, dice)).await?;
    }
}

fn fault(context: &SoakContext, dice: &mut StdRng) -> Fault {
    let chat = 10_000 + 2 * i64::from(dice.random_range(1..=context.plan.clients));
    // The shorter hangs are answered before the client's time-out about as often as not.
    let kind = match dice.random_range(0..10) {
        0 => FaultKind::TooManyRequests { retry_after: dice.random_range(1..4) },
        1 => FaultKind::Forbidden,
        2 => FaultKind::BadRequest,
        3 => FaultKind::ServerError,
        4 => FaultKind::BadGatewayHtml,
        5 => FaultKind::Hang { ms: dice.random_range(1_000..6_000) },
        6 => FaultKind::Hang { ms: 30_000 },
        7 => FaultKind::CutBeforeAccept,
        8 => FaultKind::CutAfterAccept,
        _ => FaultKind::Garbage,
    };
    // These two concern a client. In the staff chat they would stop all cards.
    let of_a_client = matches!(kind, FaultKind::Forbidden | FaultKind::BadRequest);
    let may_arrive = matches!(kind, FaultKind::Hang { .. } | FaultKind::Garbage);
    let mut fault = Fault::sending(kind, dice.random_range(1..3));
    if of_a_client || dice.random_bool(0.5) {
        fault = fault.in_chat(chat);
    }
    if may_arrive && dice.random_bool(0.5) {
        fault = fault.accepted();
    }
    fault
}
