//! `rejected_requests`: requests that could not be used, kept to be seen and replayed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rejected_requests")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub request_id: String,
    pub received_at: DateTimeUtc,
    pub query: String,
    pub content_type: Option<String>,
    pub body: String,
    pub http_status: i32,
    pub faults: Json,
    pub replayed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub cause: Option<String>,
    pub read_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
