//! The index by which a deletion finds the cards about a client. It holds none of the rows of before
//! `m20261129_000001_conversation`, so it is made in the time of one scan, while the lock waits for others as always.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "CREATE INDEX messages_about_chat ON messages (about_chat_id) \
                   WHERE about_chat_id IS NOT NULL";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP INDEX messages_about_chat";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
