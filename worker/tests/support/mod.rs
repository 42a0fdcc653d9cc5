//! A database and a key prefix of its own for each test, on the servers that `cargo xtask test`
//! starts.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    reason = "each test file is a program of its own and uses a part of this"
)]

#[path = "../../../shared/tests/common/database.rs"]
mod database;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use secrecy::SecretString;
use shared::{
    bukza::Rules,
    domain::{status::StatusRules, venue::Venue},
    store,
};

pub use self::database::given;
use self::database::new_database;

/// A migrated database that no other test uses.
pub struct TestDatabase {
    pub db: DatabaseConnection,
}

impl TestDatabase {
    pub async fn create() -> Self {
        let url = SecretString::from(new_database().await);
        Self { db: store::connect(&url, 8).await.expect("a pool") }
    }

    /// The rows of a query, each as JSON.
    pub async fn rows(&self, query: &str) -> Vec<serde_json::Value> {
        use sea_orm::{FromQueryResult, JsonValue, Statement};
        let statement = Statement::from_string(sea_orm::DbBackend::Postgres, query.to_owned());
        JsonValue::find_by_statement(statement).all(&self.db).await.expect("rows")
    }

    pub async fn run(&self, statement: &str) {
        self.db.execute_unprepared(statement).await.expect("a statement that runs");
    }
}

/// The rules under which requests are read again.
pub fn rules() -> Rules {
    let venue = Venue::default();
    Rules { zone: venue.zone, region: venue.phone_region, statuses: StatusRules::default() }
}
