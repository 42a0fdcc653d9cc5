//! An index of planned messages whose jobs are not in Redis yet: those that were due too late to be pushed
//! when they were planned. Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE INDEX messages_not_pushed ON messages (due_at) \
                      WHERE status = 'scheduled' AND chat_id IS NOT NULL AND pushed_at = 'epoch'";
        manager.get_connection().execute_unprepared(create).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_index = "DROP INDEX messages_not_pushed";
        manager.get_connection().execute_unprepared(drop_index).await.map(drop)
    }
}
