//! Answers about visits, requests to the staff, and the client whom a card is about.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = include_str!("sql/conversation.sql");
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "ALTER TABLE messages DROP COLUMN about_chat_id; \
            ALTER TABLE dialogues DROP COLUMN request_id; \
            DROP TABLE requests; DROP TABLE visit_answers";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
