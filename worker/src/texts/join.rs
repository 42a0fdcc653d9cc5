//! Joins staff cards into one message: a group takes only 20 messages a minute. No card is cut or dropped.

use super::html::{MESSAGE_MAX, shorten, telegram_len};

/// Between two cards.
const SEPARATOR: &str = "\n\n➖➖➖\n\n";

/// The size of one message: a little under Telegram's limit, in case Telegram counts differently.
const ROOM: usize = MESSAGE_MAX - 96;

/// Joins as many of the first `cards` as fit into one message. Returns the text and their number: at
/// least one if there is any. A card that is too long by itself is shortened and goes alone.
#[must_use]
pub fn join_cards(cards: &[String]) -> (String, usize) {
    let Some((first, others)) = cards.split_first() else { return (String::new(), 0) };
    let mut text = shorten(first.clone(), ROOM);
    let mut units = telegram_len(&text);
    let mut taken = 1;
    for card in others {
        units += telegram_len(SEPARATOR) + telegram_len(card);
        if units > ROOM {
            break;
        }
        text.push_str(SEPARATOR);
        text.push_str(card);
        taken += 1;
    }
    (text, taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::html::telegram_accepts;
    use proptest::prelude::*;

    #[test]
    fn nothing_makes_nothing() {
        assert_eq!(join_cards(&[]), (String::new(), 0));
    }

    #[test]
    fn a_giant_card_goes_alone_and_shortened() {
        let giant = format!("<b>{}</b>", "x&amp;".repeat(5_000));
        let (text, taken) = join_cards(&[giant, "next".to_owned()]);
        assert_eq!(taken, 1);
        assert_eq!(telegram_len(&text), ROOM);
        assert_eq!(telegram_accepts(&text), Ok(()));
    }

    proptest! {
        #[test]
        fn every_card_arrives_whole_once_and_in_order(
            sizes in proptest::collection::vec(1usize..900, 1..60),
        ) {
            let cards: Vec<String> = sizes
                .iter()
                .enumerate()
                .map(|(i, size)| format!("<b>#{i}#</b>{}", "я&lt;😀".repeat(*size / 4)))
                .collect();
            let mut left = &cards[..];
            let mut seen = Vec::new();
            while !left.is_empty() {
                let (text, taken) = join_cards(left);
                prop_assert!(taken >= 1);
                prop_assert_eq!(telegram_accepts(&text), Ok(()));
                seen.extend(text.split(SEPARATOR).map(str::to_owned));
                // Full messages are full: the next card would not have fitted.
                if taken < left.len() {
                    prop_assert!(
                        telegram_len(&text) + telegram_len(SEPARATOR) + telegram_len(&left[taken]) > ROOM
                    );
                }
                left = &left[taken..];
            }
            prop_assert_eq!(seen, cards);
        }
    }
}
