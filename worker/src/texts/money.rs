//! A booking's price: the order's total, the prepayment, the paid amount. Bukza's sums are the whole
//! order's. An amount is shown as paid only if it surely is.

use shared::domain::{booking::BookingView, money::Money};

use super::{Args, Texts, filled, untrusted};

/// The longest sign or name of a currency, in characters.
const CURRENCY_MAX: usize = 5;

impl Texts {
    /// «Сумма заказа: 8 990 ₽, предоплата 3 000 ₽»; nothing where another message shows it.
    pub(super) fn money(&self, booking: &BookingView) -> Option<String> {
        if booking.total_shown_elsewhere {
            return None;
        }
        let total = positive(booking.total);
        let paid = positive(booking.paid);
        let prepayment = positive(booking.prepayment)
            .filter(|prepayment| paid.is_none_or(|paid| paid < *prepayment));
        let settled = total.zip(paid).is_some_and(|(total, paid)| paid >= total);
        let mut parts = Vec::new();
        if let Some(total) = total {
            let key = if is_of_order(booking) { "money-order" } else { "money-own" };
            parts.push(self.priced(key, total));
        }
        if settled {
            parts.push(self.plain("money-settled"));
        } else {
            parts.extend(prepayment.map(|sum| self.priced("money-prepayment", sum)));
            parts.extend(paid.map(|sum| self.priced("money-paid", sum)));
            let rest = total.zip(paid).and_then(|(total, paid)| rest(total, paid));
            parts.extend(rest.map(|sum| self.priced("money-rest", sum)));
        }
        (!parts.is_empty()).then(|| capitalized(&parts.join(", ")))
    }

    /// The line of [`Self::money`].
    pub(super) fn money_line(&self, booking: &BookingView) -> Option<String> {
        Some(self.get("line-money", Args::new().html("money", self.money(booking)?)))
    }

    /// The amount left to pay, for the reminder; what is known, if the paid amount is not.
    pub(super) fn rest_line(&self, booking: &BookingView) -> Option<String> {
        let (Some(total), Some(paid)) = (positive(booking.total), booking.paid) else {
            return self.money_line(booking);
        };
        let rest = rest(total, paid).filter(|_| !booking.total_shown_elsewhere)?;
        Some(self.priced(if is_of_order(booking) { "line-rest-order" } else { "line-rest" }, rest))
    }

    pub(super) fn priced(&self, key: &str, sum: Money) -> String {
        let currency = untrusted::literal(&self.venue.currency, CURRENCY_MAX);
        self.get(key, Args::new().html("sum", format!("{sum}\u{a0}{currency}")))
    }
}

/// An amount above zero: «0 ₽» is never shown.
fn positive(amount: Option<Money>) -> Option<Money> {
    amount.filter(|amount| amount.0 > 0)
}

fn rest(total: Money, paid: Money) -> Option<Money> {
    positive(total.0.checked_sub(paid.0.max(0)).map(Money))
}

