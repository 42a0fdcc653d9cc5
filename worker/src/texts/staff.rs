//! Cards for the staff's chat, short because several may share a message ([`super::join_cards`]). Their lines
//! are in [`super::card`].

use chrono::{DateTime, Utc};
use shared::domain::{
    booking::BookingView,
    ids::ChatId,
    message::{MessageKind, StaffChatNews},
    status::Meaning,
};

use super::{
    Args, Before, Form, Lines, Rendered, Texts,
    card::{NAME_MAX, rendered},
    html::shorten,
    untrusted,
};

/// Cards that a summary lists; the others are counted.
const SUMMARY_LINES: usize = 20;
/// Most characters of a group's title. Telegram's limit is 128.
const TITLE_MAX: usize = 128;
/// Most characters of a line, so that the lines fit one message.
const SUMMARY_LINE_MAX: usize = 180;

/// Whether the bot can write to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientReach {
    InBot,
    NotInBot,
    /// The client blocked the bot, or is gone from Telegram.
    Blocked,
}

impl Texts {
    /// A new booking.
    #[must_use]
    pub fn staff_created(
        &self,
        booking: &BookingView,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let title = match booking.meaning {
            Meaning::Pending => "staff-waiting",
            Meaning::Stands | Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => {
                "staff-created"
            }
        };
        let mut lines = self.card(title, booking);
        self.add_whole(&mut lines, booking, now);
        lines.add(self.reach_line(reach));
        self.inviting(lines, booking, reach, now)
    }

    /// A booking with another time or service.
    #[must_use]
    pub fn staff_moved(
        &self,
        booking: &BookingView,
        before: &Before,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = self.card("staff-moved", booking);
        let service = before.other_service(booking).map(|s| untrusted::harmless_short(s, NAME_MAX));
        let start = before.other_start(booking);
        let when = start.map(|start| self.times().date_time(start, now));
        let was: Vec<String> = service.into_iter().chain(when).collect();
        if !was.is_empty() {
            lines.add(self.get("staff-was", Args::new().html("was", was.join(" · "))));
        }
        if booking.meaning == Meaning::Pending {
            lines.add(self.plain("staff-waits"));
        }
        self.add_whole(&mut lines, booking, now);
        lines.add(self.reach_line(reach));
        self.inviting(lines, booking, reach, now)
    }

    /// A cancelled booking.
    #[must_use]
    pub fn staff_cancelled(
        &self,
        booking: &BookingView,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = self.urgent_card("staff-cancelled", booking, now);
        lines.add(self.what_and_when(booking, now));
        for line in self.person_and_order(booking) {
            lines.add(line);
        }
        lines.add(self.reach_line(reach));
        rendered(lines)
    }

    /// A client's rating.
    #[must_use]
    pub fn staff_rated(&self, booking: &BookingView, stars: u8, now: DateTime<Utc>) -> Rendered {
        let args = Args::new()
            .html("stars", "⭐".repeat(stars.min(5).into()))
            .number("n", stars)
            .code(&booking.code);
        let mut lines = Lines::default();
        lines.add(self.get("staff-rated", args));
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.order_line(booking));
        rendered(lines)
    }

    /// The client can't be reached about this booking.
    #[must_use]
    pub fn staff_unreachable(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.urgent_card("staff-unreachable", booking, now);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.plain("staff-unreachable-why"));
        rendered(lines)
    }

    /// A message of this kind has not reached the client; `perhaps`: nobody knows whether it has.
    #[must_use]
    pub fn staff_undelivered(
        &self,
        booking: &BookingView,
        kind: MessageKind,
        perhaps: bool,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = self.urgent_card("staff-undelivered", booking, now);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        let what = match kind {
            MessageKind::Moved => "staff-undelivered-moved",
            MessageKind::Cancelled => "staff-undelivered-cancelled",
            MessageKind::Reminder => "staff-undelivered-reminder",
            MessageKind::Confirmation
            | MessageKind::Feedback
            | MessageKind::Answer
            | MessageKind::StaffCreated
            | MessageKind::StaffMoved
            | MessageKind::StaffCancelled
            | MessageKind::StaffRated
            | MessageKind::StaffRejected
            | MessageKind::StaffTutor
            | MessageKind::StaffUnreachable
            | MessageKind::StaffUndelivered
            | MessageKind::StaffNote
            | MessageKind::StaffGroupMoved
            | MessageKind::StaffChatNotice
            | MessageKind::StaffRequest
            | MessageKind::StaffStrangers
            | MessageKind::StaffCopy
            | MessageKind::StaffReceipt
            | MessageKind::StaffInvitation
            | MessageKind::StaffJoined
            | MessageKind::StaffButtons
            | MessageKind::StaffAnswer
            | MessageKind::StaffAgenda
            | MessageKind::StaffTable
            | MessageKind::StaffReply
            | MessageKind::ClientButtons => "staff-undelivered-confirmation",
        };
        let why = if perhaps { "staff-undelivered-perhaps" } else { "staff-undelivered-not" };
        lines.add(self.get(why, Args::new().html("what", self.plain(what))));
        rendered(lines)
    }

    /// The group has another id, which the settings do not know yet.
    #[must_use]
    pub fn staff_group_moved(&self, to: ChatId) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("staff-group-moved"));
        lines.add(self.get("staff-group-moved-id", Args::new().html("id", to.0.to_string())));
        // What a link bound follows the group by itself.
        if !self.venue.staff_chat.is_bound() {
            lines.add(self.plain("staff-group-moved-what"));
        }
        rendered(lines)
    }

    /// What became of a chat as the staff's, for this topic of it.
    #[must_use]
    pub fn staff_chat_notice(&self, news: &StaffChatNews, topic: Option<i64>) -> Rendered {
        let mut lines = Lines::default();
        match news {
            StaffChatNews::Bound => {
                lines.add(self.plain("staff-chat-bound"));
                lines.add(self.plain("staff-chat-bound-what"));
            }
            StaffChatNews::Left { to: Some(title) } => {
                let title = Args::new().untrusted_short("title", title, TITLE_MAX);
                lines.add(self.get("staff-chat-left", title));
            }
            StaffChatNews::Left { to: None } => lines.add(self.plain("staff-chat-left-for-none")),
            StaffChatNews::LinkOver => lines.add(self.plain("staff-chat-link-over")),
        }
        Rendered { form: Form::InTopic { topic }, ..rendered(lines) }
    }

    /// Cards that waited for more than a day, as one message with a line of each.
    #[must_use]
    pub fn staff_summary(&self, cards: &[String]) -> String {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut lines = Lines::default();
        lines.add(self.get("staff-summary", Args::new().number("n", count(cards.len()))));
        for card in cards.iter().take(SUMMARY_LINES) {
            // The title, and the booking's service and time.
            let shown: Vec<&str> = card.lines().take(2).collect();
            lines.add(shorten(shown.join(" · "), SUMMARY_LINE_MAX));
        }
        if let Some(more) = cards.len().checked_sub(SUMMARY_LINES).filter(|more| *more > 0) {
            lines.add(self.get("staff-more", Args::new().number("n", count(more))));
        }
        lines.text()
    }
}
