//! What the staff do in their chat: they take requests, invite clients, reply to cards, look things up, replay refused
//! requests and apply what Bukza's table shows. Whatever is forwarded, foreign or done twice
//! does nothing.

use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString};
use shared::{
    domain::{
        ids::{BookingId, ChatId},
        join::StartToken,
        message::{Content, MessageKind, ReplyOutcome, TakenRequest},
        staff_chat::StaffChat,
        venue::Venue,
    },
    store::{
        DatabaseConnection, DatabaseTransaction, DbErr, QueueWork,
        outbox::{self, NewMessage},
        requests, start_tokens,
    },
};

use super::{
    cause::Cause,
    intent::{ParsedUpdate, StaffIntent},
    lookup, replay,
    reply::Reply,
    staff_command::StaffCommand,
    table,
};

/// How often a card is looked for that is on its way, and the pause in between: about as long as a call to Telegram
/// may take.
const CARD_LOOKS: u32 = 100;
const CARD_PAUSE: Duration = Duration::from_millis(200);

impl StaffIntent {
    /// The chat in which it happened.
    pub(super) fn chat(&self) -> ChatId {
        match self {
            Self::Take { chat, .. }
            | Self::Invite { chat, .. }
            | Self::Reply { chat, .. }
            | Self::Replay { chat, .. }
            | Self::ApplyTable { chat, .. } => *chat,
            Self::Command { place, .. } => place.chat,
        }
    }

    /// Whether it happened where the staff's cards go. Presses and replies are about cards, wherever in the group these
    /// stand; a command counts in the topic that is the staff's.
    pub(crate) fn is_in(&self, staff: &StaffChat) -> bool {
        match self {
            Self::Take { chat, .. }
            | Self::Invite { chat, .. }
            | Self::Reply { chat, .. }
            | Self::Replay { chat, .. }
            | Self::ApplyTable { chat, .. } => staff.get() == Some(*chat),
            Self::Command { place, .. } => staff.contains(*place),
        }
    }
}

/// What the owner of a private chat does as the staff, where that chat is the staff's. Whatever else they do there they
/// do as a client, a reply to another message than a card included.
///
/// # Errors
/// When the database fails.
pub(super) async fn in_private<'a>(
    db: &DatabaseConnection,
    update: &'a ParsedUpdate,
    venue: &Venue,
) -> Result<Option<&'a StaffIntent>, DbErr> {
    let own = update.sender.as_ref().map(|sender| sender.chat);
    let is_theirs =
        |intent: &StaffIntent| Some(intent.chat()) == own && own == venue.staff_chat.get();
    match update.as_staff.as_ref().filter(|intent| is_theirs(intent)) {
        // The help is the client's: it lists what they can do in the chat besides.
        Some(StaffIntent::Command { command, .. }) if command.command == StaffCommand::Help => {
            Ok(None)
        }
        Some(
            intent @ (StaffIntent::Take { .. }
            | StaffIntent::Invite { .. }
            | StaffIntent::Replay { .. }
            | StaffIntent::ApplyTable { .. }
            | StaffIntent::Command { .. }),
        ) => Ok(Some(intent)),
        Some(intent @ StaffIntent::Reply { .. }) => {
            Ok(await_card(db, intent).await?.then_some(intent))
        }
        None => Ok(None),
    }
}

/// Waits until the card that is meant is recorded: Telegram shows it a moment before that. `false`: it is no card.
///
/// # Errors
/// When the database fails.
pub(super) async fn await_card(
    db: &DatabaseConnection,
    intent: &StaffIntent,
) -> Result<bool, DbErr> {
    let (chat, card) = match intent {
        StaffIntent::Take { chat, message, .. }
        | StaffIntent::Invite { chat, message, .. }
        | StaffIntent::Replay { chat, message, .. }
        | StaffIntent::ApplyTable { chat, message, .. } => (*chat, *message),
        StaffIntent::Reply { chat, to, .. } => (*chat, *to),
        StaffIntent::Command { .. } => return Ok(true),
    };
    for _ in 0..CARD_LOOKS {
        if !outbox::cards_in(db, chat, card).await?.is_empty() {
            return Ok(true);
        }
        if !outbox::is_sending(db, chat).await? {
            break;
        }
        tokio::time::sleep(CARD_PAUSE).await;
    }
    Ok(false)
}

