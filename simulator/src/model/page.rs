//! What the page at `/play` shows: whose telephones, which staff's chat, and where Bukza's requests go.

use serde::{Deserialize, Serialize};

/// The page's people and addresses.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PageSettings {
    /// Each has a telephone on the page.
    pub clients: Vec<Account>,
    /// The staff's group.
    pub staff_chat: i64,
    /// Who writes in the staff's group.
    pub member: Account,
    /// The venue's clocks, east of UTC.
    pub utc_offset_minutes: i32,
    /// The ingest that Bukza's requests go to.
    pub ingest_url: String,
    /// Stays in the simulator: the page never shows it.
    pub bukza_secret: String,
}

/// A person's account in Telegram.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    pub user_id: i64,
    pub name: String,
    /// In E.164; empty for the staff.
    pub phone: String,
}
