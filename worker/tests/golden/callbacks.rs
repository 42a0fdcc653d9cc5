//! The data of buttons. Old messages keep their buttons for ever, so what was sent once is understood for ever.

use shared::domain::{booking::Stars, ids::BookingId};
use worker::bot::{Intent, keyboard::CallbackData};

use crate::held::hold_both_ways;

/// The press of a rating's button.
fn rating(booking: i64, stars: u8) -> Intent {
    let stars = Stars::try_from(stars).unwrap();
    Intent::Rate { booking: BookingId(booking), stars, callback: "press".into() }
}

/// The press of a booking's button for the calendar.
fn calendar(booking: i64) -> Intent {
    Intent::Calendar { booking: BookingId(booking), callback: "press".into() }
}

#[test]
fn callback_data_is_written_and_read_as_the_file_says() {
    let presses = [
        ("the worst rating", rating(7, 1)),
        ("the best rating", rating(7, 5)),
        ("the longest data", rating(i64::MAX, 5)),
        ("the calendar", calendar(7)),
    ];
    hold_both_ways(
        "callbacks.txt",
        &presses,
        |press| match press {
            Intent::Rate { booking, stars, .. } => {
                CallbackData::Rating { booking: *booking, stars: *stars }.encode()
            }
            Intent::Calendar { booking, .. } => {
                CallbackData::Calendar { booking: *booking }.encode()
            }
            other => panic!("no button makes this: {other:?}"),
        },
        |data| Intent::of_callback(Some(data), "press".into()),
    );
}
