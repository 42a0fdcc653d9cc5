//! `worker import`: takes over the database of the Python bot. It can be repeated until the switch, and notifies nobody.

mod report;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use shared::{
    clock::{Clock, SystemClock},
    domain::{
        forgotten::ForgetKey,
        ids::ChatId,
        import::{
            Clients, LeftOut, OldBooking, OldBookings, OldClient, OldMessage, OldRow, ReadBooking,
            SentBefore, Why,
        },
        phone::Phone,
        time::VenueZone,
    },
    queue::QueueName,
    settings::{Environment, WorkerSettings},
    store::{
        TransactionTrait,
        import::{
            BATCH, ClientFate, ImportedBooking, Importer, OldDatabase, OldDatabaseError, fates,
            register,
        },
    },
};

use self::report::Report;
use super::Tools;

/// Clients that are registered in one transaction.
const CLIENTS_AT_ONCE: usize = 500;

/// What the command was given.
#[derive(Debug, clap::Args)]
pub struct ImportOptions {
    /// The Python bot's database: postgres://user:password@host:5432/name
    #[arg(long, value_name = "URL")]
    from: String,
    /// Write nothing, and print the same report
    #[arg(long)]
    dry_run: bool,
}

/// Takes over clients, bookings, and what was sent about them; prints each row that is left out, and the numbers.
pub(super) async fn run(tools: &Tools, options: ImportOptions) -> anyhow::Result<()> {
    let venue = WorkerSettings::from_environment(&Environment::of_process())?.venue;
    let mut report = Report::new(venue.locale, options.dry_run);
    let now = SystemClock.now();
    let mut old = match OldDatabase::open(&SecretString::from(options.from)).await {
        Ok(old) => old,
        Err(error @ OldDatabaseError::Database(_)) => return Err(error.into()),
        Err(OldDatabaseError::NoTables(tables)) => anyhow::bail!(report.no_tables(tables)),
        Err(OldDatabaseError::Own) => anyhow::bail!(report.own_database()),
    };
    let users = old.users().await?;
    let clients = Clients::read(&users, venue.zone, venue.phone_region, now);
    let new_clients = sort_clients(tools, &clients, venue.forget_key.as_ref(), &mut report).await?;
    let new_chats: HashMap<Phone, ChatId> =
        new_clients.iter().map(|client| (client.phone.clone(), client.chat)).collect();
    let chats = clients.clients.iter().map(|client| (client.row.clone(), client.chat));
    let chats: HashMap<String, ChatId> = chats.collect();
    let importer = Importer {
        db: &tools.db,
        venue: &venue,
        new_clients: &new_chats,
        chats: &chats,
        now,
        dry_run: options.dry_run,
    };
    let (zone, region) = (venue.zone, venue.phone_region);
    let mut bookings = Bookings {
        reader: OldBookings { zone, region, clients: &clients, now },
        codes: HashMap::new(),
    };
    loop {
        let rows = old.next_bookings().await?;
        if rows.is_empty() {
            break;
        }
        let ids = rows.iter().filter_map(|row| row.id.clone()).collect();
        let messages = old.messages(ids).await?;
        let page = bookings.page(&rows, &messages, &mut report)?;
        for batch in page.chunks(BATCH) {
            let outcomes = importer.batch(batch).await?;
            add_outcomes(batch, outcomes, &mut report)?;
        }
    }
    for message in old.stray_messages().await? {
        report.messages += 1;
        report.left_out(&message_left_out(&message, Why::NoBooking))?;
    }
    if !options.dry_run {
        register_clients(tools, &new_clients, now).await?;
    }
    report.numbers(users.len())
}

/// Those of the clients that are to be registered here.
async fn sort_clients(
    tools: &Tools,
    clients: &Clients,
    key: Option<&ForgetKey>,
    report: &mut Report,
) -> anyhow::Result<Vec<OldClient>> {
    for left in &clients.left_out {
        report.left_out(left)?;
    }
    let mut new = Vec::new();
    for page in clients.clients.chunks(CLIENTS_AT_ONCE) {
        for (client, fate) in page.iter().zip(fates(&tools.db, page, key).await?) {
            match fate {
                ClientFate::New => new.push(client.clone()),
                ClientFate::Known => report.known_clients += 1,
                ClientFate::LeftOut(why) => report.left_out(&client.left_out(why))?,
            }
        }
    }
    report.new_clients = new.len();
    Ok(new)
}

