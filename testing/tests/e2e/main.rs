//! The end-to-end tests: the real programs, the real servers, the simulator in Telegram's place. One
//! program for all of them, so that they, which mostly wait, wait side by side.

mod common;

mod backup;
mod bad_input;
mod builds;
mod clocks;
mod crashes;
mod deploy;
mod doctor;
mod limits;
mod load;
mod logs;
mod main_job;
mod monitoring;
mod network;
mod operator;
mod outages;
mod pgbouncer;
mod quarantine;
mod refusals;
mod replica;
mod stopping;
mod supervision;
mod telegram_faults;
mod telegram_in;
mod venue;
