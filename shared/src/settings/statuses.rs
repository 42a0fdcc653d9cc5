//! The words by which an account says that a reservation is off. Statuses in Bukza are the
//! owner's own words, so the set is a setting; this is its default and how words are compared.

use std::{collections::HashSet, sync::Arc};

const DEFAULT: &[&str] = &[
    "отменено",
    "отменена",
    "отменен",
    "отмена",
    "отменить",
    "отменено клиентом",
    "отменена клиентом",
    "отменено администратором",
    "отменена администратором",
    "отменено автоматически",
    "отказ",
    "отказ клиента",
    "клиент отказался",
    "отклонено",
    "отклонена",
    "отклонен",
    "аннулировано",
    "аннулирована",
    "аннулирован",
    "удалено",
    "удалена",
    "удален",
    "снято",
    "снята",
    "не состоится",
    "cancelled",
    "canceled",
    "cancel",
    "cancellation",
    "cancelled by client",
    "canceled by client",
    "cancelled by customer",
    "canceled by customer",
    "declined",
    "rejected",
    "revoked",
    "annulled",
    "voided",
    "deleted",
    "removed",
];

/// The set of statuses that mean "cancelled". Case, surrounding spaces and ё/е make no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelledStatuses(Arc<HashSet<String>>);

impl Default for CancelledStatuses {
    /// Russian and English words in use.
    fn default() -> Self {
        Self::of(DEFAULT.iter().copied())
    }
}

impl CancelledStatuses {
    /// Reads a comma-separated list, which takes the default's place. `None` if it names nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let statuses = Self::of(text.split(','));
        (!statuses.0.is_empty()).then_some(statuses)
    }

    /// Whether this status means that the reservation is off.
    #[must_use]
    pub fn matches(&self, status: &str) -> bool {
        self.0.contains(&normalised(status))
    }

    fn of<'a>(statuses: impl Iterator<Item = &'a str>) -> Self {
        Self(Arc::new(statuses.map(normalised).filter(|status| !status.is_empty()).collect()))
    }
}

/// Lower case, ё as е, single spaces.
fn normalised(status: &str) -> String {
    let words: Vec<_> = status.split_whitespace().collect();
    words.join(" ").to_lowercase().replace('ё', "е")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_knows_the_usual_words() {
        let statuses = CancelledStatuses::default();
        for word in
            ["Отменено", "ОТМЕНЁН", " отменена ", "Отменено  клиентом", "Cancelled", "canceled"]
        {
            assert!(statuses.matches(word), "{word}");
        }
        for word in ["", "Подтверждено", "Не пришёл", "Техническая", "Не отменено", "confirmed"]
        {
            assert!(!statuses.matches(word), "{word}");
        }
    }

    #[test]
    fn a_list_takes_its_place() {
        let statuses = CancelledStatuses::parse("Сня́то, Перенос отменён ,").unwrap();
        assert!(statuses.matches("перенос отменен"));
        assert!(!statuses.matches("Отменено"));
        assert_eq!(CancelledStatuses::parse(" , "), None);
    }
}
