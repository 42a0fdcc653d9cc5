//! Joining a booking by a token or code: what the client reads, and the staff's invitation with the link.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, join::StartToken};

use super::{
    Button, ClientReach, Form, Keyboard, Lines, Rendered, Texts, card::rendered,
    keyboard::is_awaited, untrusted,
};
use crate::bot::keyboard::CallbackData;

/// Most characters of a link. Telegram's names have at most 32.
const LINK_MAX: usize = 100;

impl Texts {
    /// Requests the last four digits of a booking's phone.
    #[must_use]
    pub fn ask_digits(&self) -> Rendered {
        Rendered::new(self.plain("ask-digits"), Keyboard::Keep)
    }

    /// The code or the digits were wrong. Which of them is not named.
    #[must_use]
    pub fn wrong_digits(&self) -> Rendered {
        Rendered::new(self.plain("wrong-digits"), Keyboard::Keep)
    }

    /// Too many were wrong.
    #[must_use]
    pub fn join_locked(&self) -> Rendered {
        Rendered::new(self.plain("join-locked"), Keyboard::Keep)
    }

    /// The link opens no booking any more.
    #[must_use]
    pub fn dead_link(&self, registered: bool) -> Rendered {
        Rendered::new(self.plain("dead-link"), self.menu_for(registered))
    }

    /// A booking is the client's now. What waited to be sent about it follows.
    #[must_use]
    pub fn joined(&self) -> Rendered {
        Rendered::new(self.plain("joined"), Keyboard::Menu)
    }

    /// A card with the button that invites the client, where they are expected and not in the bot.
    pub(super) fn inviting(
        &self,
        lines: Lines,
        booking: &BookingView,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let keyboard = match reach {
            ClientReach::NotInBot if is_awaited(booking, now) => {
                let data = CallbackData::Invite { booking: booking.id };
                Keyboard::rows([vec![Button::press(self.plain("button-invite"), data)]])
            }
            ClientReach::NotInBot | ClientReach::InBot | ClientReach::Blocked => Keyboard::Keep,
        };
        Rendered { keyboard, ..rendered(lines) }
    }

    /// A text for the staff to pass on to the client, in reply to the card `to`; or why there is none. `way`: the bot's
    /// name and the booking's token.
    #[must_use]
    pub fn staff_invitation(
        &self,
        booking: &BookingView,
        (to, reach): (i64, ClientReach),
        way: Option<(&str, &StartToken)>,
        now: DateTime<Utc>,
    ) -> Rendered {
        let text = match (reach, way.filter(|_| is_awaited(booking, now))) {
            (ClientReach::InBot | ClientReach::Blocked, _) => self.plain("invitation-in-bot"),
            (ClientReach::NotInBot, None) => self.plain("invitation-over"),
            (ClientReach::NotInBot, Some((bot, token))) => {
                let link = format!("https://t.me/{bot}?start={}", token.as_str());
                let mut lines = Lines::default();
                lines.add(self.plain("invitation-title"));
                lines.add(self.what_and_when(booking, now));
                lines.gap();
                lines.add(self.plain("invitation"));
                lines.add(untrusted::literal(&link, LINK_MAX));
                lines.add(booking.phone.as_ref().map(|_| self.plain("invitation-digits")));
                lines.text()
            }
        };
        let form = Form::ReplyTo { telegram_message_id: to };
        Rendered { form, ..Rendered::new(text, Keyboard::Keep) }
    }

    /// A client joined a booking.
    #[must_use]
    pub fn staff_joined(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.card("staff-joined", booking);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.plain("staff-joined-what"));
        rendered(lines)
    }
}

#[cfg(test)]
mod tests {
    use shared::domain::status::Meaning;

    use super::*;
    use crate::texts::{ButtonAction, fixtures};

    const TOKEN: &str = "aZ09aZ09aZ09aZ09";

    fn invite() -> ButtonAction {
        ButtonAction::Press(CallbackData::Invite { booking: fixtures::booking().id })
    }

    #[test]
    fn a_card_about_a_client_who_is_not_in_the_bot_invites_while_the_visit_is_ahead() {
        let (texts, booking) = (fixtures::texts(), fixtures::booking());
        let (before, after) = (fixtures::at("26.12.2025 11:00"), fixtures::at("27.12.2025 13:00"));
        let cancelled =
            BookingView { cancelled: true, meaning: Meaning::Cancelled, ..booking.clone() };
        let ignored = BookingView { meaning: Meaning::Ignored, ..booking.clone() };
        let card =
            |booking: &BookingView, reach, now| texts.staff_created(booking, reach, now).keyboard;
        let Keyboard::Inline(rows) = card(&booking, ClientReach::NotInBot, before) else {
            panic!("no button")
        };
        assert_eq!(rows[0][0].action, invite());
        for reach in [ClientReach::InBot, ClientReach::Blocked] {
            assert_eq!(card(&booking, reach, before), Keyboard::Keep);
        }
        assert_eq!(card(&booking, ClientReach::NotInBot, after), Keyboard::Keep);
        for over in [cancelled, ignored] {
            assert_eq!(card(&over, ClientReach::NotInBot, before), Keyboard::Keep);
        }
        // A list of several has none.
        let other = BookingView { code: "D7VET4".into(), ..booking.clone() };
        let list = texts.staff_created_together(&[booking, other], ClientReach::NotInBot, before);
        assert_eq!(list.keyboard, Keyboard::Keep);
    }

    #[test]
    fn the_invitation_has_the_link_alone_or_the_reason_why_there_is_none() {
        let (texts, booking) = (fixtures::texts(), fixtures::booking());
        let token = StartToken::parse(TOKEN).unwrap();
        let way = Some(("some_bot", &token));
        let (before, after) = (fixtures::at("26.12.2025 11:00"), fixtures::at("27.12.2025 13:00"));
        let text = |booking: &BookingView, reach, way, now| {
            texts.staff_invitation(booking, (5, reach), way, now)
        };
        let link = format!("https://t.me/some_bot?start={TOKEN}");
        let invitation = text(&booking, ClientReach::NotInBot, way, before);
        assert!(invitation.html.contains(&link) && invitation.html.contains("VR Арена"));
        assert!(invitation.html.contains("четыре цифры"), "{}", invitation.html);
        // What the client need not read, and others should not.
        for hidden in ["C6UDS3", "+7999", "Алина"] {
            assert!(!invitation.html.contains(hidden), "{}", invitation.html);
        }
        assert_eq!(invitation.form, Form::ReplyTo { telegram_message_id: 5 });
        let without = BookingView { phone: None, ..booking.clone() };
        assert!(!text(&without, ClientReach::NotInBot, way, before).html.contains("четыре"));
        for refused in [
            text(&booking, ClientReach::InBot, way, before),
            text(&booking, ClientReach::Blocked, way, before),
            text(&booking, ClientReach::NotInBot, way, after),
            text(&booking, ClientReach::NotInBot, None, before),
        ] {
            assert!(!refused.html.contains(TOKEN), "{}", refused.html);
        }
    }
}
