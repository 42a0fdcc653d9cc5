//! A client who leaves for good: books, writes, uses the settings, and has everything deleted. Bukza sends the bookings
//! again afterwards. Nothing of this client may be left at the end.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use rand::{Rng, rngs::StdRng};

use super::{context::SoakContext, table};
use crate::harness::bukza::Booking;

/// Numbers beyond those of the other clients.
const FIRST: u32 = 900;

/// What is personal of a client who left, and what is left of the bookings.
#[derive(Debug, Clone, Default)]
pub struct Departed {
    pub chat: i64,
    /// Words that no row and no key may hold: the phone's digits, the account, name and texts.
    pub personal: Vec<String>,
    pub codes: Vec<String>,
    /// Everything was deleted.
    pub gone: bool,
}

/// A client who leaves.
#[derive(Debug)]
pub struct Departing {
    context: Arc<SoakContext>,
    dice: StdRng,
    index: usize,
    chat: i64,
    phone: String,
    name: String,
    words: String,
    presses: u32,
}

impl Departing {
    /// The `number`-th of them, from 0.
    #[must_use]
    pub fn new(context: Arc<SoakContext>, number: u32) -> Self {
        let chat = 7_100_200_300 + i64::from(number);
        let (phone, name) = (format!("+7998{:07}", FIRST + number), format!("Уходящая{number}"));
        let words = format!("увезу{number}секрет");
        let personal = vec![phone[1..].to_owned(), chat.to_string(), name.clone(), words.clone()];
        let departed = Departed { chat, personal, ..Departed::default() };
        let index = {
            let mut record = context.record();
            record.departed.push(departed);
            record.departed.len() - 1
        };
        let dice = context.plan.dice(u64::from(FIRST + number));
        Self { context, dice, index, chat, phone, name, words, presses: 0 }
    }

    /// Comes, books, and leaves, some time in the fault burst or soon after.
    ///
    /// # Errors
    /// When a post is never answered, or the simulator fails.
    pub async fn live(mut self) -> anyhow::Result<()> {
        let burst = self.context.plan.fault_burst;
        self.wait(burst.mul_f64(0.3)).await;
        self.register().await?;
        let bookings: Vec<Booking> = (0..2).map(|number| self.booking(number)).collect();
        for booking in &bookings {
            self.context.show(&[table::row_of(booking)]).await?;
            self.context.book(&mut self.dice, &booking.created()).await?;
        }
        self.context.say(self.chat, &self.words.clone()).await?;
        for data in ["settings:reminders_off", "lang:en", "settings:questions_off", "lang:ru"] {
            self.press(data).await?;
        }
        self.wait(burst.mul_f64(0.3)).await;
        self.context.say(self.chat, "/bookings").await?;
        for data in ["settings:forget", "settings:forget_sure", "settings:forget_now"] {
            self.press(data).await?;
        }
        if let Some(departed) = self.context.record().departed.get_mut(self.index) {
            departed.gone = true;
        }
        // Bukza knows nothing of it: the same again, another time, cancelled.
        for booking in &bookings {
            self.context.book(&mut self.dice, &booking.created()).await?;
            let later = booking.moved_to(booking.start + TimeDelta::hours(3));
            self.context.show(&[table::row_of(&later)]).await?;
            self.context.book(&mut self.dice, &later.created()).await?;
            if self.dice.random_bool(0.5) {
                let cancelled = table::row_of(&later).with_status(table::CANCELLED);
                self.context.show(&[cancelled]).await?;
                self.context.book(&mut self.dice, &later.cancelled()).await?;
            }
        }
        self.context.client_is_done();
        Ok(())
    }

    async fn wait(&mut self, most: Duration) {
        self.context.pause(most.mul_f64(self.dice.random_range(0.1..1.0))).await;
    }

    fn booking(&mut self, number: u32) -> Booking {
        let code = format!("SK{}{number:03}", FIRST + self.index as u32);
        if let Some(departed) = self.context.record().departed.get_mut(self.index) {
            departed.codes.push(code.clone());
        }
        // One whose reminder may be due when its client leaves, and one in some days.
        let near = self.context.plan.remind_before + TimeDelta::seconds(20);
        let ahead = if number == 0 { near } else { TimeDelta::days(5) };
        let booking = Booking::at(&code, &self.phone, table::in_seconds(ahead));
        Booking { name: self.name.clone(), service: format!("{code}-1"), ..booking }
    }

    async fn register(&mut self) -> anyhow::Result<()> {
        self.context.say(self.chat, "/start").await?;
        if self.context.plan.consent {
            self.press("settings:consent").await?;
        }
        let gate = self.context.gate.read().await;
        let made = self.context.telegram.share_contact(self.chat, &self.phone).await?;
        drop(gate);
        self.context.applied(made.update_id).await;
        Ok(())
    }

    async fn press(&mut self, data: &str) -> anyhow::Result<()> {
        self.presses += 1;
        let id = format!("{}-{}", self.chat, self.presses);
        let made = self.context.inject_press(self.chat, &id, data).await?;
        self.context.applied(made).await;
        Ok(())
    }
}
