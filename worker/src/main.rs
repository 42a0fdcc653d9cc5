//! `worker`: runs the jobs (`worker`, `worker run`); every other command is an operator's tool.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use worker::cli::{self, Command};

/// Applies what ingest accepted and delivers what is due.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        None | Some(Command::Run) => worker::run::run().await,
        Some(command) => cli::run(command).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", cli::report(&error));
            ExitCode::FAILURE
        }
    }
}
