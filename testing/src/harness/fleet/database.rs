//! A database for each test or bench, copied from a template that is migrated once.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::Context;
use tokio_postgres::{Client, NoTls, Row, types::FromSqlOwned};

use super::{program::Binaries, settings::Settings};

const TEMPLATE: &str = "migrated_template";
/// An arbitrary number: nothing else locks on a private server.
const LOCK: &str = "SELECT pg_advisory_lock(7301)";

/// A database and a connection for queries.
#[derive(Clone)]
pub struct Database {
    pub name: String,
    pub url: String,
    client: Arc<Client>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Database {
    /// Creates a migrated database on the server with the superuser's URL `admin_url`.
    ///
    /// # Errors
    /// When the server or `migrate` fails.
    pub async fn create(
        admin_url: &str,
        binaries: &Binaries,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("world_{}_{count}", std::process::id());
        let admin = Self::open("postgres", admin_url).await?;
        // The connection holds the lock until it is closed.
        admin.rows(LOCK).await?;
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'");
        if admin.rows(&exists).await?.is_empty() {
            make_template(&admin, binaries, folder).await?;
        }
        // Process ids are reused within a long run of the suite.
        admin.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        admin.execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await?;
        Self::open(&name, &at(admin_url, &name)?).await
    }

    /// Connects to an existing database.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn open(name: &str, url: &str) -> anyhow::Result<Self> {
        let (client, connection) =
            tokio_postgres::connect(url, NoTls).await.context("can't reach PostgreSQL")?;
        // Ends when the client is dropped or the server is gone. The client reports errors.
        tokio::spawn(connection);
        Ok(Self { name: name.to_owned(), url: url.to_owned(), client: Arc::new(client) })
    }

    /// Reconnects after an outage of the server.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn reconnect(&mut self) -> anyhow::Result<()> {
        *self = Self::open(&self.name, &self.url).await?;
        Ok(())
    }

    /// Runs a statement; returns how many rows it changed.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub async fn execute(&self, sql: &str) -> anyhow::Result<u64> {
        self.client.execute(sql, &[]).await.with_context(|| sql.to_owned())
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub async fn rows(&self, sql: &str) -> anyhow::Result<Vec<Row>> {
        self.client.query(sql, &[]).await.with_context(|| sql.to_owned())
    }

    /// The first column of each row.
    ///
    /// # Errors
    /// PostgreSQL's, or when the column has another type.
    pub async fn column<T: FromSqlOwned>(&self, sql: &str) -> anyhow::Result<Vec<T>> {
        let rows = self.rows(sql).await?;
        let values: Result<Vec<T>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        values.with_context(|| sql.to_owned())
    }

    /// The first column of the only row.
    ///
    /// # Errors
    /// PostgreSQL's, or when there isn't exactly one row.
    pub async fn one<T: FromSqlOwned>(&self, sql: &str) -> anyhow::Result<T> {
        let mut column = self.column(sql).await?;
        anyhow::ensure!(column.len() == 1, "{} rows: {sql}", column.len());
        column.pop().context("a row")
    }

    /// The state of this database's sessions, a line each, for messages of failed tests.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub async fn sessions(&self) -> anyhow::Result<String> {
        let sql = "SELECT concat_ws(' ', pid, state, wait_event_type, wait_event, \
                   'for ' || date_trunc('second', clock_timestamp() - state_change), \
                   'blocked by ' || nullif(pg_blocking_pids(pid)::text, '{}'), \
                   left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 80)) \
                   FROM pg_stat_activity WHERE datname = current_database() ORDER BY state_change";
        Ok(self.column::<String>(sql).await?.join("\n"))
    }
}

async fn make_template(admin: &Database, binaries: &Binaries, folder: &Path) -> anyhow::Result<()> {
    // Under another name until it is migrated, so that a failure leaves no incomplete template.
    let making = format!("{TEMPLATE}_making");
    admin.execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await?;
    admin.execute(&format!("CREATE DATABASE {making}")).await?;
    let mut settings = Settings::default();
    settings.set("DATABASE_URL", at(&admin.url, &making)?);
    binaries.migrate(&settings, folder).await?;
    // The cards about the first requests would stand between those that tests wait for.
    let migrated = Database::open(&making, &at(&admin.url, &making)?).await?;
    migrated.execute("UPDATE tutor SET cards = 10").await?;
    // Renaming needs a database without connections. The server may notice their end late.
    admin
        .rows(&format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{making}'"
        ))
        .await?;
    admin.execute(&format!("ALTER DATABASE {making} RENAME TO {TEMPLATE}")).await.map(drop)
}

/// The same server's address with another database.
fn at(url: &str, database: &str) -> anyhow::Result<String> {
    let (server, _) = url.rsplit_once('/').context("a database's address ends in /name")?;
    Ok(format!("{server}/{database}"))
}
