//! Characters of words, and which letters are equal in matching. Emoji belong to no word.

/// Whether the character is part of a word.
pub(super) fn is_letter(c: char) -> bool {
    // Letter-like symbols, letters in circles and emoji count as alphabetic in Unicode, too.
    let picture = matches!(c, '\u{2100}'..='\u{24ff}' | '\u{1f000}'..='\u{1ffff}');
    c.is_ascii_alphanumeric() || (c.is_alphabetic() && !picture && !is_mark(c))
}

/// Whether the character only modifies the preceding letter, or is invisible.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c,
        // Combining accents; the frame of a keycap.
        '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20f0}'
        // Soft hyphen, zero-width characters, variation selectors.
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}'
        // Apostrophes: "can't" is one word.
        | '\'' | '’' | 'ʼ' | '`')
}

/// Adds a letter in lower case, ё as е.
pub(super) fn push_plain(text: &mut String, letter: char) {
    match letter {
        'ё' | 'Ё' => text.push('е'),
        _ => text.extend(letter.to_lowercase().filter(|c| !is_mark(*c))),
    }
}

/// Drops a mark. Two marks are significant: the breve makes й of и, and the frame of a
/// keycap makes an emoji of the digit before it.
pub(super) fn add_mark(text: &mut String, word_start: usize, mark: char) {
    let word = &text[word_start..];
    if mark == '\u{306}' && word.ends_with('и') {
        text.pop();
        text.push('й');
    } else if mark == '\u{20e3}' && word.len() == 1 && word.as_bytes()[0].is_ascii_digit() {
        text.pop();
    }
}

const LOOKALIKES: &[(char, char)] = &[
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
];

/// Converts a word of two alphabets into one alphabet: people type «Oтменено» with a Latin O.
/// A letter without a counterpart in the other alphabet decides the alphabet.
pub(super) fn unify(text: &mut String, word_start: usize) {
    let word = &text[word_start..];
    let latin = |c: char| c.is_ascii_alphabetic();
    if word.is_ascii() || !word.contains(latin) {
        return;
    }
    let to_cyrillic = |c: char| LOOKALIKES.iter().find(|(l, _)| *l == c).map(|(_, other)| *other);
    let to_latin = |c: char| LOOKALIKES.iter().find(|(_, r)| *r == c).map(|(other, _)| *other);
    let all_cyrillic: Option<String> =
        word.chars().map(|c| if latin(c) { to_cyrillic(c) } else { Some(c) }).collect();
    let unified = all_cyrillic.or_else(|| {
        word.chars().map(|c| if c.is_ascii() { Some(c) } else { to_latin(c) }).collect()
    });
    if let Some(unified) = unified {
        text.truncate(word_start);
        text.push_str(&unified);
    }
}
