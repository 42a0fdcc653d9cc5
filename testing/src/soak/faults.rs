//! Fault injection: one fault of the servers, the programs or Telegram after another, from a
//! shuffled deck. The single faults of Telegram come beside them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use rand::{Rng, rngs::StdRng, seq::SliceRandom};

use super::{
    bad_hours,
    context::{Phase, SoakContext},
    plan::span,
    quiescence,
    record::{Excuse, InjectedFault},
    table,
};
use crate::harness::{
    bukza::now,
    fleet::{Breakable, Program, System},
};

/// The promised minute for recovery, and some seconds to observe it.
const WELL_WITHIN: Duration = Duration::from_secs(75);
const REDIS_PAUSED: Duration = Duration::from_secs(5);

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
    CloseStaffChat,
    Outage,
    Flood,
    Bukza,
}

/// Each with its name, and what it explains.
const BREAKS: [(Break, &str, Excuse); 15] = [
    (Break::KillWorker, "worker killed", Excuse::LostLease),
    (Break::KillIngest, "ingest killed", Excuse::Delay),
    (Break::RestartWorker, "worker restarted", Excuse::Delay),
    (Break::RestartIngest, "ingest restarted", Excuse::Delay),
    (Break::KillRedis, "Redis killed", Excuse::Delay),
    (Break::PauseRedis, "Redis paused for 5 s", Excuse::Delay),
    (Break::EmptyRedis, "Redis emptied", Excuse::Delay),
    (Break::KillPostgres, "PostgreSQL killed", Excuse::LostLease),
    (Break::RestartPostgres, "PostgreSQL restarted", Excuse::LostLease),
    (Break::CutConnections, "connections to PostgreSQL cut", Excuse::LostLease),
    (Break::KillBoth, "both servers killed", Excuse::LostLease),
    (Break::CloseStaffChat, "staff's chat closed", Excuse::Nothing),
    (Break::Outage, "Telegram answering 502", Excuse::Delay),
    (Break::Flood, "flood of strangers", Excuse::Nothing),
    (Break::Bukza, "Bukza's table answered badly", Excuse::Nothing),
];

/// Injects one fault after another until the fault burst is over. Leaves everything running.
///
/// # Errors
/// When a part does not recover by itself.
pub async fn run_burst<H: Breakable>(
    system: &mut System<H>,
    context: &Arc<SoakContext>,
    dice: &mut StdRng,
) -> anyhow::Result<()> {
    let mut deck = Vec::new();
    loop {
        context.pause(span(dice, context.plan.between_faults)).await;
        if context.phase() != Phase::FaultBurst {
            return Ok(());
        }
        if deck.is_empty() {
            deck = shuffled(dice);
        }
        let Some((what, name, excuse)) = deck.pop() else { continue };
        let from = now();
        if !strike(system, context, dice, what).await.context(name)? {
            continue;
        }
        for program in system.ingests.iter_mut().chain(&mut system.workers) {
            program.ready(&system.http, WELL_WITHIN).await.context(name)?;
        }
        let to = now();
        println!("   {} {name} ({} ms)", from.format("%T"), (to - from).num_milliseconds());
        let fault = InjectedFault { name, excuse, from, to };
        context.record().faults.push(fault);
    }
}

fn shuffled(dice: &mut StdRng) -> Vec<(Break, &'static str, Excuse)> {
    let mut deck = BREAKS.to_vec();
    deck.shuffle(dice);
    deck
}

/// Injects a fault; returns whether it was done.
async fn strike<H: Breakable>(
    system: &mut System<H>,
    context: &Arc<SoakContext>,
    dice: &mut StdRng,
    what: Break,
) -> anyhow::Result<bool> {
    let away = span(dice, (Duration::from_millis(500), Duration::from_secs(8)));
    match what {
        Break::KillWorker => replace_worker(system, dice, (true, away / 4)).await?,
        Break::RestartWorker => replace_worker(system, dice, (false, away / 4)).await?,
        Break::KillIngest => replace_ingest(system, dice, (true, away / 4)).await?,
        Break::RestartIngest => replace_ingest(system, dice, (false, away / 4)).await?,
        Break::EmptyRedis => return empty_redis(system, context).await,
        Break::CutConnections => {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            system.database.reconnect().await?;
            system.database.one::<i64>(sql).await?;
        }
        Break::KillRedis => {
            let (_, redis) = system.host.servers()?;
            redis.kill().await?;
            tokio::time::sleep(away).await;
            redis.resume().await?;
        }
        Break::PauseRedis => {
            let (_, redis) = system.host.servers()?;
            redis.pause();
            tokio::time::sleep(REDIS_PAUSED).await;
            redis.unpause();
        }
        Break::KillPostgres => {
            let (postgres, _) = system.host.servers()?;
            postgres.kill().await?;
            tokio::time::sleep(away).await;
            postgres.resume().await?;
        }
        Break::RestartPostgres => {
            let (postgres, _) = system.host.servers()?;
            postgres.stop().await?;
            tokio::time::sleep(away).await;
            postgres.resume().await?;
        }
        Break::KillBoth => {
            let (postgres, redis) = system.host.servers()?;
            redis.kill().await?;
            postgres.kill().await?;
            tokio::time::sleep(away).await;
            redis.resume().await?;
            postgres.resume().await?;
        }
        Break::CloseStaffChat => bad_hours::close_staff_chat(context, dice).await?,
        Break::Outage => bad_hours::outage(context, dice).await?,
        Break::Flood => bad_hours::flood(context, dice).await?,
        Break::Bukza => table::bad_answers(context, dice).await?,
    }
    Ok(true)
}

/// Ends a worker, and starts another after a while.
async fn replace_worker<H>(
    system: &mut System<H>,
    dice: &mut StdRng,
    (killed, away): (bool, Duration),
) -> anyhow::Result<()> {
    let at = dice.random_range(0..system.workers.len());
    end(system.workers.remove(at), killed).await?;
    tokio::time::sleep(away).await;
    system.start_worker().map(drop)
}

/// Ends an ingest, and starts another at its address after a while.
async fn replace_ingest<H>(
    system: &mut System<H>,
    dice: &mut StdRng,
    (killed, away): (bool, Duration),
) -> anyhow::Result<()> {
    let at = dice.random_range(0..system.ingests.len());
    let program = system.ingests.remove(at);
    let address = program.address();
    end(program, killed).await?;
    tokio::time::sleep(away).await;
    system.start_ingest_at(address).map(drop)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::plan::Plan;

    #[test]
    fn a_seed_decides_the_order_and_each_deck_has_everything_once() {
        let deck = |seed| shuffled(&mut Plan::minutes(1, seed).dice(1 << 32));
        assert_eq!(deck(7), deck(7));
        assert_ne!(deck(7), deck(8));
        for one in BREAKS {
            assert_eq!(deck(7).iter().filter(|other| **other == one).count(), 1, "{one:?}");
        }
    }
}