/// Whether the total is an order's rather than the booking's own price.
fn is_of_order(booking: &BookingView) -> bool {
    filled(booking.order.as_deref()).is_some() || filled(booking.order_page.as_deref()).is_some()
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    first.into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use shared::domain::venue::Venue;

    use super::*;
    use crate::texts::fixtures::{booking, of, texts, venue};

    /// An order's total, what is paid of it, and what is to be paid in advance, in major units.
    fn order(total: Option<i64>, paid: Option<i64>, prepayment: Option<i64>) -> BookingView {
        let money = |sum: Option<i64>| sum.map(|sum| Money(sum * 100));
        let (total, paid, prepayment) = (money(total), money(paid), money(prepayment));
        BookingView { total, paid, prepayment, ..booking() }
    }

    #[test]
    fn a_prepayment_is_no_payment_and_only_what_is_paid_is_paid() {
        for (total, paid, prepayment, words) in [
            (Some(8990), None, None, Some("Сумма заказа: 8 990 ₽")),
            (Some(8990), Some(0), None, Some("Сумма заказа: 8 990 ₽")),
            (Some(8990), None, Some(3000), Some("Сумма заказа: 8 990 ₽, предоплата 3 000 ₽")),
            (Some(8990), Some(0), Some(3000), Some("Сумма заказа: 8 990 ₽, предоплата 3 000 ₽")),
            (
                Some(8990),
                Some(1000),
                Some(3000),
                Some(
                    "Сумма заказа: 8 990 ₽, предоплата 3 000 ₽, оплачено 1 000 ₽, осталось 7 990 ₽",
                ),
            ),
            (
                Some(8990),
                Some(3000),
                Some(3000),
                Some("Сумма заказа: 8 990 ₽, оплачено 3 000 ₽, осталось 5 990 ₽"),
            ),
            (Some(8990), Some(8990), Some(3000), Some("Сумма заказа: 8 990 ₽, оплачено полностью")),
            (Some(8990), Some(9000), None, Some("Сумма заказа: 8 990 ₽, оплачено полностью")),
            (Some(8990), Some(-5), None, Some("Сумма заказа: 8 990 ₽")),
            (None, None, Some(3000), Some("Предоплата 3 000 ₽")),
            (None, Some(1000), Some(3000), Some("Предоплата 3 000 ₽, оплачено 1 000 ₽")),
            (None, Some(2000), None, Some("Оплачено 2 000 ₽")),
            (None, Some(0), None, None),
            (Some(0), None, Some(0), None),
        ] {
            let line_text = texts().money(&order(total, paid, prepayment));
            let line_text = line_text.map(|line_text| line_text.replace('\u{a0}', " "));
            assert_eq!(line_text.as_deref(), words, "{total:?} {paid:?} {prepayment:?}");
        }
    }

    #[test]
    fn a_total_without_an_order_is_the_bookings_own() {
        let alone = BookingView { order: None, order_page: None, ..booking() };
        assert_eq!(texts().money(&alone).unwrap(), "8\u{a0}990\u{a0}₽");
        let page = BookingView { order: None, ..booking() };
        assert_eq!(texts().money(&page).unwrap(), "Сумма заказа: 8\u{a0}990\u{a0}₽");
    }

    #[test]
    fn the_rest_is_shown_only_where_it_is_known_what_was_paid() {
        let line = |booking: &BookingView| {
            texts().rest_line(booking).map(|line| line.replace('\u{a0}', " "))
        };
        let line_text = |total, paid, prepayment| line(&order(total, paid, prepayment));
        let rest = line_text(Some(8990), Some(3000), Some(3000));
        assert_eq!(rest.as_deref(), Some("💳 Осталось оплатить за заказ 5 990 ₽"));
        assert_eq!(line_text(Some(8990), Some(8990), None), None);
        let unknown = line_text(Some(8990), None, Some(3000));
        assert_eq!(unknown.as_deref(), Some("💳 Сумма заказа: 8 990 ₽, предоплата 3 000 ₽"));
        let alone = BookingView { order: None, order_page: None, ..booking() };
        assert_eq!(line(&alone).as_deref(), Some("💳 Осталось оплатить 8 990 ₽"));
    }

    #[test]
    fn what_another_message_shows_of_the_order_is_not_repeated() {
        for paid in [None, Some(0), Some(2000)] {
            let second =
                BookingView { total_shown_elsewhere: true, ..order(Some(8990), paid, Some(3000)) };
            assert_eq!(texts().money(&second), None);
            assert_eq!(texts().rest_line(&second), None);
        }
    }

    #[test]
    fn the_currency_is_a_setting() {
        let texts = of(Venue { currency: "<сом>".to_owned(), ..venue() });
        assert_eq!(texts.money(&booking()).unwrap(), "Сумма заказа: 8\u{a0}990\u{a0}&lt;сом&gt;");
    }
}
