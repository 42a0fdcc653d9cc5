//! Telegram's HTML: the few tags it knows, parsed as strictly as it does.
//! The messages of its errors are those of TDLib, which the Bot API passes on.

use serde::Serialize;

/// A text with its formatting taken out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub text: String,
    pub entities: Vec<Entity>,
}

/// A formatted range, in UTF-16 code units, as in Telegram's `MessageEntity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    #[serde(rename = "type")]
    pub kind: EntityKind,
    pub offset: usize,
    pub length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a range is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    TextLink,
    Code,
    Pre,
    Blockquote,
    CustomEmoji,
}

struct Open {
    tag: String,
    kind: EntityKind,
    offset: usize,
    url: Option<String>,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    /// Length of `text` in UTF-16 code units.
    length: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

/// Parses a text sent with `parse_mode` HTML.
///
/// # Errors
/// Telegram's text after "Bad Request: can't parse entities: ".
pub(crate) fn parse(source: &str) -> Result<Parsed, String> {
    let mut parser = Parser {
        source,
        at: 0,
        text: String::with_capacity(source.len()),
        length: 0,
        open: Vec::new(),
        entities: Vec::new(),
    };
    parser.run()?;
    if let Some(open) = parser.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    parser.entities.sort_by_key(|entity| (entity.offset, usize::MAX - entity.length));
    Ok(Parsed { text: parser.text, entities: parser.entities })
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(character) = self.source[self.at..].chars().next() {
            match character {
                '<' if self.source[self.at..].starts_with("</") => self.end_tag()?,
                '<' => self.start_tag()?,
                '&' => self.entity(),
                other => {
                    self.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, character: char) {
        self.text.push(character);
        self.length += character.len_utf16();
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(close) = self.source[begin..].find('>') else {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        };
        let inside = &self.source[begin + 1..begin + close];
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let tag = name.to_ascii_lowercase();
        let attribute = |wanted: &str| {
            attributes
                .trim()
                .strip_prefix(wanted)
                .and_then(|rest| rest.strip_prefix('='))
                .map(|value| value.trim_matches(['"', '\'']).to_owned())
        };
        let kind = match tag.as_str() {
            "b" | "strong" => EntityKind::Bold,
            "i" | "em" => EntityKind::Italic,
            "u" | "ins" => EntityKind::Underline,
            "s" | "strike" | "del" => EntityKind::Strikethrough,
            "tg-spoiler" => EntityKind::Spoiler,
            "span" if attribute("class").as_deref() == Some("tg-spoiler") => EntityKind::Spoiler,
            "span" => {
                return Err(format!(
                    "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
                ));
            }
            "a" => EntityKind::TextLink,
            "code" => EntityKind::Code,
            "pre" => EntityKind::Pre,
            "blockquote" => EntityKind::Blockquote,
            "tg-emoji" => EntityKind::CustomEmoji,
            _ => return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}")),
        };
        let url = (tag == "a").then(|| attribute("href")).flatten();
        self.open.push(Open { tag, kind, offset: self.length, url });
        self.at = begin + close + 1;
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(close) = self.source[begin..].find('>') else {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        };
        let tag = self.source[begin + 2..begin + close].trim().to_ascii_lowercase();
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        if !tag.is_empty() && tag != open.tag {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{tag}>\"",
                open.tag
            ));
        }
        let length = self.length - open.offset;
        // Telegram drops empty entities, and links without an address.
        if length > 0 && (open.kind != EntityKind::TextLink || open.url.is_some()) {
            let Open { kind, offset, url, .. } = open;
            self.entities.push(Entity { kind, offset, length, url });
        }
        self.at = begin + close + 1;
        Ok(())
    }

    /// A known character reference is decoded; anything else stays as written.
    fn entity(&mut self) {
        let rest = &self.source[self.at + 1..];
        let decoded = rest.find(';').filter(|&end| end <= 10).and_then(|end| {
            let decoded = match &rest[..end] {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                name => {
                    let digits = name.strip_prefix('#')?;
                    let code = match digits.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16),
                        None => digits.parse(),
                    };
                    char::from_u32(code.ok()?)?
                }
            };
            Some((decoded, end))
        });
        match decoded {
            Some((character, end)) => {
                self.push(character);
                self.at += end + 2;
            }
            None => {
                self.push('&');
                self.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn well_formed_text_is_stripped_and_measured_in_utf16() {
        let parsed = parse("😀 <b>Аня &lt;3</b> &amp; <a href=\"https://x.y/\">link</a>").unwrap();
        assert_eq!(parsed.text, "😀 Аня <3 & link");
        assert_eq!(
            parsed.entities[0],
            Entity { kind: EntityKind::Bold, offset: 3, length: 6, url: None }
        );
        assert_eq!(parsed.entities[1].url.as_deref(), Some("https://x.y/"));
    }

    #[test]
    fn malformed_text_is_refused_in_telegrams_words() {
        let table = [
            ("<p>x</p>", "Unsupported start tag \"p\" at byte offset 0"),
            ("a <3", "Unclosed start tag at byte offset 2"),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b><i>x</b></i>",
                "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
            ),
        ];
        for (source, error) in table {
            assert_eq!(parse(source).unwrap_err(), error, "{source}");
        }
    }

    #[test]
    fn references_that_telegram_does_not_know_stay_as_written() {
        assert_eq!(parse("&nbsp; &#65;&#x42; & &;").unwrap().text, "&nbsp; AB & &;");
    }

    proptest! {
        #[test]
        fn never_panics_and_escaped_text_always_comes_back(text in "\\PC{0,80}") {
            let _ = parse(&text);
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            prop_assert_eq!(parse(&escaped).unwrap().text, text);
        }
    }
}
