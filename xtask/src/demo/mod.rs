//! `cargo xtask demo` and `cargo xtask up`: the whole system on this machine with a simulated
//! Telegram. The demo plays the main job on a page or as text, then stays up.

mod hints;
mod real;
mod screen;
mod story;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use self::screen::Screen;
use testing::harness::{
    fleet::Local,
    project::{Profile, Project},
};

/// How long the story waits for somebody to watch it.
const VIEWER_WITHIN: Duration = Duration::from_secs(30);

/// What to do once the system is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Play the main job.
    pub story: bool,
    /// Show it as text here, not on the page.
    pub text: bool,
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
    let page = local.open_page().await?;
    let mut screen = Screen::new(local.telegram.clone(), plan.text);
    if !plan.text {
        hints::address(&page);
    }
    if plan.story {
        if plan.stay && !plan.text {
            wait_for_viewer(&local).await?;
        }
        story::play(&local, &mut screen).await?;
        println!("\nAll of it came as expected.");
    }
    if plan.stay && plan.text {
        hints::print(&local, &page);
        screen.follow().await?;
    } else if plan.stay {
        hints::stays(&local, &page);
        std::future::pending::<()>().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits until the page is open somewhere, but not for long.
async fn wait_for_viewer(local: &Local) -> anyhow::Result<()> {
    println!("The story begins when the page is open, or in {} s.", VIEWER_WITHIN.as_secs());
    let deadline = Instant::now() + VIEWER_WITHIN;
    while Instant::now() < deadline && local.telegram.viewers().await? == 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}
