//! Finding a person in texts that are kept as they came: bodies of requests, payloads of jobs.

use super::Person;

/// How many of a phone's last digits are looked for: with them a number is found however it is written.
const LAST_DIGITS: usize = 8;

/// Whether the text `t` names the person: a phone by its last digits, or a code in quotes. $1: patterns of digits, $2:
/// codes. What is percent-encoded or escaped between the digits does not count.
pub(super) const NAMES_PHONE_OR_CODE: &str = "(regexp_replace(regexp_replace(t, \
    '%[0-9A-Fa-f]{2}|\\\\u[0-9A-Fa-f]{4}', '', 'g'), '[^0-9]', '', 'g') LIKE ANY ($1::text[]) \
    OR EXISTS (SELECT 1 FROM unnest($2::text[]) AS c WHERE strpos(t, c) > 0))";

/// Whether the text `t` holds one of the chats: $3, a pattern.
pub(super) const NAMES_CHAT: &str = "(t ~ $3)";

impl Person {
    /// The last digits of each phone, as patterns for LIKE.
    pub(super) fn digit_patterns(&self) -> Vec<String> {
        let last = |phone: &String| {
            let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
            let from = digits.len().saturating_sub(LAST_DIGITS);
            format!("%{}%", digits[from..].iter().collect::<String>())
        };
        self.phones.iter().map(last).collect()
    }

    /// The codes as they stand in JSON, also within another JSON's string.
    pub(super) fn quoted_codes(&self) -> Vec<String> {
        let both = |code: &String| [format!("\"{code}\""), format!("\\\"{code}\\\"")];
        self.codes.iter().flat_map(both).collect()
    }

    /// A regular expression that finds each chat as a number of its own. Without chats it finds nothing.
    pub(super) fn chat_pattern(&self) -> String {
        let chats: Vec<String> = self.chats.iter().map(ToString::to_string).collect();
        match chats.is_empty() {
            true => "(?!)".to_owned(),
            false => format!("(^|[^0-9])({})([^0-9]|$)", chats.join("|")),
        }
    }
}
