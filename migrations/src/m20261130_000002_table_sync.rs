//! What Bukza's own table shows otherwise than the bookings, and the rounds that compare them.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = include_str!("sql/table_sync.sql");
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP TABLE table_differences, table_sync";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
