//! Finds the client's phone: in its own field or in a custom form field. Another person's phone is never
//! taken for it.

use std::borrow::Cow;

use super::{Rules, lookup::Layers, names::PHONE, node::Object, placeholders::filled_untrimmed};
use crate::domain::phone::Phone;

/// Words in the name of a form field for a phone.
const PHONE_WORDS: &[&str] = &[
    "телефон",
    "телефона",
    "тел",
    "phone",
    "telephone",
    "tel",
    "мобильный",
    "мобильного",
    "сотовый",
    "mobile",
];

/// Words that may stand beside them. Any other word may name another person: «Телефон именинника».
const OWN_WORDS: &[&str] = &[
    "ваш",
    "вашего",
    "мой",
    "свой",
    "контактный",
    "контактного",
    "основной",
    "номер",
    "номера",
    "для",
    "связи",
    "обратной",
    "с",
    "вами",
    "клиента",
    "клиент",
    "гостя",
    "заказчика",
    "посетителя",
    "бронирования",
    "брони",
    "записи",
    "подтверждения",
    "укажите",
    "введите",
    "напишите",
    "оставьте",
    "обязательно",
    "обязательное",
    "поле",
    "пожалуйста",
    "whatsapp",
    "ватсап",
    "вотсап",
    "telegram",
    "телеграм",
    "viber",
    "sms",
    "смс",
    "или",
    "и",
    "в",
    "формате",
    "your",
    "my",
    "contact",
    "client",
    "customer",
    "guest",
    "number",
    "cell",
    "no",
    "the",
    "please",
    "enter",
    "required",
    "or",
    "for",
    "booking",
    "confirmation",
];

/// The first readable phone of the URL, the body, the custom form fields.
pub(super) fn phone(layers: &Layers<'_>, rules: &Rules) -> Option<Phone> {
    let read = |text: Cow<'_, str>| Phone::parse(&text, rules.region).ok();
    if let Some(visitor) = &layers.body.visitor {
        let own = visitor.given(PHONE).and_then(read);
        // A second list of fields is visitor input.
        return own.or_else(|| custom(layers, rules).next().filter(|_| visitor.plain));
    }
    let query = layers.query.iter().filter(|(name, _)| name.is_one_of(PHONE));
    let mut in_query = query.clone().filter_map(|(_, value)| filled_untrimmed(value));
    let read_body = |text: &str| {
        let text = filled_untrimmed(text)?;
        // Only form decoding turns a plus into a space.
        read(if layers.body.is_form { text } else { Cow::Borrowed(text.trim()) })
    };
    let is_in_url = query.clone().next().is_some();
    let bodies = || layers.objects().filter_map(|object| direct(object, is_in_url));
    in_query
        .find_map(read)
        .or_else(|| bodies().find_map(read_body))
        .or_else(|| only(custom(layers, rules)))
}

/// An object's own phone. With a phone in the URL, one behind visitor input in the body does not count: it
/// was typed.
fn direct<'a>(object: &'a Object<'a>, is_in_url: bool) -> Option<&'a str> {
    let at = object.0.iter().position(|(name, node)| {
        name.is_one_of(PHONE) && node.as_text().and_then(filled_untrimmed).is_some()
    })?;
    let trusted = !is_in_url || object.0[..at].iter().all(|(name, _)| name.is_given());
    object.0[at].1.as_text().filter(|_| trusted)
}

/// The phones in the custom form fields.
fn custom(layers: &Layers<'_>, rules: &Rules) -> impl Iterator<Item = Phone> {
    layers
        .custom_fields()
        .filter(|(name, _)| is_own(name))
        .filter_map(|(_, value)| Phone::parse(&value, rules.region).ok())
}

/// The phone, if all are equal. Of two different ones, one may have been typed into another field.
fn only(mut phones: impl Iterator<Item = Phone>) -> Option<Phone> {
    let first = phones.next()?;
    phones.all(|phone| phone == first).then_some(first)
}

/// Whether a form field of this name is for the client's own phone.
pub(super) fn is_own(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = || {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.contains(|c: char| c.is_alphabetic()))
    };
    let is_phone = |word: &str| PHONE_WORDS.contains(&word);
    words().any(is_phone) && words().all(|word| is_phone(word) || OWN_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_for_the_clients_phone_by_whole_words() {
        for name in [
            "Телефон",
            "ТЕЛЕФОН *",
            "Тел.",
            "Ваш ТЕЛЕФОН",
            "Номер телефона",
            "№ телефона",
            "Контактный телефон",
            "Телефон для связи",
            "Телефон (обязательно)",
            "Телефон, +7",
            "Телефон клиента",
            "Мобильный",
            "Мобильный телефон",
            "phone",
            "Phone number",
            "your_phone",
            "Mobile phone",
        ] {
            assert!(is_own(name), "{name}");
        }
        for name in [
            "",
            "Дополнительно",
            "Отель",
            "Количество телефонов",
            "Телефон именинника",
            "Телефон мамы",
            "Телефон второго участника",
            "Дополнительный телефон",
            "Есть ли у вас телефон?",
            "Телефон ребёнка",
            "Emergency phone",
            "Phone of the birthday child",
            "Microphone",
            "Телевизор",
            "Ваш номер",
            "Комментарий",
        ] {
            assert!(!is_own(name), "{name}");
        }
    }
}
