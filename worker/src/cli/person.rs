//! What is held about a person: printed as JSON, or deleted.

use shared::{
    clock::{Clock, SystemClock},
    domain::phone::{NotAPhone, Phone},
    queue::QueueName,
    settings::{Environment, forget_key},
    store::{
        TransactionTrait,
        person::{self, By, Deletion, DeletionCounts, Person, Who},
    },
};

use super::{
    Tools,
    output::print_json,
    words::{Words, say},
};
use crate::texts::BACKUPS_KEPT_DAYS;

fn parse(tools: &Tools, text: &str) -> anyhow::Result<Phone> {
    Phone::parse(text, tools.common.rules.region)
        .map_err(|NotAPhone| tools.failure(&say("phone-wrong").with("phone", text)))
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
    for words in report(counts, key.is_some()) {
        tools.print(&words)?;
    }
    Ok(())
}

fn report(counts: DeletionCounts, has_key: bool) -> Vec<Words> {
    let deleted = say("forget-deleted")
        .number("accounts", counts.accounts)
        .number("requests", counts.requests)
        .number("refused", counts.refused_requests)
        .number("dead", counts.dead_letters)
        .number("inbox", counts.inbox);
    let nameless = say("forget-nameless")
        .number("bookings", counts.bookings)
        .number("messages", counts.messages);
    let backups = say("forget-backups").with("n", BACKUPS_KEPT_DAYS.to_string());
    let no_key = (!has_key).then(|| say("forget-no-key"));
    [deleted, nameless, backups].into_iter().chain(no_key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::words::in_both;

    #[test]
    fn what_was_deleted_is_reported_in_the_venues_language() {
        let counts = DeletionCounts { accounts: 1, bookings: 3, ..DeletionCounts::default() };
        let [russian, english] = in_both(&report(counts, false));
        assert_eq!((russian.len(), english.len()), (4, 4));
        assert!(russian[0].starts_with("удалено: аккаунтов 1, "), "{russian:?}");
        assert!(russian[1].contains("записей 3, сообщений 0"), "{russian:?}");
        assert!(russian[2].contains("до 184 дней"), "{russian:?}");
        assert!(russian[3].starts_with("FORGET_KEY не задан"), "{russian:?}");
        assert!(english[0].starts_with("deleted: accounts 1, "), "{english:?}");
        assert!(english[1].contains("bookings 3, messages 0"), "{english:?}");
        assert!(english[2].contains("up to 184 days"), "{english:?}");
        assert!(english[3].starts_with("FORGET_KEY is not set"), "{english:?}");
        assert_eq!(report(counts, true).len(), 3);
    }
}
