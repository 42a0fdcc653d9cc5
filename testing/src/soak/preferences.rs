//! What clients do in their settings: reminders and questions off and on, by the buttons below the settings.

use chrono::{DateTime, Utc};
use rand::Rng;

use super::client::Client;
use crate::harness::bukza::now;

/// What a client turned off or on. It holds at the latest from `applied`, and at the earliest from `pressed`.
#[derive(Debug, Clone, Copy)]
pub struct Turned {
    /// Of reminders; else of the questions how a visit was.
    pub reminders: bool,
    pub on: bool,
    pub pressed: DateTime<Utc>,
    pub applied: DateTime<Utc>,
}

impl Client {
    /// Presses a button of the settings, without having them shown.
    pub(super) async fn turn(&mut self) -> anyhow::Result<()> {
        let (reminders, on) = (self.dice.random_bool(0.5), self.dice.random_bool(0.6));
        let switch = if reminders { "reminders" } else { "questions" };
        let data = format!("settings:{switch}_{}", if on { "on" } else { "off" });
        self.presses += 1;
        let (pressed, id) = (now(), format!("turn{}-{}", self.chat, self.presses));
        let update = self.context.inject_press(self.chat, &id, &data).await?;
        self.context.record().updates.push(update);
        self.await_update(update).await;
        self.turned(&data, pressed);
        Ok(())
    }

    /// Presses one of the buttons below the settings, but none that deletes.
    pub(super) async fn set(
        &mut self,
        message: &simulator::model::ChatMessage,
    ) -> anyhow::Result<()> {
        let mut buttons: Vec<String> =
            message.buttons.iter().flatten().filter_map(|button| button.data.clone()).collect();
        buttons.retain(|data| data == "lang:ru" || data.contains("_on") || data.contains("_off"));
        if buttons.is_empty() {
            return Ok(());
        }
        let data = buttons[self.dice.random_range(0..buttons.len())].clone();
        let pressed = now();
        let update = self.send_press(message.message_id, &data).await?;
        self.await_update(update).await;
        self.turned(&data, pressed);
        Ok(())
    }

    fn turned(&self, data: &str, pressed: DateTime<Utc>) {
        let Some((switch, on)) = data.strip_prefix("settings:").and_then(|it| it.rsplit_once('_'))
        else {
            return;
        };
        let (reminders, on) = (switch == "reminders", on == "on");
        let turned = Turned { reminders, on, pressed, applied: now() };
        if let Some(client) = self.context.record().clients.get_mut(&self.number) {
            client.turned.entry(self.chat).or_default().push(turned);
        }
    }
}
