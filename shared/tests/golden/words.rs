//! The words of the database's columns, of metric labels and of stored refusals.

use std::fmt::Debug;

use serde::Serialize;
use shared::{
    bukza::FaultKind,
    domain::{
        booking::BookingStatus,
        message::{MessageKind, MessageStatus, Priority, Recipient},
        status::Meaning,
    },
    queue::QueueName,
};

use crate::held::{every_variant, hold};

/// A line for each word, each read back and, where it is stored by serde, the same there.
fn words<T: Copy + PartialEq + Debug>(
    of: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> String {
    for value in all {
        assert_eq!(parse(word(*value)), Some(*value));
    }
    let words: Vec<_> = all.iter().map(|value| word(*value)).collect();
    format!("# {of}\n{}\n", words.join("\n"))
}

fn same_in_json<T: Copy + Serialize>(all: &[T], word: impl Fn(T) -> &'static str) {
    for value in all {
        assert_eq!(serde_json::to_value(value).unwrap(), word(*value));
    }
}

#[test]
fn words_are_written_and_read_as_the_file_says() {
    let booking_statuses: Vec<_> = every_variant! {
        BookingStatus::Active => "a" = BookingStatus::Active;
        BookingStatus::Cancelled => "c" = BookingStatus::Cancelled;
        BookingStatus::Completed => "d" = BookingStatus::Completed;
    };
    let booking_statuses: Vec<_> = booking_statuses.into_iter().map(|(_, it)| it).collect();
    let text = [
        words("messages.kind", MessageKind::ALL, MessageKind::as_str, MessageKind::parse),
        words("messages.recipient", Recipient::ALL, Recipient::as_str, Recipient::parse),
        words("messages.lane", Priority::ALL, Priority::as_str, Priority::parse),
        words("messages.status", MessageStatus::ALL, MessageStatus::as_str, MessageStatus::parse),
        words("bookings.status", &booking_statuses, BookingStatus::as_str, BookingStatus::parse),
        words("bookings.meaning", Meaning::ALL, Meaning::as_str, Meaning::parse),
        words("dead_letters.queue", &QueueName::ALL, QueueName::as_str, QueueName::parse),
    ];
    let faults = FaultKind::ALL.iter().map(|kind| {
        let message = kind.message();
        assert_eq!(FaultKind::recognize(&message.replace("{}", "7")).unwrap().kind, *kind);
        format!("{}: {message}\n", kind.as_str())
    });
    let faults: String = faults.collect();
    hold("words.txt", &format!("{}# rejected_requests.cause and .faults\n{faults}", text.concat()));
}

#[test]
fn words_in_json_are_those_of_the_columns() {
    same_in_json(MessageKind::ALL, MessageKind::as_str);
    same_in_json(Recipient::ALL, Recipient::as_str);
    same_in_json(Priority::ALL, Priority::as_str);
    same_in_json(MessageStatus::ALL, MessageStatus::as_str);
    same_in_json(Meaning::ALL, Meaning::as_str);
}
