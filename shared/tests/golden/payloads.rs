//! Job payloads and job ids, as they wait in Redis and in the inbox.

use shared::{
    bukza::Fault,
    domain::{
        event::{BookingEvent, Change, Details, RequestStatus},
        ids::{ChatId, EventId, JobId},
        status::Meaning,
        time::VenueZone,
    },
    queue::{IngestJob, Job, QueueName, RejectedRequest, TelegramUpdate, WakeChat},
};

use crate::{
    held::{every_variant, hold, hold_both_ways, listed},
    samples::{at, event, every_detail, reading, visit_time},
};

fn booking(change: Change, meaning: Meaning) -> IngestJob {
    IngestJob::Booking(Box::new(event(change, meaning, Details::default())))
}

fn with_status(status: RequestStatus) -> IngestJob {
    let event = event(Change::Stands(visit_time()), Meaning::Stands, Details::default());
    IngestJob::Booking(Box::new(BookingEvent { status, ..event }))
}

fn in_local_time() -> IngestJob {
    let event = event(Change::Stands(visit_time()), Meaning::Stands, Details::default());
    let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
    let wall_clock = Some(zone.shown(visit_time()));
    IngestJob::Booking(Box::new(BookingEvent { wall_clock, ..event }))
}

fn rejected(content_type: Option<&str>, faults: Vec<Fault>) -> IngestJob {
    IngestJob::Rejected(RejectedRequest {
        id: EventId("019500000000700080000000000000b2".into()),
        received_at: at("2026-02-27T09:30:15.123456Z"),
        query: "event=создан".into(),
        content_type: content_type.map(str::to_owned),
        body: "{\"code\":\"\"}".into(),
        status: 422,
        faults,
    })
}

fn update(attempts: u32) -> IngestJob {
    IngestJob::Update(TelegramUpdate {
        id: EventId("019500000000700080000000000000c3".into()),
        received_at: at("2026-02-27T09:30:15.123456Z"),
        update_id: 700_000_001,
        raw: r#"{"update_id":700000001,"message":{"text":"привет"}}"#.into(),
        attempts,
    })
}

/// A job for each meaning of a booking.
fn meanings() -> Vec<(&'static str, IngestJob)> {
    let stands = |meaning| booking(Change::Stands(visit_time()), meaning);
    let meanings = every_variant! {
        Meaning::Cancelled => "cancelled with times" = Meaning::Cancelled;
        Meaning::Ignored => "ignored" = Meaning::Ignored;
        Meaning::NoShow => "no show" = Meaning::NoShow;
        Meaning::Pending => "pending" = Meaning::Pending;
        Meaning::Stands => "stands, no detail" = Meaning::Stands;
    };
    let job = |meaning| match meaning {
        Meaning::Cancelled => booking(Change::Cancelled(Some(visit_time())), meaning),
        Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => stands(meaning),
    };
    meanings.into_iter().map(|(name, meaning)| (name, job(meaning))).collect()
}

pub fn jobs() -> Vec<(&'static str, IngestJob)> {
    let status = RequestStatus {
        meaning: Meaning::Stands,
        words: Some("не отменён".into()),
        restores: true,
        held_back: true,
    };
    let full = event(Change::Stands(visit_time()), Meaning::Stands, every_detail());
    let fault = Fault { field: "reservations[0].code".into(), message: "is missing".into() };
    let mut jobs = every_variant! {
        IngestJob::Booking(_) =>
            "stands, every detail" = IngestJob::Booking(Box::new(full)),
            "stands, with what its status said" = with_status(status),
            "stands, in local time" = in_local_time(),
            "cancelled without times" = booking(Change::Cancelled(None), Meaning::Cancelled);
        IngestJob::Rejected(_) =>
            "refused" = rejected(Some("application/json"), vec![fault]),
            "refused, without content type and faults" = rejected(None, Vec::new());
        IngestJob::Update(_) =>
            "update" = update(0),
            "update, after two attempts" = update(2);
    };
    jobs.extend(meanings());
    let read = BookingEvent {
        reading: Some(Box::new(reading())),
        ..event(Change::Stands(visit_time()), Meaning::Stands, Details::default())
    };
    jobs.push(("how the request was read", IngestJob::Booking(Box::new(read))));
    jobs
}

fn wake() -> WakeChat {
    WakeChat { chat: ChatId(-1_001_234_567_890), due_at: at("2026-03-01T09:00:00.250Z") }
}

#[test]
fn payloads_are_written_and_read_as_the_file_says() {
    /// All that waits in a queue.
    #[derive(Debug, PartialEq)]
    enum Payload {
        Ingest(IngestJob),
        Wake(WakeChat),
    }
    let jobs = jobs().into_iter().map(|(name, job)| (name, Payload::Ingest(job)));
    let payloads: Vec<_> = jobs.chain([("wake a chat", Payload::Wake(wake()))]).collect();
    hold_both_ways(
        "payloads.txt",
        &payloads,
        |payload| match payload {
            Payload::Ingest(job) => job.encode(),
            Payload::Wake(wake) => wake.encode(),
        },
        |line| match WakeChat::decode(line.as_bytes()) {
            Ok(wake) => Payload::Wake(wake),
            Err(_) => Payload::Ingest(IngestJob::decode(line.as_bytes()).unwrap()),
        },
    );
}

#[test]
fn jobs_keep_their_ids_and_queues() {
    let due = at("2026-03-01T09:00:00.250Z");
    let chat = ChatId(-7);
    let mut anew = Job::wake_anew(QueueName::Answers, chat, due);
    // The rest of this id is another each time.
    assert_eq!(anew.id.0.len(), 33);
    anew.id.0.truncate(1);
    let names = ["stands, every detail", "refused", "update", "update, after two attempts"];
    let of_ingest = |name| jobs().into_iter().find(|(it, _)| *it == name).unwrap().1;
    let mut all = names.map(|name| (name, Job::ingest(&of_ingest(name)))).to_vec();
    all.push(("wake", Job::wake(QueueName::Bulk, JobId("m1".into()), chat, due)));
    all.push(("wake later", Job::wake_later(QueueName::Bulk, chat, due)));
    all.push(("wake anew", anew));
    let text = listed(&all, |job| {
        let due = job.due_at.map_or("now".to_owned(), |due| due.to_rfc3339());
        format!("{} {} {due}", job.queue.as_str(), job.id)
    });
    hold("job_ids.txt", &text);
}
