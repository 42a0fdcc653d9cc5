//! `cargo xtask crashpoints`: a story with one fault at one message between programs and servers, for
//! each such message. Nothing may be lost, and nothing repeated beyond the table of outcomes.

mod bukza_table;
mod fleet;
mod guests;
mod ledger;
mod point;
mod protocol;
mod story;
mod tap;

use std::{
    collections::{BTreeSet, VecDeque},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

pub use self::fleet::Ground;
use self::{
    fleet::Fleet,
    ledger::Ledger,
    point::{Place, Point},
};
use crate::harness::{
    fleet::Binaries,
    packages,
    project::{Profile, Project},
    servers::{Durability, Servers},
};

/// How long an idle system is observed: two rounds of the reconciler, and the heartbeats.
const IDLE: Duration = Duration::from_secs(12);
/// How long one point may take. The budget counts it.
const LONGEST: Duration = Duration::from_secs(150);

/// How many fleets run at the same time. They mostly wait: with ten, two cores are idle half of the time.
const AT_ONCE: usize = 20;

/// Which points are to run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// These; all if empty.
    pub names: Vec<String>,
    /// Only as many, chosen by the seed.
    pub sample: Option<usize>,
    pub seed: u64,
    /// No point starts that could end later.
    pub minutes: Option<u64>,
}

/// The result of one point.
#[derive(Debug)]
pub struct Outcome {
    pub name: String,
    pub reached: bool,
    pub violations: Vec<String>,
    allowed: Vec<String>,
    took: Duration,
}

/// The results of all.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    /// How many points there are.
    pub points: usize,
    /// How many of the chosen points did not run for lack of time.
    pub left_out: usize,
}

/// The stories without a fault: the ledgers of each, and their points.
struct Recorded {
    ledgers: Vec<Vec<Ledger>>,
    points: Vec<Point>,
}

