//! The owner's list of words for one meaning, read from a setting. It replaces the built-in words.

use std::ops::Range;

use super::{
    Finding, context,
    words::{Gap, Words},
};

/// A list of entries, separated by commas. «Снято» equals a whole status; «снят*» stands for every
/// word that begins with it, «бронь снят*» for such words one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnWords {
    whole: Vec<String>,
    patterns: Vec<Vec<Pattern>>,
}

/// One word of an entry with a star.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    word: String,
    prefix: bool,
    /// The entry has a break behind this word: the status may have one as well.
    breaks: bool,
}

impl OwnWords {
    /// Parses a setting. `None` for a star alone or within a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut own = Self::default();
        for entry in text.split(',') {
            if entry.contains('*') {
                own.patterns.push(patterns(entry)?);
            } else {
                let words = Words::of(entry);
                own.whole.extend((words.len() > 0).then(|| words.plain().to_owned()));
            }
        }
        Some(own)
    }

    /// Whether the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.patterns.is_empty()
    }

    /// Whether an entry without a star equals the status.
    pub(super) fn equals(&self, words: &Words) -> bool {
        self.whole.iter().any(|entry| entry == words.plain())
    }

    /// Looks for the entries with a star. A negation directly before one blocks it.
    pub(super) fn find(&self, words: &Words) -> (Finding, Range<usize>) {
        let mut held = Finding::None;
        for at in 0..words.len() {
            for entry in self.patterns.iter().filter(|entry| matches(entry, words, at)) {
                if context::is_negated(words, at) {
                    held = Finding::HeldBack;
                } else {
                    return (Finding::Found, at..at + entry.len());
                }
            }
        }
        (held, 0..0)
    }
}

fn patterns(entry: &str) -> Option<Vec<Pattern>> {
    let mut patterns: Vec<Pattern> = Vec::new();
    for part in entry.split_whitespace() {
        let word = part.trim_end_matches('*');
        let words = Words::of(word);
        if word.contains('*') || (words.len() == 0 && part.contains('*')) {
            return None;
        }
        if words.len() == 0 {
            // A dash between two words.
            patterns.last_mut().into_iter().for_each(|last| last.breaks = true);
        }
        for at in 0..words.len() {
            patterns.push(Pattern {
                word: words.text(at).to_owned(),
                prefix: part.ends_with('*') && at + 1 == words.len(),
                breaks: words.gap(at) > Gap::Space,
            });
        }
    }
    Some(patterns)
}

fn matches(entry: &[Pattern], words: &Words, start: usize) -> bool {
    entry.iter().zip(start..).all(|(pattern, at)| {
        let text = words.text(at);
        let same =
            if pattern.prefix { text.starts_with(&pattern.word) } else { text == pattern.word };
        let last = at + 1 == start + entry.len();
        same && (last || pattern.breaks || words.gap(at) == Gap::Space)
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::status::{Meaning, OwnLists, OwnWords, StatusReading, StatusRules};

    fn list(text: &str) -> Option<OwnWords> {
        Some(OwnWords::parse(text).unwrap())
    }

    fn cancelled_by(text: &str) -> StatusRules {
        OwnLists { cancelled: list(text), ..OwnLists::default() }.into()
    }

    #[test]
    fn an_entry_without_a_star_is_a_whole_status() {
        let rules = cancelled_by("Сня́то, Перенос отменён ,не отменено, ❌ Стоп");
        for status in
            ["снято", " СНЯТО ", "Снято ❌", "перенос  отменен", "Не отменено", "стоп", "Снято."]
        {
            assert_eq!(rules.read(status).meaning, Meaning::Cancelled, "{status}");
        }
        for status in ["Отменено", "Снято с брони", "Перенос", "Не снято", "снятое"]
        {
            let expected = StatusReading::default();
            assert_eq!(rules.read(status), expected, "{status}");
        }
    }

    #[test]
    fn an_entry_with_a_star_is_the_beginning_of_words() {
        let rules = cancelled_by("снят*, бронь закр*, no-show*");
        for status in [
            "Снята",
            "Заказ СНЯТ клиентом",
            "Скидка снята",
            "Бронь закрыта",
            "Вчера бронь закрылась",
            "no show",
            "No-shows",
        ] {
            assert_eq!(rules.read(status).meaning, Meaning::Cancelled, "{status}");
        }
        for status in [
            "Закрыта",
            "Бронь не закрыта",
            "Бронь: закрыта",
            "Брони закрыты",
            "Разнятся",
            "no, show",
        ] {
            assert_eq!(rules.read(status).meaning, Meaning::Stands, "{status}");
        }
    }

    #[test]
    fn a_negation_directly_before_holds_an_entry_with_a_star_back() {
        let rules = cancelled_by("снят*, не едут*");
        for status in ["Не снят", "Не был снят", "Бронь ещё не снята", "НЕ СНЯТО"]
        {
            let held = StatusReading { held_back: true, ..StatusReading::default() };
            assert_eq!(rules.read(status), held, "{status}");
        }
        for status in ["Не оплачено, снято", "Не едут"] {
            assert_eq!(rules.read(status).meaning, Meaning::Cancelled, "{status}");
        }
    }

    #[test]
    fn a_whole_status_of_the_owners_decides_before_every_other_word() {
        let rules: StatusRules = OwnLists {
            pending: list("Предварительно подтверждён, Оплачен*"),
            no_show: list("Отменён: клиент не пришёл"),
            ignored: list("Перенос отменён"),
            ..OwnLists::default()
        }
        .into();
        for (status, meaning) in [
            ("Предварительно подтверждён", Meaning::Pending),
            ("Отменён: клиент не пришёл", Meaning::NoShow),
            ("Перенос отменён", Meaning::Ignored),
            // The other meanings keep their built-in words, but for the one that has a list.
            ("Отменён", Meaning::Cancelled),
            ("Не пришёл", Meaning::Stands),
            ("Техничка", Meaning::Stands),
            // A word of the owner's list does not lift what the list says.
            ("Оплачен картой", Meaning::Pending),
            ("Оплачен картой, подтверждён", Meaning::Stands),
        ] {
            assert_eq!(rules.read(status).meaning, meaning, "{status}");
        }
    }

    #[test]
    fn a_list_may_be_empty_and_a_star_stands_behind_letters() {
        assert!(OwnWords::parse(" , ,").unwrap().is_empty());
        assert!(OwnWords::parse("❌").unwrap().is_empty());
        assert!(!OwnWords::parse(",снято,").unwrap().is_empty());
        for text in ["*", "не *", "отм*на", "*отмена", "снято, *"] {
            assert_eq!(OwnWords::parse(text), None, "{text}");
        }
        let none: StatusRules = OwnLists { pending: list(""), ..OwnLists::default() }.into();
        assert_eq!(none.read("Ожидает оплаты").meaning, Meaning::Stands);
    }
}
