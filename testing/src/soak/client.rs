//! One client: books, moves, cancels, registers, blocks and unblocks the bot, and rates, at random.

use std::{sync::Arc, time::Duration};

use rand::{Rng, rngs::StdRng};

use super::{
    context::{APPLIED_WITHIN, Phase, SoakContext},
    record::Booking,
    text,
};
use crate::harness::{bukza::now, phrases};

/// A client and the phone that Bukza knows.
#[derive(Debug)]
pub struct Client {
    pub(super) context: Arc<SoakContext>,
    pub(super) dice: StdRng,
    pub(super) number: u32,
    pub(super) phone: String,
    /// The account in Telegram that the phone belongs to.
    pub(super) chat: i64,
    registered: bool,
    /// The last press of a button: its message and data.
    pub(super) pressed: Option<(i64, String)>,
    /// Indexes of this client's bookings in the record.
    pub(super) bookings: Vec<usize>,
    /// Id of the last message read.
    seen: i64,
    pub(super) refused: u32,
    pub(super) presses: u32,
}

impl Client {
    /// Client `number` (from 1), not yet registered.
    #[must_use]
    pub fn new(context: Arc<SoakContext>, number: u32) -> Self {
        let chat = 10_000 + 2 * i64::from(number);
        let record = super::record::Client { chats: vec![chat], ..Default::default() };
        context.record().clients.insert(number, record);
        Self {
            dice: context.plan.dice(u64::from(number)),
            phone: format!("+7999{number:07}"),
            context,
            number,
            chat,
            registered: false,
            pressed: None,
            bookings: Vec::new(),
            seen: 0,
            refused: 0,
            presses: 0,
        }
    }

    /// Acts during the fault burst, then makes itself reachable, and reacts until the soak is over.
    ///
    /// # Errors
    /// When a post is never answered, or the simulator fails.
    pub async fn live(mut self) -> anyhow::Result<()> {
        let since = now();
        while self.context.phase() == Phase::FaultBurst {
            self.act(since).await?;
            self.rate().await?;
            if self.registered && self.takes_hurry() {
                self.hurry().await?;
            }
            let pause = Duration::from_millis(self.dice.random_range(300..3000));
            self.context.pause(pause).await;
        }
        self.context.calm().await;
        self.come_back(since).await?;
        self.context.client_is_done();
        while self.context.phase() != Phase::Over {
            self.rate().await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    async fn act(&mut self, since: chrono::DateTime<chrono::Utc>) -> anyhow::Result<()> {
        match self.dice.random_range(0..100) {
            0..45 => self.change_a_booking().await,
            45..62 => self.book().await,
            62..72 => self.change_a_past_visit().await,
            72..82 => self.command().await,
            82..86 => self.refused().await,
            86..90 if self.registered => self.leave_and_return().await,
            90..92 if self.registered => self.change_account().await,
            92..96 if self.registered => self.turn().await,
            _ if !self.registered => self.register(since).await,
            _ => Ok(()),
        }
    }

    async fn command(&mut self) -> anyhow::Result<()> {
        let words =
            ["/help", "/bookings", "/address", "/contacts", "/start", "/settings", "доброе утро"];
        let words = words[self.dice.random_range(0..words.len())];
        self.send_text(words).await.map(drop)
    }

    async fn register(&mut self, since: chrono::DateTime<chrono::Utc>) -> anyhow::Result<()> {
        self.send_text("/start").await?;
        self.prove().await?;
        self.registered = true;
        if let Some(client) = self.context.record().clients.get_mut(&self.number) {
            client.registered = true;
        }
        self.absent(since);
        Ok(())
    }

    /// Shares the phone from the present account, and waits until the phone belongs to it.
    async fn prove(&mut self) -> anyhow::Result<()> {
        if self.context.plan.consent {
            self.presses += 1;
            let id = format!("consent{}-{}", self.chat, self.presses);
            let update = self.context.inject_press(self.chat, &id, "settings:consent").await?;
            self.context.record().updates.push(update);
            self.await_update(update).await;
        }
        let gate = self.context.gate.read().await;
        let made = self.context.telegram.share_contact(self.chat, &self.phone).await?;
        drop(gate);
        self.context.record().updates.push(made.update_id);
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM users WHERE telegram_id = {} AND phone_number = '{}')",
            self.chat, self.phone
        );
        self.await_applied(&sql).await;
        Ok(())
    }

    pub(super) async fn await_applied(&self, sql: &str) {
        if let Err(error) = self.context.until(sql, APPLIED_WITHIN).await {
            self.context.report_problem(format!("client {}: {error}", self.number));
        }
    }

    /// The phone goes to another account, once.
    async fn change_account(&mut self) -> anyhow::Result<()> {
        let other = 10_001 + 2 * i64::from(self.number);
        if self.chat == other {
            return Ok(());
        }
        if let Some(client) = self.context.record().clients.get_mut(&self.number) {
            client.chats.push(other);
        }
        (self.chat, self.seen, self.pressed) = (other, 0, None);
        self.prove().await
    }

    async fn leave_and_return(&mut self) -> anyhow::Result<()> {
        let since = now();
        let blocked = self.context.telegram.block(self.chat).await?.update_id;
        self.await_update(blocked).await;
        self.context.pause(Duration::from_secs(self.dice.random_range(1..6))).await;
        let back = self.context.telegram.unblock(self.chat).await?.update_id;
        self.await_update(back).await;
        self.context.record().updates.extend([blocked, back]);
        self.absent(since);
        Ok(())
    }

