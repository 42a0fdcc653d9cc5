//! The index by which a confirmation finds those that its chat got in the last minute.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "CREATE INDEX messages_confirmed ON messages (chat_id, sent_at) \
                   WHERE kind = 'confirmation' AND status = 'sent'";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP INDEX messages_confirmed";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
