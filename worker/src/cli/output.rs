//! What the operator's terminal shows. Requests, payloads and errors hold what others typed: a control
//! character in them could clear the screen, rename the window or fake a line.

use std::{
    fmt::Arguments,
    io::{self, Write},
};

/// Prints a line. What it holds beside our own words may be anybody's.
///
/// # Errors
/// When it can't be written.
pub(crate) fn tell(line: Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout(), "{}", printable(&line.to_string()))
}

/// Prints a text of several lines: a body, a payload, a finding.
///
/// # Errors
/// When it can't be written.
pub(crate) fn tell_body(body: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", printable_body(body))
}

/// What a command that failed says of it, with the causes.
#[must_use]
pub fn report(error: &anyhow::Error) -> String {
    printable_body(&format!("Error: {error:?}"))
}

/// The text on one line, with an escape such as `\u{1b}` in the place of each character that a terminal obeys
/// or does not show: control characters, line breaks among them, and those that turn the direction of a text.
#[must_use]
pub fn printable(text: &str) -> String {
    shown(text, |_| false)
}

/// The same with line breaks as they are.
#[must_use]
pub fn printable_body(text: &str) -> String {
    shown(&text.replace("\r\n", "\n"), |c| c == '\n')
}

fn shown(text: &str, kept: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() || is_unseen(c)) && !kept(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters without a shape of their own: separators of lines, marks of direction, zero widths, tags.
fn is_unseen(c: char) -> bool {
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

    proptest! {
        #[test]
        fn no_control_character_is_ever_printed(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(!printable(&text).contains(char::is_control));
            prop_assert!(!printable_body(&text).contains(|c: char| c.is_control() && c != '\n'));
        }
    }
}
