//! `cargo xtask soak`: the whole system under random clients and random faults. At quiescence, what
//! the clients did is compared with what is stored and what Telegram saw.

mod audit;
mod bad_hours;
mod booking_run;
mod client;
mod context;
mod departing;
mod expected_status;
mod faults;
mod guest;
mod hurry;
mod lost;
mod observed;
mod plan;
mod preferences;
pub mod quiescence;
mod record;
mod report;
mod requests;
mod resources;
mod staff;
mod table;
mod template;
mod text;
mod traces;
mod trouble;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::task::JoinSet;

pub use self::{audit::Violation, plan::Plan, report::Report};
use self::{
    client::Client,
    context::{Phase, SoakContext},
    departing::Departing,
    guest::Guest,
    observed::Observed,
    resources::Usage,
};
use crate::harness::{
    fleet::{Breakable, Local, System},
    project::{Profile, Project},
};

/// Runs a soak on private servers and prints its report. The programs are a debug build, so that
/// arithmetic is checked.
///
/// # Errors
/// When the system can't be started, or a part of it does not recover. Violations are the exit
/// code.
pub async fn run(project: &Project, plan: Plan) -> anyhow::Result<ExitCode> {
    let mut system = Local::set_up(project, "soak", Profile::Dev).await?;
    let report = soak(&mut system, plan).await?;
    let kept = report.violations.is_empty();
    if !kept {
        println!("Logs of the programs: {}", system.folder.display());
    }
    println!("{report}");
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Soaks a prepared system that runs no programs yet.
///
/// # Errors
/// As above.
pub async fn soak<H: Breakable>(system: &mut System<H>, plan: Plan) -> anyhow::Result<Report> {
    system.settings = system.settings.with(plan.settings());
    system.settings = system.settings.with(table::set_up(&system.telegram).await?);
    system.launch(plan.ingests, plan.workers).await?;
    let context = Arc::new(SoakContext::of(system, plan).await?);
    // Caches and pools fill at first use. They are not growth.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let start = Usage::of(system).await?;
    println!("{} s of fault burst, seed {} …", plan.fault_burst.as_secs(), plan.seed);

    let mut clients = JoinSet::new();
    for number in 1..=plan.clients {
        clients.spawn(Client::new(Arc::clone(&context), number).live());
    }
    for number in 0..plan.departing {
        clients.spawn(Departing::new(Arc::clone(&context), number).live());
    }
    for number in 0..plan.guests {
        clients.spawn(Guest::new(Arc::clone(&context), number).live());
    }
    let (of_staff, mut choices) = (Arc::clone(&context), plan.dice(1 << 34));
    clients.spawn(async move { staff::work(&of_staff, &mut choices).await });
    let (mut faults, mut troubles) = (plan.dice(1 << 32), plan.dice(1 << 33));
    let over = async {
        tokio::time::sleep(plan.fault_burst).await;
        context.enter(Phase::Mending);
        anyhow::Ok(())
    };
    tokio::try_join!(
        over,
        faults::run_burst(system, &context, &mut faults),
        trouble::trouble(&context, &mut troubles),
        table::rounds(&context)
    )?;
    context.telegram.clear_faults().await?;
    context.enter(Phase::Calm);
    println!("… calm");
    let rest = quiescence::wait_with_table(system, &context).await?;
    context.enter(Phase::Over);
    let mut unfinished = Vec::new();
    while let Some(ended) = clients.join_next().await {
        if let Err(error) = ended.context("a client panicked")? {
            unfinished.push(Violation { about: "clients".to_owned(), what: format!("{error:#}") });
        }
    }
    // The clients' last updates may have caused work.
    let rest = match rest {
        Ok(first) => quiescence::wait(system, &context).await?.map(|more| first + more),
        waits => waits,
    };
    let end = Usage::of(system).await?;
    let record = SoakContext::into_record(context)?;
    let observed = Observed::read(system, &record.departed).await?;
    let mut report =
        Report::of(&plan, &record, &observed, rest.as_ref().ok().copied(), [start, end]);
    report.violations = unfinished;
    if let Err(waits) = rest {
        let what = format!("is not quiescent: {}", waits.join(", "));
        report.violations.push(Violation { about: "system".to_owned(), what });
    }
    report.violations.extend(audit::check(&plan, &record, &observed));
    report.cases(&record, &observed);
    conclude(system, &plan, [start, end], &mut report)?;
    Ok(report)
}

/// Adds programs that died, panics, and resources that have grown.
fn conclude<H>(
    system: &mut System<H>,
    plan: &Plan,
    [start, end]: [Usage; 2],
    report: &mut Report,
) -> anyhow::Result<()> {
    for program in system.ingests.iter_mut().chain(&mut system.workers) {
        if let Some(status) = program.process.ended() {
            let about = program.process.name().to_owned();
            report.violations.push(Violation { about, what: format!("died: {status}") });
        }
    }
    let (panics, errors) = resources::logged(&system.folder)?;
    report.violations.extend(panics);
    report.errors = errors;
    let programs = (plan.ingests + plan.workers) as u64;
    report.violations.extend(resources::grown(start, end, programs));
    Ok(())
}
