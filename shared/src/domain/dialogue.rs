//! What the bot waits for from a client: the question about a visit, what opens it and what ends it.
//! A question that nobody answered must not turn words of weeks later into a rating.

use chrono::TimeDelta;

use super::{ids::BookingId, message::MessageKind};

/// What the bot waits for from a client at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialogue {
    /// Nothing: nothing was asked, or the question has ended.
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

impl QuestionEffect {
    /// The kinds of messages that have this effect.
    pub fn kinds(self) -> impl Iterator<Item = MessageKind> {
        MessageKind::ALL.iter().copied().filter(move |kind| kind.properties().question == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Recipient;

    #[test]
    fn every_message_to_a_client_but_an_answer_opens_or_ends_the_question() {
        for kind in MessageKind::ALL.iter().copied() {
            let news = kind.recipient() == Recipient::Client && kind != MessageKind::Answer;
            assert_eq!(kind.properties().question != QuestionEffect::Leaves, news, "{kind:?}");
        }
        let questions: Vec<_> = QuestionEffect::Opens.kinds().collect();
        assert_eq!(questions, [MessageKind::Feedback]);
    }
}
