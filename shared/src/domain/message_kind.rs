//! The properties of each kind of message, in one table. A kind that is added does not compile until it has
//! its line here.

use super::{
    booking::BookingStatus,
    dialogue::QuestionEffect,
    message::{MessageKind, Priority, Recipient},
    together::Listing,
};

/// What the rules need to know of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties {
    pub recipient: Recipient,
    pub priority: Priority,
    pub booking: BookingTie,
    pub times: VisitTimes,
    /// How many attempts may have been a delivery, before sending again would be worse than not sending.
    pub possible_deliveries: i32,
    /// The message goes to its chat only when nothing else is due there. The number of such messages
    /// depends on who sends requests, and bookings must not wait for them.
    pub goes_last: bool,
    pub question: QuestionEffect,
    pub quiet_hours: QuietHoursRule,
    pub distance: Distance,
    /// By which a client turns such messages off.
    pub switch: Option<Switch>,
    /// Which of them are one list.
    pub listing: Option<Listing>,
    /// While it waits, more is added to it.
    pub grows: bool,
    /// All cards that wait in a chat may be sent as one message.
    pub joins_cards: bool,
    /// The staff may have to call a client who cannot be reached with the message.
    pub replaced_by_a_call: bool,
    /// Its buttons answer for the booking's version, and are taken off once that is over.
    pub has_visit_buttons: bool,
}

/// Whether a message stands or falls with its booking's version and status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingTie {
    /// It is sent whatever became of the booking.
    None,
    /// Only while the booking stands, before its visit is over.
    WhileActive,
    /// Only while the booking is not cancelled.
    WhileStanding,
    /// Only while the booking is cancelled.
    WhileCancelled,
}

/// How a message's times follow from its visit's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitTimes {
    /// They do not.
    None,
    /// It is due so long before the start as its key says, until the next such message or the start.
    BeforeStart,
    /// It is worth sending until the end.
    UntilEnd,
    /// It is due after the end.
    AfterEnd,
}

/// What quiet hours do to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuietHoursRule {
    /// It is sent with a sound at any hour.
    Rings,
    /// It is sent without a sound.
    Silent,
    /// It is sent without a sound, unless the visit is near.
    SilentUnlessNear,
    /// It waits for the morning, where the visit is then still far enough; else it is sent silently.
    WaitsIfVisitIsFar,
    /// It waits for the morning.
    Waits,
}

/// Which earlier message keeps this one away for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    None,
    /// The confirmation or move of the same booking.
    FromAnnouncement,
    /// The question about another visit.
    FromQuestion,
}

/// What a client can turn off. What changes a booking is always sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Switch {
    Reminders,
    /// The questions how a visit was.
    Questions,
}

/// A message about a booking to its client.
const CLIENT: Properties = Properties {
    recipient: Recipient::Client,
    priority: Priority::Bulk,
    booking: BookingTie::WhileStanding,
    times: VisitTimes::None,
    possible_deliveries: 2,
    goes_last: false,
    question: QuestionEffect::Ends,
    quiet_hours: QuietHoursRule::Silent,
    distance: Distance::None,
    switch: None,
    listing: None,
    grows: false,
    joins_cards: false,
    replaced_by_a_call: true,
    has_visit_buttons: false,
};

/// What a client waits for.
const ANSWER: Properties = Properties {
    priority: Priority::Interactive,
    booking: BookingTie::None,
    possible_deliveries: 1,
    question: QuestionEffect::Leaves,
    replaced_by_a_call: false,
    ..CLIENT
};

/// A card for the staff.
const STAFF: Properties = Properties {
    recipient: Recipient::Staff,
    priority: Priority::Bulk,
    booking: BookingTie::None,
    times: VisitTimes::None,
    possible_deliveries: 2,
    goes_last: false,
    question: QuestionEffect::Leaves,
    quiet_hours: QuietHoursRule::Rings,
    distance: Distance::None,
    switch: None,
    listing: None,
    grows: false,
    joins_cards: true,
    replaced_by_a_call: false,
    has_visit_buttons: false,
};

