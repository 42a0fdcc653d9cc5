//! Cancelling as rules over word forms, negations, breaks and what else a status may speak of.
//! Single wordings stand in `docs/statuses.tsv`.

use proptest::prelude::*;

use super::{Meaning, StatusRules};

fn meaning(status: &str) -> Meaning {
    StatusRules::default().read(status).meaning
}

fn never_cancels(status: &str) {
    assert_ne!(meaning(status), Meaning::Cancelled, "{status}");
}

/// The words of the version before, each as a whole status.
#[test]
fn the_words_of_the_former_list_still_cancel() {
    for status in [
        "отменено",
        "отменена",
        "отменен",
        "отмена",
        "отменить",
        "отменено клиентом",
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
        "canceled by customer",
        "declined",
        "rejected",
        "revoked",
        "annulled",
        "voided",
        "deleted",
        "removed",
    ] {
        assert_eq!(meaning(status), Meaning::Cancelled, "{status}");
    }
}

const RUSSIAN: &[&str] = &[
    "отменён",
    "отменена",
    "отменено",
    "отменены",
    "отменённый",
    "отмененная",
    "отменил",
    "отменила",
    "отменили",
    "отменился",
    "отменяется",
    "отменяют",
    "отказался",
    "отказалась",
    "отказались",
    "отказано",
    "аннулирован",
    "аннулировано",
    "отклонён",
    "отклонена",
    "отклонено",
    "отклонил",
    "удалён",
    "удалено",
    "удалили",
    "снят",
    "снята",
    "снято",
    "состоится",
    "состоялся",
    "отменить",
    "отмена",
    "отказ",
    "аннуляция",
];
const ENGLISH: &[&str] = &[
    "cancelled",
    "canceled",
    "declined",
    "rejected",
    "deleted",
    "voided",
    "revoked",
    "annulled",
    "removed",
    "refused",
    "cancel",
    "cancellation",
];

#[test]
fn a_negation_directly_before_holds_every_form_back() {
    let negations = [
        "не",
        "НЕ",
        "ещё не",
        "не был",
        "не была",
        "не будет",
        "не может быть",
        "пока не",
        "нельзя",
        "невозможно",
        "никогда не",
        "не был ещё",
        "так и не",
        "❗ не",
        "не -",
    ];
    // «Не состоится» is a cancellation itself.
    for word in RUSSIAN.iter().filter(|word| !word.starts_with("состо")) {
        for negation in negations {
            never_cancels(&format!("{negation} {word}"));
            never_cancels(&format!("Бронь {negation} {word}"));
            never_cancels(&format!("Подтверждён, {negation} {word} клиентом"));
        }
    }
    for word in ENGLISH {
        for negation in [
            "not",
            "NOT",
            "not yet",
            "was not",
            "has not been",
            "isn't",
            "can't be",
            "cannot be",
            "never",
            "do not",
            "don’t",
            "will be",
            "to be",
            "may be",
            "might be",
        ] {
            never_cancels(&format!("{negation} {word}"));
            never_cancels(&format!("Booking {negation} {word}"));
            never_cancels(&format!("Booking {negation} {word} by guest"));
        }
    }
}

#[test]
fn what_is_cancelled_beside_the_booking_leaves_it_standing() {
    for (noun, ending) in [
        ("Оплата", "а"),
        ("Предоплата", "а"),
        ("Доплата", "а"),
        ("Онлайн-оплата", "а"),
        ("Платёж", ""),
        ("Карта", "а"),
        ("Счёт", ""),
        ("Возврат", ""),
        ("Возврат средств", ""),
        ("Скидка", "а"),
        ("Скидка 10%", "а"),
        ("Перенос", ""),
        ("Перенос брони", ""),
        ("Сертификат", ""),
        ("Промокод", ""),
        ("Депозит", ""),
        ("Штраф", ""),
        ("Чек", ""),
        ("Транзакция", "а"),
        ("Рассылка", "а"),
        ("Напоминание", "о"),
        ("Доставка", "а"),
        ("Торт", ""),
        ("Аниматор", ""),
        ("Трансфер", ""),
        ("Доп. услуга", "а"),
        ("Абонемент", ""),
        ("Заявка на перенос", "а"),
        ("Запрос на отмену", ""),
        ("Отмена", "а"),
        ("Звонок", ""),
        ("Продление", "о"),
        ("Изменение времени", "о"),
        ("Питание", "о"),
        ("Парковка", "а"),
    ] {
        for participle in ["отменён", "отклонён", "аннулирован", "удалён"]
        {
            let stem = participle.replace('ё', "е");
            let word = format!("{stem}{ending}");
            never_cancels(&format!("{noun} {word}"));
            never_cancels(&format!("{noun} была {word}"));
            never_cancels(&format!("{noun} {word} клиентом"));
            never_cancels(&format!("{noun}: {word}"));
            never_cancels(&format!("Подтверждён, {} {word}", noun.to_lowercase()));
        }
    }
    for noun in [
        "Payment",
        "Card",
        "Refund",
        "Discount",
        "Deposit",
        "Reschedule request",
        "Coupon",
        "Reminder",
        "Transfer",
        "Invoice",
        "Gift certificate",
        "Cancellation",
        "Call",
        "Change",
    ] {
        for word in ["cancelled", "declined", "rejected", "voided", "removed", "deleted"] {
            never_cancels(&format!("{noun} {word}"));
            never_cancels(&format!("{noun} was {word}"));
            never_cancels(&format!("{noun}: {word}"));
            never_cancels(&format!("{word} {noun}"));
            never_cancels(&format!("Confirmed, {noun} {word} by client"));
        }
    }
}

#[test]
fn guards_and_negations_never_reach_over_a_break() {
    let cancelled =
        ["Отменён", "Отмена", "Бронь отменена", "Отказ", "Cancelled", "Заявка отклонена"];
    let other = [
        "не оплачен",
        "оплата не прошла",
        "возврат предоплаты",
        "карта клиента",
        "нет оплаты",
        "перенос не подошёл",
        "не пришёл",
        "payment failed",
        "без предоплаты",
        "not paid",
    ];
    for (cancelled, other) in cancelled.iter().flat_map(|c| other.map(|other| (c, other))) {
        for mark in [", ", ": ", ". ", "; ", " - ", " — ", " – ", " (", "! "] {
            let status = format!("{cancelled}{mark}{other}");
            assert_eq!(meaning(&status), Meaning::Cancelled, "{status}");
        }
    }
    for status in ["Не оплачен, отменён", "Не пришёл. Отменён", "Нет оплаты: отмена"]
    {
        assert_eq!(meaning(status), Meaning::Cancelled, "{status}");
    }
}

proptest! {
    /// Whatever the owner adds behind a negated word over a break, it does not cancel by that word.
    #[test]
    fn a_negated_word_never_cancels(
        word in prop::sample::select(RUSSIAN),
        reason in "[а-я]{1,12}( [а-я]{1,12}){0,2}",
    ) {
        prop_assume!(!word.starts_with("состо") && meaning(&reason) == Meaning::Stands);
        for status in [format!("не {word}"), format!("не {word}, {reason}")] {
            prop_assert!(meaning(&status) != Meaning::Cancelled, "{}", status);
        }
    }
}
