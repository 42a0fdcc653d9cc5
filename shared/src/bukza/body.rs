//! From the body's bytes to a tree: JSON, JSON broken by plain-text filling, a form, or nothing.

use super::{
    Refusal, json_repair,
    node::{Node, Object},
};

/// Reads the body; `mended` holds its text, if it had to be mended. An empty one is an object without
/// fields: all may stand in the URL.
///
/// # Errors
/// When it is not UTF-8, or neither a JSON object nor a form.
pub(super) fn parse<'a>(
    content_type: Option<&str>,
    body: &'a [u8],
    mended: &'a mut String,
) -> Result<Object<'a>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::not_json("is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    if text.is_empty() {
        return Ok(Object::default());
    }
    if is_form(content_type) && !text.starts_with(['{', '[']) {
        return Ok(form(text));
    }
    match json(text, mended)? {
        Node::Object(object) => Ok(object),
        Node::Null | Node::Text(_) | Node::List(_) => {
            Err(Refusal::not_json("is JSON, but not an object"))
        }
    }
}

fn json<'a>(text: &'a str, mended: &'a mut String) -> Result<Node<'a>, Refusal> {
    serde_json::from_str(text).or_else(|error| {
        *mended = json_repair::repair(text).unwrap_or_default();
        serde_json::from_str(mended).map_err(|_| Refusal::not_json(format!("is not JSON: {error}")))
    })
}

fn is_form(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn form(text: &str) -> Object<'_> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    Object(pairs.map(|(name, value)| (name, Node::Text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(content_type: Option<&str>, body: &[u8]) -> Option<String> {
        parse(content_type, body, &mut String::new())
            .ok()?
            .get("code")?
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
        assert_eq!(parse(None, b" \n", &mut String::new()), Ok(Object::default()));
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
            let refusal = parse(None, body, &mut String::new()).unwrap_err();
            assert!(refusal.to_string().starts_with(&format!("body {reason}")), "{refusal}");
        }
    }
}
