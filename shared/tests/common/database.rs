//! A database of its own for each test of the workspace, on the server that `cargo xtask test` has
//! started.

use migrations::SchemaState;
use sea_orm::{ConnectionTrait, Database};
use shared::domain::ids::EventId;

/// The value of a variable that the suite sets.
pub fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run cargo xtask test"))
}

/// The address of a new, migrated database that no other test uses. Nobody drops it: the server is
/// thrown away after the run.
pub async fn new_database() -> String {
    let admin = given("TEST_DATABASE_URL");
    let name = format!("t{}", EventId::fresh());
    let connection = Database::connect(&admin).await.unwrap();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    connection.close().await.unwrap();
    let (server, _) = admin.rsplit_once('/').unwrap();
    let url = format!("{server}/{name}");
    let db = Database::connect(&url).await.unwrap();
    migrations::up(&db).await.unwrap();
    assert_eq!(migrations::schema_state(&db).await.unwrap(), SchemaState::Current);
    db.close().await.unwrap();
    url
}
