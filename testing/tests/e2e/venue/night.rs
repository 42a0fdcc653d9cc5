//! Quiet hours: reminders and feedback requests are planned outside of them. What is sent within them is
//! silent, unless the visit that it cancels or moves is near.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;

use super::{clients, done, expect_received, received, send_all, visit, with, without_staff};
use crate::common::{Outcome, World, now, phrases};
use testing::harness::bukza::ZONE;

const HOUR: TimeDelta = TimeDelta::hours(1);

/// A time of day at the venue, `days` after `today`.
fn local(today: NaiveDate, days: u64, time: &str) -> DateTime<Utc> {
    let day = today + Days::new(days);
    let time: NaiveTime = time.parse().expect("a time of day");
    day.and_time(time).and_local_timezone(ZONE).unwrap().to_utc()
}

/// When these messages of a booking are due.
async fn due(world: &World, code: &str, kind: &str) -> anyhow::Result<Vec<DateTime<Utc>>> {
    let sql = format!(
        "SELECT m.due_at FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = '{kind}' AND m.status = 'scheduled' \
         ORDER BY m.due_at"
    );
    world.database.column(&sql).await
}

#[tokio::test]
async fn reminders_and_feedback_requests_are_not_planned_at_night() -> Outcome {
    let options = without_staff()
        .set("QUIET_HOURS", "22:00-09:00")
        .set("REMINDER_BEFORE", "24h,2h")
        .set("REMINDER_GAP", "1h");
    let world = World::start(options).await?;
    let people = clients(&world, 4).await?;
    let today = now().with_timezone(&ZONE).date_naive();
    let at = |days, time| local(today, days, time);
    // Days that are not near at any hour of today.
    for ((person, code), (start, length, reminders, question)) in
        people.iter().zip(["SIXAM1", "LATE01", "EIGHT1", "NOON01"]).zip([
            // Two and 24 hours before six o'clock are night. The reminders move to the evening and
            // the morning.
            ("06:00", 60, [at(2, "09:00"), at(2, "21:45")], at(3, "09:00")),
            ("23:30", 180, [at(3, "09:00"), at(3, "21:30")], at(4, "09:00")),
            ("08:00", 60, [at(2, "09:00"), at(2, "21:45")], at(3, "09:00")),
            ("12:00", 60, [at(2, "12:00"), at(3, "10:00")], at(3, "13:00")),
        ])
    {
        let request = visit(code, &person.phone, at(3, start), TimeDelta::minutes(length));
        send_all(&world, [request]).await?;
        assert_eq!(due(&world, code, "reminder").await?, reminders, "reminders of {start}");
        assert_eq!(due(&world, code, "feedback").await?, [question], "the question of {start}");
    }
    Ok(())
}

/// Quiet hours from an hour ago to an hour from now, and their end.
fn quiet_now() -> (String, DateTime<Utc>) {
    let minute =
        |at: DateTime<Utc>| at.trunc_subsecs(0) - TimeDelta::seconds(at.timestamp().rem_euclid(60));
    let this = minute(now());
    let (begins, ends) = (this - HOUR, this + HOUR);
    let local = |at: DateTime<Utc>| at.with_timezone(&ZONE).format("%H:%M").to_string();
    (format!("{}-{}", local(begins), local(ends)), ends)
}

#[tokio::test]
async fn messages_sent_at_night_are_silent_unless_the_visit_is_near() -> Outcome {
    let (hours, _) = quiet_now();
    let world = World::start(without_staff().set("QUIET_HOURS", hours)).await?;
    let people = clients(&world, 3).await?;
    let far = visit("FAR001", &people[0].phone, now() + TimeDelta::hours(30), HOUR);
    let near = visit("NEAR01", &people[1].phone, now() + TimeDelta::hours(6), HOUR);
    let moved = visit("MOVED1", &people[2].phone, now() + TimeDelta::hours(6), HOUR);
    send_all(&world, [far.clone(), near.clone(), moved.clone()]).await?;
    let cancel = |booking| with(booking, &json!({"event": "cancel"}));
    let later = now() + TimeDelta::hours(50);
    let later = with(moved, &json!({"start": later, "end": later + HOUR}));
    send_all(&world, [cancel(far), cancel(near), later]).await?;
    for (person, news, rings) in [
        (&people[0], phrases::CANCELLED, false),
        (&people[1], phrases::CANCELLED, true),
        (&people[2], phrases::MOVED, true),
    ] {
        let case = format!("{news}, ringing: {rings}");
        expect_received(&world, person, &[phrases::CONFIRMED, news], &case).await?;
        let calls = world.telegram.journal(0, Some("sendMessage")).await?;
        let silent: Vec<bool> = received(&world, person)
            .await?
            .iter()
            .map(|message| {
                let call = calls.iter().find(|call| {
                    call.chat_id == Some(person.chat) && call.message_id == Some(message.message_id)
                });
                let body = call.map(|call| &call.body["disable_notification"]);
                body.is_some_and(|flag| *flag == json!(true) || *flag == json!("true"))
            })
            .collect();
        assert_eq!(silent, [true, !rings], "{case}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reminder_or_feedback_request_due_at_night_waits_for_the_morning() -> Outcome {
    let (hours, morning) = quiet_now();
    let options = without_staff().set("QUIET_HOURS", hours).set("REMINDER_BEFORE", "5h");
    let world = World::start(options).await?;
    let people = clients(&world, 2).await?;
    let soon = now() + TimeDelta::seconds(20);
    let ends = visit("ENDS01", &people[0].phone, soon - HOUR, HOUR);
    let starts = visit("STARTS", &people[1].phone, soon + TimeDelta::hours(5), HOUR);
    send_all(&world, [ends, starts]).await?;
    assert_eq!(due(&world, "ENDS01", "feedback").await?, [morning]);
    assert_eq!(due(&world, "STARTS", "reminder").await?, [morning]);
    // Makes them due within quiet hours, as after an outage. They must wait.
    let now_due = "UPDATE messages SET due_at = now(), pushed_at = 'epoch' \
                   WHERE kind IN ('reminder', 'feedback') AND due_at < now() + interval '2 hours'";
    assert_eq!(world.database.execute(now_due).await?, 2);
    let put_off = "SELECT count(*) FROM messages WHERE kind IN ('reminder', 'feedback') \
                   AND status = 'scheduled' AND due_at > now()";
    world.until(put_off, 3_i64, crate::common::SOON).await?;
    done(&world).await?;
    for (person, code) in people.iter().zip(["ENDS01", "STARTS"]) {
        expect_received(&world, person, &[phrases::CONFIRMED], code).await?;
    }
    assert_eq!(due(&world, "ENDS01", "feedback").await?, [morning]);
    assert_eq!(due(&world, "STARTS", "reminder").await?, [morning]);
    Ok(())
}
