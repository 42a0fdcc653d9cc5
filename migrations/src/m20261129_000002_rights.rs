//! Clients' rights: what they turned off and consented to, and what is left of those who were deleted.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = include_str!("sql/rights.sql");
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP TABLE deletions; DROP TABLE forgotten_phones; \
            ALTER TABLE bookings DROP COLUMN forgotten_at, DROP COLUMN forgotten_phone; \
            ALTER TABLE users DROP COLUMN reminders_off, DROP COLUMN questions_off, \
            DROP COLUMN consented_at, DROP COLUMN consent_version, \
            DROP COLUMN consent_requested_at";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
