//! The forms of Bukza's answers. Lenient: what is more is passed by, numbers may be texts, and a part that can't be
//! read is left out, unless nothing can be understood without it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::FormFault;

/// A session, as the sign-in's answer names it.
#[derive(Debug)]
pub(super) struct SignedIn {
    pub token: String,
    pub server: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignInAnswer<'a> {
    #[serde(borrow, default)]
    token: Option<&'a RawValue>,
    #[serde(borrow, default)]
    server_url: Option<&'a RawValue>,
}

/// Reads the answer to a sign-in.
///
/// # Errors
/// When it lacks the token or the server.
pub(super) fn signed_in(body: &[u8]) -> Result<SignedIn, FormFault> {
    let answer: SignInAnswer<'_> = object(body, FormFault::Lacks("token"))?;
    let token = scalar(answer.token).ok_or(FormFault::Lacks("token"))?;
    let token = token.strip_prefix("Bearer ").unwrap_or(&token).trim().to_owned();
    let server = scalar(answer.server_url).ok_or(FormFault::Lacks("serverUrl"))?;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(FormFault::Lacks("token"));
    }
    Ok(SignedIn { token, server })
}

#[derive(Deserialize)]
struct TableAnswer<'a> {
    #[serde(borrow, default)]
    rows: Option<Vec<&'a RawValue>>,
}

/// A row before its columns are known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct WireRow {
    pub order_id: Option<String>,
    pub cells: Vec<WireCell>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct WireCell {
    pub column: String,
    pub value: Option<String>,
    pub formatted: Option<String>,
}

/// The rows of an answer. One that is no object is `None`.
///
/// # Errors
/// When it is no JSON, or has no list of rows.
pub(super) fn rows(body: &[u8]) -> Result<Vec<Option<WireRow>>, FormFault> {
    let answer: TableAnswer<'_> = object(body, FormFault::NoRows)?;
    Ok(answer.rows.ok_or(FormFault::NoRows)?.into_iter().map(row).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow, default)]
    order_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cells: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(borrow, default, rename = "type")]
    column: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(borrow, default)]
    formatted: Option<&'a RawValue>,
}

fn row(raw: &RawValue) -> Option<WireRow> {
    let row: Row<'_> = object(raw.get().as_bytes(), FormFault::NoRows).ok()?;
    let cells =
        row.cells.and_then(|cells| serde_json::from_str::<Vec<&RawValue>>(cells.get()).ok());
    let cells = cells.into_iter().flatten().filter_map(cell).collect();
    Some(WireRow { order_id: scalar(row.order_id), cells })
}

fn cell(raw: &RawValue) -> Option<WireCell> {
    let cell: Cell<'_> = object(raw.get().as_bytes(), FormFault::NoRows).ok()?;
    let column = scalar(cell.column)?;
    Some(WireCell { column, value: scalar(cell.value), formatted: scalar(cell.formatted) })
}

/// A text, or a number as it is spelt.
fn scalar(raw: Option<&RawValue>) -> Option<String> {
    let raw = raw?.get();
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

/// Reads an object. JSON of another type is of another form.
fn object<'a, T: Deserialize<'a>>(text: &'a [u8], other_form: FormFault) -> Result<T, FormFault> {
    match serde_json::from_slice(text) {
        // A derived reader takes a list for the fields in their order.
        Ok(_) if text.trim_ascii_start().starts_with(b"[") => Err(other_form),
        Ok(read) => Ok(read),
        Err(error) if error.is_data() => Err(other_form),
        Err(_) => Err(FormFault::NotJson),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = include_str!("../../../simulator/fixtures/table.json");
    const SIGN_IN: &str = include_str!("../../../simulator/fixtures/sign_in.json");

    #[test]
    fn the_recorded_answers_are_read() {
        let session = signed_in(SIGN_IN.as_bytes()).unwrap();
        assert_eq!(session.token, "a-session-of-bukza");
        assert_eq!(session.server, "https://eu1.example.com/");
        let rows = rows(TABLE.as_bytes()).unwrap();
        let [Some(row)] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(row.order_id.as_deref(), Some("9831520"));
        assert_eq!(row.cells.len(), 10);
        assert_eq!(row.cells[5].value.as_deref(), Some("8990"));
        assert_eq!(row.cells[1].formatted.as_deref(), Some("27.12.2025 12:00"));
    }

    #[test]
    fn numbers_texts_and_what_is_more_or_missing_are_passed_by() {
        let text = r#"{"more":[1],"rows":[
            {"orderId":17,"cells":[{"type":"a","value":12.50,"more":{}},{"type":"b","value":{"id":1},"formatted":null},
             {"value":"no column"},7,{"type":"c","value":true,"formatted":"да"}],"more":null},
            {"cells":null},{},null,"row",[]]}"#;
        let rows = rows(text.as_bytes()).unwrap();
        let cell = |column: &str, value: Option<&str>, formatted: Option<&str>| WireCell {
            column: column.to_owned(),
            value: value.map(str::to_owned),
            formatted: formatted.map(str::to_owned),
        };
        let cells = vec![
            cell("a", Some("12.50"), None),
            cell("b", None, None),
            cell("c", None, Some("да")),
        ];
        let read = Some(WireRow { order_id: Some("17".to_owned()), cells });
        let empty = || Some(WireRow::default());
        assert_eq!(rows, [read, empty(), empty(), None, None, None]);
    }

    #[test]
    fn another_form_is_distinguished_from_no_json() {
        for (text, fault) in [
            ("", FormFault::NotJson),
            ("<html></html>", FormFault::NotJson),
            (r#"{"rows":[{"#, FormFault::NotJson),
            ("null", FormFault::NoRows),
            ("{}", FormFault::NoRows),
            (r#"{"rows":null}"#, FormFault::NoRows),
            (r#"{"rows":{"0":{}}}"#, FormFault::NoRows),
            (r#"[{"rows":[]}]"#, FormFault::NoRows),
            ("[[]]", FormFault::NoRows),
            (r#"{"data":{"rows":[]}}"#, FormFault::NoRows),
        ] {
            assert_eq!(rows(text.as_bytes()), Err(fault), "{text}");
        }
        assert_eq!(rows(br#"{"rows":[]}"#), Ok(Vec::new()));
        for (text, fault) in [
            ("<html>", FormFault::NotJson),
            ("{}", FormFault::Lacks("token")),
            (r#"{"token":"a b","serverUrl":"https://x"}"#, FormFault::Lacks("token")),
            (r#"{"token":"t","serverUrl":null}"#, FormFault::Lacks("serverUrl")),
        ] {
            assert_eq!(signed_in(text.as_bytes()).unwrap_err(), fault, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = rows(text.as_bytes());
            let _ = rows(format!(r#"{{"rows":[{text}]}}"#).as_bytes());
            let _ = signed_in(text.as_bytes());
        }
    }
}
