//! An extra migration (feature `rehearsal`) to rehearse an update and its rollback between two builds.
//! Only adds, as the migrations of an update do.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(include_str!("sql/rehearsal.sql")).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = "ALTER TABLE users DROP COLUMN rehearsed; ALTER TABLE bookings DROP COLUMN rehearsed; \
                    ALTER TABLE messages DROP COLUMN rehearsed; ALTER TABLE inbox DROP COLUMN rehearsed";
        manager.get_connection().execute_unprepared(drop).await?;
        Ok(())
    }
}
