//! A client in a hurry: a hundred messages and presses as quickly as they can be made. Each must be
//! applied, and the client's bookings must not suffer.

use super::{
    client::Client,
    context::WHO_RATED,
    record::{Excuse, InjectedFault},
};
use crate::harness::bukza::now;

const TIMES: usize = 100;
const TEXTS: [&str; 4] = ["/help", "/bookings", "/start", "доброе утро"];

impl Client {
    pub(super) fn takes_hurry(&self) -> bool {
        let has_rated = self.pressed.is_some() && self.context.takes_hurry(WHO_RATED);
        has_rated || self.context.takes_hurry(self.number)
    }

    /// Writes and presses a hundred times, each text several times in a row. The presses repeat the
    /// last rating, which stays.
    ///
    /// # Errors
    /// When the simulator fails.
    pub(super) async fn hurry(&mut self) -> anyhow::Result<()> {
        let from = now();
        let pressed = self.last_press().await?;
        let (mut updates, mut presses) = (Vec::new(), 0);
        for n in 0..TIMES {
            let update = match &pressed {
                Some((message, data)) if n % 2 == 0 => {
                    presses += 1;
                    self.send_press(*message, data).await?
                }
                Some(_) | None => self.send_text(TEXTS[n / 10 % TEXTS.len()]).await?,
            };
            updates.push(update.to_string());
        }
        let (made, count) = (now() - from, updates.len());
        let sql = format!(
            "SELECT count(*) = {count} FROM processed_updates WHERE update_id IN ({})",
            updates.join(", ")
        );
        self.await_applied(&sql).await;
        let (name, to) = ("client in a hurry", now());
        println!(
            "   {} {name}: {count} messages and presses, {presses} of them presses, in {} ms \
             (applied after {} ms)",
            from.format("%T"),
            made.num_milliseconds(),
            (to - from).num_milliseconds()
        );
        if presses == 0 {
            // A client who has a button to press follows.
            self.context.hurry(WHO_RATED);
        }
        let fault = InjectedFault { name, excuse: Excuse::Nothing, from, to };
        self.context.record().faults.push(fault);
        Ok(())
    }

    /// The last press, where its message can still be pressed; else it is forgotten.
    async fn last_press(&mut self) -> anyhow::Result<Option<(i64, String)>> {
        let Some((message, data)) = self.pressed.take() else { return Ok(None) };
        let shown = self.context.telegram.chat(self.chat).await?;
        let there = shown.iter().any(|it| {
            let has = |button: &simulator::model::Button| button.data.as_ref() == Some(&data);
            it.message_id == message && it.button(has).is_some()
        });
        self.pressed = there.then_some((message, data));
        Ok(self.pressed.clone())
    }
}
