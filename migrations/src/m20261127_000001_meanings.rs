//! Meanings of statuses, the history that decides them, dialogues, and more fields of requests.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(include_str!("sql/meanings.sql")).await?;
        connection.execute_unprepared(include_str!("sql/open_questions.sql")).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP TABLE noted_statuses, seen_statuses, dialogues; \
                    DROP INDEX bookings_order_id, messages_questions, messages_refusals; \
                    ALTER TABLE rejected_requests DROP COLUMN cause, DROP COLUMN read_at; \
                    ALTER TABLE users DROP COLUMN number_taken_at; \
                    ALTER TABLE bookings DROP COLUMN meaning, DROP COLUMN status_words, \
                    DROP COLUMN history, DROP COLUMN client_last_name, DROP COLUMN comment, \
                    DROP COLUMN form_fields, DROP COLUMN prepayment_minor, \
                    DROP COLUMN order_page_id";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
