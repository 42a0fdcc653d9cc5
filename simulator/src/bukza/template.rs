//! What Bukza sends by the documented templates: they are filled in as plain text.

use serde::Deserialize;

use super::PRODUCTION;

const README: &str = include_str!("../../../README.md");
const DOCUMENT: &str = include_str!("../../../docs/bukza.md");
/// The URL parameters of that account.
const PRODUCTION_QUERY: &str = "message={event}&phone=[bukza_phone]&name=[bukza_first_name]";
/// The marks of the block that repeats for each reservation.
pub const RESERVATIONS: (&str, &str) = ("[bukza_reservations_start]", "[bukza_reservations_end]");
/// The marks of the block of form fields.
pub const FIELDS: (&str, &str) = ("[bukza_fields_start]", "[bukza_fields_end]");
/// A comma, except after the last reservation.
pub const COMMA: &str = "[bukza_reservations_comma]";

/// A documented template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The README's: one request for each reservation.
    Reservation,
    /// One request for a whole order.
    Order,
    /// All in the URL.
    Url,
    /// That of the older bot, with its body.
    Older,
}

/// One reservation as the parameters of a template.
#[derive(Debug, Clone)]
pub struct Reservation {
    pub code: String,
    pub order: String,
    /// `update`, or a word that cancels.
    pub event: String,
    pub status: String,
    pub service: String,
    pub name: String,
    pub phone: String,
    pub start: String,
    pub end: String,
}

/// A request without host and secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub method: &'static str,
    /// Without its question mark.
    pub query: String,
    pub body: String,
}

impl Template {
    pub const ALL: [Self; 4] = [Self::Reservation, Self::Order, Self::Url, Self::Older];

    /// The request that Bukza makes of it.
    #[must_use]
    pub fn fill(self, reservation: &Reservation) -> Filled {
        let filled = |text: &str| reservation.fill(text);
        let post = |query: String, body: String| Filled { method: "POST", query, body };
        match self {
            Self::Reservation => {
                post(String::new(), filled(template(README, "json", "{reservation code}")))
            }
            Self::Order => {
                let text = template(DOCUMENT, "json", RESERVATIONS.0);
                let (before, each, behind) = block(text, RESERVATIONS);
                let each = each.replace(COMMA, "");
                post(String::new(), filled(&format!("{before}{}{behind}", each.trim())))
            }
            Self::Url => {
                let text = template(DOCUMENT, "url", "{reservation code}");
                let query = text.split_once("YOUR-SECRET&").map_or("", |(_, query)| query);
                Filled { method: "GET", query: filled(query), body: String::new() }
            }
            Self::Older => {
                let Reservation { code, order, service, name, start, end, .. } = reservation;
                let body = PRODUCTION
                    .replace("27.12.2025 12:00", start)
                    .replace("27.12.2025 13:00", end)
                    .replace("2025-12-27T08:00:00Z", end)
                    .replace("C6UDS3", code)
                    .replace("9831520", order)
                    .replace("VR Арена", service)
                    .replace("Алина", name);
                // It has no status: a word of the event is all that it can say.
                let word = match reservation.event.as_str() {
                    "update" => "newrega",
                    word => word,
                };
                post(filled(&PRODUCTION_QUERY.replace("{event}", word)), body)
            }
        }
    }
}

impl Reservation {
    /// Fills in the parameters, and the visitor's text last, because it may look like a parameter.
    fn fill(&self, text: &str) -> String {
        let (before, _, behind) = block(text, FIELDS);
        format!("{before}{behind}")
            .replace(r#""event": "update""#, &format!(r#""event": "{}""#, self.event))
            .replace("event=update", &format!("event={}", self.event))
            .replace("{reservation code}", &self.code)
            .replace("{reservation status}", &self.status)
            .replace("{order status}", "В работе")
            .replace("{resource name}", &self.service)
            .replace("{reservation start}", &self.start)
            .replace("{reservation end}", &self.end)
            .replace("{order number}", &self.order)
            .replace("{grand total}", "2500")
            .replace("{deposit}", "500")
            .replace("{e-mail}", "")
            .replace("{last name}", "")
            .replace("{comment}", "")
            .replace("[bukza_phone]", &self.phone)
            .replace("[bukza_first_name]", &self.name)
    }
}

/// A document's first code block in this language that contains these words.
#[must_use]
pub fn template(document: &'static str, language: &str, words: &str) -> &'static str {
    let blocks = document.split("\n```").skip(1).step_by(2);
    let mut blocks = blocks.filter_map(|block| block.strip_prefix(language));
    blocks.find(|block| block.contains(words)).map_or("", str::trim)
}

/// Splits a text at a block's marks into before, within and after; without marks all is before.
#[must_use]
pub fn block<'a>(text: &'a str, (start, end): (&str, &str)) -> (&'a str, &'a str, &'a str) {
    let parts = text.split_once(start).and_then(|(before, rest)| {
        let (within, behind) = rest.split_once(end)?;
        Some((before, within, behind))
    });
    parts.unwrap_or((text, "", ""))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn reservation() -> Reservation {
        Reservation {
            code: "K7M2QX".into(),
            order: "123456789".into(),
            event: "update".into(),
            status: "Подтверждено".into(),
            service: "Лазертаг".into(),
            name: "Анна".into(),
            phone: "+79990000001".into(),
            start: "01.12.2026 12:00".into(),
            end: "01.12.2026 13:00".into(),
        }
    }

    #[test]
    fn each_documented_template_is_filled_wholly() {
        for template in Template::ALL {
            let Filled { query, body, .. } = template.fill(&reservation());
            let text = format!("{query} {body}");
            for value in
                ["K7M2QX", "123456789", "Лазертаг", "Анна", "+79990000001", "01.12.2026 13:00"]
            {
                assert!(text.contains(value), "{template:?} lacks {value}: {text}");
            }
            assert!(!text.contains("[bukza_") && !text.contains("YOUR-"), "{template:?}: {text}");
            assert!(!text.contains("\"{") && !query.contains('{'), "{template:?}: {text}");
            if template != Template::Url {
                assert!(serde_json::from_str::<Value>(&body).is_ok(), "{body}");
            }
        }
    }

    #[test]
    fn the_event_is_that_of_the_request() {
        let cancel = Reservation { event: "cancel".into(), ..reservation() };
        for template in Template::ALL {
            let Filled { query, body, .. } = template.fill(&cancel);
            let marks = ["message=cancel&", "event=cancel&", r#""event": "cancel""#];
            let text = format!("{query} {body}");
            assert_eq!(marks.iter().filter(|mark| text.contains(**mark)).count(), 1, "{text}");
        }
    }

    #[test]
    fn a_visitors_name_is_put_in_as_it_is() {
        let name = r#"x","code":"[bukza_phone]"#;
        let body =
            Template::Reservation.fill(&Reservation { name: name.into(), ..reservation() }).body;
        assert!(body.contains(&format!(r#""name": "{name}""#)), "{body}");
    }
}
