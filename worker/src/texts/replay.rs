//! The button below a card of refused requests, and what became of them.

use shared::domain::{message::RefusalNumbers, staff_answer::Replayed};

use super::{Args, Button, ButtonAction, Keyboard, Lines, Rendered, Texts};
use crate::bot::keyboard::CallbackData;

impl Texts {
    /// The button that replays the requests of a card. `None`: the numbers are not known.
    pub(super) fn replay_keyboard(&self, numbers: Option<RefusalNumbers>) -> Keyboard {
        let Some(RefusalNumbers { first, last, count }) = numbers.filter(|_| self.has_staff())
        else {
            return Keyboard::Keep;
        };
        let args = Args::new().html("first", first.to_string()).html("last", last.to_string());
        let label = match count {
            1 => self.get("button-replay", args),
            _ => self.get("button-replay-all", args),
        };
        Keyboard::rows([vec![Button::press(label, CallbackData::Replay { first, last })]])
    }

    /// What became of requests that were replayed.
    #[must_use]
    pub fn replayed(&self, replayed: &Replayed) -> Rendered {
        let Replayed { used, before, refused, first_refused, faults, more } = replayed;
        let number = |count: u32| Args::new().number("n", count);
        let mut lines = Lines::default();
        if *used > 0 {
            lines.add(self.get("replayed-used", number(*used)));
        }
        if let Some(first) = first_refused {
            let args = number(*refused).html("number", first.to_string());
            lines.add(self.get("replayed-refused", args));
            for fault in faults {
                lines.add(self.fault_line(fault));
            }
        }
        if *used == 0 && *refused == 0 {
            lines.add(match before {
                0 => self.plain("replayed-gone"),
                before => self.get("replayed-before", number(*before)),
            });
        }
        if *more {
            lines.add(self.plain("replayed-more"));
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }
}

/// The buttons of cards that are joined into one message: those that replay requests name what they are about.
#[must_use]
pub fn joined_keyboard<'a>(cards: impl IntoIterator<Item = &'a Keyboard>) -> Keyboard {
    let names_its_card = |row: &&Vec<Button>| {
        row.iter()
            .all(|button| matches!(button.action, ButtonAction::Press(CallbackData::Replay { .. })))
    };
    let rows = cards.into_iter().flat_map(|keyboard| match keyboard {
        Keyboard::Inline(rows) => rows.as_slice(),
        Keyboard::Keep | Keyboard::Menu | Keyboard::AskContact => &[],
    });
    Keyboard::rows(rows.filter(names_its_card).cloned())
}
