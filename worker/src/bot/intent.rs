//! What a client, or Telegram itself, wants of the bot: the outcome of reading an update, and the
//! little languages in it (commands, callback data).

use shared::domain::{
    booking::Stars,
    ids::{BookingId, ChatId},
};

use crate::texts::MenuItem;

/// Who speaks: the user of a private chat. Their id is the chat's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub chat: ChatId,
    /// IETF tag of the client's Telegram, if told.
    pub language: Option<String>,
}

/// What an update means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    Start,
    /// A shared contact. `own`: Telegram itself vouches that the number is the sender's.
    Contact {
        phone: String,
        own: bool,
    },
    Bookings,
    Help,
    Address,
    Contacts,
    /// A press on one of the five buttons.
    Rate {
        booking: BookingId,
        stars: Stars,
        callback: String,
    },
    /// Any other text; empty for a sticker, a photo and all else that holds no words.
    Text(String),
    /// The client blocked the bot.
    BotBlocked,
    /// The client unblocked it.
    BotUnblocked,
    /// A group became a supergroup, with another id.
    GroupMigrated {
        from: ChatId,
        to: ChatId,
    },
    /// A press on a button that this version doesn't know.
    StaleCallback {
        callback: String,
    },
    /// Nothing that concerns the bot.
    Ignore,
}

impl Intent {
    /// The callback query that waits for an answer, if the intent came as one.
    #[must_use]
    pub fn callback(&self) -> Option<&str> {
        match self {
            Self::Rate { callback, .. } | Self::StaleCallback { callback } => Some(callback),
            _ => None,
        }
    }

    /// What a text means: a command, a menu label (`menu` tells), or just a text.
    #[must_use]
    pub fn of_text(text: &str, menu: impl FnOnce(&str) -> Option<MenuItem>) -> Self {
        match command(text) {
            Some("start") => Self::Start,
            Some("bookings") => Self::Bookings,
            Some("help") => Self::Help,
            Some("address") => Self::Address,
            Some("contacts") => Self::Contacts,
            Some(_) => Self::Text(text.to_owned()),
            None => match menu(text) {
                Some(MenuItem::Bookings) => Self::Bookings,
                Some(MenuItem::Address) => Self::Address,
                Some(MenuItem::Contacts) => Self::Contacts,
                Some(MenuItem::Help) => Self::Help,
                None => Self::Text(text.to_owned()),
            },
        }
    }

    /// What a press means, from the button's own data and nothing else: the text above a button is
    /// not read back, as newer messages may not parse.
    #[must_use]
    pub fn of_callback(data: Option<&str>, callback: String) -> Self {
        match data.and_then(read_rating_data) {
            Some((booking, stars)) => Self::Rate { booking, stars, callback },
            None => Self::StaleCallback { callback },
        }
    }
}

/// The command in a text such as `/start deep-link` or `/help@some_bot`: its bare name.
fn command(text: &str) -> Option<&str> {
    let word = text.trim().strip_prefix('/')?.split_whitespace().next()?;
    let name = word.split('@').next()?;
    // Clients type commands with a capital letter, too.
    let known = ["start", "bookings", "help", "address", "contacts"];
    Some(known.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name))
}

/// The data of a button that rates a booking.
#[must_use]
pub fn rating_data(booking: BookingId, stars: Stars) -> String {
    format!("rate:{booking}:{}", stars.get())
}

fn read_rating_data(data: &str) -> Option<(BookingId, Stars)> {
    let (booking, stars) = data.strip_prefix("rate:")?.split_once(':')?;
    let booking = BookingId(booking.parse().ok()?);
    let stars = Stars::try_from(stars.parse::<u8>().ok()?).ok()?;
    // Exactly what was written, or nothing: no "+5", no "05".
    (rating_data(booking, stars) == data).then_some((booking, stars))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commands_with_a_bots_name_and_arguments() {
        let none = |_: &str| None;
        for (text, intent) in [
            ("/start", Intent::Start),
            ("/start ref_42", Intent::Start),
            ("/start@BukzaBot ref_42", Intent::Start),
            (" /Help ", Intent::Help),
            ("/bookings@bot", Intent::Bookings),
            ("/address\nnow", Intent::Address),
            ("/contacts", Intent::Contacts),
            ("/starting", Intent::Text("/starting".into())),
            ("/", Intent::Text("/".into())),
            ("start", Intent::Text("start".into())),
        ] {
            assert_eq!(Intent::of_text(text, none), intent, "{text}");
        }
        assert_eq!(Intent::of_text("x", |_| Some(MenuItem::Help)), Intent::Help);
    }

    #[test]
    fn foreign_callback_data_is_stale() {
        for data in [
            "",
            "rate",
            "rate:7",
            "rate:7:0",
            "rate:7:6",
            "rate:7:05",
            "rate:7:+5",
            "rate: 7:5",
            "rate:7:5:1",
            "rate:x:5",
            "rate:99999999999999999999:5",
            "vote:7:5",
        ] {
            let intent = Intent::of_callback(Some(data), "q".into());
            assert_eq!(intent, Intent::StaleCallback { callback: "q".into() }, "{data}");
        }
        assert_eq!(Intent::of_callback(None, "q".into()).callback(), Some("q"));
    }

    proptest! {
        #[test]
        fn rating_data_is_read_back_and_short_enough(id in any::<i64>(), stars in 1u8..=5) {
            let (booking, stars) = (BookingId(id), Stars::try_from(stars).unwrap());
            let data = rating_data(booking, stars);
            // Telegram's limit of callback data.
            prop_assert!(data.len() <= 64);
            prop_assert_eq!(read_rating_data(&data), Some((booking, stars)));
        }

        #[test]
        fn reading_is_total(text in "\\PC{0,80}") {
            let _ = Intent::of_text(&text, |_| None);
            let _ = Intent::of_callback(Some(&text), String::new());
        }
    }
}
