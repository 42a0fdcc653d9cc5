//! `sendVenue`: a place on the map, with its name and address.

use std::time::Duration;

use serde_json::Value;

use super::{
    answer::Answer,
    methods::{Done, Params, bad_request, bot_message, chat_of, refuse_chat, show},
    params,
    place::Place,
};
use crate::{
    markup,
    model::{ChatMessage, Media},
    state::State,
};

const PARAMS: [&str; 9] = [
    "chat_id",
    "latitude",
    "longitude",
    "title",
    "address",
    "disable_notification",
    "reply_parameters",
    "message_thread_id",
    "reply_markup",
];

pub(super) fn send(state: &mut State, params: &Params, uptime: Duration) -> Result<Done, Answer> {
    params::only(params, &PARAMS)?;
    let chat_id = chat_of(params)?;
    let text = |name: &str| match params::string(params, name).unwrap_or_default().trim() {
        "" => Err(bad_request(format!("Bad Request: parameter \"{name}\" is required"))),
        text => Ok(text.to_owned()),
    };
    let (title, address) = (text("title")?, text("address")?);
    let (latitude, longitude) =
        (degrees(params, "latitude", 90.0)?, degrees(params, "longitude", 180.0)?);
    let markup = markup::read(params.get("reply_markup")).map_err(bad_request)?;
    let place = Place::read(state, chat_id, params)?;
    refuse_chat(state, chat_id, uptime)?;
    let message = ChatMessage {
        text: format!("{title}\n{address}"),
        media: Some(Media::Venue { latitude, longitude, title, address }),
        ..bot_message(state, markup)
    };
    Ok(show(state, chat_id, place.of(message), &[], uptime))
}

fn degrees(params: &Params, name: &str, most: f64) -> Result<f64, Answer> {
    let value = match params.get(name) {
        Some(Value::String(text)) => text.trim().parse().ok(),
        value => value.and_then(Value::as_f64),
    };
    match value {
        None => Err(bad_request(format!("Bad Request: {name} is empty"))),
        Some(value) if value.abs() > most => Err(bad_request("Bad Request: GEO_POINT_INVALID")),
        Some(value) => Ok(value),
    }
}
