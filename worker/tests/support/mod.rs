//! A database and a key prefix of its own for each test, on the servers that `cargo xtask test`
//! starts.

#![allow(dead_code, reason = "each test file is a program of its own and uses a part of this")]

use migrations::SchemaState;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use secrecy::SecretString;
use shared::store;

/// A migrated database that no other test uses.
pub struct TestDatabase {
    pub db: DatabaseConnection,
}

/// The value of a variable that the suite sets.
pub fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run cargo xtask test"))
}

impl TestDatabase {
    pub async fn create() -> Self {
        let admin_url = given("TEST_DATABASE_URL");
        let name = format!("t{}", shared::domain::ids::EventId::fresh());
        let admin = Database::connect(&admin_url).await.expect("the suite's PostgreSQL");
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        admin.close().await.expect("the end of a connection");
        let mut url = url::Url::parse(&admin_url).expect("a URL");
        url.set_path(&name);
        let url = SecretString::from(url.to_string());
        let db = store::connect(&url, 8).await.expect("a pool");
        migrations::up(&db).await.expect("the schema");
        assert_eq!(migrations::schema_state(&db).await.expect("a state"), SchemaState::Current);
        Self { db }
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