/// Runs the points of a plan on private servers, or only lists them.
///
/// # Errors
/// When the system can't be started, or a name is no point. Broken points are the exit code.
pub async fn run(project: &Project, plan: Plan, list: bool) -> anyhow::Result<ExitCode> {
    packages::set_up()?;
    let servers = Servers::start(project, "crashpoints", Durability::ProcessCrash).await?;
    let ground = Ground {
        admin_url: servers.postgres.url("postgres"),
        redis_url: servers.redis.url(),
        binaries: Binaries::in_folder(project.build(Profile::Dev)?),
        logs: servers.run_dir.folder().join("logs"),
    };
    if list {
        for point in record(&ground).await?.points {
            println!("{point}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let report = examine(&ground, &plan, AT_ONCE).await?;
    let broken = report.outcomes.iter().filter(|outcome| !outcome.violations.is_empty()).count();
    let (ran, unreached) = (report.outcomes.len(), report.unreached());
    println!(
        "{ran} of {} points ran, {unreached} were not reached, {broken} broke a promise",
        report.points
    );
    if report.left_out > 0 {
        println!("a sample of seed {}: {} points were beyond the time", plan.seed, report.left_out);
    }
    if broken > 0 {
        println!("Logs of the programs: {}", ground.logs.display());
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    /// Points whose message did not come in their runs.
    #[must_use]
    pub fn unreached(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.reached).count()
    }
}

/// Records the stories, then runs the points of a plan, so many side by side.
///
/// # Errors
/// When a story fails without a fault, or a name is no point.
pub async fn examine(ground: &Ground, plan: &Plan, at_once: usize) -> anyhow::Result<Report> {
    let started = Instant::now();
    let recorded = record(ground).await?;
    let points = recorded.points.len();
    println!("{points} points, seed {} …", plan.seed);
    let mut queue: VecDeque<Point> = chosen(&recorded, plan)?.into();
    let ledgers: Arc<[Vec<Ledger>]> = recorded.ledgers.into();
    let budget =
        plan.minutes.map(|minutes| Duration::from_secs(minutes * 60).saturating_sub(LONGEST));
    let (mut running, mut outcomes) = (JoinSet::new(), Vec::new());
    loop {
        let in_time = budget.is_none_or(|budget| started.elapsed() < budget);
        while in_time && running.len() < at_once {
            let Some(point) = queue.pop_front() else { break };
            let (ground, ledgers, number) =
                (ground.clone(), Arc::clone(&ledgers), outcomes.len() + running.len());
            running.spawn(async move { one(&ground, number, point, &ledgers).await });
        }
        let Some(ended) = running.join_next().await else { break };
        let outcome = ended.context("a point panicked")?;
        print(&outcome);
        outcomes.push(outcome);
    }
    Ok(Report { outcomes, points, left_out: queue.len() })
}

fn chosen(recorded: &Recorded, plan: &Plan) -> anyhow::Result<Vec<Point>> {
    if !plan.names.is_empty() {
        let read =
            |name: &String| Point::parse(name).with_context(|| format!("{name} is no point"));
        return plan.names.iter().map(read).collect();
    }
    let count = plan.sample.unwrap_or(usize::MAX);
    Ok(point::sample(recorded.points.clone(), count, plan.seed))
}

fn print(outcome: &Outcome) {
    let Outcome { name, reached, violations, allowed, took } = outcome;
    let state = match (violations.is_empty(), reached) {
        (false, _) => "BROKEN",
        (true, false) => "not reached",
        (true, true) => "holds",
    };
    println!("{state}: {name} ({:.0} s)", took.as_secs_f64());
    for line in violations.iter().chain(allowed) {
        println!("    {line}");
    }
}

/// Plays the stories without a fault. What an idle system of the same settings sends is no part of them.
async fn record(ground: &Ground) -> anyhow::Result<Recorded> {
    let [clients, guests, tables] = story::STORIES;
    let (clients, guests, tables, idle, idle_table) = tokio::try_join!(
        record_story(ground, clients),
        record_story(ground, guests),
        record_story(ground, tables),
        record_idle(ground, clients),
        record_idle(ground, tables),
    )?;
    let (mut ledgers, mut places) = (Vec::new(), BTreeSet::new());
    for ((of_story, seen), idle) in [(clients, &idle), (guests, &idle), (tables, &idle_table)] {
        let own = |place: &Place| {
            !idle.contains(&(place.link.clone(), place.label.clone()))
                || bukza_table::begins_round(place)
        };
        places.extend(seen.into_iter().filter(own));
        ledgers.push(of_story);
    }
    Ok(Recorded { ledgers, points: point::all(&places) })
}

/// The links and labels of what a story's system sends while it is idle.
async fn record_idle(
    ground: &Ground,
    steps: &[&str],
) -> anyhow::Result<BTreeSet<(String, String)>> {
    let name = format!("idle-{}", steps.first().copied().unwrap_or_default());
    let fleet = Fleet::start(ground, &name, steps, None).await?;
    fleet.watch.enter("idle");
    tokio::time::sleep(IDLE).await;
    let seen = fleet.watch.seen();
    fleet.end().await?;
    // Every transaction begins alike.
    Ok(seen.into_iter().filter(|it| it.label != "begin").map(|it| (it.link, it.label)).collect())
}

/// The ledgers of a story, and what the taps saw.
async fn record_story(
    ground: &Ground,
    steps: &[&str],
) -> anyhow::Result<(Vec<Ledger>, BTreeSet<Place>)> {
    let name = format!("story-{}", steps.first().copied().unwrap_or_default());
    let mut fleet = Fleet::start(ground, &name, steps, None).await?;
    let ledgers = story::play(&mut fleet, steps).await?;
    let seen = fleet.watch.seen();
    fleet.end().await?;
    anyhow::ensure!(ledgers.len() == steps.len(), "{name} ends early without a fault");
    Ok((ledgers, seen))
}

/// Plays the point's story with the fault of one point.
async fn one(ground: &Ground, number: usize, point: Point, ledgers: &[Vec<Ledger>]) -> Outcome {
    let started = Instant::now();
    let story = story::number_of(&point.place.step);
    let steps = story::STORIES[story];
    let mut outcome = Outcome {
        name: point.to_string(),
        reached: false,
        violations: Vec::new(),
        allowed: Vec::new(),
        took: Duration::ZERO,
    };
    let played = async {
        let mut fleet =
            Fleet::start(ground, &format!("point-{number}"), steps, Some(point.clone())).await?;
        let played = story::play(&mut fleet, steps).await;
        outcome.reached = fleet.watch.reached();
        let folder = fleet.folder().to_owned();
        fleet.end().await?;
        played.with_context(|| format!("see {}", folder.display()))
    };
    match played.await {
        Err(error) => outcome.violations.push(format!("{error:#}")),
        Ok(found) => {
            let wanted = found.len().checked_sub(1).and_then(|last| ledgers[story].get(last));
            if let (Some(wanted), Some(found)) = (wanted, found.last()) {
                let verdict = wanted.compare(found, &point);
                (outcome.violations, outcome.allowed) = (verdict.violations, verdict.allowed);
            }
        }
    }
    outcome.took = started.elapsed();
    outcome
}
