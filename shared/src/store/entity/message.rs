//! `messages`: the outbox, the schedule and the history in one.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub recipient: String,
    pub lane: String,
    pub chat_id: Option<i64>,
    pub booking_id: Option<i64>,
    pub booking_version: Option<i32>,
    pub slot: String,
    pub update_id: Option<i64>,
    pub content: Option<Json>,
    pub due_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub status: String,
    pub reason: Option<String>,
    pub attempts: i32,
    pub job_id: String,
    pub pushed_at: DateTimeUtc,
    pub lease_until: Option<DateTimeUtc>,
    pub lease_owner: Option<String>,
    pub joined_to: Option<i64>,
    pub telegram_message_id: Option<i64>,
    pub event_id: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
