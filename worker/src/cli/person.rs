//! What is held about a person: printed as JSON, or deleted.

use anyhow::Context;
use shared::{
    clock::{Clock, SystemClock},
    domain::phone::Phone,
    queue::QueueName,
    settings::{Environment, forget_key},
    store::{
        TransactionTrait,
        person::{self, By, Deletion, Person, Who},
    },
};

use super::{Tools, output::print_json, print_line};
use crate::texts::BACKUPS_KEPT_DAYS;

fn parse(tools: &Tools, text: &str) -> anyhow::Result<Phone> {
    Phone::parse(text, tools.common.rules.region).context("the phone")
}

/// Prints all that is held about a person.
pub(super) async fn export(tools: &Tools, phone: &str) -> anyhow::Result<()> {
    let phone = parse(tools, phone)?;
    let person = Person::find(&tools.db, Who::Phone(&phone)).await?;
    print_json(&person::export(&tools.db, &person).await?)?;
    Ok(())
}

/// Deletes all that is held about a person.
pub(super) async fn forget(tools: &Tools, phone: &str) -> anyhow::Result<()> {
    let phone = parse(tools, phone)?;
    let key = forget_key(&Environment::of_process())?;
    let now = SystemClock.now();
    let deletion = Deletion { by: By::Operator, key: key.as_ref(), update_id: None, now };
    let tx = tools.db.begin().await?;
    let (counts, work) = person::erase(&tx, Who::Phone(&phone), deletion).await?;
    tx.commit().await?;
    // If this fails, the jobs find nothing to do.
    tools.queue()?.cancel(QueueName::Bulk, &work.cancel).await?;
    print_line(format_args!(
        "deleted: {} accounts, {} requests to the staff, {} refused requests, {} dead letters, {} inbox entries",
        counts.accounts,
        counts.requests,
        counts.refused_requests,
        counts.dead_letters,
        counts.inbox
    ))?;
    print_line(format_args!(
        "without their person now: {} bookings, {} messages",
        counts.bookings, counts.messages
    ))?;
    print_line(format_args!(
        "backups hold the data for up to {BACKUPS_KEPT_DAYS} days: after a restore, repeat this command"
    ))?;
    if key.is_none() {
        print_line(format_args!(
            "FORGET_KEY is not set: requests of Bukza that were on their way bring data back, and a \
             deleted booking that Bukza gives to another client stays without that client"
        ))?;
    }
    Ok(())
}
