//! Hostile input for tests: damaged JSON and queries. The random generator alone decides the damage, so that a seed
//! reproduces a case.

use rand::{Rng, rngs::StdRng};
use serde_json::Value;

/// Replacements of a value: raw JSON, or text that resembles it.
const SNIPPETS: [&str; 30] = [
    "null",
    "true",
    "0",
    "-1",
    "5",
    "-0.0",
    "1e999",
    "-1e-999",
    "18446744073709551616",
    "-9223372036854775809",
    "4294967296",
    "123456789012345678901234567890.5",
    "0x10",
    "01",
    "NaN",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u202e\\ufeff\"",
    "\"\\x41\"",
    "\"9999999999999999999999\"",
    "\"0000-00-00T00:00:00Z\"",
    "\"<b>&amp;</b><script>\"",
    "{}",
    "[]",
    "[[[]]]",
    "{\"\":{\"\":{}}}",
];

/// A JSON text with one to three things wrong: values of other types and sizes, fields twice, levels
/// upon levels, bytes that are no UTF-8, cuts.
///
/// # Panics
/// When `sound` is not JSON: a mistake of the test.
#[must_use]
pub fn json(dice: &mut StdRng, sound: &str) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(sound).unwrap_or_else(|e| panic!("{sound}: {e}"));
    let mut raw = Vec::new();
    for _ in 0..dice.random_range(1..=3) {
        let mut at = dice.random_range(0..count(&value));
        let mark = format!("@@{}@@", raw.len());
        if replace(&mut value, &mut at, &mark) {
            raw.push(snippet(dice));
        }
    }
    let mut text = value.to_string();
    for (number, snippet) in raw.iter().enumerate() {
        text = text.replacen(&format!("\"@@{number}@@\""), snippet, 1);
    }
    let mut bytes = text.into_bytes();
    // Half of them stay intact: otherwise none would pass the parser.
    for _ in 0..dice.random_range(0..4_u32).saturating_sub(1) {
        damage(dice, &mut bytes);
    }
    bytes
}

/// The parameters of a URL, damaged: broken percent encodings, bytes that are no UTF-8, names twice,
/// far too long values. All of it fits into a URL.
#[must_use]
pub fn query(dice: &mut StdRng, sound: &str) -> String {
    let mut parts: Vec<String> = sound.split('&').map(str::to_owned).collect();
    for _ in 0..dice.random_range(1..=3) {
        let part = parts[dice.random_range(0..parts.len())].clone();
        let (name, _) = part.split_once('=').unwrap_or((&part, ""));
        parts.push(match dice.random_range(0..9) {
            0 => format!("{name}=%"),
            1 => format!("{name}=%zz%f"),
            2 => format!("{name}=%ff%fe%c3%28"),
            3 => format!("{name}=%00%0a%0d"),
            4 => part.clone(),
            5 => format!("{name}={}", "7".repeat(dice.random_range(100..4_000))),
            6 => "=".repeat(dice.random_range(1..50)),
            7 => format!("{name}[]={name}%5B%5D&&{name}"),
            _ => format!("{}=%ED%A0%80", name.to_uppercase()),
        });
    }
    parts.join("&")
}

fn snippet(dice: &mut StdRng) -> String {
    match dice.random_range(0..36) {
        at @ 0..30 => SNIPPETS[at].to_owned(),
        30 => "[".repeat(dice.random_range(1..2_000)),
        31 => nested(dice.random_range(2..200)),
        32 => format!("\"{}\"", "я".repeat(dice.random_range(100..20_000))),
        33 => "9".repeat(dice.random_range(20..1_000)),
        // Ends the field and repeats it.
        34 => "null,\"code\":\"TWICE\",\"update_id\":7,\"phone\":\"8\",\"chat\":null".to_owned(),
        _ => format!("[{}1]", "1,".repeat(dice.random_range(1..5_000))),
    }
}

fn nested(depth: usize) -> String {
    format!("{}1{}", "{\"a\":[".repeat(depth), "]}".repeat(depth))
}

/// Replaces, repeats or removes a few bytes.
fn damage(dice: &mut StdRng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.random_range(0..bytes.len());
    match dice.random_range(0..6) {
        0 => bytes[at] = dice.random(),
        1 => bytes.insert(at, b"\"{}[],:\\ \n\0\xff\xc3"[dice.random_range(0..13)]),
        2 => drop(bytes.remove(at)),
        3 => bytes.truncate(at),
        4 => {
            let end = (at + dice.random_range(1..40)).min(bytes.len());
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        _ => bytes.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Replaces the value that `left` others stand before by `mark`, counted from the outside in.
fn replace(value: &mut Value, left: &mut usize, mark: &str) -> bool {
    if *left == 0 {
        *value = Value::String(mark.to_owned());
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, left, mark)),
        Value::Object(fields) => fields.values_mut().any(|field| replace(field, left, mark)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const SOUND: &str = r#"{"code":"A","fields":[{"name":"x","value":1}],"phone":null}"#;

    #[test]
    fn a_seed_is_a_case_and_cases_differ() {
        let case = |seed| json(&mut StdRng::seed_from_u64(seed), SOUND);
        assert_eq!(case(7), case(7));
        let cases: std::collections::HashSet<_> = (0..1_000).map(case).collect();
        assert!(cases.len() > 800, "{}", cases.len());
        let sound = cases.iter().filter(|case| serde_json::from_slice::<Value>(case).is_ok());
        let sound = sound.count();
        assert!((200..800).contains(&sound), "both JSON and what is none: {sound} are");
    }

    #[test]
    fn queries_stay_ascii_and_differ() {
        let case = |seed| query(&mut StdRng::seed_from_u64(seed), "message=new&phone=%2B7");
        let cases: std::collections::HashSet<_> = (0..200).map(case).collect();
        assert!(cases.len() > 150 && cases.iter().all(|case| case.is_ascii()));
    }
}
