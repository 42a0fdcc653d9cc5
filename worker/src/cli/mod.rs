//! The operator's commands: inspecting messages and bookings, replaying refused requests and dead letters,
//! sending again what may not have arrived, the doctor.

mod dead_letters;
pub mod doctor;
mod import;
mod inspect;
pub(crate) mod output;
mod person;
mod rejected;
mod replan;
mod setup;
mod staff;
pub(crate) mod statuses;
mod sync;
mod unknown;
pub(crate) mod words;

pub(crate) use output::{print_line, print_text};
pub use output::{printable, printable_body, report};

use std::io::{self, ErrorKind};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use shared::{
    queue::JobQueue,
    settings::{Common, Environment},
    store::{self, DatabaseConnection},
};

use self::words::{Wording, Words};

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
        /// Where the system keeps its time zones; else as TZDIR names it, or /usr/share/zoneinfo
        #[arg(long)]
        zoneinfo: Option<std::path::PathBuf>,
    },
    /// Make or change .env, and print what is pasted into Bukza.
    Setup(Box<setup::SetupOptions>),
    /// Show one message of the outbox.
    Message { id: i64 },
    /// Show a booking by its code, with every message about it.
    Booking { code: String },
    /// Work that was set aside because it always fails.
    #[command(subcommand)]
    Dead(Dead),
    /// Requests of Bukza that were refused.
    #[command(subcommand)]
    Rejected(Kept),
    /// Messages of which it is unknown whether they arrived.
    #[command(subcommand)]
    Unknown(Unknown),
    /// Print all that is held about a person, as JSON.
    Export { phone: String },
    /// Delete all that is held about a person. This can't be undone.
    Forget { phone: String },
    /// Print a link that makes a group the staff's chat: it works once, for an hour. Links of before are taken back.
    Bind,
    /// End what a link bound, and take back open links: SUPPORT_CHANNEL_ID names the staff's chat again.
    Unbind,
    /// List visits whose instant differs from their time on the venue's clocks, after a change of law and an update, or
    /// of TIMEZONE. Nobody is notified.
    Replan {
        /// Move them, and the messages that wait about them
        #[arg(long)]
        apply: bool,
        /// Also those whose times Bukza sent with an offset
        #[arg(long)]
        instants: bool,
    },
    /// Take over clients, bookings and what was sent from the Python bot's database. Nobody is notified, and it can be
    /// repeated.
    Import(import::ImportOptions),
    /// List what Bukza's own table shows otherwise than the bookings. Nothing is changed without --apply.
    Sync(sync::SyncOptions),
    /// List the statuses of the last 30 days with what each was taken for.
    Statuses,
}

/// Actions on dead letters.
#[derive(Debug, Subcommand)]
pub enum Dead {
    /// List what waits to be looked at.
    List {
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Show one in full.
    Show { id: i64 },
    /// Try again; doing it twice changes nothing more.
    Replay(Which),
}

/// Actions on messages that may not have arrived.
#[derive(Debug, Subcommand)]
pub enum Unknown {
    /// List those that are still news.
    List {
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Send again. Whoever got the message gets it twice! Only what is still news is sent.
    Resend(Which),
}

/// Which of them: one, all, or those of a kind.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The one with this number
    id: Option<i64>,
    /// All that are listed
    #[arg(long)]
    all: bool,
    /// Those of a message's kind, such as `confirmation`; of dead letters, also those of a queue
    #[arg(long)]
    kind: Option<String>,
}

/// Actions on refused requests.
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

/// What a command works with.
struct Tools {
    common: Common,
    db: DatabaseConnection,
    wording: Wording,
}

impl Tools {
    async fn open() -> anyhow::Result<Self> {
        let common = Common::from_environment(&Environment::of_process())?;
        let db = store::connect(&common.database_url, 1).await?;
        let wording = Wording::of(common.locale);
        Ok(Self { common, db, wording })
    }

    fn queue(&self) -> anyhow::Result<JobQueue> {
        let timeout = std::time::Duration::from_secs(5);
        Ok(JobQueue::open(&self.common.redis_url, &self.common.queue_prefix, timeout)?)
    }

    fn text(&self, words: &Words) -> String {
        self.wording.text(words)
    }

    /// Prints words as a line.
    fn print(&self, words: &Words) -> io::Result<()> {
        print_line(format_args!("{}", self.text(words)))
    }

    /// Prints words as a line below another.
    fn print_below(&self, words: &Words) -> io::Result<()> {
        print_line(format_args!("  {}", self.text(words)))
    }

    /// The end of a command that can't do what it should.
    fn failure(&self, words: &Words) -> anyhow::Error {
        anyhow!(self.text(words))
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
    if let Command::Doctor { backups, zoneinfo } = command {
        return doctor::run(&backups, zoneinfo.as_deref()).await;
    }
    // There may be no settings yet.
    if let Command::Setup(options) = command {
        return setup::run(*options).await;
    }
    let tools = Tools::open().await?;
    match command {
        Command::Run | Command::Doctor { .. } | Command::Setup(_) => Ok(()),
        Command::Message { id } => inspect::message(&tools, id).await,
        Command::Booking { code } => inspect::booking(&tools, &code).await,
        Command::Dead(Dead::List { limit }) => dead_letters::list(&tools, limit).await,
        Command::Dead(Dead::Show { id }) => dead_letters::show(&tools, id).await,
        Command::Dead(Dead::Replay(which)) => dead_letters::replay(&tools, which).await,
        Command::Rejected(Kept::List { limit }) => rejected::list(&tools, limit).await,
        Command::Rejected(Kept::Show { id }) => rejected::show(&tools, id).await,
        Command::Rejected(Kept::Replay { id }) => rejected::replay(&tools, id).await,
        Command::Unknown(Unknown::List { limit }) => unknown::list(&tools, limit).await,
        Command::Unknown(Unknown::Resend(which)) => unknown::resend(&tools, which).await,
        Command::Export { phone } => person::export(&tools, &phone).await,
        Command::Forget { phone } => person::forget(&tools, &phone).await,
        Command::Bind => staff::bind(&tools).await,
        Command::Unbind => staff::unbind(&tools).await,
        Command::Replan { apply, instants } => {
            replan::run(&tools, replan::Replan { apply, instants }).await
        }
        Command::Import(options) => import::run(&tools, options).await,
        Command::Sync(options) => sync::run(&tools, &options).await,
        Command::Statuses => statuses::list(&tools).await,
    }
}
