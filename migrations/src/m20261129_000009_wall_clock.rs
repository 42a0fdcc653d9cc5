//! A visit's times as the venue's clocks show them, beside its instants, which change with the zone's rules.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = include_str!("sql/wall_clock.sql");
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "ALTER TABLE bookings DROP COLUMN starts_local, DROP COLUMN ends_local";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
