//! The names of fields, whether Bukza, the owner or a visitor fills them, and how names are compared.

/// A field's names, by precedence.
pub(super) type Names = &'static [&'static str];

/// The list of an order's reservations.
pub(super) const RESERVATIONS: Names = &["reservations"];
pub(super) const CODE: Names =
    &["code", "reservation_code", "booking_code", "bukza_reservation_code"];
pub(super) const START: Names = &["start", "start_date", "reservation_start", "bukza_start_date"];
pub(super) const END: Names = &["end", "end_date", "reservation_end", "bukza_end_date"];
/// The end including the time to clear up.
pub(super) const TECHNICAL_END: Names = &["teh_end", "tech_end", "technical_end"];
/// The reservation's name before the order's.
pub(super) const STATUS: Names = &[
    "reservation_status",
    "bukza_reservation_status",
    "status",
    "order_status",
    "bukza_order_status",
];
pub(super) const EVENT: Names = &["event", "action"];
/// In the URL the account's word for the event; in a body possibly the visitor's free text.
pub(super) const MESSAGE: Names = &["message"];
pub(super) const SERVICE: Names =
    &["service", "resource", "service_name", "resource_name", "bukza_resource_system_name"];
pub(super) const ZONE: Names = &["zone", "name_zone", "zone_name"];
pub(super) const PEOPLE: Names =
    &["people", "kolvo", "persons", "guests", "shares", "bukza_shares"];
pub(super) const TOTAL: Names = &["total", "total_sum", "grand_total", "bukza_grand_total"];
/// Sums that were paid. Bukza's deposit is none: it is the required prepayment.
pub(super) const PAID: Names = &["paid", "payed", "bukza_paid"];
pub(super) const PREPAYMENT: Names =
    &["prepayment", "deposit", "bukza_deposit", "general_deposit", "bukza_general_deposit"];
/// The order's number, as shown to people.
pub(super) const ORDER: Names = &["order", "order_number", "bukza_order_number"];
/// The order's id in the address of its page.
pub(super) const ORDER_PAGE: Names = &["order_id", "id_zakaz", "bukza_order_id"];
/// The order's items. The production template has them; they are not read.
const UNREAD: Names = &["invoice_items", "balance", "bukza_balance"];

pub(super) const PHONE: Names = &["phone", "client_phone", "phone_number", "bukza_phone", "tel"];
pub(super) const NAME: Names = &["name", "client_name", "first_name", "bukza_first_name"];
pub(super) const LAST_NAME: Names =
    &["last_name", "surname", "client_last_name", "bukza_last_name"];
pub(super) const COMMENT: Names =
    &["comment", "client_comment", "bukza_comment", "order_comment", "комментарий"];
/// The custom form fields.
pub(super) const FIELDS: Names = &["fields", "custom_fields"];
const EMAIL: Names = &["email", "client_email", "bukza_email", "mail"];

/// Names that Bukza or the account fills.
const GIVEN: &[Names] = &[
    RESERVATIONS,
    CODE,
    START,
    END,
    TECHNICAL_END,
    STATUS,
    EVENT,
    SERVICE,
    ZONE,
    PEOPLE,
    TOTAL,
    PAID,
    PREPAYMENT,
    ORDER,
    ORDER_PAGE,
    UNREAD,
];

/// Names that a visitor fills.
const TYPED: &[Names] = &[PHONE, NAME, LAST_NAME, COMMENT, FIELDS, EMAIL];

/// Whether two names are equal but for case, underscores, dashes and spaces: `client_phone` is `clientPhone`.
pub(super) fn same(one: &str, other: &str) -> bool {
    // Fast path: most names differ in their first letter.
    if let (Some(one), Some(other)) = (one.as_bytes().first(), other.as_bytes().first())
        && one.is_ascii_alphabetic()
        && other.is_ascii_alphabetic()
        && !one.eq_ignore_ascii_case(other)
    {
        return false;
    }
    let letters = |name: &str| {
        let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    if one.is_ascii() && other.is_ascii() {
        ascii_letters(one).eq(ascii_letters(other))
    } else {
        letters(one) == letters(other)
    }
}

fn ascii_letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|b| !matches!(b, b'_' | b'-' | b' ')).map(|b| b.to_ascii_lowercase())
}

/// Whether the name is one of `names`.
pub(super) fn is_one_of(name: &str, names: Names) -> bool {
    names.iter().any(|known| same(name, known))
}

/// Whether the name is known and never read.
pub(super) fn is_unused(name: &str) -> bool {
    is_one_of(name, UNREAD) || is_one_of(name, EMAIL)
}

/// Whether a visitor fills the name.
pub(super) fn is_typed(name: &str) -> bool {
    TYPED.iter().any(|names| is_one_of(name, names))
}

/// Whether only Bukza or the account fills the name.
pub(super) fn is_given(name: &str) -> bool {
    GIVEN.iter().any(|names| is_one_of(name, names))
}

/// The name that a fault may show. `body` replaces one that no template has: a visitor may have typed it.
pub(super) fn shown(key: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let plain = !key.is_empty() && key.len() <= 40 && key.bytes().all(is_plain);
    if plain { key } else { "body" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_however_they_are_joined() {
        for (one, other) in [
            ("client_phone", "clientPhone"),
            ("client_phone", "Client-Phone"),
            ("client_phone", "CLIENT PHONE"),
            ("комментарий", "Комментарий"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [("code", "codes"), ("code", "cоde"), ("end", "teh_end"), ("", "a")] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn each_name_is_of_one_field() {
        let all: Vec<_> = GIVEN.iter().chain(TYPED).chain([&MESSAGE]).copied().flatten().collect();
        for (at, name) in all.iter().enumerate() {
            assert!(!all[..at].iter().any(|other| same(name, other)), "{name} stands twice");
        }
    }
}
