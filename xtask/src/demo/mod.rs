//! `cargo xtask demo` and `cargo xtask up`: the whole system on this machine with a simulated
//! Telegram. The demo plays the main job, then stays up.

mod hints;
mod real;
mod screen;
mod story;

use std::process::ExitCode;

use self::screen::Screen;
use testing::harness::{
    fleet::Local,
    project::{Profile, Project},
};

/// What to do once the system is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Play the main job.
    pub story: bool,
    /// Stay up afterwards.
    pub stay: bool,
}

/// Starts the system and follows the plan.
///
/// # Errors
/// When a part doesn't start, or something that the story expects doesn't come.
pub async fn run(project: &Project, plan: Plan) -> anyhow::Result<ExitCode> {
    if let Some(settings) = real::settings(project)? {
        return real::run(project, settings).await;
    }
    let mut local = Local::set_up(project, "demo", Profile::Dev).await?;
    for (name, value) in story::SETTINGS {
        local.settings.set(name, value);
    }
    println!("Starting ingest and worker …");
    local.launch(1, 1).await?;
    let mut screen = Screen::new(local.telegram.clone());
    if plan.story {
        story::play(&local, &mut screen).await?;
        println!("\nAll of it came as expected.");
    }
    if plan.stay {
        hints::print(&local);
        screen.follow().await?;
    }
    Ok(ExitCode::SUCCESS)
}
