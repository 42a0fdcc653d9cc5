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

/// Stems of the default's words: `отменён` in «Заказ отменён», «Отменён клиентом», «Отменён: нет оплаты».
const STEMS: &[&str] =
    &["отменен", "отменил", "аннулирован", "отклонен", "cancelled", "canceled", "declined"];
/// Words that begin like a stem and mean something else.
const UNLIKE: &[&str] = &["отмененн"];
/// What a stem beside such a word speaks of is not the booking, or is not so.
const BESIDE: &[&str] = &[
    "не",
    "not",
    "частичн",
    "partial",
    "оплат",
    "предоплат",
    "платеж",
    "карт",
    "счет",
    "возврат",
    "скидк",
    "перенос",
    "сертификат",
    "отмен",
    "payment",
    "card",
    "быть",
    "был",
    "be",
];

/// The set of statuses that mean "cancelled". Case, surrounding spaces and ё/е make no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelledStatuses {
    whole: Arc<HashSet<String>>,
    stems: bool,
}

impl Default for CancelledStatuses {
    /// Russian and English words in use.
    fn default() -> Self {
        Self { stems: true, ..Self::of(DEFAULT.iter().copied()) }
    }
}

impl CancelledStatuses {
    /// Reads a comma-separated list, which takes the default's place. `None` if it names nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let statuses = Self::of(text.split(','));
        (!statuses.whole.is_empty()).then_some(statuses)
    }

    /// Whether this status means that the reservation is off.
    #[must_use]
    pub fn matches(&self, status: &str) -> bool {
        let status = normalised(status);
        self.whole.contains(&status) || (self.stems && has_stem(&status))
    }

    fn of<'a>(statuses: impl Iterator<Item = &'a str>) -> Self {
        let whole = statuses.map(normalised).filter(|status| !status.is_empty()).collect();
        Self { whole: Arc::new(whole), stems: false }
    }
}

/// Whether a word of the status begins with a stem, and no word beside it speaks of something else.
fn has_stem(status: &str) -> bool {
    let starts = |word: &str, with: &[&str]| with.iter().any(|start| word.starts_with(start));
    status.split(['.', ',', ';', ':', '(', ')', '/', '-', '–', '—']).any(|part| {
        let words: Vec<&str> =
            part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.iter().enumerate().any(|(at, word)| {
            let before = at.checked_sub(1).and_then(|before| words.get(before));
            let mut beside = before.into_iter().chain(words.get(at + 1));
            starts(word, STEMS) && !starts(word, UNLIKE) && !beside.any(|word| starts(word, BESIDE))
        })
    })
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
    fn the_default_knows_words_by_their_stems() {
        let statuses = CancelledStatuses::default();
        for status in [
            "❌ Отменено",
            "Отменён: нет оплаты",
            "Заказ отменён",
            "Отменён клиентом",
            "Cancelled by guest",
        ] {
            assert!(statuses.matches(status), "{status}");
        }
        for status in [
            "не отменено",
            "Без права отмены",
            "Отменный вечер",
            "Удалённая игра",
            "Заказ закрыт",
            "Оплата отменена",
            "Не был отменён",
            "Частично отменён",
            "Отмена отменена",
        ] {
            assert!(!statuses.matches(status), "{status}");
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
