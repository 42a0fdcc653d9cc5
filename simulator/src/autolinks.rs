//! Finds what Telegram links by itself: URLs, e-mails, mentions, commands, hashtags.
//! Stricter than Telegram: any word of letters counts as a top-level domain.

use crate::html::{self, Entity, EntityKind};

/// What Telegram would link in a text with `parse_mode` HTML, besides the links of the HTML itself.
///
/// # Errors
/// Telegram's description of what is wrong with the HTML.
pub fn autolinks(html: &str) -> Result<Vec<String>, String> {
    let parsed = html::parse(html)?;
    Ok(find(&parsed.text, &parsed.entities))
}

/// The same for a text with its formatting taken out. Inside code and links nothing is linked.
pub(crate) fn find(text: &str, entities: &[Entity]) -> Vec<String> {
    let closed = |at: usize| {
        entities.iter().any(|entity| {
            matches!(entity.kind, EntityKind::Code | EntityKind::Pre | EntityKind::TextLink)
                && (entity.offset..entity.offset + entity.length).contains(&at)
        })
    };
    let mut at = 0;
    let mut open = Vec::with_capacity(text.len());
    for character in text.chars() {
        // Telegram removes these first.
        if !matches!(character, '\u{30a}' | '\u{333}' | '\u{33f}' | '\u{2028}'..='\u{202e}') {
            open.push(if closed(at) { '\n' } else { character });
        }
        at += character.len_utf16();
    }
    let mut found = urls(&open);
    for at in 0..open.len() {
        let before = at.checked_sub(1).map(|at| open[at]);
        let (mark, after) = (open[at], &open[at + 1..]);
        let length = match mark {
            '@' if !before.is_some_and(is_word) => mention(after),
            '/' if !before.is_some_and(|c| is_word(c) || "/<>".contains(c)) => command(after),
            '#' if !before.is_some_and(is_tag) => hashtag(after),
            '$' if !before.is_some_and(|c| is_tag(c) || c == '$') => cashtag(after),
            _ => None,
        };
        found.extend(length.map(|length| open[at..=at + length].iter().collect::<String>()));
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_latin_word(c: &char) -> bool {
    c.is_ascii_alphanumeric() || *c == '_'
}

fn is_tag(c: char) -> bool {
    is_word(c) || matches!(c, '\u{200c}' | '·' | '\u{d80}'..='\u{dff}')
}

fn run(text: &[char], belongs: impl Fn(&char) -> bool) -> usize {
    text.iter().take_while(|c| belongs(c)).count()
}

fn mention(after: &[char]) -> Option<usize> {
    let length = run(after, is_latin_word);
    let whole = !after.get(length).is_some_and(|c| is_word(*c));
    (whole && (3..=32).contains(&length)).then_some(length)
}

fn command(after: &[char]) -> Option<usize> {
    let length = run(after, is_latin_word);
    let whole = !after.get(length).is_some_and(|c| is_word(*c) || "/<>".contains(*c));
    (whole && (1..=64).contains(&length)).then_some(length)
}

fn hashtag(after: &[char]) -> Option<usize> {
    let length = run(after, |c| is_tag(*c));
    let sound =
        after[..length].iter().any(|c| c.is_alphabetic()) && after.get(length) != Some(&'#');
    sound.then_some(length)
}

fn cashtag(after: &[char]) -> Option<usize> {
    let length = run(after, char::is_ascii_uppercase);
    let whole = !after.get(length).is_some_and(|c| is_tag(*c) || *c == '$');
    (whole && (1..=8).contains(&length)).then_some(length)
}

/// Each run of characters that an address may have, if it holds one.
fn urls(text: &[char]) -> Vec<String> {
    let pieces = text.split(|c| !is_of_address(*c) || "<>\"«»".contains(*c));
    pieces.filter(|piece| has_scheme(piece) || has_domain(piece)).map(String::from_iter).collect()
}

fn is_of_address(c: char) -> bool {
    match c {
        '\u{200c}' | '\u{200d}' | '\u{2010}'..='\u{2015}' => true,
        '\u{2000}'..='\u{206f}' => false,
        c => !c.is_whitespace() && !c.is_control(),
    }
}

fn has_scheme(piece: &[char]) -> bool {
    let text: String = piece.iter().collect::<String>().to_lowercase();
    let schemes = ["http", "https", "ftp", "tg", "ton", "tonsite"];
    text.match_indices("://").any(|(at, mark)| {
        schemes.iter().any(|scheme| text[..at].ends_with(scheme)) && at + mark.len() < text.len()
    })
}

/// Two labels with a dot between them, or four numbers, as a user's part or a port may surround them.
fn has_domain(piece: &[char]) -> bool {
    let is_label = |c: char| is_word(c) || "-~".contains(c) || (c >= 'À' && is_of_address(c));
    piece.split(|c| *c != '.' && !is_label(*c)).any(|domain| {
        let labels: Vec<&[char]> = domain.split(|c| *c == '.').collect();
        let number = |label: &&[char]| {
            (1..=3).contains(&label.len()) && label.iter().all(char::is_ascii_digit)
        };
        let named = labels
            .windows(2)
            .any(|pair| !pair[0].is_empty() && run(pair[1], |c| c.is_alphabetic()) >= 2);
        named || labels.windows(4).any(|four| four.iter().all(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_pressed_is_found() {
        for (text, links) in [
            ("см. https://evil.example/login тут", &["https://evil.example/login"][..]),
            ("evil.example", &["evil.example"]),
            ("(t.me/durov)", &["(t.me/durov)"]),
            ("сайт.рф", &["сайт.рф"]),
            ("a.bob@mail.example", &["a.bob@mail.example"]),
            ("tg://resolve?domain=durov", &["tg://resolve?domain=durov"]),
            ("8.8.8.8:80", &["8.8.8.8:80"]),
            ("evil.\u{333}example", &["evil.example"]),
            ("@durov, /bookings", &["@durov", "/bookings"]),
            ("#тег #1 $USD $usd", &["#тег", "$USD"]),
            ("👤 @durov", &["@durov"]),
        ] {
            assert_eq!(find(text, &[]), links, "{text}");
        }
    }

    #[test]
    fn plain_words_code_and_own_links_are_none() {
        for text in [
            "Анна-Мария О'Нил, +79991234567",
            "27.12.2025 12:00, 1.5 ч., т. е. и/или 10/12",
            "ну...ладно. Да",
            "a @ b # / $ 5$",
            "evil.\u{2060}example",
            "почта@ и bob@mail",
        ] {
            assert_eq!(find(text, &[]), [""; 0], "{text}");
        }
        let html =
            "<code>https://evil.example @durov</code> <a href=\"https://x.y\">z.example</a> ok";
        assert_eq!(autolinks(html), Ok(Vec::new()));
        assert_eq!(autolinks("😀<code>a</code> @durov"), Ok(vec!["@durov".to_owned()]));
        assert!(autolinks("<b>").is_err());
    }
}
