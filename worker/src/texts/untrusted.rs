//! Untrusted text: names, comments, services, statuses. It is always shown as plain words.
//!
//! Telegram links addresses, e-mails, mentions, commands, hashtags and phone numbers by itself. A value that
//! could hold one is shown as `<code>`, in which Telegram links nothing. The reader sees that the words are not
//! the venue's, and can copy them with one tap. The check errs on the safe side: `ул.Ленина` is shown as code,
//! too. Our own texts (the venue's site and phone, the order's page) are not treated so and stay links.
//!
//! Invisible characters are dropped first: they could hide a link, or reverse the text around them.

/// Longest value shown whole, in characters (ingest cuts names at the same length).
const VALUE_MAX: usize = 200;

/// This many digits in a row, phone separators aside, may be a phone's or a card's.
const PHONE_DIGITS: usize = 7;

/// An untrusted value as Telegram's HTML that links nothing, cut at `VALUE_MAX` characters.
#[must_use]
pub fn harmless(text: &str) -> String {
    harmless_short(text, VALUE_MAX)
}

/// [`harmless`], cut at `max` characters.
#[must_use]
pub fn harmless_short(text: &str, max: usize) -> String {
    let shown = cut(&clean(text), max);
    let escaped = escape(&shown);
    if could_link(&shown) { format!("<code>{escaped}</code>") } else { escaped }
}

/// An escaped value for inside a `<code>` or `<a>`, cut at `max` characters. Also for our own texts, whose
/// links are intended.
#[must_use]
pub fn literal(text: &str, max: usize) -> String {
    escape(&cut(&clean(text), max))
}

/// Whether a value has a visible character.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Whether a character has no place in a text of the venue's own: nobody sees it, and it may turn the text around it. Line
/// breaks and the parts of emoji have.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    let is_part = matches!(c, '\n' | '\u{200d}' | '\u{fe0f}');
    let is_odd = c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}');
    is_odd && !is_part
}

/// The text as one line without invisible characters.
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        let before = clean.chars().next_back();
        match c {
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => clean.push(' '),
            // Emoji are made of several characters with these between them.
            '\u{200d}' if before.is_some_and(is_emoji) => clean.push(c),
            '\u{fe0f}' if before.is_some_and(|c| is_emoji(c) || "0123456789#*".contains(c)) => {
                clean.push(c);
            }
            c if is_invisible(c) => {}
            c => clean.push(c),
        }
    }
    clean.trim().to_owned()
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{27bf}' | '\u{2900}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}')
}

