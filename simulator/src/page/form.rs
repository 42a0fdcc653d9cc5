//! Bukza's form: makes, moves and cancels bookings and sets statuses, each by a request to the real ingest.

use axum::{Form, extract::State, http::StatusCode};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use rand::Rng;
use serde::Deserialize;

use crate::{
    bukza::{Filled, Reservation, Template},
    state::{Shared, wall_clock},
    user::Refusal,
};

/// Letters and digits of Bukza's codes, without those that look alike.
const CODE: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Make,
    Move,
    Cancel,
    Status,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    act: Act,
    template: Template,
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    service: String,
    /// Seconds from now, or `date`.
    start: String,
    /// As the browser's field writes it, by the venue's clocks.
    #[serde(default)]
    date: String,
    /// Seconds.
    length: i64,
    /// The booking to change.
    #[serde(default)]
    code: String,
    #[serde(default)]
    status: String,
}

/// Sends the request, and returns the code of the booking.
pub(super) async fn send(
    State(simulator): State<Shared>,
    Form(sent): Form<Sent>,
) -> Result<String, Refusal> {
    let times = times(&sent, wall_clock());
    let (booking, settings) = simulator
        .change(|state| {
            let page = state.page.as_mut().ok_or("the page is not set up")?;
            let booking = match sent.act {
                Act::Make => {
                    let mut booking = new(&sent);
                    change(&mut booking, &sent, times)?;
                    page.bookings.push(booking.clone());
                    booking
                }
                Act::Move | Act::Cancel | Act::Status => {
                    let booking = page.booking(&sent.code).ok_or("Сначала выберите запись")?;
                    change(booking, &sent, times)?;
                    booking.clone()
                }
            };
            Ok((booking, page.settings.clone()))
        })
        .map_err(|reason: &str| (StatusCode::BAD_REQUEST, reason.to_owned()))?;

    let request = sent.template.fill(&booking);
    let answer =
        deliver(&simulator, &settings.ingest_url, &settings.bukza_secret, sent.template, &request);
    let answer = answer.await.unwrap_or_else(|error| format!("нет ответа: {error}"));
    simulator.change(|state| {
        if let Some(page) = &mut state.page {
            page.record(sent.template, request, answer);
        }
    });
    Ok(booking.code)
}

/// Start and end as the templates show them; `None`: the date can't be read.
fn times(sent: &Sent, now: DateTime<Utc>) -> Option<(String, String)> {
    let length =
        TimeDelta::try_seconds(sent.length).filter(|length| *length > TimeDelta::zero())?;
    if sent.start == "date" {
        let start = NaiveDateTime::parse_from_str(&sent.date, "%Y-%m-%dT%H:%M").ok()?;
        // A local time of the documented format, which has no seconds.
        let end = start.checked_add_signed(length.max(TimeDelta::minutes(1)))?;
        return Some([start, end].map(|at| at.format("%d.%m.%Y %H:%M").to_string()).into());
    }
    let start = now.checked_add_signed(TimeDelta::try_seconds(sent.start.parse().ok()?)?)?;
    let end = start.checked_add_signed(length)?;
    Some([start, end].map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)).into())
}

fn new(sent: &Sent) -> Reservation {
    let mut dice = rand::rng();
    let code = (0..6).map(|_| char::from(CODE[dice.random_range(0..CODE.len())])).collect();
    Reservation {
        code,
        order: dice.random_range(100_000_000..1_000_000_000_u32).to_string(),
        event: String::new(),
        status: String::new(),
        service: sent.service.trim().to_owned(),
        name: sent.name.trim().to_owned(),
        phone: sent.phone.trim().to_owned(),
        start: String::new(),
        end: String::new(),
    }
}

fn change(
    booking: &mut Reservation,
    sent: &Sent,
    times: Option<(String, String)>,
) -> Result<(), &'static str> {
    booking.event = "update".to_owned();
    match sent.act {
        Act::Make | Act::Move => {
            (booking.start, booking.end) = times.ok_or("Укажите дату и время")?;
            if booking.status.is_empty() {
                "Подтверждено".clone_into(&mut booking.status);
            }
        }
        Act::Cancel => {
            "Отменено".clone_into(&mut booking.status);
            "cancel".clone_into(&mut booking.event);
        }
        Act::Status => {
            if sent.status.trim().is_empty() {
                return Err("Напишите статус");
            }
            sent.status.trim().clone_into(&mut booking.status);
            // The older template has no other place for it.
            if sent.template == Template::Older {
                booking.event.clone_from(&booking.status);
            }
        }
    }
    Ok(())
}

/// Posts the request as Bukza does, with the secret. The answer's status and body.
async fn deliver(
    simulator: &Shared,
    ingest: &str,
    secret: &str,
    template: Template,
    request: &Filled,
) -> Result<String, reqwest::Error> {
    let Filled { method, query, body } = request;
    // The template of the URL has the secret there, too.
    let secret_in_url =
        if template == Template::Url { format!("secret={secret}&") } else { String::new() };
    let url = format!("{ingest}/webhook/bukza?{secret_in_url}{query}");
    let request = match *method {
        "GET" => simulator.http.get(url),
        _ => simulator
            .http
            .post(url)
            .header("X-Webhook-Secret", secret)
            .header("content-type", "application/json")
            .body(body.clone()),
    };
    // The error's text would name the URL with its secret.
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status();
    let text = response.text().await.map_err(reqwest::Error::without_url)?;
    Ok(format!("{status}\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(start: &str, date: &str, length: i64) -> Sent {
        Sent {
            act: Act::Make,
            template: Template::Reservation,
            name: " Анна ".into(),
            phone: "+79990000001".into(),
            service: "Квест".into(),
            start: start.into(),
            date: date.into(),
            length,
            code: String::new(),
            status: String::new(),
        }
    }

    #[test]
    fn a_start_is_so_many_seconds_ahead_or_a_date_of_the_venue() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (start, end) = times(&sent("30", "", 60), now).unwrap();
        assert_eq!(
            (start.as_str(), end.as_str()),
            ("2027-01-15T08:00:30.000Z", "2027-01-15T08:01:30.000Z")
        );
        let (start, end) = times(&sent("date", "2027-02-01T18:30", 3_600), now).unwrap();
        assert_eq!((start.as_str(), end.as_str()), ("01.02.2027 18:30", "01.02.2027 19:30"));
        for (start, date, length) in
            [("date", "", 60), ("soon", "", 60), ("30", "", 0), ("30", "", i64::MIN)]
        {
            assert_eq!(times(&sent(start, date, length), now), None, "{start} {date} {length}");
        }
    }

    #[test]
    fn a_cancelled_booking_says_so_and_a_refused_change_leaves_it() {
        let mut booking = new(&sent("30", "", 60));
        assert_eq!((booking.code.len(), booking.name.as_str()), (6, "Анна"));
        assert!(
            change(&mut booking, &sent("30", "", 60), None).is_err() && booking.start.is_empty()
        );
        let cancel = Sent { act: Act::Cancel, ..sent("30", "", 60) };
        change(&mut booking, &cancel, None).unwrap();
        assert_eq!((booking.status.as_str(), booking.event.as_str()), ("Отменено", "cancel"));
        let blank = Sent { act: Act::Status, status: " ".into(), ..sent("30", "", 60) };
        assert!(change(&mut booking, &blank, None).is_err());
    }
}
