//! A booking and its messages, as they are printed in both languages.

use shared::domain::{
    booking::{BookingStatus, Stars},
    event::Details,
    ids::{BookingId, EventId, UserId},
    message::{MessageStatus, Recipient},
    phone::{Phone, PhoneRegion},
    status::Meaning,
    venue::Locale,
};

use super::*;
use crate::{
    cli::words::{Wording, in_both},
    texts::fixtures::{UFA, at, visit_time},
};

fn booking() -> Booking {
    let phone = Phone::parse("+79991234567", PhoneRegion::default()).unwrap();
    Booking {
        id: BookingId(7),
        code: BookingCode::parse("C6UDS3").unwrap(),
        user: Some(UserId(1)),
        details: Details { phone: Some(phone), ..Details::default() },
        visit_time: Some(visit_time("27.12.2025 12:00", "27.12.2025 13:00")),
        clock: None,
        status: BookingStatus::Active,
        meaning: Meaning::Pending,
        status_words: Some("Ожидает оплаты".into()),
        version: 2,
        rating: Some(Stars::try_from(5).unwrap()),
        rated_at: None,
        history: None,
        last_event: (at("26.12.2025 11:00"), EventId("e1".into())),
        created_at: at("26.12.2025 11:00"),
    }
}

fn message() -> Model {
    let then = at("26.12.2025 11:00");
    Model {
        id: 5,
        kind: "confirmation".into(),
        recipient: "client".into(),
        lane: "bulk".into(),
        chat_id: None,
        booking_id: Some(7),
        booking_version: Some(2),
        slot: String::new(),
        update_id: None,
        content: None,
        due_at: then,
        expires_at: None,
        status: "cancelled".into(),
        reason: Some("superseded".into()),
        attempts: 1,
        job_id: "m5".into(),
        pushed_at: then,
        lease_until: None,
        lease_owner: None,
        joined_to: None,
        telegram_message_id: Some(812),
        event_id: Some("e1".into()),
        created_at: then,
        updated_at: then,
        sent_at: None,
    }
}

#[test]
fn a_booking_is_printed_in_the_venues_language() {
    let [russian, english] = in_both(&booking_words(&booking(), UFA));
    assert_eq!(
        russian,
        [
            "запись C6UDS3: действует, версия 2",
            "значение: ждёт, по словам: Ожидает оплаты",
            "с 2025-12-27 12:00:00 +05:00 до 2025-12-27 13:00:00 +05:00",
            "клиент +79*******67, в боте",
            "оценка: 5",
            "последнее событие e1, пришло 2025-12-26 11:00:00 +05:00",
        ]
    );
    assert_eq!(
        english,
        [
            "booking C6UDS3: active, version 2",
            "means pending, by the words: Ожидает оплаты",
            "from 2025-12-27 12:00:00 +05:00 to 2025-12-27 13:00:00 +05:00",
            "client +79*******67, in the bot",
            "rated 5",
            "last event e1, received 2025-12-26 11:00:00 +05:00",
        ]
    );
}

#[test]
fn what_is_not_known_of_a_booking_is_named() {
    let booking = Booking {
        user: None,
        details: Details::default(),
        status_words: None,
        visit_time: None,
        rating: None,
        ..booking()
    };
    let [russian, english] = in_both(&booking_words(&booking, UFA));
    assert_eq!(russian[1..3], ["значение: ждёт, по словам: нет", "клиент без телефона, не в боте"]);
    assert_eq!(
        english[1..3],
        ["means pending, by the words: none", "client without a phone, not in the bot"]
    );
}

#[test]
fn a_message_is_printed_in_the_venues_language_with_its_codes_as_they_are_stored() {
    let [russian, english] = in_both(&message_words(&message(), UFA));
    let then = "2025-12-26 11:00:00.000 +05:00";
    assert_eq!(
        russian,
        [
            "сообщение 5: confirmation клиенту, отменено".to_owned(),
            "причина: superseded".to_owned(),
            "версия записи: 2".to_owned(),
            format!("запланировано: {then}"),
            format!("срок: {then}"),
            format!("задание: m5, поставлено {then}"),
            "попыток, которые могли дойти: 1".to_owned(),
            "номер в Телеграме: 812".to_owned(),
            "из события: e1".to_owned(),
            "чата нет: клиент не в боте".to_owned(),
        ]
    );
    assert_eq!(
        english,
        [
            "message 5: confirmation to client, cancelled".to_owned(),
            "reason: superseded".to_owned(),
            "booking version: 2".to_owned(),
            format!("planned: {then}"),
            format!("due: {then}"),
            format!("job: m5, pushed {then}"),
            "tries that may have been a delivery: 1".to_owned(),
            "Telegram's message: 812".to_owned(),
            "caused by: e1".to_owned(),
            "chat: none: the client is not in the bot".to_owned(),
        ]
    );
}

#[test]
fn every_state_has_a_russian_word() {
    let russian = Wording::of(Locale::Ru);
    let word = |key, name, code: &str| russian.text(&say(key).with(name, code));
    for status in MessageStatus::ALL {
        assert_ne!(word("message-status", "status", status.as_str()), status.as_str());
    }
    for status in BookingStatus::ALL {
        assert_ne!(word("booking-status", "status", status.as_str()), status.as_str());
    }
    for recipient in Recipient::ALL {
        assert_ne!(word("message-recipient", "recipient", recipient.as_str()), recipient.as_str());
    }
}
