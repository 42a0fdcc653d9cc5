//! `users.unreachable_at`, which orders Telegram's updates after an outage, and a check that due times are finite.

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
