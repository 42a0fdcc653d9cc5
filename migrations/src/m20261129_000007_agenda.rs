//! The indexes by which the staff look up bookings, and the one that keeps an agenda from being sent twice.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = include_str!("sql/agenda.sql");
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP INDEX bookings_starts_at, bookings_phone_end, bookings_names, \
                    messages_agenda, messages_staff_answers, messages_undelivered";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
