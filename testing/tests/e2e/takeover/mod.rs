//! Taking over from the Python bot: its schema with clients, bookings and messages; `worker import`; and what follows.

mod broken;
mod bulk;
mod steps;

use anyhow::Context;
use testing::harness::fleet::Database;

use crate::common::{Outcome, World};

/// The Python bot's database.
pub struct OldBot {
    database: Database,
}

impl OldBot {
    /// An empty one beside this system's.
    pub async fn create(world: &World) -> anyhow::Result<Self> {
        let name = format!("old_{}", world.database.name);
        // Process ids are reused within a long run of the suite.
        world.database.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        world.database.execute(&format!("CREATE DATABASE {name}")).await?;
        let (server, _) = world.database.url.rsplit_once('/').context("a URL with a database")?;
        let database = Database::open(&name, &format!("{server}/{name}")).await?;
        let bot = Self { database };
        for statement in include_str!("old_schema.sql").split(';') {
            bot.run(statement).await?;
        }
        Ok(bot)
    }

    pub async fn run(&self, sql: &str) -> Outcome {
        self.database.execute(sql).await.map(drop)
    }

    /// The URL as the bot's own settings have it.
    fn url(&self) -> String {
        self.database.url.replacen("postgres://", "postgresql+asyncpg://", 1)
    }

    /// Runs `worker import` with these arguments.
    pub async fn import(&self, world: &World, more: &[&str]) -> anyhow::Result<String> {
        let url = self.url();
        let arguments: Vec<&str> =
            ["import", "--from", &url].into_iter().chain(more.iter().copied()).collect();
        world.operate(&arguments).await
    }
}

/// All rows that an import writes, as one text of each table.
async fn ledger(world: &World) -> anyhow::Result<Vec<String>> {
    let mut tables = Vec::new();
    for table in ["users", "bookings", "messages"] {
        let rows = format!(
            "SELECT coalesce(md5(string_agg(to_jsonb(t)::text, '\n' ORDER BY t.id)), '') || ' of ' || count(*) \
             FROM {table} t"
        );
        tables.push(world.database.one(&rows).await?);
    }
    Ok(tables)
}
