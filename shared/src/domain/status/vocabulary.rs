//! Looks up the classes of a word. The lists are read once into an index by first letters.
//! The words themselves are in `lists`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use super::{class::Class, lists};

/// Endings of a predicative participle: the short forms, and the long ones in the nominative. «отменённого»
/// and other cases describe a booking that something else happens to.
/// The last three are misspellings in use («отмененно»).
const SHORT: &[&str] = &["", "а", "о", "ы"];
const LONG: &[&str] = &["ный", "ная", "ное", "ные", "но", "на", "ны"];
const PAST: &[&str] = &["л", "ла", "ло", "ли", "лся", "лась", "лось", "лись"];
/// Endings of Russian adjectives and participles.
const ADJECTIVE: &[&str] =
    &["ый", "ий", "ая", "яя", "ое", "ее", "ые", "ие", "ой", "ей", "ую", "юю", "ого", "его"];

/// Endings of nouns that resemble those: «решение», «событие».
const NOUN: &[&str] = &["ние", "тие", "вие"];

#[derive(Default)]
struct Vocabulary {
    whole: HashMap<String, Class>,
    by_first_letters: HashMap<[char; 2], Vec<(&'static str, Class)>>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut vocabulary = Vocabulary::default();
    for (class, words) in lists::WORDS {
        words.split_whitespace().for_each(|word| vocabulary.add(word, *class));
    }
    for (class, stems) in lists::PARTICIPLES {
        for stem in stems.split_whitespace() {
            SHORT.iter().chain(LONG).for_each(|ending| vocabulary.add_form(stem, ending, *class));
        }
    }
    for (class, stems) in lists::PAST_TENSES {
        for stem in stems.split_whitespace() {
            PAST.iter().for_each(|ending| vocabulary.add_form(stem, ending, *class));
        }
    }
    vocabulary.merge_prefixes();
    vocabulary
});

impl Vocabulary {
    fn add(&mut self, word: &'static str, class: Class) {
        match word.strip_suffix('*') {
            Some(prefix) => {
                let prefixes = self.by_first_letters.entry(first_letters(prefix)).or_default();
                prefixes.push((prefix, class));
            }
            None => self.add_form(word, "", class),
        }
    }

    fn add_form(&mut self, stem: &str, ending: &str, class: Class) {
        let classes = self.whole.entry(format!("{stem}{ending}")).or_default();
        *classes = classes.with(class);
    }

    /// Merges the entries of a prefix in several lists.
    fn merge_prefixes(&mut self) {
        for prefixes in self.by_first_letters.values_mut() {
            let mut merged: BTreeMap<&'static str, Class> = BTreeMap::new();
            for (prefix, class) in prefixes.iter() {
                let classes = merged.entry(prefix).or_default();
                *classes = classes.with(*class);
            }
            *prefixes = merged.into_iter().collect();
        }
    }

    fn class(&self, word: &str) -> Class {
        let whole = self.whole.get(word).copied().unwrap_or_default();
        let prefixes = self.by_first_letters.get(&first_letters(word));
        let prefixes = prefixes.into_iter().flatten();
        prefixes
            .filter(|(prefix, _)| word.starts_with(prefix))
            .fold(whole, |all, (_, class)| all.with(*class))
    }
}

/// Every prefix of the lists has two letters or more.
fn first_letters(word: &str) -> [char; 2] {
    let mut letters = word.chars();
    [letters.next().unwrap_or_default(), letters.next().unwrap_or_default()]
}

/// The classes of a word in lower case, with ё as е.
pub(super) fn class(word: &str) -> Class {
    let mut class = VOCABULARY.class(word);
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        class = class.with(number(word));
    } else if class == Class::NONE && is_adjective(word) {
        class = Class::ADJECTIVE;
    }
    class
}

fn is_adjective(word: &str) -> bool {
    let letters = word.len() / 2;
    letters > 4
        && ADJECTIVE.iter().any(|ending| word.ends_with(ending))
        && !NOUN.iter().any(|ending| word.ends_with(ending))
}

/// Numbers of four digits or more are orders and years, not counts.
fn number(word: &str) -> Class {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if word.contains(['.', ':']) {
        Class::DATE
    } else if digits < 4 {
        Class::NUMBER
    } else {
        Class::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_lists_is_found_in_the_form_in_which_words_are_looked_up() {
        for (class, entries) in lists::WORDS {
            for entry in entries.split_whitespace() {
                let word = entry.strip_suffix('*').unwrap_or(entry);
                let plain = word.chars().all(|c| c.is_lowercase() && c != 'ё');
                assert!(plain && (word == entry || word.chars().count() > 1), "{entry}");
                assert!(super::class(word).is(*class), "{entry}");
            }
        }
    }

    #[test]
    fn a_participle_counts_in_its_short_and_nominative_forms_alone() {
        for word in ["отменен", "отменена", "отмененный", "отмененные", "отклонено"]
        {
            assert!(class(word).is(Class::CANCELLED | Class::DELETED), "{word}");
        }
        for word in
            ["отмененного", "отмененной", "отменный", "отменяемый", "отклонение", "удаленная"]
        {
            assert!(!class(word).is(Class::CANCELLED | Class::DELETED), "{word}");
        }
    }
}
