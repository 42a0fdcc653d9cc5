//! `bookings`: a row for each reservation of Bukza.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bookings")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub bukza_booking_id: String,
    pub user_id: Option<i64>,
    pub service_name: Option<String>,
    pub zone_name: Option<String>,
    pub client_name: Option<String>,
    pub client_phone: Option<String>,
    pub starts_at: Option<DateTimeUtc>,
    pub ends_at: Option<DateTimeUtc>,
    pub people: Option<i32>,
    pub total_minor: Option<i64>,
    pub paid_minor: Option<i64>,
    pub order_id: Option<String>,
    pub status: String,
    pub version: i32,
    pub rating: Option<i16>,
    pub rated_at: Option<DateTimeUtc>,
    pub last_event_at: DateTimeUtc,
    pub last_event_id: String,
    pub meaning: Option<String>,
    pub status_words: Option<String>,
    pub history: Option<Json>,
    pub client_last_name: Option<String>,
    pub comment: Option<String>,
    pub form_fields: Option<Json>,
    pub prepayment_minor: Option<i64>,
    pub order_page_id: Option<String>,
    pub starts_local: Option<DateTime>,
    pub ends_local: Option<DateTime>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
