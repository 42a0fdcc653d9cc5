//! What is left of clients whose data were deleted: every row and every key of Redis is read for their words.

use std::time::{Duration, Instant};

use super::departing::Departed;
use crate::harness::{fleet::System, traces};

/// Redis forgets a finished job after a minute, and the job of a cancelled answer is due after another.
const PATIENCE: Duration = Duration::from_secs(180);

/// The rows and keys that hold something of these clients, once Redis has had its time.
///
/// # Errors
/// When a server does not answer.
pub async fn of<H>(system: &System<H>, departed: &[Departed]) -> anyhow::Result<Vec<String>> {
    let personal: Vec<&str> =
        departed.iter().flat_map(|it| it.personal.iter().map(String::as_str)).collect();
    let is_personal = |text: &str| personal.iter().any(|it| text.contains(it));
    if personal.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = traces::in_database(&system.database, &is_personal).await?;
    let mut redis = system.redis().await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let keys = traces::in_redis(&mut redis, &system.database.name, &is_personal).await?;
        if keys.is_empty() || Instant::now() > deadline {
            found.extend(keys);
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
