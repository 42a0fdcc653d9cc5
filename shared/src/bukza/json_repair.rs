//! Mending JSON that plain-text filling broke: a raw quote, line break or backslash inside a
//! string, an unquoted or empty value, a comma too many. Only tried where strict reading failed.
//!
//! A quote ends a string only if what follows it fits the structure around it: a colon after a
//! name; after a value a comma with the next name, or brackets that close what is open. A text
//! that imitates all of that cannot be told from the template, and is not.

use std::str::CharIndices;

use super::lookup::placeholder_len;

/// Deeper nesting than any template's.
const DEPTH_MAX: usize = 100;
/// Longest name of a field, in bytes.
const NAME_MAX: usize = 100;

/// The mended text, if it has the structure of a JSON object throughout.
pub(super) fn repair(text: &str) -> Option<String> {
    let mut repair =
        Repair { rest: text, out: String::with_capacity(text.len() + 64), open: Vec::new() };
    repair.value()?;
    while !repair.open.is_empty() {
        repair.entry()?;
    }
    repair.rest.trim().is_empty().then_some(repair.out)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    List,
}

impl Container {
    fn close(self) -> char {
        match self {
            Self::Object => '}',
            Self::List => ']',
        }
    }
}

struct Repair<'a> {
    rest: &'a str,
    out: String,
    /// The containers that are open here, the innermost last.
    open: Vec<Container>,
}

impl Repair<'_> {
    /// One entry of the innermost container, or its end.
    fn entry(&mut self) -> Option<()> {
        let container = *self.open.last()?;
        self.skip_spaces();
        // Commas are written by us, one before each entry but the first.
        while self.take(',') {
            self.skip_spaces();
        }
        if self.take(container.close()) {
            self.open.pop();
            self.out.push(container.close());
            return Some(());
        }
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
        if container == Container::Object {
            if !self.take('"') {
                return None;
            }
            self.string(|_, after| after.trim_start().starts_with(':'))?;
            self.skip_spaces();
            if !self.take(':') {
                return None;
            }
            self.out.push(':');
        }
        self.value()
    }

    /// A string, a whole empty value, or the beginning of a container.
    fn value(&mut self) -> Option<()> {
        self.skip_spaces();
        let placeholder = placeholder_len(self.rest);
        if placeholder > 0 && fits(&self.open, &self.rest[placeholder..]) {
            self.rest = &self.rest[placeholder..];
            self.out.push_str("null");
            return Some(());
        }
        if self.take('"') {
            return self.string(fits);
        }
        for container in [(Container::Object, '{'), (Container::List, '[')] {
            if self.take(container.1) {
                if self.open.len() == DEPTH_MAX {
                    return None;
                }
                self.open.push(container.0);
                self.out.push(container.1);
                return Some(());
            }
        }
        self.bare()
    }

    /// A value without quotes, up to where the structure goes on: kept if it is JSON, a text else.
    fn bare(&mut self) -> Option<()> {
        let ends = self.rest.char_indices().filter(|(_, c)| matches!(c, ',' | '}' | ']'));
        let end = ends.map(|(at, _)| at).find(|at| fits(&self.open, &self.rest[*at..]))?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let word = word.trim();
        if word.contains(['"', '{', '}', '[', ']', '\n']) {
            return None;
        }
        if word.is_empty() {
            self.out.push_str("null");
        } else if serde_json::from_str::<serde_json::Value>(word).is_ok() {
            self.out.push_str(word);
        } else {
            self.out.push_str(&serde_json::Value::from(word).to_string());
        }
        Some(())
    }

    /// The rest of a string, to the quote after which `ends` holds.
    fn string(&mut self, ends: fn(&[Container], &str) -> bool) -> Option<()> {
        self.out.push('"');
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if ends(&self.open, &self.rest[at + 1..]) => {
                    self.rest = &self.rest[at + 1..];
                    self.out.push('"');
                    return Some(());
                }
                '"' => self.out.push_str("\\\""),
                '\\' => {
                    let after = &self.rest[at + 1..];
                    let ends_here =
                        after.strip_prefix('"').is_some_and(|after| ends(&self.open, after));
                    let length = if ends_here { 0 } else { escape_len(after) };
                    self.out.push_str(if length == 0 { "\\\\" } else { "\\" });
                    copy(&mut chars, length, &mut self.out);
                }
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                c if c < ' ' => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.out.push(c),
            }
        }
        None
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// The length of what makes an escape of the backslash before it; 0 if nothing does.
fn escape_len(after: &str) -> usize {
    let unit = |text: &str| {
        let digits = text.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    match after.as_bytes().first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 1,
        Some(b'u') => match unit(&after[1..]) {
            None | Some(0xdc00..=0xdfff) => 0,
            Some(0xd800..=0xdbff) => {
                let low = after[5..].strip_prefix("\\u").and_then(unit);
                if matches!(low, Some(0xdc00..=0xdfff)) { 11 } else { 0 }
            }
            Some(_) => 5,
        },
        _ => 0,
    }
}

fn copy(chars: &mut CharIndices<'_>, count: usize, out: &mut String) {
    out.extend(chars.take(count).map(|(_, c)| c));
}

/// Whether the structure can go on with `after` once a value has ended within `open`.
fn fits(open: &[Container], after: &str) -> bool {
    let mut open = open.iter().rev().copied();
    let mut innermost = open.next();
    let mut after = after.trim_start();
    let mut closed = None;
    let mut comma = false;
    loop {
        let Some(container) = innermost else { return after.is_empty() && !comma };
        if let Some(rest) = after.strip_prefix(container.close()) {
            (closed, innermost) = (Some(container), open.next());
            after = rest.trim_start();
            comma = false;
        } else if comma {
            return match container {
                Container::Object => starts_with_name(after),
                Container::List => starts_like(closed, after),
            };
        } else if let Some(rest) = after.strip_prefix(',') {
            after = rest.trim_start();
            comma = true;
        } else {
            return false;
        }
    }
}

