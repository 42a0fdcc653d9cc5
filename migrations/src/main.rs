//! `migrate`: brings the database to the newest schema (`migrate`, `migrate up`) or shows its
//! state (`migrate status`). Reads `DATABASE_URL`, or the file `DATABASE_URL_FILE`, from the environment or `.env`.

use std::process::ExitCode;

use anyhow::{Context, bail};
use migrations::SchemaState;
use sea_orm_migration::sea_orm::{ConnectOptions, Database};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    dotenvy::dotenv().ok();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    let mut options = ConnectOptions::new(database_url()?);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.context("can't reach the database")?;
    match std::env::args().nth(1).as_deref() {
        None | Some("up") => {
            let state = migrations::up(&db).await.context("nothing was changed")?;
            if let SchemaState::Newer { unknown } = state {
                let newer = unknown.join(", ");
                tracing::warn!(newer, "the schema is newer than this build, which may run on it");
            } else {
                tracing::info!(schema = migrations::newest_known(), "schema is current");
            }
            Ok(ExitCode::SUCCESS)
        }
        Some("status") => {
            let state = migrations::schema_state(&db).await?;
            println!("{state:?}");
            Ok(if state.is_usable() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(other) => bail!("unknown command {other:?}: expected `up` or `status`"),
    }
}

fn database_url() -> anyhow::Result<String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (set("DATABASE_URL"), set("DATABASE_URL_FILE")) {
        (Some(_), Some(_)) => bail!("set DATABASE_URL or DATABASE_URL_FILE, not both"),
        (Some(url), None) => Ok(url),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(&file);
            Ok(text.with_context(|| format!("DATABASE_URL_FILE {file}"))?.trim().to_owned())
        }
        (None, None) => bail!("DATABASE_URL is not set"),
    }
}