async fn register_clients(
    tools: &Tools,
    clients: &[OldClient],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    for page in clients.chunks(CLIENTS_AT_ONCE) {
        let tx = tools.db.begin().await?;
        let work = register(&tx, page, now).await?;
        tx.commit().await?;
        // Of bookings that are known here already. If this fails, the reconciler pushes what is due.
        if !work.push.is_empty() || !work.cancel.is_empty() {
            let queue = tools.queue()?;
            queue.push(&work.push).await?;
            queue.cancel(QueueName::Bulk, &work.cancel).await?;
        }
    }
    Ok(())
}

/// The old bookings on their way through the report.
struct Bookings<'a> {
    reader: OldBookings<'a>,
    /// The codes of before, each with its row.
    codes: HashMap<String, String>,
}

impl Bookings<'_> {
    /// The bookings of a page that can be taken over, each with what was sent about it.
    fn page(
        &mut self,
        rows: &[OldBooking],
        messages: &[OldMessage],
        report: &mut Report,
    ) -> anyhow::Result<Vec<(ReadBooking, Vec<SentBefore>)>> {
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            report.bookings += 1;
            match self.reader.read(row).and_then(|booking| self.once(booking)) {
                Ok(booking) => {
                    for why in &booking.without {
                        report.left_out(&booking.left_out(why.clone()))?;
                    }
                    read.push(booking);
                }
                Err(left) => report.left_out(&left)?,
            }
        }
        let kept: HashSet<&str> = read.iter().map(|booking| booking.row.as_str()).collect();
        let mut sent: HashMap<String, Vec<SentBefore>> = HashMap::new();
        let zone: VenueZone = self.reader.zone;
        for message in messages {
            report.messages += 1;
            let booking = message.booking_id.as_deref().filter(|booking| kept.contains(booking));
            match (booking, message.read(zone, self.reader.now)) {
                (Some(booking), Ok(message)) => {
                    sent.entry(booking.to_owned()).or_default().push(message);
                }
                (Some(_), Err(why)) => report.left_out(&message_left_out(message, why))?,
                (None, _) => report.left_out(&message_left_out(message, Why::NoBooking))?,
            }
        }
        let with_messages = |booking: ReadBooking| {
            let sent = sent.remove(&booking.row).unwrap_or_default();
            (booking, sent)
        };
        Ok(read.into_iter().map(with_messages).collect())
    }

    /// Each code once: rows come in the order of their changes, the newest first.
    fn once(&mut self, booking: ReadBooking) -> Result<ReadBooking, LeftOut> {
        let code = booking.event.code.to_string();
        match self.codes.get(&code) {
            Some(other) => Err(booking.left_out(Why::CodeTwice { other: other.clone() })),
            None => {
                self.codes.insert(code, booking.row.clone());
                Ok(booking)
            }
        }
    }
}

fn message_left_out(message: &OldMessage, why: Why) -> LeftOut {
    let id = message.id.clone().unwrap_or_else(|| "?".to_owned());
    LeftOut { row: OldRow::Message(id), about: None, why }
}

fn add_outcomes(
    batch: &[(ReadBooking, Vec<SentBefore>)],
    outcomes: Vec<Result<ImportedBooking, LeftOut>>,
    report: &mut Report,
) -> anyhow::Result<()> {
    for ((_, sent), outcome) in batch.iter().zip(outcomes) {
        match outcome {
            Ok(imported) => report.imported(&imported, sent.len()),
            Err(left) => {
                report.left_out(&left)?;
                for message in sent {
                    let row = OldRow::Message(message.row.clone());
                    report.left_out(&LeftOut { row, about: None, why: Why::NoBooking })?;
                }
            }
        }
    }
    Ok(())
}
