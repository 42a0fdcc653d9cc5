//! Binds the staff's chat by a link, or ends what a link bound.

use anyhow::{Context, anyhow};
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

use super::{Tools, print_line};
use crate::{bot::new_link_secret, telegram::Client};

/// Prints a link that binds the group to which it adds the bot.
pub(super) async fn bind(tools: &Tools) -> anyhow::Result<()> {
    let settings = WorkerSettings::from_environment(&Environment::of_process())?;
    let client = Client::open(&settings)?;
    let bot = client.username().await.map_err(|reason| anyhow!(reason)).context("Telegram")?;
    let (secret, now) = (new_link_secret(), SystemClock.now());
    let tx = tools.db.begin().await?;
    staff_binding::open_link(&tx, &secret, now).await?;
    tx.commit().await?;
    let until = (now + staff_binding::LINK_LASTS).with_timezone(&settings.venue.zone.0);
    print_line(format_args!("https://t.me/{bot}?startgroup={secret}"))?;
    print_line(format_args!(
        "Open it in Telegram until {} and choose the staff's group: the bot joins it, and cards come there.",
        until.format("%H:%M")
    ))?;
    print_line(format_args!("For a topic, write in it instead: /start@{bot} {secret}"))?;
    print_line(format_args!(
        "Whoever has the link can choose the group. It works once; `worker unbind` takes it back."
    ))?;
    Ok(())
}

/// Ends the binding, with a notice to the chat.
pub(super) async fn unbind(tools: &Tools) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let tx = tools.db.begin().await?;
    staff_binding::end_links(&tx, now).await?;
    let Some(place) = staff_binding::unbind(&tx).await? else {
        tx.commit().await?;
        print_line(format_args!("nothing was bound; open links were taken back"))?;
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
    print_line(format_args!(
        "{place} is not the staff's chat any more; open links were taken back"
    ))?;
    Ok(())
}
