//! What the order of Telegram's updates is told by where an outage has changed it; and due times that
//! every program can read.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let up = include_str!("sql/order_of_updates.sql");
        manager.get_connection().execute_unprepared(up).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "ALTER TABLE messages DROP CONSTRAINT messages_due_at_finite; \
                    ALTER TABLE users DROP COLUMN unreachable_at";
        manager.get_connection().execute_unprepared(down).await.map(drop)
    }
}
