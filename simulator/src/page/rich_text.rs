//! A message's text as Telegram shows it: a tree of its formatting and of what can be pressed, made from the parsed
//! entities. The template escapes every text of it.

use std::iter::Peekable;

use maud::{Markup, html};

use crate::{
    html::{Entity, EntityKind},
    model::ChatMessage,
};

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Node<'a> {
    Text(String),
    Marked(Mark<'a>, Vec<Node<'a>>),
}

/// What a range is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark<'a> {
    Format(&'a Entity),
    /// What Telegram links by itself.
    Auto(&'a str),
}

/// In UTF-16 code units.
struct Range<'a> {
    from: usize,
    to: usize,
    mark: Mark<'a>,
}

/// The text of a message.
pub(super) fn text(chat_id: i64, message: &ChatMessage) -> Markup {
    markup(chat_id, &tree(message))
}

fn tree(message: &ChatMessage) -> Vec<Node<'_>> {
    let units: Vec<u16> = message.text.encode_utf16().collect();
    let formats = message.entities.iter().map(|entity| Range {
        from: entity.offset,
        to: entity.offset + entity.length,
        mark: Mark::Format(entity),
    });
    let mut ranges: Vec<Range<'_>> = formats.collect();
    for link in &message.autolinks {
        ranges.extend(auto(message, link));
    }
    ranges.sort_by_key(|range| (range.from, usize::MAX - range.to));
    nest(&units, 0, units.len(), &mut ranges.into_iter().peekable())
}

/// Where a link of Telegram's own stands: nowhere within code and other links.
fn auto<'a>(message: &'a ChatMessage, link: &'a str) -> impl Iterator<Item = Range<'a>> {
    let length = link.encode_utf16().count();
    let at =
        message.text.match_indices(link).map(|(at, _)| message.text[..at].encode_utf16().count());
    let is_open = |from: &usize| {
        !message.entities.iter().any(|entity| {
            matches!(entity.kind, EntityKind::Code | EntityKind::Pre | EntityKind::TextLink)
                && (entity.offset..entity.offset + entity.length).contains(from)
        })
    };
    let ranges = at.filter(is_open);
    ranges.map(move |from| Range { from, to: from + length, mark: Mark::Auto(link) })
}

/// The nodes between two places. A range that begins within another one ends with it.
fn nest<'a>(
    units: &[u16],
    from: usize,
    to: usize,
    ranges: &mut Peekable<impl Iterator<Item = Range<'a>>>,
) -> Vec<Node<'a>> {
    let mut nodes = Vec::new();
    let mut at = from;
    let plain = |nodes: &mut Vec<Node<'a>>, from: usize, to: usize| {
        if from < to {
            nodes.push(Node::Text(String::from_utf16_lossy(&units[from..to])));
        }
    };
    while let Some(range) = ranges.next_if(|range| range.from < to) {
        let (start, end) = (range.from.max(at), range.to.min(to));
        if start < end {
            plain(&mut nodes, at, start);
            nodes.push(Node::Marked(range.mark, nest(units, start, end, ranges)));
            at = end;
        }
    }
    plain(&mut nodes, at, to);
    nodes
}

