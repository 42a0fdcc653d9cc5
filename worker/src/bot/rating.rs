//! Decides about a rating, given by button or typed. Pure rules.

use shared::domain::{booking::Stars, dialogue::Dialogue};

use super::{
    decision::{Act, Client, ConcernedBooking, Decision, Setting},
    reply::Reply,
};

/// From this rating on nothing went wrong.
const GOOD_FROM: u8 = 4;

/// A rating by button, or typed after the question. After a low one the bot asks why, where somebody reads the answer.
pub(super) fn rate(
    stars: Stars,
    client: Client,
    booking: Option<&ConcernedBooking>,
    setting: Setting,
) -> Decision {
    let Some(booking) = ratable(booking) else {
        let registered = client.registered;
        return Decision::reply(client, Reply::StaleButton { registered });
    };
    // The dialogue about this booking ends. One about another booking stays open.
    let open = if client.dialogue == Dialogue::Rating(booking.id) {
        Dialogue::Idle
    } else {
        client.dialogue
    };
    let client = Client { dialogue: open, ..client };
    let asks_why = stars.get() < GOOD_FROM && setting.has_staff;
    let thanks = Reply::ThanksRating { stars, booking: Some(booking.id) };
    let reply = if asks_why { Reply::AskComplaint } else { thanks };
    let complaint = Dialogue::Complaint(booking.id);
    let act = if asks_why { Act::Open(complaint) } else { Act::End(complaint) };
    Decision {
        rating: Some((booking.id, stars)),
        acts: vec![act],
        ..Decision::reply(client, reply)
    }
}

pub(super) fn ratable(booking: Option<&ConcernedBooking>) -> Option<&ConcernedBooking> {
    booking.filter(|booking| booking.own && booking.visited)
}
