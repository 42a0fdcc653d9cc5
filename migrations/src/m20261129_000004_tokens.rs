//! Joining a booking by a start token or by its code: tokens, wrong tries, and whose a booking is then.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = include_str!("sql/tokens.sql");
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP TABLE join_tries; DROP TABLE start_tokens; \
            ALTER TABLE dialogues DROP COLUMN by_token; ALTER TABLE bookings DROP COLUMN joined_at";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