fn markup(chat_id: i64, nodes: &[Node<'_>]) -> Markup {
    html! {
        @for node in nodes {
            @match node {
                Node::Text(text) => (text),
                Node::Marked(Mark::Format(entity), inner) => (format(chat_id, entity, inner)),
                Node::Marked(Mark::Auto(link), inner) => (linked(chat_id, link, inner)),
            }
        }
    }
}

fn format(chat_id: i64, entity: &Entity, inner: &[Node<'_>]) -> Markup {
    let shown = markup(chat_id, inner);
    match entity.kind {
        EntityKind::Bold => html! { b { (shown) } },
        EntityKind::Italic => html! { i { (shown) } },
        EntityKind::Underline => html! { u { (shown) } },
        EntityKind::Strikethrough => html! { s { (shown) } },
        EntityKind::Spoiler => html! { span.spoiler tabindex="0" { (shown) } },
        EntityKind::TextLink => link(entity.url.as_deref().unwrap_or_default(), &shown),
        EntityKind::Code => html! {
            button.code type="button" title="Скопировать" data-copy=(plain(inner)) { (shown) }
        },
        EntityKind::Pre => html! { pre { (shown) } },
        EntityKind::Blockquote => html! { blockquote { (shown) } },
        EntityKind::CustomEmoji => shown,
    }
}

/// A command is sent by a press. An address opens by a press alone, and learns nothing of this page.
fn linked(chat_id: i64, text: &str, inner: &[Node<'_>]) -> Markup {
    let shown = markup(chat_id, inner);
    if text.starts_with('/') {
        html! { button.link type="button" data-post="say" data-chat=(chat_id) data-text=(text) { (shown) } }
    } else {
        link(text, &shown)
    }
}

/// Only addresses of the web can be followed. Of others the text stands there like a link.
pub(super) fn link(url: &str, shown: &Markup) -> Markup {
    let is_web = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
    html! {
        @if is_web {
            a href=(url) target="_blank" rel="noopener noreferrer" title=(url) { (shown) }
        } @else {
            span.link title=(url) { (shown) }
        }
    }
}

fn plain(nodes: &[Node<'_>]) -> String {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) => text.clone(),
            Node::Marked(_, inner) => plain(inner),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{autolinks, html::parse};

    /// A message of the bot with this text.
    fn shown(source: &str) -> String {
        let parsed = parse(source).unwrap();
        let autolinks = autolinks::find(&parsed.text, &parsed.entities);
        let message = ChatMessage {
            text: parsed.text,
            entities: parsed.entities,
            autolinks,
            ..ChatMessage::default()
        };
        text(7, &message).into_string()
    }

    #[test]
    fn telegrams_tags_become_markup_and_nest() {
        for (source, html) in [
            ("😀 <b>Ждём <i>вас</i></b>!", "😀 <b>Ждём <i>вас</i></b>!"),
            ("<s>a</s><u>b</u>", "<s>a</s><u>b</u>"),
            ("<blockquote>a\nb</blockquote>", "<blockquote>a\nb</blockquote>"),
            (
                "Код <code>C6</code>",
                r#"Код <button class="code" type="button" title="Скопировать" data-copy="C6">C6</button>"#,
            ),
            (
                r#"<a href="https://x.y/">тут</a>"#,
                r#"<a href="https://x.y/" target="_blank" rel="noopener noreferrer" title="https://x.y/">тут</a>"#,
            ),
            (
                "<b>/help</b>",
                r#"<b><button class="link" type="button" data-post="say" data-chat="7" data-text="/help">/help</button></b>"#,
            ),
        ] {
            assert_eq!(shown(source), html);
        }
    }

    #[test]
    fn text_that_looks_like_markup_stays_text() {
        let name = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        let escaped = name.replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(shown(&escaped), escaped);
        // A person's own message has no entities.
        let typed = ChatMessage {
            text: "<b>x</b>".into(),
            source: "<b>x</b>".into(),
            ..ChatMessage::default()
        };
        assert_eq!(text(7, &typed).into_string(), "&lt;b&gt;x&lt;/b&gt;");
    }

    #[test]
    fn no_address_but_those_of_the_web_is_followed() {
        let html = shown(r#"<a href="javascript:alert(1)">a</a> <a href="data:text/html,x">b</a>"#);
        assert!(!html.contains("href") && html.contains(r#"<span class="link""#), "{html}");
        let quoted = link("https://x.y/\" onclick=\"z", &html! { "c" }).into_string();
        assert!(!quoted.contains("\" onclick"), "{quoted}");
    }

    #[test]
    fn overlapping_ranges_never_break_the_tree() {
        let entity = |kind, offset, length| Entity { kind, offset, length, url: None };
        let message = ChatMessage {
            text: "abcdef".into(),
            entities: vec![entity(EntityKind::Bold, 0, 4), entity(EntityKind::Italic, 2, 4)],
            ..ChatMessage::default()
        };
        assert_eq!(text(7, &message).into_string(), "<b>ab<i>cd</i></b>ef");
    }

    proptest! {
        #[test]
        fn the_text_is_shown_wholly_and_escaped(source in "[a<>&/b@ .:😀]{0,30}") {
            let escaped = source.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let html = shown(&format!("<b>{escaped}</b>"));
            let texts: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
            let back = texts.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            prop_assert_eq!(back, source);
        }
    }
}
