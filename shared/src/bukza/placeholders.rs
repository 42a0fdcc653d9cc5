//! Removes placeholders that Bukza left unfilled, and unescapes HTML entities once.

use std::borrow::Cow;

/// Longest placeholder, in bytes.
const PLACEHOLDER_MAX: usize = 80;

/// The text without unfilled placeholders, HTML entities and surrounding spaces. `None` if it is then empty, a
/// dash, `null` or `undefined`.
pub(super) fn filled(text: &str) -> Option<Cow<'_, str>> {
    Some(match filled_untrimmed(text)? {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

/// As [`filled`], with surrounding spaces: one before a phone may be a decoded plus.
pub(super) fn filled_untrimmed(text: &str) -> Option<Cow<'_, str>> {
    let text = match without_placeholders(text) {
        Cow::Borrowed(text) => unescaped(text),
        Cow::Owned(text) => Cow::Owned(unescaped(&text).into_owned()),
    };
    let trimmed = text.trim();
    let nothing = matches!(trimmed, "" | "-" | "–" | "—")
        || trimmed.eq_ignore_ascii_case("null")
        || trimmed.eq_ignore_ascii_case("undefined");
    if nothing { None } else { Some(text) }
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if text.contains('&') { html_escape::decode_html_entities(text) } else { Cow::Borrowed(text) }
}

/// Removes every `[bukza_…]` and `{…}`.
fn without_placeholders(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'[' | b'{')) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '{']) {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = placeholder_len(rest);
        if taken == 0 {
            kept.push_str(&rest[..1]);
        }
        rest = &rest[taken.max(1)..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Length in bytes of the placeholder at the start of `text`; 0 without one.
pub(super) fn placeholder_len(text: &str) -> usize {
    let (close, prefix) = match text.as_bytes().first() {
        Some(b'[') => (b']', "bukza_"),
        Some(b'{') => (b'}', ""),
        _ => return 0,
    };
    // The limit keeps a row of brackets linear to read.
    let bytes = text.as_bytes().iter().skip(1).take(PLACEHOLDER_MAX + 1);
    let Some(length) = bytes.copied().position(|byte| byte == close) else { return 0 };
    let Some(inside) = text.get(1..=length) else { return 0 };
    let name = inside.trim_start_matches('{');
    let sound = name.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix))
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
    if !sound {
        return 0;
    }
    // `{{name}}` has two closing braces.
    let braces = inside.len() - name.len();
    let tail = &text.as_bytes()[1 + length..];
    1 + length + tail.iter().take(1 + braces).take_while(|byte| **byte == close).count()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn unfilled_placeholders_are_nothing() {
        for text in [
            "",
            " ",
            "-",
            "—",
            "null",
            "&nbsp;",
            "[bukza_phone]",
            "{phone}",
            " {{phone}} ",
            "[BUKZA_First_Name]",
            "[bukza_first_name] [bukza_last_name]",
            "{имя}",
        ] {
            assert_eq!(filled(text), None, "{text}");
        }
        for (text, left) in [
            (" Алина ", "Алина"),
            ("Алина [bukza_last_name]", "Алина"),
            ("[VIP] Алина", "[VIP] Алина"),
            ("{", "{"),
            ("a [bukza_", "a [bukza_"),
            ("{\"a\": 1}", "{\"a\": 1}"),
            ("{}", "{}"),
        ] {
            assert_eq!(filled(text).as_deref(), Some(left), "{text}");
        }
        assert_eq!(filled_untrimmed(" 84 912 ").as_deref(), Some(" 84 912 "));
    }

    #[test]
    fn entities_are_unescaped_once() {
        for (text, plain) in [
            ("Чай &amp; игры &quot;Ромашка&quot;", "Чай & игры \"Ромашка\""),
            ("O&#039;Hara &#39;x&#39; &#x27;y&#x27;", "O'Hara 'x' 'y'"),
            ("8&nbsp;990", "8\u{a0}990"),
            ("&laquo;Квест&raquo; &mdash; &lt;b&gt;", "«Квест» — <b>"),
            ("&amp;quot;", "&quot;"),
            ("&amp;amp;amp;", "&amp;amp;"),
            ("A & B &nosuch; &", "A & B &nosuch; &"),
            ("&#1040;", "А"),
        ] {
            assert_eq!(filled(text).as_deref(), Some(plain), "{text}");
        }
    }

    #[test]
    fn rows_of_brackets_are_read_once() {
        let started = Instant::now();
        for piece in ["{", "[", "{a", "[bukza_", "{{a}", "&", "&#", "&amp", "{&"] {
            let text = piece.repeat(64 * 1024 / piece.len());
            let _ = filled(&text);
        }
        // Quadratic reading would take seconds for each.
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}
