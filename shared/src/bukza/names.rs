//! The names of fields, and whether Bukza, the owner or a visitor fills them.

use super::known_name::{KnownName, names};

/// A field's names, by precedence.
pub(super) type Names = &'static [KnownName];

/// The list of an order's reservations.
pub(super) const RESERVATIONS: Names = &names(["reservations"]);
pub(super) const CODE: Names =
    &names(["code", "reservation_code", "booking_code", "bukza_reservation_code"]);
pub(super) const START: Names =
    &names(["start", "start_date", "reservation_start", "bukza_start_date"]);
pub(super) const END: Names = &names(["end", "end_date", "reservation_end", "bukza_end_date"]);
/// The end including the time to clear up.
pub(super) const TECHNICAL_END: Names = &names(["teh_end", "tech_end", "technical_end"]);
/// The reservation's name before the order's.
pub(super) const STATUS: Names = &names([
    "reservation_status",
    "bukza_reservation_status",
    "status",
    "order_status",
    "bukza_order_status",
]);
pub(super) const EVENT: Names = &names(["event", "action"]);
/// In the URL the account's word for the event; in a body possibly the visitor's free text.
pub(super) const MESSAGE: Names = &names(["message"]);
pub(super) const SERVICE: Names =
    &names(["service", "resource", "service_name", "resource_name", "bukza_resource_system_name"]);
pub(super) const ZONE: Names = &names(["zone", "name_zone", "zone_name"]);
pub(super) const PEOPLE: Names =
    &names(["people", "kolvo", "persons", "guests", "shares", "bukza_shares"]);
pub(super) const TOTAL: Names = &names(["total", "total_sum", "grand_total", "bukza_grand_total"]);
/// Sums that were paid. Bukza's deposit is none: it is the required prepayment.
pub(super) const PAID: Names = &names(["paid", "payed", "bukza_paid"]);
pub(super) const PREPAYMENT: Names =
    &names(["prepayment", "deposit", "bukza_deposit", "general_deposit", "bukza_general_deposit"]);
/// The order's number, as shown to people.
pub(super) const ORDER: Names = &names(["order", "order_number", "bukza_order_number"]);
/// The order's id in the address of its page.
pub(super) const ORDER_PAGE: Names = &names(["order_id", "id_zakaz", "bukza_order_id"]);
/// The order's items. The production template has them; they are not read.
pub(super) const UNREAD: Names = &names(["invoice_items", "balance", "bukza_balance"]);

pub(super) const PHONE: Names =
    &names(["phone", "client_phone", "phone_number", "bukza_phone", "tel"]);
pub(super) const NAME: Names = &names(["name", "client_name", "first_name", "bukza_first_name"]);
pub(super) const LAST_NAME: Names =
    &names(["last_name", "surname", "client_last_name", "bukza_last_name"]);
pub(super) const COMMENT: Names =
    &names(["comment", "client_comment", "bukza_comment", "order_comment", "комментарий"]);
/// The custom form fields.
pub(super) const FIELDS: Names = &names(["fields", "custom_fields"]);
/// In an item of theirs: the field's name and what was typed.
pub(super) const FIELD_NAME: Names = &names(["name"]);
pub(super) const FIELD_VALUE: Names = &names(["value"]);
pub(super) const EMAIL: Names = &names(["email", "client_email", "bukza_email", "mail"]);

/// Names that Bukza or the account fills.
pub(super) const GIVEN: &[Names] = &[
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
pub(super) const TYPED: &[Names] = &[PHONE, NAME, LAST_NAME, COMMENT, FIELDS, EMAIL];

/// The name that a fault may show. `body` replaces one that no template has: a visitor may have typed it.
pub(super) fn shown(key: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let plain = !key.is_empty() && key.len() <= 40 && key.bytes().all(is_plain);
    if plain { key } else { "body" }
}
