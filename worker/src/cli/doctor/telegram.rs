//! Checks that the token is a bot's, and that updates come as the settings say.

use shared::{
    settings::{WorkerSettings, WorkerTelegram},
    store::{self, staff_binding},
};

use super::{
    Finding,
    telegram_ways::{self, TIMEOUT},
};
use crate::{
    telegram::{Chat, Client, Member, Missing, WebhookInfo, differences, missing},
    texts::Languages,
};

/// Pending updates above this number are a backlog.
const PENDING: u64 = 100;

pub(super) async fn check(settings: &WorkerSettings) -> Vec<Finding> {
    let client = match Client::open(settings) {
        Ok(client) => client,
        Err(error) => {
            let found = format!("can't be reached: {error:#}");
            return vec![Finding::fail("bot", found, "mend TELEGRAM_PROXY or TELEGRAM_API_URL")];
        }
    };
    let mut findings = telegram_ways::check(&settings.telegram_ways, &client).await;
    match within(client.get_me()).await {
        Ok(me) => {
            let name = me.username.unwrap_or_else(|| "a bot without a name".to_owned());
            let info = within(client.get_webhook_info()).await;
            let bot = Finding::ok("bot", format!("@{name}"));
            let staff = staff_chat(settings, &client, me.id).await;
            let presentation = presentation(settings, &client).await;
            findings.extend([bot, webhook(settings, info), staff, presentation]);
        }
        Err(reason) => {
            let remedy = "mend BOT_TOKEN (@BotFather has it); if Telegram can't be reached: the \
                          network, TELEGRAM_PROXY, or a second way in TELEGRAM_API_URL";
            findings.push(Finding::fail("bot", reason, remedy));
        }
    }
    findings
}

/// Whether descriptions, commands and the menu button are as a worker sets them.
async fn presentation(settings: &WorkerSettings, client: &Client) -> Finding {
    let about = "presentation";
    let texts = match Languages::load(&settings.venue) {
        Ok(texts) => texts,
        Err(error) => return Finding::fail(about, error.to_string(), "install the release again"),
    };
    match within(differences(client, &texts, &settings.venue)).await {
        Ok(parts) if parts.is_empty() => {
            Finding::ok(about, "descriptions, commands and the menu button are as they should be")
        }
        Ok(parts) => {
            let found = format!("Telegram shows something else: {}", parts.join(", "));
            Finding::warn(about, found, "start a worker, which sets them")
        }
        Err(reason) => Finding::warn(about, reason, "try again"),
    }
}

/// Whether the bot may write in the staff's chat.
async fn staff_chat(settings: &WorkerSettings, client: &Client, bot: i64) -> Finding {
    let about = "staff chat";
    let staff = &settings.venue.staff_chat;
    // Without PostgreSQL, which has a finding of its own, the setting is examined.
    let _ = within(read_binding(settings)).await;
    let Some(place) = staff.place() else {
        let found = "none: SUPPORT_CHANNEL_ID is not set, and no link bound one";
        return Finding::warn(about, found, "run `worker bind` and open its link in Telegram");
    };
    let source = if staff.is_bound() { "a link bound" } else { "SUPPORT_CHANNEL_ID names" };
    let (chat, member) = match within(client.get_chat(place.chat.0, bot)).await {
        Ok(found) => found,
        Err(reason) => {
            let remedy = "see that SUPPORT_CHANNEL_ID is the chat's id (a group's begins with -100), and add \
                          the bot to the chat; or run `worker bind` and open its link in Telegram";
            return Finding::fail(about, format!("{source} {place}: {reason}"), remedy);
        }
    };
    if let Some(topic) = place.topic
        && let Err(reason) = within(client.find_topic(place.chat.0, topic)).await
    {
        let remedy =
            "see that the topic is there and open: its link in Telegram ends with its number";
        return Finding::fail(about, format!("{source} {place}: {reason}"), remedy);
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
    let kind = &chat.kind;
    let (found, remedy) = match missing(chat, member) {
        None => return Finding::ok(about, format!("{kind}, the bot may write there")),
        Some(Missing::NotMember) => (
            "the bot is not a member",
            "add the bot to the chat (unban it first, if it was removed)",
        ),
        Some(Missing::RightToWrite) => {
            ("the bot may not write there", "make the bot an administrator of the group")
        }
        Some(Missing::RightToPost) => (
            "the bot may not post there",
            "make the bot an administrator of the channel who may post messages",
        ),
        Some(Missing::RightInClosedTopic) => {
            let found = format!("{kind} with topics: cards wait while its general topic is closed");
            return Finding::warn(about, found, "make the bot an administrator of the group");
        }
    };
    Finding::fail(about, format!("{kind}: {found}"), remedy)
}

async fn within<T>(call: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let answer = tokio::time::timeout(TIMEOUT, call).await;
    answer.unwrap_or_else(|_| Err("Telegram does not answer".to_owned()))
}

fn webhook(settings: &WorkerSettings, info: Result<WebhookInfo, String>) -> Finding {
    let about = "webhook";
    let info = match info {
        Ok(info) => info,
        Err(reason) => return Finding::warn(about, reason, "try again"),
    };
    let WorkerTelegram::Webhook { url, .. } = &settings.telegram else {
        return if info.url.is_empty() {
            Finding::ok(about, "none, updates are fetched")
        } else {
            let host = info.host();
            let found = format!("one at {host} is registered, though TELEGRAM_MODE is polling");
            Finding::fail(about, found, "start a worker, which takes it away")
        };
    };
    let waits = info.pending_update_count;
    if info.url != url.as_str() {
        let found = format!("Telegram knows one at {} instead of {url}", info.host());
        let remedy = "start a worker, which registers it; does another program use this token?";
        return Finding::fail(about, found, remedy);
    }
    let found = format!("{url}, {waits} updates wait");
    let remedy = "see that ingest runs and nginx lets Telegram in (certificate, port 443)";
    match info.last_error_message {
        Some(error) if waits > 0 => {
            Finding::fail(about, format!("{found}, Telegram's last trouble: {error}"), remedy)
        }
        Some(error) => {
            Finding::warn(about, format!("{found}, Telegram's last trouble: {error}"), remedy)
        }
        None if waits > PENDING => Finding::warn(about, found, remedy),
        None => Finding::ok(about, found),
    }
}
