//! The first schema: users, bookings, the outbox `messages`, the inbox, and the tables of rejected requests
//! and failed jobs.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(include_str!("sql/initial.sql")).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = "DROP TABLE chat_aliases, dead_letters, rejected_requests, inbox, processed_updates, messages, \
                    bookings, users";
        manager.get_connection().execute_unprepared(drop).await?;
        Ok(())
    }
}
