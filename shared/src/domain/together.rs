//! Which confirmations to one client are one message: those of one order, and those of a client who books one
//! after another. Later ones are added to the message that was sent.

use chrono::TimeDelta;

/// A confirmation that is due within this time after another was sent may be added to it.
pub const ADDED_WITHIN: TimeDelta = TimeDelta::minutes(1);
/// So many confirmations of a minute are messages of their own, where they are of no common order.
const OF_THEIR_OWN: usize = 4;

/// A message with confirmations that the chat got within [`ADDED_WITHIN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    pub telegram_message_id: i64,
    /// The order of one of its bookings.
    pub order: Option<String>,
}

/// The message that a confirmation is added to; `None`: it is a message of its own. `recent`: the oldest first,
/// one entry for each booking that a message confirmed.
#[must_use]
pub fn added_to(order: Option<&str>, recent: &[Recent]) -> Option<i64> {
    let of_order = |it: &&Recent| order.is_some() && it.order.as_deref() == order;
    if let Some(same) = recent.iter().rev().find(of_order) {
        return Some(same.telegram_message_id);
    }
    let mut messages: Vec<i64> = recent.iter().map(|it| it.telegram_message_id).collect();
    messages.dedup();
    messages.last().copied().filter(|_| messages.len() >= OF_THEIR_OWN)
}

/// How many of the confirmations that wait, the first included, are one message. `orders`: the order of each.
#[must_use]
pub fn sent_together(orders: &[Option<&str>]) -> usize {
    if orders.len() > OF_THEIR_OWN {
        return orders.len();
    }
    let Some(first) = orders.first() else { return 0 };
    let same = orders.iter().take_while(|order| order.is_some() && *order == first);
    same.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(messages: &[(i64, Option<&str>)]) -> Vec<Recent> {
        let one = |(id, order): &(i64, Option<&str>)| Recent {
            telegram_message_id: *id,
            order: order.map(str::to_owned),
        };
        messages.iter().map(one).collect()
    }

    #[test]
    fn a_reservation_is_added_to_its_orders_message_and_others_from_the_fifth_on() {
        for (order, before, expected) in [
            (None, &[][..], None),
            (Some("A"), &[], None),
            (Some("A"), &[(1, Some("A"))], Some(1)),
            (Some("A"), &[(1, Some("A")), (2, Some("B"))], Some(1)),
            (Some("A"), &[(1, Some("B"))], None),
            (None, &[(1, None)], None),
            (None, &[(1, Some("A")), (1, Some("A")), (1, Some("A"))], None),
            (None, &[(1, None), (2, None), (3, None)], None),
            (None, &[(1, None), (2, None), (3, None), (4, None)], Some(4)),
            (Some("C"), &[(1, Some("A")), (2, None), (3, None), (4, Some("B"))], Some(4)),
        ] {
            assert_eq!(added_to(order, &recent(before)), expected, "{order:?} after {before:?}");
        }
    }

    #[test]
    fn what_waits_is_one_message_where_it_is_one_order_or_much() {
        for (orders, expected) in [
            (&[][..], 0),
            (&[None], 1),
            (&[None, None], 1),
            (&[Some("A"), Some("A")], 2),
            (&[Some("A"), Some("B")], 1),
            (&[Some("A"), None], 1),
            (&[None, None, None, None], 1),
            (&[None, None, None, None, None], 5),
            (&[Some("A"), Some("A"), Some("B"), None], 2),
            (&[Some("A"), Some("B"), None, None, None], 5),
        ] {
            assert_eq!(sent_together(orders), expected, "{orders:?}");
        }
    }
}
