//! The simulator's page for a system: its two clients, its staff, and the ingest that the form posts to.

use chrono::Offset;
use simulator::model::{Account, PageSettings};

use super::{
    bukza::{ZONE, now},
    fleet::{BUKZA_SECRET, STAFF_CHAT, System},
};

/// The first client of the page: chat, name, phone.
pub const ALINA: (i64, &str, &str) = (1001, "Алина", "+79991234567");
/// The second one.
pub const BORIS: (i64, &str, &str) = (1002, "Борис", "+79997654321");
/// Who writes in the staff's chat.
pub const MARIA: (i64, &str, &str) = (501, "Мария", "");

impl<Host> System<Host> {
    /// Sets up the page and returns its address.
    ///
    /// # Errors
    /// When the simulator doesn't answer.
    pub async fn open_page(&self) -> anyhow::Result<String> {
        let account = |(user_id, name, phone): (i64, &str, &str)| Account {
            user_id,
            name: name.to_owned(),
            phone: phone.to_owned(),
        };
        let offset = now().with_timezone(&ZONE).offset().fix();
        let settings = PageSettings {
            clients: vec![account(ALINA), account(BORIS)],
            staff_chat: STAFF_CHAT,
            member: account(MARIA),
            utc_offset_minutes: offset.local_minus_utc() / 60,
            ingest_url: self.ingest_url(),
            bukza_secret: BUKZA_SECRET.to_owned(),
        };
        Ok(self.telegram.set_page(&settings).await?)
    }
}
