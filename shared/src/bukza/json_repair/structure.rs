//! Whether the structure can continue after a value: distinguishes a quote that ends a string from one inside.

/// Longest name of a field, in bytes.
const NAME_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    List,
}

impl Container {
    pub(super) fn close(self) -> char {
        match self {
            Self::Object => '}',
            Self::List => ']',
        }
    }
}

/// Treatment of a missing comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commas {
    /// A line break stands for the comma.
    Mended,
    /// No comma is added: visitor input looks like a field.
    AsWritten,
}

/// Whether the structure can continue with `after` behind a value within `open`.
pub(super) fn fits(open: &[Container], after: &str, commas: Commas) -> bool {
    let mut open = open.iter().rev().copied();
    let mut innermost = open.next();
    let (mut after, mut new_line) = next(after);
    let mut closed = None;
    let mut comma = false;
    loop {
        let Some(container) = innermost else { return after.is_empty() && !comma };
        if let Some(rest) = after.strip_prefix(container.close()) {
            (closed, innermost) = (Some(container), open.next());
            (after, new_line) = next(rest);
            comma = false;
        } else if comma || (new_line && commas == Commas::Mended) {
            return match container {
                Container::Object => starts_with_name(after),
                Container::List => starts_like(closed, after),
            };
        } else if let Some(rest) = after.strip_prefix(',') {
            (after, new_line) = next(rest);
            comma = true;
        } else {
            return false;
        }
    }
}

/// The text without leading spaces, and whether a line break was among them.
fn next(text: &str) -> (&str, bool) {
    let rest = text.trim_start();
    (rest, text[..text.len() - rest.len()].contains('\n'))
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

/// Whether `text` starts with `"name":`.
fn starts_with_name(text: &str) -> bool {
    name(text).is_some()
}

/// The field name at the start of `text`, in plain letters as in a template.
pub(super) fn plain_name(text: &str) -> Option<&str> {
    let is_plain = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= 40
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    name(text.trim_start()).filter(is_plain)
}

fn name(text: &str) -> Option<&str> {
    let text = text.strip_prefix('"')?;
    let length = text.bytes().take(NAME_MAX + 1).take_while(|b| !matches!(b, b'"' | b'\n')).count();
    let name_ends = length > 0 && text.as_bytes().get(length) == Some(&b'"');
    let goes_on = name_ends && text[length + 1..].trim_start().starts_with(':');
    goes_on.then(|| &text[..length])
}
