//! Answers in the forms that Telegram and what stands before it give them.

use serde_json::json;

use super::*;

fn answer(status: u16, body: &Value) -> Result<Value, CallError> {
    read(status, body.to_string().as_bytes())
}

fn refused(code: u16, description: &str) -> CallError {
    CallError::Refused { code, description: description.to_owned() }
}

#[test]
fn a_429_pauses_as_long_as_it_says_in_whatever_form() {
    for (parameters, seconds) in [
        (json!({"retry_after": 35}), 35),
        (json!({"retry_after": 35.2}), 36),
        (json!({"retry_after": "35"}), 35),
        (json!({"retry_after": 35, "new_key": {"a": 1}}), 35),
        (json!({"retry_after": 35, "migrate_to_chat_id": -1001}), 35),
        (json!({}), 7),
        (json!(null), 7),
        (json!([]), 7),
        (json!({"retry_after": null}), 7),
        (json!({"retry_after": -3}), 5),
    ] {
        let body = json!({
            "ok": false, "error_code": 429, "parameters": parameters,
            "description": "Too Many Requests: retry after 7",
        });
        let retry_after = Duration::from_secs(seconds);
        assert_eq!(answer(429, &body), Err(CallError::TooManyRequests { retry_after }), "{body}");
    }
    let bare = json!({"ok": false, "error_code": "429"});
    let retry_after = DEFAULT_RETRY_AFTER;
    assert_eq!(answer(429, &bare), Err(CallError::TooManyRequests { retry_after }));
}

#[test]
fn a_group_that_moved_is_found_by_its_parameter_whatever_stands_beside_it() {
    for to in [json!(-1001), json!("-1001")] {
        let body = json!({
            "ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded",
            "parameters": {"migrate_to_chat_id": to, "new_key": true},
        });
        assert_eq!(answer(400, &body), Err(CallError::Migrated { to: ChatId(-1001) }));
    }
    let body = json!({"ok": false, "error_code": 400, "description": "no", "parameters": {}});
    assert_eq!(answer(400, &body), Err(refused(400, "no")));
}

#[test]
fn a_server_error_is_one_in_any_form_and_other_bodies_are_unreadable() {
    let json = json!({"ok": false, "error_code": 502, "description": "Bad Gateway"});
    assert_eq!(answer(502, &json), Err(CallError::ServerError(502)));
    assert_eq!(answer(200, &json), Err(CallError::ServerError(502)));
    assert_eq!(read::<Value>(503, b"<html>"), Err(CallError::ServerError(503)));
    assert_eq!(read::<Value>(403, b"<html>"), Err(CallError::Unreadable));
    assert_eq!(read::<Value>(200, b"{\"ok\":true,\"result\":"), Err(CallError::Unreadable));
    let other = json!({"ok": true, "result": {"message_id": "no number"}});
    let sent = read::<super::super::send_message::SentMessage>(200, other.to_string().as_bytes());
    assert!(matches!(sent, Err(CallError::Unreadable)));
}

#[test]
fn a_refusal_keeps_its_description_short() {
    let body = json!({"ok": false, "error_code": 400, "description": "я".repeat(500)});
    assert_eq!(answer(400, &body), Err(refused(400, &"я".repeat(200))));
    assert_eq!(answer(400, &json!({"ok": false})), Err(refused(400, "")));
}
