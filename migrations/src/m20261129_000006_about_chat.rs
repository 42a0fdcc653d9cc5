//! The indexes by which a deletion finds what it deletes, so that it does not read the whole outbox: cards about a client,
//! messages that never reached their chat, cards with words of strangers and answers to the staff. All of them are small.
//! Only adds: every earlier build may run on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "CREATE INDEX messages_about_chat ON messages (about_chat_id) \
                   WHERE about_chat_id IS NOT NULL; \
                   CREATE INDEX messages_not_shown ON messages (chat_id) \
                   WHERE telegram_message_id IS NULL AND status NOT IN ('scheduled', 'sending'); \
                   CREATE INDEX messages_of_strangers ON messages (id) \
                   WHERE kind IN ('staff_strangers', 'staff_answer')";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "DROP INDEX messages_about_chat; DROP INDEX messages_not_shown; \
                    DROP INDEX messages_of_strangers";
        manager.get_connection().execute_unprepared(back).await.map(drop)
    }
}
