//! The domain: pure types and rules, no I/O, the time passed in.
//! What an event does to a booking and which messages follow is decided here and nowhere else.

pub mod agenda;
pub mod booking;
pub mod consent;
pub mod dialogue;
pub mod event;
pub mod forgotten;
pub mod history;
pub mod hours;
pub mod ids;
pub mod join;
pub mod merge;
pub mod message;
pub mod message_kind;
pub mod money;
pub mod news;
pub mod outcome;
pub mod phone;
mod phone_metadata;
mod phone_text;
mod plain_mobile;
pub mod plan;
pub mod quiet;
pub mod request;
pub mod request_fault;
pub mod retime;
pub mod schedule;
pub mod search;
pub mod staff_answer;
pub mod staff_chat;
pub mod status;
pub mod time;
pub mod together;
pub mod venue;
pub mod wall_clock;
mod written_time;
