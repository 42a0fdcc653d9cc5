//! Who gets which message after a change: by what the booking meant and means, whether it was announced to its
//! client, and where its visit lies. One table, printed in docs/meanings.md.

use super::status::Meaning;

/// Where a visit lies at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Ahead,
    Running,
    Over,
}

/// A change of one booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// `None`: the booking was unknown.
    pub from: Option<Meaning>,
    pub to: Meaning,
    /// The booking was announced to the client since it was new to them. A cancelled one counts as not announced.
    pub announced: bool,
    /// It has other times, another service or another client.
    pub moved: bool,
    /// Where the visit lay as it was known before.
    pub before: Phase,
    pub after: Phase,
}

/// What a client hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientNews {
    Nothing,
    Confirmation,
    Moved,
    Cancelled,
}

/// What the staff hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffNews {
    Nothing,
    /// A new booking, or one that waits.
    Created,
    Moved,
    Cancelled,
    /// The booking was announced to the client, and waits now.
    Waits,
    /// A booking that waited stands.
    Confirmed,
    NoShow,
    /// The booking is no client's any more, and its client believes to be booked.
    BelievesBooked,
}

/// What becomes of what was planned: reminders, the question, a confirmation that was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plans {
    /// All stays as it is planned.
    Keep,
    /// All of it is void.
    Void,
    /// All of it is void, and the visit is planned anew.
    Renew,
}

/// What follows from a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    pub client: ClientNews,
    pub staff: StaffNews,
    pub plans: Plans,
}

const NOTED: News =
    News { client: ClientNews::Nothing, staff: StaffNews::Nothing, plans: Plans::Keep };

impl News {
    /// The table.
    #[must_use]
    pub fn of(transition: Transition) -> Self {
        let Transition { from, to, moved, before, after, .. } = transition;
        let over = before == Phase::Over && after == Phase::Over;
        match (from, to) {
            (None, _) => transition.first_heard(),
            (Some(from), to) if from == to && (!moved || over) => NOTED,
            (Some(Meaning::Cancelled), Meaning::Cancelled)
            | (Some(Meaning::Ignored), Meaning::Ignored) => NOTED,
            (Some(_), Meaning::Cancelled) => transition.cancelled(),
            (Some(_), Meaning::Ignored) => transition.ignored(),
            (Some(from), Meaning::NoShow) => transition.no_show(from),
            (Some(from), Meaning::Pending) => transition.pending(from),
            (Some(from), Meaning::Stands) => transition.stands(from),
        }
    }
}

impl Transition {
    /// A booking that was unknown. If its visit is over it is stored without a message to its client.
    fn first_heard(self) -> News {
        let is_over = self.after == Phase::Over;
        let (client, staff, plans) = match self.to {
            Meaning::Stands if is_over => (ClientNews::Nothing, StaffNews::Created, Plans::Void),
            Meaning::Stands => (ClientNews::Confirmation, StaffNews::Created, Plans::Renew),
            Meaning::Pending => (ClientNews::Nothing, StaffNews::Created, Plans::Void),
            Meaning::NoShow => (ClientNews::Nothing, StaffNews::NoShow, Plans::Void),
            Meaning::Ignored => (ClientNews::Nothing, StaffNews::Nothing, Plans::Void),
            Meaning::Cancelled => (ClientNews::Nothing, StaffNews::Cancelled, Plans::Void),
        };
        News { client, staff, plans }
    }

    /// Only a client to whom the booking was announced gets the message, and only before the end.
    fn cancelled(self) -> News {
        let client = if self.announced && self.before != Phase::Over {
            ClientNews::Cancelled
        } else {
            ClientNews::Nothing
        };
        News { client, staff: StaffNews::Cancelled, plans: Plans::Void }
    }

    fn ignored(self) -> News {
        let believes = self.announced && self.before != Phase::Over;
        let staff = if believes { StaffNews::BelievesBooked } else { StaffNews::Nothing };
        News { client: ClientNews::Nothing, staff, plans: Plans::Void }
    }

    fn no_show(self, from: Meaning) -> News {
        match from {
            // The same word at a later time: the visit was moved, and the word was left.
            Meaning::NoShow => {
                let again = self.before != Phase::Ahead && self.after == Phase::Ahead;
                if again && self.announced { self.moved() } else { NOTED }
            }
            Meaning::Cancelled | Meaning::Ignored | Meaning::Pending | Meaning::Stands => {
                News { client: ClientNews::Nothing, staff: StaffNews::NoShow, plans: Plans::Void }
            }
        }
    }

    fn pending(self, from: Meaning) -> News {
        let silent = |staff| News { client: ClientNews::Nothing, staff, plans: Plans::Void };
        match (from, self.announced) {
            (Meaning::Cancelled, _) | (Meaning::Ignored, false) => silent(StaffNews::Created),
            (Meaning::Pending, false) => silent(StaffNews::Moved),
            (Meaning::NoShow | Meaning::Stands, false) => silent(StaffNews::Waits),
            (Meaning::Pending | Meaning::Stands | Meaning::NoShow | Meaning::Ignored, true)
                if self.moved =>
            {
                self.moved()
            }
            // Once announced, the reminder stays: the client comes, and pays on site.
            (Meaning::Pending | Meaning::Stands, true) => News { staff: StaffNews::Waits, ..NOTED },
            (Meaning::NoShow | Meaning::Ignored, true) => {
                News { client: ClientNews::Nothing, staff: StaffNews::Waits, plans: Plans::Renew }
            }
        }
    }

    fn stands(self, from: Meaning) -> News {
        match (from, self.announced) {
            (Meaning::Cancelled, _) | (Meaning::Ignored, false) => self.as_new(StaffNews::Created),
            (Meaning::Pending | Meaning::NoShow, false) => self.as_new(StaffNews::Confirmed),
            (Meaning::Stands, false) => self.as_new(StaffNews::Moved),
            (Meaning::Pending | Meaning::Stands | Meaning::NoShow | Meaning::Ignored, true)
                if self.moved =>
            {
                self.moved()
            }
            (Meaning::Pending | Meaning::Stands, true) => {
                News { staff: StaffNews::Confirmed, ..NOTED }
            }
            (Meaning::NoShow | Meaning::Ignored, true) => News {
                client: ClientNews::Nothing,
                staff: StaffNews::Confirmed,
                plans: Plans::Renew,
            },
        }
    }

    /// A client to whom the booking was not announced gets it as a new one, unless its visit is over.
    fn as_new(self, staff: StaffNews) -> News {
        if self.after == Phase::Over {
            return News { client: ClientNews::Nothing, staff, plans: Plans::Void };
        }
        News { client: ClientNews::Confirmation, staff, plans: Plans::Renew }
    }

    /// Other times or another service of what the client knows.
    fn moved(self) -> News {
        let client = match (self.before, self.after) {
            (Phase::Over, Phase::Over) => return NOTED,
            // The client has been there by then.
            (_, Phase::Over) => ClientNews::Nothing,
            (_, Phase::Ahead | Phase::Running) => ClientNews::Moved,
        };
        News { client, staff: StaffNews::Moved, plans: Plans::Renew }
    }
}

#[cfg(test)]
#[path = "news_tests.rs"]
mod tests;
