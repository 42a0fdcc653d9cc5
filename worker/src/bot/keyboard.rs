//! Callback data in both directions: written into buttons, read from presses. Old messages keep their
//! buttons for ever, so every form once written must stay readable.

use shared::domain::{booking::Stars, ids::BookingId};

/// What a button's data means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackData {
    /// Rates a booking: `rate:<booking id>:<1 to 5>`.
    Rating { booking: BookingId, stars: Stars },
    /// Requests the calendar entries of a booking and of those on its list: `calendar:<booking id>`.
    Calendar { booking: BookingId },
}

impl CallbackData {
    /// The data as the button carries it: at most 64 bytes, Telegram's limit.
    #[must_use]
    pub fn encode(self) -> String {
        match self {
            Self::Rating { booking, stars } => format!("rate:{booking}:{}", stars.get()),
            Self::Calendar { booking } => format!("calendar:{booking}"),
        }
    }

    /// Reads a button's data. `None`: no form that this version writes.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        let (form, parts) = data.split_once(':')?;
        let booking = |id: &str| Some(BookingId(id.parse().ok()?));
        let read = match form {
            "rate" => {
                let (id, stars) = parts.split_once(':')?;
                let stars = Stars::try_from(stars.parse::<u8>().ok()?).ok()?;
                Self::Rating { booking: booking(id)?, stars }
            }
            "calendar" => Self::Calendar { booking: booking(parts)? },
            _ => return None,
        };
        // Only the exact form is accepted: no "+5", no "05".
        (read.encode() == data).then_some(read)
    }
}

/// The five buttons that rate a booking: label and callback data.
pub fn rating_buttons(booking: BookingId) -> impl Iterator<Item = (String, String)> {
    (1..=5).filter_map(|n| Stars::try_from(n).ok()).map(move |stars| {
        (format!("{} ⭐", stars.get()), CallbackData::Rating { booking, stars }.encode())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn encoded_data_is_parsed_back_and_short_enough(id in any::<i64>()) {
            let booking = BookingId(id);
            let buttons: Vec<_> = rating_buttons(booking).collect();
            prop_assert_eq!(buttons.len(), 5);
            let calendar = CallbackData::Calendar { booking };
            prop_assert!(calendar.encode().len() <= 64);
            prop_assert_eq!(CallbackData::parse(&calendar.encode()), Some(calendar));
            for ((_, data), n) in buttons.iter().zip(1u8..) {
                let stars = Stars::try_from(n).unwrap();
                prop_assert!(data.len() <= 64);
                prop_assert_eq!(
                    CallbackData::parse(data),
                    Some(CallbackData::Rating { booking, stars })
                );
            }
        }
    }
}