/// Whether `text` starts with an item of the same kind as the one before it: lists are uniform.
fn starts_like(before: Option<Container>, text: &str) -> bool {
    match before {
        Some(Container::Object) => {
            text.strip_prefix('{').is_some_and(|inside| starts_with_name(inside.trim_start()))
        }
        Some(Container::List) => text.starts_with('['),
        None => text.starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_alphanumeric()),
    }
}

/// Whether `text` is `"name":` and so on.
fn starts_with_name(text: &str) -> bool {
    let Some(text) = text.strip_prefix('"') else { return false };
    let length = text.bytes().take(NAME_MAX + 1).take_while(|b| !matches!(b, b'"' | b'\n')).count();
    let name_ends = length > 0 && text.as_bytes().get(length) == Some(&b'"');
    name_ends && text[length + 1..].trim_start().starts_with(':')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn repaired(text: &str) -> Option<Value> {
        serde_json::from_str(&repair(text)?).ok()
    }

    #[test]
    fn mends_what_filling_breaks() {
        for (broken, mended) in [
            (
                r#"{"name":"ООО "Ромашка"","code":"A"}"#,
                json!({"name": "ООО \"Ромашка\"", "code": "A"}),
            ),
            ("{\"name\":\"a\nb\tc\",\"code\":\"A\"}", json!({"name": "a\nb\tc", "code": "A"})),
            (r#"{"name":"a\","code":"A"}"#, json!({"name": "a\\", "code": "A"})),
            (r#"{"name":"\q "x"","code":"A"}"#, json!({"name": "\\q \"x\"", "code": "A"})),
            (r#"{"name":"\ud83d "\ud83d\ude00"}"#, json!({"name": "\\ud83d \"😀"})),
            (
                r#"{"people":[bukza_shares],"total":{sum},"code":"A"}"#,
                json!({"people": null, "total": null, "code": "A"}),
            ),
            (
                r#"{"people":,"total":8 990,50,"n":07,"code":"A",}"#,
                json!({"people": null, "total": "8 990,50", "n": "07", "code": "A"}),
            ),
            (
                r#"{"reservations":[{"code":"A","name":"x "y""},{"code":"B"},],}"#,
                json!({"reservations": [{"code": "A", "name": "x \"y\""}, {"code": "B"}]}),
            ),
            (
                r#"{"reservations":[{"name":""},["","code":"A"}]}"#,
                json!({"reservations": [{"name": "\"},[\"", "code": "A"}]}),
            ),
            (r#"{"name":"a"}","code":"A"}"#, json!({"name": "a\"}", "code": "A"})),
        ] {
            assert!(serde_json::from_str::<Value>(broken).is_err(), "{broken} is sound");
            assert_eq!(repaired(broken), Some(mended), "{broken}");
        }
    }

    #[test]
    fn gives_up_on_what_is_no_object() {
        for text in ["", "code=A", "{", "{\"a\"", "{\"a\":\"b", "<a/>", "{a:1}", "{\"a\":1}}", "]"]
        {
            assert_eq!(repaired(text), None, "{text}");
        }
        assert_eq!(repaired(&"[".repeat(20_000)), None);
        assert_eq!(repaired(&"{\"a\":".repeat(20_000)), None);
    }

    #[test]
    fn comes_to_an_end_soon_on_hostile_texts() {
        for piece in ["\"", "\", ", "\"}", "}", ",", ", \"a\"", "\\\"", "\" "] {
            let text = format!("{{\"a\":\"{}", piece.repeat(64 * 1024 / piece.len()));
            let _ = repair(&text);
            let bare = format!("{{\"a\":x{}", piece.repeat(64 * 1024 / piece.len()));
            let _ = repair(&bare);
        }
    }

    proptest! {
        /// A name inserted raw does not touch what stands around it. It has no colon: a name with
        /// `","code":"` in it is the template's own structure, to the letter.
        #[test]
        fn fields_around_a_raw_name_survive(name in "[\"\\\\\n\r\t,{}\\[\\]a-zА-я 0-9/u]{0,30}") {
            for template in [
                "{\"code\": \"C6UDS3\", \"name\": \"@\", \"start\": \"27.12.2025 12:00\"}",
                "{\"reservations\":[{\"code\":\"C6UDS3\",\"name\":\"@\",\n\"start\":\"27.12.2025 12:00\"}]}",
            ] {
                let text = template.replace('@', &name);
                let read = serde_json::from_str::<Value>(&text).ok().or_else(|| repaired(&text));
                let read = read.map(|value| match value.get("reservations") {
                    Some(list) => list[0].clone(),
                    None => value,
                });
                let read = read.ok_or_else(|| TestCaseError::fail(format!("lost: {text}")))?;
                prop_assert_eq!(&read["code"], "C6UDS3", "{}", &text);
                prop_assert_eq!(&read["start"], "27.12.2025 12:00", "{}", &text);
                prop_assert!(read["name"].is_string());
            }
        }

        #[test]
        fn repairing_is_total(text in "[\"\\\\\n,:{}\\[\\]a-zА-я 0-9u-]{0,80}") {
            let _ = repair(&text);
        }

        /// What is sound means the same afterwards.
        #[test]
        fn sound_json_keeps_its_meaning(name in "[^\"\\\\]{0,20}", number in any::<i32>()) {
            let value = json!({"name": name, "n": number, "list": [{"a": null}, {"b": true}], "l": [[], [1, "x"]]});
            prop_assert_eq!(repaired(&value.to_string()), Some(value));
        }
    }
}
