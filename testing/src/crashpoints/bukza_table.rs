//! The story of Bukza's own table: of a client's order one reservation's move and all requests about another are lost;
//! the table has both. A round finds them, one of the staff applies them, and the next round finds nothing.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::TimeDelta;
use simulator::bukza::model::{EMAIL, PASSWORD, Reservation, TABLE_ID};

use super::{
    point::Place,
    story::{Actor, PHONE},
};
use crate::harness::{
    bukza::now,
    fleet::{Database, Settings},
    phrases,
};

/// The steps, in order.
pub const STEPS: [&str; 5] = ["enrol", "order", "round", "apply", "agree"];
/// A booking whose move is lost, and one of which nothing came.
pub const SHIFTED: &str = "TABLE1";
pub const MISSED: &str = "TABLE2";
/// Longest wait for a round's end after a fault.
const ROUND_WITHIN: Duration = Duration::from_secs(120);

/// What was sent is an hour old when the table is read: a booking that is found within a minute of another would be
/// added to the list that was sent of that one, or not, by the time that a fault takes.
const AGE_SENT: &str =
    "UPDATE messages SET sent_at = sent_at - interval '1 hour' WHERE status = 'sent'";

/// A live worker's lease whose end was not recorded. Production waits for three minutes.
pub(super) const AGE_ROUND: &str = "UPDATE table_sync SET lease_until = now() \
    WHERE lease_until > now() AND begun_at < now() - interval '8 seconds'";
/// The lease of a dead one.
pub(super) const LOST_ROUND: &str =
    "UPDATE table_sync SET lease_until = now() WHERE lease_until > now()";

/// Whether the story's system reads the table.
#[must_use]
pub fn is_read_in(steps: &[&str]) -> bool {
    steps == STEPS.as_slice()
}

/// Whether a worker begins a round by this message. While the table is idle each look sends the same, and begins none.
#[must_use]
pub fn begins_round(place: &Place) -> bool {
    matches!(place.step.as_str(), "round" | "agree")
        && place.label.starts_with("update_table_sync_set_begun_at")
}

/// Lets programs read the simulated Bukza's table.
pub(super) fn set(settings: &mut Settings, simulator_url: String) {
    settings.set("BUKZA_API_URL", simulator_url);
    settings.set("BUKZA_API_EMAIL", EMAIL);
    settings.set("BUKZA_API_PASSWORD", PASSWORD);
    settings.set("BUKZA_TABLE_ID", TABLE_ID);
}

/// Waits for the end of the round that a worker's start makes: it is no part of the story.
///
/// # Errors
/// When it does not end.
pub(super) async fn first_round(database: &Database) -> anyhow::Result<()> {
    const ENDED: &str =
        "SELECT count(*) FROM table_sync WHERE taken_at > 'epoch' AND lease_until = 'epoch'";
    let started = Instant::now();
    while database.one::<i64>(ENDED).await? == 0 {
        ensure!(started.elapsed() < ROUND_WITHIN, "the first round does not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

impl Actor {
    /// Returns `false` when there is nothing to press.
    pub(super) async fn act_with_table(&mut self, step: &str) -> anyhow::Result<bool> {
        let bukza = self.telegram.bukza();
        let shown =
            |code, hours| Reservation::new(code, PHONE, self.visit + TimeDelta::hours(hours));
        match step {
            "enrol" => self.register().await?,
            "order" => {
                bukza.set(&[shown(SHIFTED, 0)]).await?;
                self.post("update", &[SHIFTED], self.visit).await?;
            }
            "round" => {
                self.database.execute(AGE_SENT).await?;
                bukza.set(&[shown(SHIFTED, 3), shown(MISSED, 5)]).await?;
                self.round().await?;
            }
            "apply" => {
                return self.press_card(phrases::STAFF_TABLE, phrases::APPLY_ALL).await;
            }
            _ => {
                // The next request for rows signs in first.
                bukza.revoke_sessions().await?;
                self.round().await?;
            }
        }
        Ok(true)
    }

    /// Makes a round due, and waits until the table as it is now was compared. A round that failed is due again at
    /// once; production waits for a minute.
    async fn round(&self) -> anyhow::Result<()> {
        let (since, started) = (now().to_rfc3339(), Instant::now());
        let due = format!(
            "UPDATE table_sync SET next_round_at = 'epoch' \
             WHERE lease_until <= now() AND taken_at <= '{since}'"
        );
        let compared = format!("SELECT count(*) FROM table_sync WHERE taken_at > '{since}'");
        while self.database.one::<i64>(&compared).await? == 0 {
            ensure!(started.elapsed() < ROUND_WITHIN, "no round compares the table");
            self.database.execute(&due).await?;
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        Ok(())
    }
}