impl MessageKind {
    /// The table.
    #[must_use]
    pub const fn properties(self) -> Properties {
        match self {
            Self::Confirmation => Properties {
                times: VisitTimes::UntilEnd,
                listing: Some(Listing::Confirmations),
                has_visit_buttons: true,
                ..CLIENT
            },
            Self::Moved => Properties {
                times: VisitTimes::UntilEnd,
                quiet_hours: QuietHoursRule::SilentUnlessNear,
                has_visit_buttons: true,
                ..CLIENT
            },
            Self::Cancelled => Properties {
                booking: BookingTie::WhileCancelled,
                times: VisitTimes::UntilEnd,
                listing: Some(Listing::Cancellations),
                quiet_hours: QuietHoursRule::SilentUnlessNear,
                ..CLIENT
            },
            Self::Reminder => Properties {
                booking: BookingTie::WhileActive,
                times: VisitTimes::BeforeStart,
                quiet_hours: QuietHoursRule::WaitsIfVisitIsFar,
                distance: Distance::FromAnnouncement,
                switch: Some(Switch::Reminders),
                listing: Some(Listing::Reminders),
                has_visit_buttons: true,
                ..CLIENT
            },
            Self::Feedback => Properties {
                times: VisitTimes::AfterEnd,
                possible_deliveries: 1,
                question: QuestionEffect::Opens,
                quiet_hours: QuietHoursRule::Waits,
                distance: Distance::FromQuestion,
                switch: Some(Switch::Questions),
                listing: Some(Listing::Questions),
                replaced_by_a_call: false,
                ..CLIENT
            },
            Self::Answer => ANSWER,
            Self::StaffCreated => Properties { listing: Some(Listing::CreatedCards), ..STAFF },
            Self::StaffCancelled => Properties { listing: Some(Listing::CancelledCards), ..STAFF },
            Self::StaffMoved
            | Self::StaffRated
            | Self::StaffUnreachable
            | Self::StaffUndelivered
            | Self::StaffNote
            | Self::StaffJoined
            | Self::StaffGroupMoved => STAFF,
            // Each is one client's matter, and has buttons or replies of its own.
            Self::StaffRequest => Properties { joins_cards: false, grows: true, ..STAFF },
            Self::StaffCopy => Properties { joins_cards: false, ..STAFF },
            Self::StaffStrangers => {
                Properties { joins_cards: false, grows: true, goes_last: true, ..STAFF }
            }
            // One of the staff waits for it.
            Self::StaffReceipt
            | Self::StaffButtons
            | Self::StaffInvitation
            | Self::StaffChatNotice => {
                Properties { priority: Priority::Interactive, joins_cards: false, ..STAFF }
            }
            Self::StaffAnswer => Properties {
                priority: Priority::Interactive,
                joins_cards: false,
                possible_deliveries: 1,
                ..STAFF
            },
            Self::StaffAgenda => Properties { joins_cards: false, ..STAFF },
            // Bookings' own cards come first.
            Self::StaffTutor => Properties { joins_cards: false, goes_last: true, ..STAFF },
            // Its buttons are its own, and it shows what differs when it is sent.
            Self::StaffTable => Properties { joins_cards: false, grows: true, ..STAFF },
            Self::StaffReply | Self::ClientButtons => ANSWER,
            Self::StaffRejected => Properties { goes_last: true, grows: true, ..STAFF },
        }
    }

    /// The names of the kinds of which `holds` is true, as the database has them.
    pub fn names(holds: impl Fn(Self) -> bool) -> Vec<String> {
        let kinds = Self::ALL.iter().copied().filter(|kind| holds(*kind));
        kinds.map(|kind| kind.as_str().to_owned()).collect()
    }

    /// Whom the message addresses.
    #[must_use]
    pub fn recipient(self) -> Recipient {
        self.properties().recipient
    }

    /// What goes first.
    #[must_use]
    pub fn priority(self) -> Priority {
        self.properties().priority
    }

    /// Whether the message must not be sent once its booking has another version or status.
    #[must_use]
    pub fn follows_booking(self) -> bool {
        self.properties().booking != BookingTie::None
    }

    /// Whether the message may be sent while its booking has this status.
    #[must_use]
    pub fn fits(self, status: BookingStatus) -> bool {
        match self.properties().booking {
            BookingTie::None => true,
            BookingTie::WhileActive => status == BookingStatus::Active,
            BookingTie::WhileStanding => status != BookingStatus::Cancelled,
            BookingTie::WhileCancelled => status == BookingStatus::Cancelled,
        }
    }

    /// See [`Properties::listing`].
    #[must_use]
    pub fn listing(self) -> Option<Listing> {
        self.properties().listing
    }

    /// See [`Properties::joins_cards`].
    #[must_use]
    pub fn joins_cards(self) -> bool {
        self.properties().joins_cards
    }

    /// See [`Properties::goes_last`].
    #[must_use]
    pub fn goes_last(self) -> bool {
        self.properties().goes_last
    }

    /// See [`Properties::possible_deliveries`].
    #[must_use]
    pub fn possible_deliveries(self) -> i32 {
        self.properties().possible_deliveries
    }
}
