//! Parses a body into a tree: JSON, JSON broken by plain-text filling, a form, or an empty body.

use super::{
    Fault, Refusal, RefusalKind, json_repair,
    json_repair::Broken,
    key::Key,
    names,
    node::{Node, Object},
    visitor::{Cut, Visitor},
};

/// The message of a missing comma.
const NO_COMMA: &str = "lacks a comma before it";

/// A request's body.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Body<'a> {
    /// With a visitor: the fields before it.
    pub(super) fields: Object<'a>,
    /// Visitor input, in a template with an object for it.
    pub(super) visitor: Option<Visitor<'a>>,
    /// In a form a space may be a decoded plus.
    pub(super) is_form: bool,
}

/// Owns the texts that were repaired or cut out of the body.
#[derive(Debug, Default)]
pub(super) struct Texts {
    body: String,
    visitor: String,
}

/// Parses the body. An empty one is an object without fields: the URL may have them all.
///
/// # Errors
/// When it is not UTF-8, or neither a JSON object nor a form.
pub(super) fn parse<'a>(
    content_type: Option<&str>,
    body: &'a [u8],
    texts: &'a mut Texts,
) -> Result<Body<'a>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::not_json("is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    if text.is_empty() {
        return Ok(Body::default());
    }
    if let Some(form) = form(content_type, text) {
        return Ok(Body { fields: form, is_form: true, ..Body::default() });
    }
    let whole = |node| match node {
        Node::Object(fields) => Ok(Body { fields, ..Body::default() }),
        Node::Null | Node::Text(_) | Node::List(_) => {
            Err(Refusal::not_json("is JSON, but not an object"))
        }
    };
    let Some(cut) = Cut::of(text) else { return json(text, &mut texts.body).and_then(whole) };
    match head(cut, &mut texts.body) {
        Ok(()) => {
            let visitor = Visitor::read(cut.object, &mut texts.visitor);
            let node = Node::parse(&texts.body).map_err(|error| not_json(&error))?;
            Ok(Body { visitor: Some(visitor), ..whole(node)? })
        }
        // A nested `visitor` in valid JSON is ignored.
        Err(refusal) => Node::parse(text).map_err(|_| refusal).and_then(whole),
    }
}

/// Closes the object before the visitor, and repairs it if needed.
fn head(cut: Cut<'_>, object: &mut String) -> Result<(), Refusal> {
    let head = cut.head.trim_end();
    let has_comma = head.ends_with([',', '{']);
    if !has_comma && !cut.head[head.len()..].contains('\n') {
        return Err(Refusal::no_comma("visitor"));
    }
    *object = format!("{}}}", head.strip_suffix(',').unwrap_or(head));
    if let Err(error) = Node::parse(object) {
        *object = json_repair::repair(object).map_err(|broken| refusal(broken, &error))?;
    }
    Ok(())
}

fn json<'a>(text: &'a str, mended: &'a mut String) -> Result<Node<'a>, Refusal> {
    Node::parse(text).or_else(|error| {
        *mended = json_repair::repair(text).map_err(|broken| refusal(broken, &error))?;
        Node::parse(mended).map_err(|_| not_json(&error))
    })
}

fn refusal(broken: Broken, error: &serde_json::Error) -> Refusal {
    match broken {
        Broken::NoObject => not_json(error),
        Broken::NoComma { before } => Refusal::no_comma(&before),
    }
}

fn not_json(error: &serde_json::Error) -> Refusal {
    Refusal::not_json(format!("is not JSON: {error}"))
}

impl Refusal {
    fn no_comma(before: &str) -> Self {
        Self { kind: RefusalKind::NotJson, faults: vec![Fault::new(before, NO_COMMA)] }
    }
}

/// The fields of a form. A body of another content type counts as one if it has a form's code.
fn form<'a>(content_type: Option<&str>, text: &'a str) -> Option<Object<'a>> {
    let kind = content_type?.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if text.starts_with(['{', '[']) || kind.contains("json") {
        return None;
    }
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let form = Object(pairs.map(|(name, value)| (Key::new(name), Node::Text(value))).collect());
    let declared = kind == "application/x-www-form-urlencoded";
    (declared || form.first(names::CODE).is_some()).then_some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(content_type: Option<&str>, body: &[u8]) -> Option<String> {
        parse(content_type, body, &mut Texts::default())
            .ok()?
            .fields
            .first(names::CODE)?
            .as_text()
            .map(str::to_owned)
    }

    const FORM: Option<&str> = Some("Application/X-WWW-Form-URLEncoded; charset=utf-8");

    #[test]
    fn reads_json_forms_and_nothing() {
        assert_eq!(code(None, br#"{"code":"A"}"#).as_deref(), Some("A"));
        assert_eq!(code(None, b"\xef\xbb\xbf {\"code\":\"A\"}\r\n").as_deref(), Some("A"));
        assert_eq!(code(FORM, b"name=%D0%90+%D0%91&code=A").as_deref(), Some("A"));
        assert_eq!(code(FORM, br#"{"code":"A"}"#).as_deref(), Some("A"));
        assert_eq!(code(Some("text/plain"), b"code=A&x=1").as_deref(), Some("A"));
        assert_eq!(code(Some("text/plain"), br#"{"code":"A"}"#).as_deref(), Some("A"));
        assert_eq!(parse(None, b" \n", &mut Texts::default()), Ok(Body::default()));
    }

    #[test]
    fn the_head_before_a_visitor_is_read_alone() {
        for (body, read) in [
            (r#"{"code":"A","visitor":{"name":"x"}}"#, Some("A")),
            (r#"{"visitor":{"name":"x"},"code":"A"}"#, None),
            (r#"{"code":"A "quoted"","visitor":{"name":"x"}}"#, Some("A \"quoted\"")),
            ("{\"code\":\"A\"\n\"visitor\":{\"name\":\"x\"}}", Some("A")),
            (r#"{"code":"A","visitor":{"name":"x"},"code":"B"}"#, Some("A")),
            (r#"{"code":"A","visitor":{"name":""}"#, Some("A")),
            // Not at the top: no template of ours.
            (r#"{"code":"A","x":{"visitor":{"name":"x"}}}"#, Some("A")),
        ] {
            assert_eq!(code(None, body.as_bytes()).as_deref(), read, "{body}");
        }
        let refusal =
            parse(None, br#"{"code":"A" "visitor":{}}"#, &mut Texts::default()).unwrap_err();
        assert_eq!(refusal.to_string(), "visitor lacks a comma before it");
        let refusal =
            parse(None, br#"{"name":"A "visitor":{}}"#, &mut Texts::default()).unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::NotJson);
    }

    #[test]
    fn refuses_everything_else_with_the_reason() {
        let deep = "[".repeat(20_000);
        let deep_object = r#"{"a":"#.repeat(20_000);
        for (body, reason) in [
            (&b"\xff\xfe"[..], "is not UTF-8"),
            (b"[]", "is JSON, but not an object"),
            (b"\"text\"", "is JSON, but not an object"),
            (b"code=A", "is not JSON"),
            (b"<xml/>", "is not JSON"),
            (deep.as_bytes(), "is not JSON"),
            (deep_object.as_bytes(), "is not JSON"),
        ] {
            let refusal = parse(None, body, &mut Texts::default()).unwrap_err();
            assert!(refusal.to_string().starts_with(&format!("body {reason}")), "{refusal}");
        }
    }
}
