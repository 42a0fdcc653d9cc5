//! The index by which a message of Telegram is found with all the messages that it holds.
//! Not by status: a plan made on an empty table could take it for any message that was sent.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "CREATE INDEX messages_in_telegram ON messages (chat_id, telegram_message_id) \
                   WHERE telegram_message_id IS NOT NULL";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP INDEX messages_in_telegram";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
