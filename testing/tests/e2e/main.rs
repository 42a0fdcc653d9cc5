//! The end-to-end tests: real programs and servers, and a simulated Telegram. They are one program
//! because they mostly wait, and so run in parallel.

mod common;

mod backup;
mod bad_hours;
mod bad_input;
mod builds;
mod calendar;
mod clocks;
mod compose;
mod crashes;
mod crashpoints;
mod deploy;
mod dialogues;
mod doctor;
mod floods;
mod forgiving;
mod horizon;
mod language;
mod least_power;
mod limits;
mod load;
mod logs;
mod main_job;
mod migrate;
mod monitoring;
mod network;
mod operator;
mod outages;
mod pgbouncer;
mod quarantine;
mod refusals;
mod replays;
mod replica;
mod rights;
mod setup;
mod staff_day;
mod stopping;
mod supervision;
mod telegram_faults;
mod telegram_in;
mod venue;
mod wakeups;
mod webhook_lost;
