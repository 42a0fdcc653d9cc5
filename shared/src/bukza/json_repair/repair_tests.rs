//! What is mended, what is not, and that hostile texts cost no time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn repaired(text: &str) -> Option<Value> {
    serde_json::from_str(&repair(text).ok()?).ok()
}

#[test]
fn mends_what_filling_breaks() {
    for (broken, mended) in [
        (r#"{"name":"ООО "Ромашка"","code":"A"}"#, json!({"name": "ООО \"Ромашка\"", "code": "A"})),
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
    for text in ["", "code=A", "{", "{\"a\"", "{\"a\":\"b", "<a/>", "{a:1}", "{\"a\":1}}", "]"] {
        assert_eq!(repaired(text), None, "{text}");
    }
    assert_eq!(repaired(&"[".repeat(20_000)), None);
    assert_eq!(repaired(&"{\"a\":".repeat(20_000)), None);
}

#[test]
fn comes_to_an_end_soon_on_hostile_texts() {
    let started = Instant::now();
    let pieces = [
        "\"", "\", ", "\"}", "}", ",", ", \"a\"", "\\\"", "\" ", "\n", " \n", "\"\n", "\"\n\"",
        "\"a\":", "{", "[",
    ];
    for piece in pieces {
        let text = format!("{{\"a\":\"{}", piece.repeat(64 * 1024 / piece.len()));
        let _ = repair(&text);
        let bare = format!("{{\"a\":x{}", piece.repeat(64 * 1024 / piece.len()));
        let _ = repair(&bare);
        let _ = repair_start(&text);
    }
    // Read anew from each piece, one of these takes minutes.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
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
    fn whatever_is_repaired_is_json(text in "[\"\\\\\n,:{}\\[\\]a-zА-я 0-9u-]{0,80}") {
        if let Ok(json) = repair(&text) {
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{}", json);
        }
    }

    /// What is sound means the same afterwards.
    #[test]
    fn sound_json_keeps_its_meaning(name in "[^\"\\\\]{0,20}", number in any::<i32>()) {
        let value = json!({"name": name, "n": number, "list": [{"a": null}, {"b": true}], "l": [[], [1, "x"]]});
        prop_assert_eq!(repaired(&value.to_string()), Some(value));
    }
}
