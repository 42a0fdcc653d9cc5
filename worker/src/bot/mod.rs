//! The bot: what an update means, the replies that follow, and how both are stored. An update is applied
//! once, in one transaction with its replies.

mod acts;
mod apply;
mod attach;
mod binding;
mod cause;
pub mod command;
mod consent;
mod contact;
mod decide;
mod decision;
mod follow_up;
pub mod intent;
mod join;
pub mod keyboard;
mod lookup;
mod rating;
mod rating_text;
mod repeats;
mod replay;
mod reply;
mod settings;
mod staff;
pub mod staff_command;
mod table;
mod visit;
mod words;

pub use apply::apply;
pub use binding::{is_link_secret, new_link_secret};
pub use cause::Received;
pub use decide::{concerned_booking, decide, proven_phone};
pub use decision::{Act, Client, ConcernedBooking, Decision, Ended, Setting, Wish};
pub use follow_up::{Delivered, FollowUp, follow_up};
pub use intent::{BindIntent, Intent, ParsedUpdate, Sender, StaffIntent};
pub use reply::{ClientView, Needs, Reply};
