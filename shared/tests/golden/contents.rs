//! `messages.content`: what a text needs beyond its booking.

use serde_json::json;
use shared::{
    bukza::Fault,
    domain::{
        booking::Stars,
        ids::ChatId,
        message::{Content, MessageKind, Note, RefusalNumbers},
    },
};

use crate::{
    held::{every_variant, hold_both_ways},
    samples::at,
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

#[test]
fn contents_are_written_and_read_as_the_file_says() {
    let stars = Stars::try_from(4).unwrap();
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
        Content::Note(_) => "note" = Content::Note(Note::Waits);
    };
    contents.extend(notes());
    hold_both_ways(
        "contents.txt",
        &contents,
        |content| serde_json::to_string(content).unwrap(),
        |line| serde_json::from_str(line).unwrap(),
    );
}
