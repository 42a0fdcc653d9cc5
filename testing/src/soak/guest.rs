//! A guest: a booking without an account, which somebody opens by the staff's link, or by Bukza's code and the phone's
//! digits, while another account tries to guess.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use rand::{Rng, rngs::StdRng};
use simulator::model::Member;

use super::{
    context::{Phase, SoakContext},
    table,
};
use crate::harness::{bukza::Booking, fleet::STAFF_CHAT, phrases};

/// Numbers beyond those of the other clients.
const FIRST: u32 = 800;

/// What is to be true of a guest's booking at the end.
#[derive(Debug, Clone, Default)]
pub struct Joined {
    pub code: String,
    /// The service's name, which no other booking has.
    pub service: String,
    /// Who opened it.
    pub chat: i64,
    /// Who tried to guess the digits.
    pub guesser: i64,
    /// Everything that opens it was done.
    pub opened: bool,
    pub cancelled: bool,
}

/// A guest.
#[derive(Debug)]
pub struct Guest {
    context: Arc<SoakContext>,
    dice: StdRng,
    index: usize,
    digits: String,
    booking: Booking,
}

impl Guest {
    /// The `number`-th of them, from 0.
    #[must_use]
    pub fn new(context: Arc<SoakContext>, number: u32) -> Self {
        let digits = format!("{:04}", 4_000 + number);
        let (code, phone) = (format!("GT{}A", FIRST + number), format!("+7997123{digits}"));
        // In some days: nothing but what is tested here becomes due.
        let booking = Booking::at(&code, &phone, table::in_seconds(TimeDelta::days(5)));
        let booking = Booking { service: format!("Гостевой зал {number}"), ..booking };
        let joined = Joined {
            code,
            service: booking.service.clone(),
            chat: 7_200_300_400 + i64::from(number),
            guesser: 7_300_400_500 + i64::from(number),
            ..Joined::default()
        };
        let index = {
            let mut record = context.record();
            record.joined.push(joined);
            record.joined.len() - 1
        };
        let dice = context.plan.dice(u64::from(FIRST + number));
        Self { context, dice, index, digits, booking }
    }

    /// Books, and opens the booking some time in the fault burst or soon after.
    ///
    /// # Errors
    /// When a post is never answered, or the simulator fails.
    pub async fn live(mut self) -> anyhow::Result<()> {
        let burst = self.context.plan.fault_burst;
        self.wait(burst.mul_f64(0.3)).await;
        self.context.show(&[table::row_of(&self.booking)]).await?;
        self.context.book(&mut self.dice, &self.booking.created()).await?;
        let Joined { chat, guesser, code, .. } = self.joined(|_| ());
        self.consent([chat, guesser]).await?;
        self.context.say(guesser, &code).await?;
        self.context.say(guesser, "0000").await?;
        match self.invitation(burst.mul_f64(0.4)).await? {
            Some(token) => self.open(chat, &token).await?,
            None => {
                self.context.say(chat, &code).await?;
                self.context.say(chat, &self.digits.clone()).await?;
            }
        }
        self.joined(|it| it.opened = true);
        // Too late: it is somebody's.
        self.context.say(guesser, &code).await?;
        self.context.say(guesser, &self.digits.clone()).await?;
        if self.dice.random_bool(0.5) {
            let cancelled = table::row_of(&self.booking).with_status(table::CANCELLED);
            self.context.show(&[cancelled]).await?;
            self.context.book(&mut self.dice, &self.booking.cancelled()).await?;
            self.joined(|it| it.cancelled = true);
        }
        self.context.client_is_done();
        Ok(())
    }

    /// Both consent first, where the plan has it.
    async fn consent(&self, chats: [i64; 2]) -> anyhow::Result<()> {
        for chat in chats.into_iter().filter(|_| self.context.plan.consent) {
            self.context.say(chat, "/start").await?;
            let id = format!("consent{chat}");
            let update = self.context.inject_press(chat, &id, "settings:consent").await?;
            self.context.applied(update).await;
        }
        Ok(())
    }

    fn joined(&self, change: impl FnOnce(&mut Joined)) -> Joined {
        let mut record = self.context.record();
        let joined = &mut record.joined[self.index];
        change(joined);
        joined.clone()
    }

    async fn wait(&mut self, most: Duration) {
        self.context.pause(most.mul_f64(self.dice.random_range(0.1..1.0))).await;
    }

    /// The token in the link that one of the staff gets by the card's button. `None`: no card of its own has come.
    async fn invitation(&mut self, patience: Duration) -> anyhow::Result<Option<String>> {
        let Joined { code, .. } = self.joined(|_| ());
        let token = format!(
            "SELECT t.token FROM start_tokens t JOIN bookings b ON b.id = t.booking_id \
             WHERE b.bukza_booking_id = '{code}' AND t.used_at IS NULL"
        );
        let until = tokio::time::Instant::now() + patience;
        while self.context.phase() == Phase::FaultBurst && tokio::time::Instant::now() < until {
            let cards = self.context.telegram.chat(STAFF_CHAT).await?;
            let card = cards.iter().rfind(|card| card.from_bot && card.text.contains(&code));
            let button = card.and_then(|card| card.button(|it| it.text == phrases::INVITE));
            if let (Some(card), Some(data)) = (card, button.and_then(|it| it.data.as_ref())) {
                let member = Member { chat_id: STAFF_CHAT, user_id: 501 };
                let gate = self.context.gate.read().await;
                let made = self.context.telegram.press_in(member, Some(card.message_id), data);
                let made = made.await;
                drop(gate);
                // The card may have been changed meanwhile.
                let Ok(made) = made else { continue };
                self.context.applied(made.update_id).await;
                return Ok(self.context.query::<String>(&token).await);
            }
            self.context.pause(Duration::from_millis(500)).await;
        }
        Ok(None)
    }

    async fn open(&self, chat: i64, token: &str) -> anyhow::Result<()> {
        let gate = self.context.gate.read().await;
        let made = self.context.telegram.open_link(chat, token).await?;
        drop(gate);
        self.context.applied(made.update_id).await;
        Ok(())
    }
}
