//! Printing to the operator's terminal. Requests, payloads and errors hold foreign text: a control
//! character in it could clear the screen, rename the window or fake a line.

use std::{
    fmt::Arguments,
    io::{self, Write},
};

/// Prints a line, with control characters escaped.
pub(crate) fn print_line(line: Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout(), "{}", printable(&line.to_string()))
}

/// Prints a text of several lines, with other control characters escaped.
pub(crate) fn print_text(body: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", printable_body(body))
}

/// Prints JSON on several lines. What a terminal would obey is written with JSON's own escapes.
pub(crate) fn print_json(value: &serde_json::Value) -> io::Result<()> {
    writeln!(io::stdout(), "{}", printable_json(value))
}

fn printable_json(value: &serde_json::Value) -> String {
    let mut shown = String::new();
    for c in format!("{value:#}").chars() {
        if c != '\n' && (c.is_control() || is_invisible(c)) {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units);
            shown.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A failed command's error with its causes.
#[must_use]
pub fn report(error: &anyhow::Error) -> String {
    printable_body(&format!("Error: {error:?}"))
}

/// The text on one line, with each control or invisible character, line breaks included, replaced by an escape such
/// as `\u{1b}`.
#[must_use]
pub fn printable(text: &str) -> String {
    shown(text, |_| false)
}

/// [`printable`], with line breaks kept.
#[must_use]
pub fn printable_body(text: &str) -> String {
    shown(&text.replace("\r\n", "\n"), |c| c == '\n')
}

fn shown(text: &str, kept: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() || is_invisible(c)) && !kept(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Invisible characters: separators of lines, marks of direction, zero widths, tags.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_as_an_escape() {
        for (text, shown) in [
            ("\u{1b}[2J\u{1b}]0;title\u{7}", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"),
            ("a\rfake\u{8}\u{0}\u{7f}", "a\\rfake\\u{8}\\u{0}\\u{7f}"),
            ("\u{9b}31m\u{85}", "\\u{9b}31m\\u{85}"),
            ("\u{202e}txt\u{2066}\u{200b}\u{feff}", "\\u{202e}txt\\u{2066}\\u{200b}\\u{feff}"),
            ("one\ntwo\tthree", "one\\ntwo\\tthree"),
            ("Алина «Ромашка» 👩‍👩‍👧 \\ \"x\"", "Алина «Ромашка» 👩‍👩‍👧 \\ \"x\""),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert_eq!(printable_body("{\r\n \"a\":1\n}\u{1b}c\r"), "{\n \"a\":1\n}\\u{1b}c\\r");
    }

    #[test]
    fn an_error_shows_its_causes_and_no_control_character() {
        let error = anyhow::anyhow!("status \u{1b}[31m").context("it can't be used yet");
        let shown = report(&error);
        assert!(shown.starts_with("Error: it can't be used yet\n"), "{shown}");
        assert!(shown.contains("status \\u{1b}[31m") && !shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn json_is_the_same_json_on_the_terminal() {
        let value = serde_json::json!({"name": "\u{1b}[2J\u{202e}Алина\u{e0001}\n"});
        let shown = printable_json(&value);
        assert!(!shown.chars().any(|c| c != '\n' && (c.is_control() || is_invisible(c))));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    proptest! {
        #[test]
        fn no_control_character_is_ever_printed(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(!printable(&text).contains(char::is_control));
            prop_assert!(!printable_body(&text).contains(|c: char| c.is_control() && c != '\n'));
        }
    }
}
