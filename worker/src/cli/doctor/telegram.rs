//! Checks that the token is a bot's, and that updates come as the settings say.

use shared::{
    settings::{WorkerSettings, WorkerTelegram},
    store::{self, staff_binding},
};

use super::{
    Finding, Words, say,
    telegram_ways::{self, TIMEOUT},
};
use crate::{
    telegram::{
        CallError, Chat, Client, Member, Missing, PartKind, PartName, WebhookInfo, differences,
        missing,
    },
    texts::Languages,
};

/// Pending updates above this number are a backlog.
const PENDING: u64 = 100;

pub(super) async fn check(settings: &WorkerSettings) -> Vec<Finding> {
    let client = match Client::open(settings) {
        Ok(client) => client,
        Err(error) => {
            let found = say("bot-unreachable").with("error", format!("{error:#}"));
            return vec![Finding::fail("bot", found, say("bot-mend-url"))];
        }
    };
    let mut findings = telegram_ways::check(&settings.telegram_ways, &client).await;
    match within(client.get_me()).await {
        Ok(me) => {
            let name =
                me.username.map_or_else(|| say("bot-nameless"), |name| format!("@{name}").into());
            let info = within(client.get_webhook_info()).await;
            let bot = Finding::ok("bot", name);
            let staff = staff_chat(settings, &client, me.id).await;
            let presentation = presentation(settings, &client).await;
            findings.extend([bot, webhook(settings, info), staff, presentation]);
        }
        Err(reason) => {
            let is_wrong = reason == Words::from(CallError::InvalidToken.to_string());
            let reason = if is_wrong { say("bot-token-wrong") } else { reason };
            findings.push(Finding::fail("bot", reason, say("bot-mend")));
        }
    }
    findings
}

/// Whether descriptions, commands and the menu button are as a worker sets them.
async fn presentation(settings: &WorkerSettings, client: &Client) -> Finding {
    let about = "presentation";
    let texts = match Languages::load(&settings.venue) {
        Ok(texts) => texts,
        Err(error) => return Finding::fail(about, error.to_string(), say("install-again")),
    };
    match within(differences(client, &texts, &settings.venue)).await {
        Ok(parts) if parts.is_empty() => Finding::ok(about, say("presentation-well")),
        Ok(parts) => {
            let found = say("presentation-differs").list("parts", parts.iter().map(part));
            Finding::warn(about, found, say("presentation-start"))
        }
        Err(reason) => Finding::warn(about, reason, say("try-again")),
    }
}

/// Whether the bot may write in the staff's chat.
async fn staff_chat(settings: &WorkerSettings, client: &Client, bot: i64) -> Finding {
    let about = "staff chat";
    let staff = &settings.venue.staff_chat;
    // Without PostgreSQL, which has a finding of its own, the setting is examined.
    let _ = within(read_binding(settings)).await;
    let Some(place) = staff.place() else {
        return Finding::warn(about, say("staff-none"), say("staff-bind"));
    };
    let source = if staff.is_bound() { say("staff-bound") } else { say("staff-named") };
    let named =
        |reason: Words| source.clone().with("place", place.to_string()).with("reason", reason);
    let (chat, member) = match within(client.get_chat(place.chat.0, bot)).await {
        Ok(found) => found,
        Err(reason) => return Finding::fail(about, named(reason), say("staff-see-id")),
    };
    if let Some(topic) = place.topic
        && let Err(reason) = within(client.find_topic(place.chat.0, topic)).await
    {
        return Finding::fail(about, named(reason), say("staff-see-topic"));
    }
    judge(about, &chat, &member)
}

/// Takes up the chat that a link bound.
async fn read_binding(settings: &WorkerSettings) -> Result<(), String> {
    let db = store::connect(&settings.common.database_url, 1).await;
    let db = db.map_err(|error| error.to_string())?;
    let read = staff_binding::refresh(&settings.venue.staff_chat, &db).await;
    read.map(drop).map_err(|error| error.to_string())
}

fn judge(about: &'static str, chat: &Chat, member: &Member) -> Finding {
    let found = |key| say(key).with("kind", chat.kind.clone());
    match missing(chat, member) {
        None => Finding::ok(about, found("staff-well")),
        Some(Missing::NotMember) => {
            Finding::fail(about, found("staff-no-member"), say("staff-add"))
        }
        Some(Missing::RightToWrite) => {
            Finding::fail(about, found("staff-no-writing"), say("staff-administrator"))
        }
        Some(Missing::RightToPost) => {
            Finding::fail(about, found("staff-no-posting"), say("staff-administrator-of-channel"))
        }
        Some(Missing::RightInClosedTopic) => {
            Finding::warn(about, found("staff-closed-topic"), say("staff-administrator"))
        }
    }
}

/// A part of what the bot shows of itself.
fn part(part: &PartName) -> Words {
    let name = match part.what {
        PartKind::Description => say("part-description"),
        PartKind::ShortDescription => say("part-short-description"),
        PartKind::CommandsOfAllChats => say("part-commands-of-all"),
        PartKind::Commands => say("part-commands"),
        PartKind::CommandsOfStaff => say("part-commands-of-staff"),
        PartKind::MenuButton => say("part-menu-button"),
    };
    match part.language {
        "" => name,
        language => say("part-in").with("part", name).with("language", language),
    }
}

async fn within<T>(call: impl Future<Output = Result<T, String>>) -> Result<T, Words> {
    match tokio::time::timeout(TIMEOUT, call).await {
        Ok(answer) => answer.map_err(Words::from),
        Err(_) => Err(say("telegram-silent")),
    }
}

fn webhook(settings: &WorkerSettings, info: Result<WebhookInfo, Words>) -> Finding {
    let about = "webhook";
    let info = match info {
        Ok(info) => info,
        Err(reason) => return Finding::warn(about, reason, say("try-again")),
    };
    let WorkerTelegram::Webhook { url, .. } = &settings.telegram else {
        return if info.url.is_empty() {
            Finding::ok(about, say("webhook-none"))
        } else {
            let found = say("webhook-beside-polling").with("host", info.host());
            Finding::fail(about, found, say("webhook-take-away"))
        };
    };
    let waits = info.pending_update_count;
    if info.url != url.as_str() {
        let found = say("webhook-elsewhere").with("host", info.host()).with("url", url.as_str());
        return Finding::fail(about, found, say("webhook-register"));
    }
    let missing = info.missing_updates();
    if !missing.is_empty() {
        let found = say("webhook-narrowed").with("url", url.as_str());
        let found = found.list("kinds", missing.into_iter().map(Words::from));
        return Finding::fail(about, found, say("webhook-register"));
    }
    let found = |key| say(key).with("url", url.as_str()).number("n", waits);
    let remedy = say("webhook-see");
    match info.last_error_message {
        Some(error) => {
            let found = found("webhook-trouble").with("error", error);
            let judge = if waits > 0 { Finding::fail } else { Finding::warn };
            judge(about, found, remedy)
        }
        None if waits > PENDING => Finding::warn(about, found("webhook-waits"), remedy),
        None => Finding::ok(about, found("webhook-waits")),
    }
}