    pub(super) async fn await_update(&self, update_id: i64) {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM processed_updates WHERE update_id = {update_id})"
        );
        self.await_applied(&sql).await;
    }

    fn absent(&self, since: chrono::DateTime<chrono::Utc>) {
        if let Some(client) = self.context.record().clients.get_mut(&self.number) {
            client.absences.push((since, now()));
        }
    }

    /// After the fault burst: becomes reachable again, so that waiting messages are sent.
    async fn come_back(&mut self, since: chrono::DateTime<chrono::Utc>) -> anyhow::Result<()> {
        if !self.registered {
            return self.register(since).await;
        }
        let update = self.send_text("/start").await?;
        self.await_update(update).await;
        Ok(())
    }

    pub(super) async fn send_text(&self, words: &str) -> anyhow::Result<i64> {
        let _gate = self.context.gate.read().await;
        let made = self.context.telegram.say(self.chat, words).await?;
        self.context.record().updates.push(made.update_id);
        Ok(made.update_id)
    }

    /// Rates the visits of new feedback requests, sometimes twice.
    async fn rate(&mut self) -> anyhow::Result<()> {
        let new = self.context.telegram.chat_after(self.chat, self.seen, Duration::ZERO).await?;
        for message in new {
            self.seen = message.message_id;
            let acts = self.context.phase() == Phase::FaultBurst;
            if acts && message.from_bot && message.text.contains(phrases::SETTINGS) {
                self.set(&message).await?;
            }
            if message.text.contains(phrases::REMINDER) {
                self.answer(&message).await?;
            }
            if !message.text.contains(phrases::FEEDBACK) {
                continue;
            }
            // The button is the first one's, and the rating all theirs.
            let tags = text::tags(&message.text);
            let about = |tag: &String| self.find(|booking| self.may_rate(booking, tag));
            let first = tags.first().is_some_and(|tag| !about(tag).is_empty());
            let about: Vec<usize> = tags.iter().flat_map(about).collect();
            if first && self.dice.random_bool(0.8) {
                let twice = self.dice.random_bool(0.2);
                self.press(&about, &message).await?;
                if twice {
                    self.press(&about, &message).await?;
                }
            }
        }
        Ok(())
    }

    /// Answers a reminder, or a question of the bot: presses one of its buttons, and sometimes writes what it wants to know.
    async fn answer(&mut self, message: &simulator::model::ChatMessage) -> anyhow::Result<()> {
        let buttons = message.buttons.iter().flatten().filter_map(|button| button.data.clone());
        let buttons: Vec<String> = buttons.collect();
        if buttons.is_empty() || self.dice.random_bool(0.3) {
            return Ok(());
        }
        let data = buttons[self.dice.random_range(0..buttons.len())].clone();
        let update = self.send_press(message.message_id, &data).await?;
        self.await_update(update).await;
        if data.starts_with("cannot") && self.dice.random_bool(0.8) {
            // The question's buttons are made from the same data.
            let sure = data.replacen("cannot", "sure", 1);
            let id = format!("{}-{update}", self.chat);
            let update = self.context.inject_press(self.chat, &id, &sure).await?;
            self.context.record().updates.push(update);
            self.await_update(update).await;
        }
        if self.dice.random_bool(0.7) {
            self.send_text("лучше в субботу").await?;
        }
        Ok(())
    }

    async fn press(
        &mut self,
        about: &[usize],
        message: &simulator::model::ChatMessage,
    ) -> anyhow::Result<()> {
        let stars = self.dice.random_range(1..=5_u8);
        let wanted = format!(":{stars}");
        let is = |button: &simulator::model::Button| {
            button.data.as_ref().is_some_and(|data| data.ends_with(&wanted))
        };
        let Some(data) = message.button(is).and_then(|button| button.data.clone()) else {
            self.context.report_problem(format!("a feedback request without a button for {stars}"));
            return Ok(());
        };
        let update = self.send_press(message.message_id, &data).await?;
        for at in about {
            self.context.record().bookings[*at].rated = Some(stars);
        }
        self.pressed = Some((message.message_id, data));
        // Presses may be applied in another order than they arrived. The next one waits for this
        // one.
        self.await_update(update).await;
        Ok(())
    }

    pub(super) async fn send_press(&mut self, message: i64, data: &str) -> anyhow::Result<i64> {
        let _gate = self.context.gate.read().await;
        let made = self.context.telegram.press(self.chat, Some(message), data).await?;
        self.context.record().updates.push(made.update_id);
        Ok(made.update_id)
    }

    /// A corrected visit may lie before the phone moved to the present account.
    fn may_rate(&self, booking: &Booking, tag: &str) -> bool {
        let corrected = booking.events.last().is_some_and(|event| event.corrected);
        booking.to_be_rated(tag) && (!corrected || self.chat % 2 == 0)
    }

    pub(super) fn find(&self, wanted: impl Fn(&Booking) -> bool) -> Vec<usize> {
        let record = self.context.record();
        self.bookings.iter().copied().filter(|at| wanted(&record.bookings[*at])).collect()
    }
}
