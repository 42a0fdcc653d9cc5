//! An index of messages by booking: every event reads the messages of its booking, and scanned the whole outbox
//! for them. The unique index excludes messages that Telegram updates caused.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE INDEX messages_of_booking ON messages (booking_id) \
                      WHERE booking_id IS NOT NULL";
        manager.get_connection().execute_unprepared(create).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_index = "DROP INDEX messages_of_booking";
        manager.get_connection().execute_unprepared(drop_index).await.map(drop)
    }
}
