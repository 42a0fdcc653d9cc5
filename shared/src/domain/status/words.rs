//! Splits a status into words. Normalizes case, ё, emoji, accents and repeated spaces. Keeps the breaks between
//! words: a break ends the reach of every guard and negation.

use super::{class::Class, script, vocabulary};

/// The break behind a word. Ordered by strength: the strongest of several marks counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Only spaces, hyphens, emoji: the next word is adjacent.
    Space,
    /// A slash.
    Slash,
    /// A full stop, comma, bracket and the like.
    Stop,
    /// A colon or a spaced dash: the following part describes the preceding one.
    Label,
    /// A question mark.
    Question,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
    class: Class,
    gap: Gap,
}

/// The words of one status.
#[derive(Debug)]
pub(super) struct Words {
    /// In lower case, with single spaces and without any marks.
    text: String,
    words: Vec<Word>,
}

/// Longest distance between two related words, in words. Keeps reading linear.
pub(super) const REACH: usize = 8;

/// Abbreviations whose full stop is no break.
const ABBREVIATIONS: &[&str] = &[
    "тех",
    "сан",
    "доп",
    "адм",
    "кл",
    "предв",
    "авт",
    "сист",
    "служ",
    "обсл",
    "проф",
    "план",
    "моб",
    "тел",
    "кол",
    "т",
    "н",
];

impl Words {
    pub(super) fn of(status: &str) -> Self {
        let mut words = Self { text: String::with_capacity(status.len()), words: Vec::new() };
        words.split(status);
        words
    }

    fn split(&mut self, status: &str) {
        let mut start = 0;
        let mut previous = ' ';
        let mut chars = status.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().unwrap_or(' ');
            if script::is_letter(c) {
                script::push_plain(&mut self.text, c);
            } else if script::is_mark(c) {
                script::add_mark(&mut self.text, start, c);
                continue;
            } else if matches!(c, '.' | ':') && is_digit(previous) && is_digit(next) {
                self.text.push(c);
            } else {
                self.finish(&mut start);
                self.separate(gap(c, previous, next), c);
            }
            previous = c;
        }
        self.finish(&mut start);
    }

    /// Ends the word that began at `start`, if there is one.
    fn finish(&mut self, start: &mut usize) {
        if self.text.len() > *start {
            script::unify(&mut self.text, *start);
            let end = self.text.len();
            let class = vocabulary::class(&self.text[*start..end]);
            self.words.push(Word { start: *start, end, class, gap: Gap::Space });
            self.text.push(' ');
        }
        *start = self.text.len();
    }

    fn separate(&mut self, gap: Gap, mark: char) {
        let text = &self.text;
        if let Some(last) = self.words.last_mut() {
            let abbreviated = mark == '.' && ABBREVIATIONS.contains(&&text[last.start..last.end]);
            if !abbreviated {
                last.gap = last.gap.max(gap);
            }
        }
    }

    /// The words joined by single spaces: equal for wordings that differ only in marks.
    pub(super) fn plain(&self) -> &str {
        self.text.trim_end()
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn is(&self, at: usize, class: Class) -> bool {
        self.words.get(at).is_some_and(|word| word.class.is(class))
    }

    /// The word; empty past the end.
    pub(super) fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| &self.text[word.start..word.end])
    }

    pub(super) fn is_word(&self, at: usize, any_of: &[&str]) -> bool {
        any_of.contains(&self.text(at))
    }

    /// The break behind the word.
    pub(super) fn gap(&self, at: usize) -> Gap {
        self.words.get(at).map_or(Gap::Space, |word| word.gap)
    }

    /// Whether any word has one of these classes.
    pub(super) fn any(&self, class: Class) -> bool {
        self.words.iter().any(|word| word.class.is(class))
    }

    /// The word before this one, unless a break separates them.
    pub(super) fn before(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1)?;
        (self.gap(before) == Gap::Space).then_some(before)
    }

    /// The word after this one, unless a break separates them.
    pub(super) fn after(&self, at: usize) -> Option<usize> {
        let joined = self.gap(at) == Gap::Space && at + 1 < self.len();
        joined.then_some(at + 1)
    }

    /// The words before this one up to the break, the nearest first.
    pub(super) fn backwards(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.before(at), |at| self.before(*at)).take(REACH)
    }

    /// The words after this one up to the break, the nearest first.
    pub(super) fn forwards(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.after(at), |at| self.after(*at)).take(REACH)
    }

    /// The last word before the next break.
    pub(super) fn end_of_part(&self, at: usize) -> usize {
        self.forwards(at).last().unwrap_or(at)
    }

    /// The first word after the last break.
    pub(super) fn start_of_part(&self, at: usize) -> usize {
        self.backwards(at).last().unwrap_or(at)
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The break that a character outside of words makes.
fn gap(c: char, previous: char, next: char) -> Gap {
    match c {
        '?' | '？' => Gap::Question,
        ':' | '：' | '=' | '—' | '―' => Gap::Label,
        '-' | '–' | '−' | '‐' | '‑' | '‒' => {
            let spaced = previous.is_whitespace() || next.is_whitespace();
            if spaced { Gap::Label } else { Gap::Space }
        }
        '.' | ',' | ';' | '(' | ')' | '!' | '|' | '[' | ']' | '{' | '}' | '…' | '→' | '>' | '•' => {
            Gap::Stop
        }
        '/' | '\\' => Gap::Slash,
        _ => Gap::Space,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words with the breaks between them.
    fn shown(status: &str) -> String {
        let words = Words::of(status);
        let mark = |gap| match gap {
            Gap::Space => " ",
            Gap::Slash => "/",
            Gap::Stop => ".",
            Gap::Label => ":",
            Gap::Question => "?",
        };
        (0..words.len()).map(|at| format!("{}{}", words.text(at), mark(words.gap(at)))).collect()
    }

    #[test]
    fn case_emoji_accents_and_spaces_are_set_aside() {
        for (status, expected) in [
            ("  Отменён   клиентом ", "отменен клиентом "),
            ("ОТМЕНЕ\u{308}Н", "отменен "),
            ("Сня́то", "снято "),
            ("Заи\u{306}м Йога", "займ йога "),
            ("❌ Отменено ❌", "отменено "),
            ("❌Отменено❌заказ", "отменено заказ "),
            ("1\u{fe0f}\u{20e3} Отмена", "отмена "),
            ("ℹ️ Новая 🅰️", "новая "),
            ("не\u{a0}отменено", "не отменено "),
            ("от\u{ad}ме\u{200b}нено", "отменено "),
            ("can't be cancelled", "cant be cancelled "),
            ("order_cancelled #12", "order cancelled 12 "),
            ("нe oтмeнeнo", "не отменено "),
            ("Саncelled", "cancelled "),
            ("", ""),
            ("—", ""),
        ] {
            assert_eq!(shown(status), expected, "{status}");
        }
    }

    #[test]
    fn breaks_are_kept() {
        for (status, expected) in [
            ("Отменён: нет оплаты", "отменен:нет оплаты "),
            ("Отменён - нет", "отменен:нет "),
            ("Отменён -нет", "отменен:нет "),
            ("Отменён—нет", "отменен:нет "),
            ("no-show, no–show", "no show.no show "),
            ("Отменён (клиентом)", "отменен.клиентом."),
            ("Отмена/перенос", "отмена/перенос "),
            ("Отменён?", "отменен?"),
            ("Тех. работы. Ремонт", "тех работы.ремонт "),
            ("до 12.05.2026, 18:00: всё", "до 12.05.2026.18:00:все "),
        ] {
            assert_eq!(shown(status), expected, "{status}");
        }
    }
}
