//! What an update was about, beside its id: another update with an id that was used in advance is applied.
//! Rows of earlier builds have an empty identity. Every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "ALTER TABLE processed_updates ADD COLUMN identity text NOT NULL DEFAULT '', \
                   DROP CONSTRAINT processed_updates_pkey, ADD PRIMARY KEY (update_id, identity)";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DELETE FROM processed_updates p USING processed_updates o \
                    WHERE o.update_id = p.update_id AND o.identity < p.identity; \
                    ALTER TABLE processed_updates DROP CONSTRAINT processed_updates_pkey, \
                    DROP COLUMN identity, ADD PRIMARY KEY (update_id)";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
