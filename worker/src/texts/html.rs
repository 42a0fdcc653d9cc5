//! Telegram's HTML: measuring and shortening a message. Our texts hold only `b`, `i`, `code` and `a` tags
//! and four entities.

/// Telegram's limit of a message, in UTF-16 code units after entities are parsed.
pub const MESSAGE_MAX: usize = 4096;

/// The length that Telegram counts: UTF-16 code units, tags not counted, an entity as one.
#[must_use]
pub fn telegram_len(html: &str) -> usize {
    Tokens(html).map(Token::units).sum()
}

/// The text cut to `max` units (at least 1) between two tokens, never inside a tag or entity, with
/// `…` at the cut and every open tag closed.
#[must_use]
pub fn shorten(html: String, max: usize) -> String {
    if telegram_len(&html) <= max {
        return html;
    }
    let mut short = String::with_capacity(html.len().min(max * 6));
    let mut open: Vec<&str> = Vec::new();
    let mut units = 0;
    for token in Tokens(&html) {
        if units + token.units() > max.saturating_sub(1) {
            break;
        }
        units += token.units();
        match token {
            Token::Open { name, .. } => open.push(name),
            Token::Close(_) => drop(open.pop()),
            Token::Entity(_) | Token::Char(_) => {}
        }
        short.push_str(token.source());
    }
    short.push('…');
    for name in open.iter().rev() {
        short.push_str("</");
        short.push_str(name);
        short.push('>');
    }
    short
}

/// An indivisible piece of our HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open { name: &'a str, source: &'a str },
    Close(&'a str),
    Entity(&'a str),
    Char(&'a str),
}

impl<'a> Token<'a> {
    fn units(self) -> usize {
        match self {
            Self::Open { .. } | Self::Close(_) => 0,
            Self::Entity(_) => 1,
            Self::Char(text) => text.encode_utf16().count(),
        }
    }

    fn source(self) -> &'a str {
        match self {
            Self::Open { source, .. } => source,
            Self::Close(text) | Self::Entity(text) | Self::Char(text) => text,
        }
    }
}

/// Splits our HTML into tokens. A `<` or `&` that begins nothing is a character.
#[derive(Debug)]
pub(super) struct Tokens<'a>(pub &'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.0.chars().next()?;
        let end = match first {
            '<' => self.0.find('>'),
            '&' => self.0.find(';').filter(|end| *end <= 8),
            _ => None,
        };
        let (source, rest) = self.0.split_at(end.map_or(first.len_utf8(), |end| end + 1));
        self.0 = rest;
        Some(match (first, end) {
            ('<', Some(_)) if source.starts_with("</") => Token::Close(source),
            ('<', Some(_)) => {
                let inner = source.trim_start_matches('<').trim_end_matches('>');
                Token::Open { name: inner.split(' ').next().unwrap_or(inner), source }
            }
            ('&', Some(_)) => Token::Entity(source),
            _ => Token::Char(source),
        })
    }
}

/// Whether Telegram would accept the text: known tags, closed in order, no stray `<` or `&`, and a
/// length within its limit. Else the reason.
pub(super) fn telegram_accepts(html: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for token in Tokens(html) {
        match token {
            Token::Open { .. } if matches!(open.last(), Some(&"code" | &"a")) => {
                return Err("a tag inside code or a link".to_owned());
            }
            Token::Open { name, source } if is_tag(name, source) => open.push(name),
            Token::Close(source) => {
                let name = open.pop().ok_or_else(|| format!("{source} closes nothing"))?;
                if source != format!("</{name}>") {
                    return Err(format!("{source} closes <{name}>"));
                }
            }
            Token::Entity("&amp;" | "&lt;" | "&gt;" | "&quot;") => {}
            Token::Char("<" | "&") | Token::Open { .. } | Token::Entity(_) => {
                return Err(format!(
                    "{} is no markup: write &lt; for <, &amp; for &",
                    token.source()
                ));
            }
            Token::Char(_) => {}
        }
    }
    let len = telegram_len(html);
    match (open.last(), len) {
        (Some(name), _) => Err(format!("<{name}> is not closed")),
        (_, 0) => Err("empty".to_owned()),
        (_, len) if len > MESSAGE_MAX => Err(format!("{len} characters")),
        _ => Ok(()),
    }
}

/// Whether a tag is one of ours: `b`, `i` and `code` without attributes, and `a` with an address.
fn is_tag(name: &str, source: &str) -> bool {
    let address = || source.strip_prefix("<a href=\"")?.strip_suffix("\">");
    match name {
        "b" | "i" | "code" => source.len() == name.len() + 2,
        "a" => address().is_some_and(|address| {
            ["https://", "http://", "tg://"].iter().any(|scheme| address.starts_with(scheme))
                && !address.contains(['"', '<'])
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::untrusted::{harmless, harmless_short};
    use proptest::prelude::*;

    #[test]
    fn counts_as_telegram_does() {
        assert_eq!(telegram_len("<b>A &amp; B</b>"), 5);
        assert_eq!(telegram_len("😀"), 2);
        assert_eq!(telegram_len("<a href=\"https://x.y/?a=1&amp;b\">z</a>"), 1);
    }

    #[test]
    fn shortens_without_breaking_a_tag_or_an_entity() {
        let html = "<b>abc &amp; <code>def</code></b>".to_owned();
        assert_eq!(shorten(html.clone(), 9), html);
        assert_eq!(shorten(html.clone(), 6), "<b>abc &amp;…</b>");
        assert_eq!(shorten(html, 8), "<b>abc &amp; <code>d…</code></b>");
    }

    proptest! {
        #[test]
        fn escaped_text_is_accepted_and_shortening_keeps_it_so(
            text in "[<>&\"/a-z;😀א\u{202e} ]{1,60}", max in 1usize..40,
        ) {
            let html = format!("<b>x{}</b> <i>{}</i>", harmless(&text), harmless_short(&text, 20));
            prop_assert_eq!(telegram_accepts(&html), Ok(()));
            let short = shorten(html, max);
            prop_assert_eq!(telegram_accepts(&short), Ok(()));
            prop_assert!(telegram_len(&short) <= max);
        }
    }
}