/// Characters without width, marks of direction, and characters that Telegram removes before it looks for
/// links.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{30a}' | '\u{333}' | '\u{33f}'
    )
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether Telegram could link a part of the text. False positives are allowed, false negatives are not.
fn could_link(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let marked = (0..text.len()).any(|at| {
        let before = at.checked_sub(1).map(|at| text[at]);
        let after = &text[at + 1..];
        match text[at] {
            '@' | '＠' => after.first().is_some_and(|c| !c.is_whitespace()),
            '#' | '＃' => {
                let mut tag = after.iter().take_while(|c| is_word(**c) || **c == '·');
                tag.any(|c| !c.is_numeric())
            }
            '$' => after.first().is_some_and(|c| c.is_alphanumeric()),
            '/' => starts_command(before, after.first().copied()),
            '.' | '。' | '．' | '｡' => joins_names(&text, at),
            _ => false,
        }
    });
    marked || has_phone(&text)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A slash of a command or an address, unlike the one in «и/или».
fn starts_command(before: Option<char>, after: Option<char>) -> bool {
    let ends = after.is_none_or(char::is_whitespace);
    !ends && (after == Some('/') || !before.is_some_and(|c| is_word(c) || "<>".contains(c)))
}

/// A dot between two names, as in an address; not one of a date, a number or a sentence.
fn joins_names(text: &[char], at: usize) -> bool {
    let open =
        |c: Option<&char>| c.is_some_and(|c| !c.is_whitespace() && !",;:!?)»\"'…".contains(*c));
    let (before, after) = (at.checked_sub(1).and_then(|at| text.get(at)), text.get(at + 1));
    if !open(before) || !open(after) || before == Some(&'.') || after == Some(&'.') {
        return false;
    }
    let of_number = |c: &&char| c.is_ascii_digit() || **c == '.';
    let digits =
        before.is_some_and(char::is_ascii_digit) && after.is_some_and(char::is_ascii_digit);
    let dots = |side: &mut dyn Iterator<Item = &char>| {
        side.take_while(of_number).filter(|c| **c == '.').count()
    };
    let around = dots(&mut text[..at].iter().rev()) + 1 + dots(&mut text[at + 1..].iter());
    // Numbers with three dots are an IP address.
    !digits || around >= 3
}

fn has_phone(text: &[char]) -> bool {
    let mut digits = 0;
    text.iter().any(|c| {
        if c.is_numeric() {
            digits += 1;
        } else if !(c.is_whitespace() || "+-().".contains(*c) || matches!(c, '‐'..='―')) {
            digits = 0;
        }
        digits >= PHONE_DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_escaped_and_what_cannot_be_seen_is_dropped() {
        assert_eq!(harmless("<b>A & \"B\"</b>"), "&lt;b&gt;A &amp; &quot;B&quot;&lt;/b&gt;");
        assert_eq!(harmless("«Ромашка & Co»"), "«Ромашка &amp; Co»");
        assert_eq!(harmless("a\nb\t\u{0}c"), "a b  c");
        assert_eq!(harmless("\u{202e}a\u{200b}li\u{2060}\u{feff}na\u{2069}"), "alina");
        assert_eq!(harmless("אלינה 👩‍👩‍👧 1\u{fe0f}\u{20e3}"), "אלינה 👩‍👩‍👧 1\u{fe0f}\u{20e3}");
        assert_eq!(harmless_short("abcdef", 4), "abc…");
        assert_eq!(harmless_short("abcd", 4), "abcd");
        assert!(!is_visible("\u{200b} \u{2060}\n\u{ad}"));
    }

    #[test]
    fn what_telegram_could_link_is_code() {
        for text in [
            "https://evil.example/login",
            "evil.example",
            "e\u{200b}vil.\u{2060}exam\u{200d}ple",
            "evil\u{333}.\u{333}example",
            "сайт.рф",
            "www.site.ru!",
            "t.me/durov",
            "tg://resolve?domain=durov",
            "//x",
            "8.8.8.8",
            "a@b.example",
            "bob@mail.example, до встречи",
            "@durov",
            "привет,@\u{200b}durov",
            "/bookings",
            "нажмите (/start)",
            "#тег",
            "#2а",
            "$USD",
            "+7 (999) 123-45-67",
            "89991234567",
            "4111 1111 1111 1111",
        ] {
            let shown = harmless(text);
            assert!(shown.starts_with("<code>") && shown.ends_with("</code>"), "{shown}");
        }
        assert_eq!(harmless("e\u{200b}vil.example & Co"), "<code>evil.example &amp; Co</code>");
    }

    #[test]
    fn plain_words_stay_plain() {
        for text in [
            "Анна-Мария О'Нил",
            "VR Арена (зал 2), 18+",
            "Зал #2, №5, 50%",
            "27.12 и 1.2.3",
            "к 12:00, 1.5 ч. и/или 10/12.",
            "Ну... ладно. Нас 5!",
            "Постоянный клиент / друг",
            "почта@ и 5$",
        ] {
            assert_eq!(harmless(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_links_anything_wherever_it_stands(
            text in "[a-zа-я0-9@/.:#$_~+·<&\u{200b}\u{333}«» \\-]{1,40}",
            any in "\\PC{1,40}",
        ) {
            for text in [text, any] {
                for html in [
                    harmless(&text),
                    format!("👤 {}, <b>{}</b> · {}: {}", harmless(&text), harmless(&text), harmless_short(&text, 9), harmless(&text)),
                    format!("<code>{}</code>", literal(&text, 40)),
                ] {
                    let links = simulator::autolinks(&html);
                    prop_assert!(links.as_ref().is_ok_and(Vec::is_empty), "{html}: {links:?}");
                }
            }
        }
    }
}
