//! What the bot waits for from a client: the question about a visit, what opens it and what ends it.
//! A question that nobody answered must not turn words of weeks later into a rating.

use chrono::TimeDelta;

use super::ids::BookingId;

/// What the bot waits for from a client at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialogue {
    /// Nothing: no question was sent, or it has ended.
    Idle,
    /// How was the visit of this booking?
    Rating(BookingId),
}

/// How long the question about a visit stays open after it was sent.
pub const QUESTION_OPEN: TimeDelta = TimeDelta::days(1);

/// What a sent message does to the question about a visit in its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionEffect {
    /// The message is the question. It takes the place of one about another visit.
    Opens,
    /// The message is news of a booking: what the client writes next may be about that.
    Ends,
    Leaves,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{MessageKind, Recipient};

    #[test]
    fn every_message_to_a_client_but_an_answer_opens_or_ends_the_question() {
        for kind in MessageKind::ALL.iter().copied() {
            let news = kind.recipient() == Recipient::Client && kind != MessageKind::Answer;
            assert_eq!(kind.properties().question != QuestionEffect::Leaves, news, "{kind:?}");
        }
        let opens = |kind: MessageKind| kind.properties().question == QuestionEffect::Opens;
        assert_eq!(MessageKind::names(opens), ["feedback"]);
    }
}
