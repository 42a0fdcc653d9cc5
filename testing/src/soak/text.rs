//! Recognizes a message's kind and booking by its text.

use crate::harness::phrases;

/// Separates the cards of one staff message.
const BETWEEN_CARDS: &str = "➖➖➖";

/// The last tag in a text. A moved booking shows the old tag before the new one.
#[must_use]
pub fn tag(text: &str) -> Option<String> {
    tags(text).pop()
}

/// All tags in a text.
#[must_use]
pub fn tags(text: &str) -> Vec<String> {
    let word = |(at, _)| {
        let rest: &str = &text[at..];
        let end = rest[2..]
            .find(|c: char| !c.is_ascii_digit() && c != '-')
            .map_or(rest.len(), |end| end + 2);
        rest[..end].trim_end_matches('-')
    };
    let is_tag = |word: &&str| {
        word.split_once('-').is_some_and(|(code, number)| code.len() > 2 && !number.is_empty())
    };
    text.match_indices("SK").map(word).filter(is_tag).map(str::to_owned).collect()
}

/// The booking's code of a tag.
#[must_use]
pub fn code(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(code, _)| code)
}

/// The tags of a list of bookings, one from each item; nothing where the text is no list.
#[must_use]
pub fn listed(text: &str) -> Vec<String> {
    let items = text.lines().filter(|line| line.starts_with("• ") || line.starts_with("⏳ "));
    items.filter_map(tag).collect()
}

/// The kind of a message to a client, as in `messages.kind`.
#[must_use]
pub fn kind(text: &str) -> &'static str {
    let kinds = [
        (phrases::CONFIRMED, "confirmation"),
        (phrases::WAITS, "confirmation"),
        (phrases::MOVED, "moved"),
        (phrases::STAFF_CHANGED, "moved"),
        (phrases::CANCELLED, "cancelled"),
        (phrases::CANCELLED_SEVERAL, "cancelled"),
        (phrases::REMINDER, "reminder"),
        (phrases::FEEDBACK, "feedback"),
    ];
    kinds.into_iter().find(|(words, _)| text.contains(words)).map_or("answer", |(_, kind)| kind)
}

/// The cards of a message to the staff.
pub fn cards(text: &str) -> impl Iterator<Item = &str> {
    text.split(BETWEEN_CARDS)
}

/// The kind of a staff card, as in `messages.kind`.
#[must_use]
pub fn card_kind(card: &str) -> &'static str {
    let kinds = [
        (phrases::STAFF_INVITATION, "staff_invitation"),
        (phrases::STAFF_CREATED, "staff_created"),
        (phrases::STAFF_CREATED_FEW, "staff_created"),
        (phrases::STAFF_CREATED_MANY, "staff_created"),
        (phrases::STAFF_CHANGED, "staff_moved"),
        (phrases::STAFF_CANCELLED, "staff_cancelled"),
        (phrases::STAFF_CANCELLED_FEW, "staff_cancelled"),
        (phrases::STAFF_CANCELLED_MANY, "staff_cancelled"),
        (phrases::STAFF_UNREACHABLE, "staff_unreachable"),
        (phrases::STAFF_UNDELIVERED, "staff_undelivered"),
        (phrases::STAFF_REJECTED, "staff_rejected"),
        (phrases::STAFF_RATED, "staff_rated"),
    ];
    let answers = phrases::STAFF_ANSWERS.iter().map(|words| (*words, "staff_answer"));
    let notes = phrases::STAFF_NOTES.iter().map(|words| (*words, "staff_note"));
    let requests = phrases::STAFF_REQUESTS.iter().map(|words| (*words, "staff_request"));
    let strangers = (phrases::STAFF_STRANGERS, "staff_strangers");
    let tables = phrases::STAFF_TABLES.iter().map(|words| (*words, "staff_table"));
    let kinds = tables.chain(answers).chain(kinds);
    let mut kinds = kinds.chain(notes).chain(requests).chain([strangers]);
    kinds.find(|(words, _)| card.contains(words)).map_or("other", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tag_counts_and_a_bare_code_is_none() {
        assert_eq!(
            tag("Было: SK7001-2\nСтало: <b>SK7001-13</b> <code>SK7001</code>"),
            Some("SK7001-13".into())
        );
        assert_eq!(tag("🔖 <code>SK7001</code>"), None);
        assert_eq!(tag("SK- SK SK7-"), None);
        assert_eq!(code("SK7001-13"), "SK7001");
    }

    #[test]
    fn a_list_has_a_tag_in_each_item_and_a_single_booking_is_none() {
        let list =
            "✅ <b>Вы записаны</b>\n\n• 12:00: <b>SK7001-1</b>\n   1 час\n⏳ <b>SK7002-4</b>";
        assert_eq!(listed(list), ["SK7001-1", "SK7002-4"]);
        assert!(listed("✅ <b>Вы записаны</b>\n\n<b>SK7001-1</b>").is_empty());
    }

    #[test]
    fn kinds_are_known_by_their_words() {
        assert_eq!(kind("✅ <b>Вы записаны</b>\n"), "confirmation");
        assert_eq!(kind("🔁 <b>Запись изменена</b>"), "moved");
        assert_eq!(kind("📅 <b>Предстоящие записи</b>"), "answer");
        assert_eq!(card_kind("❌ <b>Запись отменена</b> <code>A</code>"), "staff_cancelled");
        assert_eq!(card_kind("🆕 <b>2 новые записи</b>"), "staff_created");
        assert_eq!(card_kind("❌ <b>Отменено 5 записей</b>"), "staff_cancelled");
        assert_eq!(kind("❌ <b>Записи отменены</b>"), "cancelled");
        assert_eq!(card_kind("⭐⭐ <b>2 из 5</b> <code>A</code>"), "staff_rated");
        assert_eq!(card_kind("🚫 <b>Клиент не пришёл</b> <code>A</code>"), "staff_note");
        assert_eq!(cards("a\n\n➖➖➖\n\nb").count(), 2);
    }
}
