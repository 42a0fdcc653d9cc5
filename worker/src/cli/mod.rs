//! The operator's commands: inspecting messages and bookings, replaying refused requests and dead
//! letters, the doctor.

mod dead_letters;
pub mod doctor;
mod inspect;
pub(crate) mod output;
mod rejected;
pub(crate) mod statuses;

pub(crate) use output::{print_line, print_text};
pub use output::{printable, printable_body, report};

use std::io::{self, ErrorKind};

use clap::Subcommand;
use shared::{
    queue::JobQueue,
    settings::{Common, Environment},
    store::{self, DatabaseConnection},
};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the jobs (as without a command).
    Run,
    /// Check everything that the system depends on, and say what to do.
    Doctor {
        /// Where deploy/backup puts its backups
        #[arg(long, default_value = doctor::BACKUPS)]
        backups: std::path::PathBuf,
    },
    /// Show one message of the outbox.
    Message { id: i64 },
    /// Show a booking by its code, with every message about it.
    Booking { code: String },
    /// Work that was set aside because it always fails.
    #[command(subcommand)]
    Dead(Kept),
    /// Requests of Bukza that were refused.
    #[command(subcommand)]
    Rejected(Kept),
    /// List the statuses of the last 30 days with what each was taken for.
    Statuses,
}

/// Actions on dead letters and refused requests.
#[derive(Debug, Subcommand)]
pub enum Kept {
    /// List what waits to be looked at.
    List {
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Show one in full.
    Show { id: i64 },
    /// Try again; doing it twice changes nothing more.
    Replay { id: i64 },
}

struct Tools {
    common: Common,
    db: DatabaseConnection,
}

impl Tools {
    async fn open() -> anyhow::Result<Self> {
        let common = Common::from_environment(&Environment::of_process())?;
        let db = store::connect(&common.database_url, 1).await?;
        Ok(Self { common, db })
    }

    fn queue(&self) -> anyhow::Result<JobQueue> {
        let timeout = std::time::Duration::from_secs(5);
        Ok(JobQueue::open(&self.common.redis_url, &self.common.queue_prefix, timeout)?)
    }
}

/// Runs a command.
///
/// # Errors
/// When the settings are wrong, a server can't be reached, or the row does not exist. [`report`] formats the error.
pub async fn run(command: Command) -> anyhow::Result<()> {
    match dispatch(command).await {
        // The reader has closed the pipe (`| head`).
        Err(error) if is_broken_pipe(&error) => Ok(()),
        ended => ended,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

async fn dispatch(command: Command) -> anyhow::Result<()> {
    // The doctor reports wrong settings itself.
    if let Command::Doctor { backups } = command {
        return doctor::run(&backups).await;
    }
    let tools = Tools::open().await?;
    match command {
        Command::Run | Command::Doctor { .. } => Ok(()),
        Command::Message { id } => inspect::message(&tools, id).await,
        Command::Booking { code } => inspect::booking(&tools, &code).await,
        Command::Dead(Kept::List { limit }) => dead_letters::list(&tools, limit).await,
        Command::Dead(Kept::Show { id }) => dead_letters::show(&tools, id).await,
        Command::Dead(Kept::Replay { id }) => dead_letters::replay(&tools, id).await,
        Command::Rejected(Kept::List { limit }) => rejected::list(&tools, limit).await,
        Command::Rejected(Kept::Show { id }) => rejected::show(&tools, id).await,
        Command::Rejected(Kept::Replay { id }) => rejected::replay(&tools, id).await,
        Command::Statuses => statuses::list(&tools).await,
    }
}
