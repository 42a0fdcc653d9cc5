//! The keys of `venue.toml`, what each may hold, and how it is read. Everything has a limit, so that no message of
//! Telegram becomes too long.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{
    super::values,
    checked_table::{Fault, Faults, Table, Value},
    columns,
};
use crate::domain::{
    resource::{Matches, Resource, Resources, Reviews, folded},
    venue::{Locale, OwnText, VenueFile},
};

/// Most resources.
const RESOURCES_MAX: usize = 500;
/// Most lines of one resource.
const LINES_MAX: usize = 5;
/// Longest line of a resource, and its name, in characters.
const LINE_MAX: usize = 200;
/// Longest address, in characters: that of `COMPANY_ADDRESS`.
const ADDRESS_MAX: usize = 300;

const RESOURCE_KEYS: &[&str] = &["name", "prefix", "address", "map", "lines", "reviews"];

/// Reads the file, or names every fault, by lines.
pub(super) fn parse(source: &str) -> Result<VenueFile, Vec<Fault>> {
    let mut faults = Faults::of(source);
    let read = match DeTable::parse(source) {
        Ok(root) => {
            let root = Table::new(root.get_ref(), "");
            root.allow(&["resource", "texts", "bukza"], &mut faults);
            VenueFile {
                path: None,
                resources: Resources::new(resources(root, &mut faults)),
                texts: texts(root, &mut faults),
                columns: columns::read(root, &mut faults),
            }
        }
        Err(error) => {
            faults.add(&error.span().unwrap_or_default(), "", error.message());
            VenueFile::default()
        }
    };
    let mut found = faults.found;
    found.sort();
    if found.is_empty() { Ok(read) } else { Err(found) }
}

fn resources(root: Table<'_>, faults: &mut Faults<'_>) -> Vec<Resource> {
    let Some(list) = root.get("resource") else { return Vec::new() };
    let items = list.items(faults, "tables that begin with [[resource]]");
    if let Some(first_too_many) = items.get(RESOURCES_MAX) {
        first_too_many.refuse(faults, format!("is one resource more than {RESOURCES_MAX}"));
        return Vec::new();
    }
    let mut resources = Vec::new();
    // Each name and prefix, and its line.
    let mut seen = BTreeMap::new();
    for item in &items {
        let Some(resource) = resource(item, faults) else { continue };
        let (text, is_prefix) = match &resource.matches {
            Matches::Name(name) => (name, false),
            Matches::Prefix(prefix) => (prefix, true),
        };
        let line = faults.line(&item.span());
        if let Some(before) = seen.insert((folded(text), is_prefix), line) {
            let what = if is_prefix { "prefix" } else { "name" };
            item.refuse(faults, format!("has the {what} of the resource in line {before}"));
        }
        resources.push(resource);
    }
    resources
}

fn resource(item: &Value<'_>, faults: &mut Faults<'_>) -> Option<Resource> {
    let path = format!("{}.", item.key);
    let table = Table::new(item.table(faults)?, &path);
    table.allow(RESOURCE_KEYS, faults);
    let matches = match (table.get("name"), table.get("prefix")) {
        (Some(name), None) => shown(&name, LINE_MAX, faults).map(Matches::Name),
        (None, Some(prefix)) => shown(&prefix, LINE_MAX, faults).map(Matches::Prefix),
        (None, None) => {
            item.refuse(faults, "needs a name or a prefix");
            None
        }
        (Some(_), Some(prefix)) => {
            prefix.refuse(faults, "stands beside a name: a resource has one of both");
            None
        }
    };
    let address = table.get("address").and_then(|value| shown(&value, ADDRESS_MAX, faults));
    let map = table.get("map").and_then(|value| link(&value, faults));
    let lines = table.get("lines").map(|value| lines(&value, faults)).unwrap_or_default();
    let reviews = table.get("reviews").and_then(|value| reviews(&value, faults));
    Some(Resource { matches: matches?, address, map, lines, reviews })
}

fn lines(value: &Value<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    let items = value.items(faults, "a list of texts, [\"…\", \"…\"]");
    if items.len() > LINES_MAX {
        value.refuse(faults, format!("has more than {LINES_MAX} lines"));
    }
    items.iter().take(LINES_MAX).filter_map(|item| shown(item, LINE_MAX, faults)).collect()
}

fn reviews(value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Reviews> {
    let path = format!("{}.", value.key);
    let table = Table::new(value.table(faults)?, &path);
    table.allow(&["2gis", "yandex"], faults);
    let mut site = |key| table.get(key).and_then(|value| link(&value, faults));
    Some(Reviews { two_gis: site("2gis"), yandex_maps: site("yandex") })
}

/// A text for clients, in one line. It is no markup: it is escaped where it is shown.
fn shown(value: &Value<'_>, max: usize, faults: &mut Faults<'_>) -> Option<String> {
    let text = value.text(faults)?.trim();
    let unseen = text.chars().find(|c| c.is_control() || is_unseen(*c));
    if text.is_empty() {
        value.refuse(faults, "is empty");
    } else if text.chars().count() > max {
        value.refuse(faults, format!("is longer than {max} characters"));
    } else if let Some(c) = unseen {
        let message = format!("holds a character that nobody sees, U+{:04X}", u32::from(c));
        value.refuse(faults, message);
    } else {
        return Some(text.to_owned());
    }
    None
}

/// Breaks of lines, marks of direction and spaces without width, as they come along with copied texts. One of
/// direction could turn the text around it.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// An address for a button. Telegram refuses a message for one that is not public.
fn link(value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = value.text(faults)?.trim();
    let link = values::web_link(text).filter(|link| link.starts_with("http"));
    if link.is_none() {
        value.refuse(faults, "is no public http:// or https:// address of at most 1000 characters");
    }
    link
}

/// The texts by languages. Whether each can be used is checked later, and stops nothing.
fn texts(root: Table<'_>, faults: &mut Faults<'_>) -> Vec<OwnText> {
    let Some(value) = root.get("texts") else { return Vec::new() };
    let Some(languages) = value.table(faults) else { return Vec::new() };
    let languages = Table::new(languages, "texts.");
    languages.allow(&["ru", "en"], faults);
    let mut texts = Vec::new();
    for locale in Locale::ALL.iter().copied() {
        let Some(value) = languages.get(locale.as_str()) else { continue };
        let Some(table) = value.table(faults) else { continue };
        let path = format!("texts.{}.", locale.as_str());
        for (key, value) in Table::new(table, &path).all() {
            let line = faults.line(&value.span());
            if let Some(pattern) = value.text(faults) {
                texts.push(OwnText {
                    locale,
                    key: key.to_owned(),
                    pattern: pattern.to_owned(),
                    line,
                });
            }
        }
    }
    texts.sort_by_key(|text| text.line);
    texts
}
