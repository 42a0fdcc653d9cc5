//! What the page keeps: its settings, the bookings made by the form, and the latest requests with their answers.

use std::collections::VecDeque;

use crate::{
    bukza::{Filled, Reservation, Template},
    model::{Account, PageSettings},
};

/// Latest requests shown.
const KEPT: usize = 20;

#[derive(Debug)]
pub(crate) struct PageState {
    pub settings: PageSettings,
    pub caption: String,
    pub viewers: usize,
    /// The newest last.
    pub bookings: Vec<Reservation>,
    pub exchanges: VecDeque<Exchange>,
    /// Counts the exchanges.
    pub last_exchange: u64,
}

/// A request of Bukza and what ingest answered.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub number: u64,
    pub template: Template,
    pub request: Filled,
    pub answer: String,
}

impl PageState {
    pub(crate) fn new(settings: PageSettings) -> Self {
        Self {
            settings,
            caption: String::new(),
            viewers: 0,
            bookings: Vec::new(),
            exchanges: VecDeque::new(),
            last_exchange: 0,
        }
    }

    pub(crate) fn client(&self, chat_id: i64) -> Option<&Account> {
        self.settings.clients.iter().find(|client| client.user_id == chat_id)
    }

    pub(crate) fn has_chat(&self, chat_id: i64) -> bool {
        chat_id == self.settings.staff_chat || self.client(chat_id).is_some()
    }

    pub(crate) fn booking(&mut self, code: &str) -> Option<&mut Reservation> {
        self.bookings.iter_mut().find(|booking| booking.code == code)
    }

    pub(crate) fn record(&mut self, template: Template, request: Filled, answer: String) {
        self.last_exchange += 1;
        if self.exchanges.len() == KEPT {
            self.exchanges.pop_front();
        }
        let number = self.last_exchange;
        self.exchanges.push_back(Exchange { number, template, request, answer });
    }
}