/// Applies what happened in the staff's chat.
///
/// # Errors
/// When the database fails.
pub(super) async fn apply(
    tx: &DatabaseTransaction,
    intent: &StaffIntent,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    match intent {
        StaffIntent::Take { .. } => take(tx, intent, cause).await,
        StaffIntent::Invite { chat, booking, message, .. } => {
            invite(tx, (*chat, *message), *booking, cause).await
        }
        StaffIntent::Reply { chat, to, message } => reply(tx, (*chat, *to, *message), cause).await,
        StaffIntent::Command { place, message, command } => {
            lookup::answer(tx, (place.chat, *message), &command.command, cause).await
        }
        StaffIntent::Replay { chat, numbers, message, .. } => {
            replay::replay(tx, (*chat, *message), *numbers, cause).await
        }
        StaffIntent::ApplyTable { chat, pressed, message, .. } => {
            table::press(tx, (*chat, *message), *pressed, cause).await
        }
    }
}

/// Takes a request by the button below its card. The client learns of it once.
async fn take(
    tx: &DatabaseTransaction,
    intent: &StaffIntent,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let StaffIntent::Take { chat, request, by, message, .. } = intent else {
        return Ok(QueueWork::default());
    };
    let cards = outbox::cards_in(tx, *chat, *message).await?;
    if !cards.iter().any(|card| card.request == Some(*request)) {
        return Ok(QueueWork::default());
    }
    let mut messages = Vec::new();
    let taken = requests::take(tx, *request, by, cause.now).await?;
    if let Some(request) = &taken {
        let reply = Reply::RequestTaken { kind: request.kind.as_str().to_owned() };
        messages.push(cause.reply(request.chat, &reply, "taken", cause.now)?);
    }
    let known = match taken {
        Some(request) => Some(request),
        None => requests::by_id(tx, *request).await?,
    };
    if let Some(by) = known.and_then(|request| request.taken_by) {
        let taken = Some(TakenRequest { id: *request, by });
        let content = Content::Buttons { telegram_message_id: *message, taken };
        let edit = NewMessage::staff_card(MessageKind::StaffButtons, *chat, cause.now);
        messages.push(cause.causes(edit.saying(content), "buttons"));
    }
    outbox::insert(tx, &messages, cause.now).await
}

/// Plans the text that invites the client of a card's booking. Its token stays the same while nobody uses it.
async fn invite(
    tx: &DatabaseTransaction,
    (staff, card): (ChatId, i64),
    booking: BookingId,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let cards = outbox::cards_in(tx, staff, card).await?;
    if !cards.iter().any(|card| card.booking == Some(booking)) {
        return Ok(QueueWork::default());
    }
    let token = Alphanumeric.sample_string(&mut rand::rng(), StartToken::CHARS);
    if let Some(token) = StartToken::parse(&token) {
        start_tokens::ensure(tx, booking, &token, cause.now).await?;
    }
    let invitation = NewMessage::staff_card(MessageKind::StaffInvitation, staff, cause.now)
        .about(booking)
        .saying(Content::Invitation { to: card });
    outbox::insert(tx, &[cause.causes(invitation, "invitation")], cause.now).await
}

/// Sends a reply to a card to the client whom the card was about.
async fn reply(
    tx: &DatabaseTransaction,
    (staff, to, message): (ChatId, i64, i64),
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let cards = outbox::cards_in(tx, staff, to).await?;
    let mut about: Vec<Option<ChatId>> = cards.iter().map(|card| card.about).collect();
    about.dedup();
    let message = match about[..] {
        // A topic's root, or a message of somebody else.
        [] => return Ok(QueueWork::default()),
        [Some(client)] => {
            let content =
                Content::Copy { from: staff, telegram_message_id: message, caption: None };
            let copy = NewMessage::to_client(MessageKind::StaffReply, client, cause.now);
            cause.causes(copy.saying(content), "reply")
        }
        _ => {
            let content = Content::Receipt { to: message, outcome: ReplyOutcome::NoClient };
            let receipt = NewMessage::staff_card(MessageKind::StaffReceipt, staff, cause.now);
            cause.causes(receipt.saying(content), "receipt")
        }
    };
    outbox::insert(tx, &[message], cause.now).await
}
