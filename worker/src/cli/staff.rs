//! Binds the staff's chat by a link, or ends what a link bound.

use shared::{
    clock::{Clock, SystemClock},
    domain::{message::StaffChatNews, staff_chat::StaffPlace},
    settings::{Environment, WorkerSettings},
    store::{
        TransactionTrait,
        outbox::{self, NewMessage},
        staff_binding,
    },
};

use super::{
    Tools, print_line,
    words::{Words, say},
};
use crate::{bot::new_link_secret, telegram::Client};

/// Prints a link that binds the group to which it adds the bot.
pub(super) async fn bind(tools: &Tools) -> anyhow::Result<()> {
    let settings = WorkerSettings::from_environment(&Environment::of_process())?;
    let client = Client::open(&settings)?;
    let away = |error| tools.failure(&say("telegram-away").with("error", error));
    let bot = client.username().await.map_err(away)?;
    let (secret, now) = (new_link_secret(), SystemClock.now());
    let tx = tools.db.begin().await?;
    staff_binding::open_link(&tx, &secret, now).await?;
    tx.commit().await?;
    let until = (now + staff_binding::LINK_LASTS).with_timezone(&settings.venue.zone.0);
    print_line(format_args!("https://t.me/{bot}?startgroup={secret}"))?;
    for words in how_to_use(bot, &secret, &until.format("%H:%M").to_string()) {
        tools.print(&words)?;
    }
    Ok(())
}

fn how_to_use(bot: &str, secret: &str, until: &str) -> [Words; 3] {
    [
        say("bind-open").with("until", until),
        say("bind-topic").with("command", format!("/start@{bot} {secret}")),
        say("bind-once"),
    ]
}

/// Ends the binding, with a notice to the chat.
pub(super) async fn unbind(tools: &Tools) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let tx = tools.db.begin().await?;
    staff_binding::end_links(&tx, now).await?;
    let Some(place) = staff_binding::unbind(&tx).await? else {
        tx.commit().await?;
        tools.print(&say("unbind-none"))?;
        return Ok(());
    };
    let place = match outbox::alias_of(&tx, place.chat).await? {
        Some(chat) => StaffPlace { chat, ..place },
        None => place,
    };
    let notice = NewMessage::staff_chat_notice(place, StaffChatNews::Left { to: None }, now);
    let work = outbox::insert(&tx, &[notice], now).await?;
    tx.commit().await?;
    // If this fails, the reconciler pushes the notice.
    tools.queue()?.push(&work.push).await?;
    tools.print(&say("unbind-done").with("place", place.to_string()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::words::in_both;

    #[test]
    fn how_to_use_a_link_is_printed_in_the_venues_language() {
        let [russian, english] = in_both(&how_to_use("our_bot", "s3cret", "12:30"));
        assert!(russian[0].contains("до 12:30"), "{russian:?}");
        assert!(russian[1].ends_with("напишите в ней: /start@our_bot s3cret"), "{russian:?}");
        assert!(russian[2].contains("`worker unbind`"), "{russian:?}");
        assert!(english[0].contains("until 12:30"), "{english:?}");
        assert!(english[1].ends_with("write in it instead: /start@our_bot s3cret"), "{english:?}");
        assert!(english[2].contains("`worker unbind`"), "{english:?}");
    }
}
