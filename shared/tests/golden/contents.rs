//! `messages.content`: what a text needs beyond its booking.

use serde_json::json;
use shared::{
    bukza::Fault,
    domain::{
        booking::Stars,
        event::{BookingEvent, Change, Details},
        ids::{ChatId, RequestId},
        message::{
            Content, MessageKind, Note, RefusalNumbers, ReplyOutcome, StaffChatNews, TakenRequest,
        },
        reading::Reading,
        staff_answer::{Replayed, StaffAnswer, TableApplied},
        status::Meaning,
        tutor::TutorCard,
    },
};

use crate::{
    held::{every_variant, hold_both_ways},
    samples::{at, event, reading},
};

fn rejected(numbers: Option<RefusalNumbers>) -> Content {
    let fault = Fault { field: "reservations[0].code".into(), message: "is missing".into() };
    Content::Rejected {
        faults: vec![fault],
        received_at: at("2026-02-27T09:30:15.123456Z"),
        numbers,
    }
}

fn moved_from(service: Option<&str>) -> Content {
    Content::MovedFrom { start: at("2026-03-01T12:00:00Z"), service: service.map(str::to_owned) }
}

fn notes() -> Vec<(&'static str, Content)> {
    let words = "не отменён".to_owned();
    let notes = every_variant! {
        Note::Waits => "note: waits" = Note::Waits;
        Note::WaitsUntold => "note: waits, and the client was not told" = Note::WaitsUntold;
        Note::Confirmed => "note: confirmed" = Note::Confirmed;
        Note::NoShow => "note: no show" = Note::NoShow;
        Note::BelievesBooked => "note: believes to be booked" = Note::BelievesBooked;
        Note::StandsAfterCancel => "note: stands after a cancellation" = Note::StandsAfterCancel;
        Note::PhoneAdded => "note: phone added" = Note::PhoneAdded;
        Note::HeldBack { .. } => "note: held back" = Note::HeldBack { words };
    };
    notes.into_iter().map(|(name, note)| (name, Content::Note(note))).collect()
}

fn left(to: Option<&str>) -> StaffChatNews {
    StaffChatNews::Left { to: to.map(str::to_owned) }
}

fn receipt(outcome: ReplyOutcome) -> Content {
    Content::Receipt { to: 5, outcome }
}

fn tutor(reading: Reading) -> Content {
    let request = event(Change::Cancelled(None), Meaning::Cancelled, Details::default());
    let request = BookingEvent { reading: Some(Box::new(reading)), ..request };
    Content::Tutor(Box::new(TutorCard { number: 3, request }))
}

fn staff_answers() -> Vec<(&'static str, Content)> {
    let day = "2026-03-01".parse().unwrap();
    let faults = vec![Fault::new("start", "is missing")];
    let replayed =
        Replayed { used: 1, before: 0, refused: 2, first_refused: Some(7), faults, more: false };
    let applied = vec!["C6UDS3".to_owned()];
    let answers = every_variant! {
        StaffAnswer::Agenda { .. } =>
            "a part of the agenda" = StaffAnswer::Agenda { day, part: 1, parts: 2 };
        StaffAnswer::Found { .. } => "found" = StaffAnswer::Found { words: "Анна".into() };
        StaffAnswer::HowToFind => "how to find" = StaffAnswer::HowToFind;
        StaffAnswer::Stats { .. } => "stats" = StaffAnswer::Stats { day };
        StaffAnswer::Help => "the staff's help" = StaffAnswer::Help;
        StaffAnswer::Replayed(_) => "replayed" = StaffAnswer::Replayed(replayed);
        StaffAnswer::TableApplied(_) => "rows of the table applied" =
            StaffAnswer::TableApplied(TableApplied { applied, agree: 1, ..TableApplied::default() });
    };
    answers
        .into_iter()
        .map(|(name, answer)| (name, Content::StaffAnswer { to: None, answer }))
        .collect()
}

#[test]
fn contents_are_written_and_read_as_the_file_says() {
    let stars = Stars::try_from(4).unwrap();
    let taken = TakenRequest { id: RequestId(3), by: "Анна".into() };
    let numbers = RefusalNumbers { first: 7, last: 12, count: 3 };
    let mut contents = every_variant! {
        Content::MovedFrom { .. } =>
            "moved from" = moved_from(Some("VR Арена")),
            "moved from, without service" = moved_from(None);
        Content::Rejected { .. } =>
            "refused" = rejected(Some(numbers)),
            "refused, of a build before" = rejected(None);
        Content::Rated { .. } => "rated" = Content::Rated { stars };
        Content::Answer(_) => "answer" = Content::Answer(json!({"answer": "greeting"}));
        Content::Undelivered { .. } => "undelivered" =
            Content::Undelivered { kind: MessageKind::Cancelled, perhaps: true };
        Content::GroupMoved { .. } => "group moved" = Content::GroupMoved { to: ChatId(-1_001) };
        Content::StaffChat { .. } =>
            "staff chat: bound" = Content::StaffChat { news: StaffChatNews::Bound, topic: Some(17) },
            "staff chat: left" = Content::StaffChat { news: left(Some("Смена")), topic: None },
            "staff chat: left for none" = Content::StaffChat { news: left(None), topic: None },
            "staff chat: link over" =
                Content::StaffChat { news: StaffChatNews::LinkOver, topic: None };
        Content::Request { .. } =>
            "request" = Content::Request { id: RequestId(3), again: false },
            "request, again" = Content::Request { id: RequestId(3), again: true };
        Content::Strangers { .. } => "strangers" =
            Content::Strangers { words: vec![("Пётр".into(), "Вы открыты?".into())] };
        Content::Copy { .. } =>
            "copy" = Content::Copy { from: ChatId(77), telegram_message_id: 5, caption: None },
            "copy with a caption" =
                Content::Copy { from: ChatId(77), telegram_message_id: 5, caption: Some("Торт".into()) };
        Content::Receipt { .. } =>
            "delivered" = receipt(ReplyOutcome::Delivered),
            "not delivered" = receipt(ReplyOutcome::NotDelivered),
            "perhaps delivered" = receipt(ReplyOutcome::PerhapsDelivered),
            "no client" = receipt(ReplyOutcome::NoClient);
        Content::Buttons { .. } =>
            "no buttons" = Content::Buttons { telegram_message_id: 5, taken: None },
            "taken" = Content::Buttons { telegram_message_id: 5, taken: Some(taken) };
        Content::Invitation { .. } => "invitation" = Content::Invitation { to: 5 };
        Content::StaffAnswer { .. } =>
            "an answer to the staff" = Content::StaffAnswer { to: Some(5), answer: StaffAnswer::Help };
        Content::Tutor(_) =>
            "tutor" = tutor(Reading::default()),
            "tutor, with all that a request can leave" = tutor(reading());
        Content::TableDifferences { .. } =>
            "differences of the table" = Content::TableDifferences { card: 4 };
        Content::TableRefused { .. } =>
            "a table that was refused" = Content::TableRefused { known: 40, found: 3 };
        Content::TableButtons { .. } => "buttons of differences" =
            Content::TableButtons { telegram_message_id: 5, card: 4 };
        Content::Note(_) => "note" = Content::Note(Note::Waits);
    };
    contents.extend(notes());
    contents.extend(staff_answers());
    hold_both_ways(
        "contents.txt",
        &contents,
        |content| serde_json::to_string(content).unwrap(),
        |line| serde_json::from_str(line).unwrap(),
    );
}
