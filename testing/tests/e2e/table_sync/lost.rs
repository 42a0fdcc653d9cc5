//! Requests are lost while both databases are away, and by a template that was edited badly: 50 of 500 in a long run. After
//! the next round and one press every client has heard what is true, once. Without the table nobody notices.

use std::time::Duration;

use futures::future::try_join_all;
use testing::harness::environment;

use super::*;
use crate::common::{
    Person, Request, clients_settled, confirmed_count, message_count, person, phrases, register,
};

/// How much is played.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Each with two bookings.
    clients: i64,
    /// So many of them lose requests in each of the two ways.
    losers: i64,
    requests: usize,
    lost: usize,
}

const LONG: Size = Size { clients: 135, losers: 20, requests: 500, lost: 50 };
const SHORT: Size = Size { clients: 12, losers: 4, requests: 40, lost: 10 };

/// Longest wait for a card behind those of a few hundred bookings: the staff's chat takes 20 messages a minute.
const CARD_WITHIN: Duration = Duration::from_secs(240);

impl Size {
    fn cases(self) -> Vec<Case> {
        let cases: Vec<Case> = (1..=self.clients).map(|it| Case::of(it, self.losers)).collect();
        let count = |of: fn(&Case) -> Vec<Request>| cases.iter().flat_map(of).count();
        let accepted = count(Case::first_requests) + count(Case::later_requests);
        assert_eq!(count(Case::lost), self.lost);
        assert_eq!(accepted + self.lost, self.requests);
        cases
    }
}

fn cases() -> Vec<Case> {
    if environment::is_long() { LONG.cases() } else { SHORT.cases() }
}

/// How requests of a client are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// The first booking's move.
    Moved,
    /// The first booking's cancellation.
    Cancelled,
    /// All about the second booking.
    Missing,
}

const LOSSES: [Loss; 4] = [Loss::Moved, Loss::Moved, Loss::Cancelled, Loss::Missing];

/// A client, with two bookings and what is lost of them.
struct Case {
    person: Person,
    first: Booking,
    second: Booking,
    in_outage: Option<Loss>,
    by_template: Option<Loss>,
}

impl Case {
    fn of(number: i64, losers: i64) -> Self {
        let person = person(number);
        let at = |letter, hours| {
            Booking::at(&format!("{letter}{number:05}"), &person.phone, in_hours(hours))
        };
        let loss = |from: i64| {
            let at = usize::try_from(number - from).ok()?;
            (number < from + losers).then(|| LOSSES[at % LOSSES.len()])
        };
        Self {
            first: at('A', 48 + number),
            second: at('B', 96 + number),
            in_outage: loss(1),
            by_template: loss(1 + losers),
            person,
        }
    }

    fn loss(&self) -> Option<Loss> {
        self.in_outage.or(self.by_template)
    }

    /// What the table shows in the end. Those who lose nothing have their first booking moved.
    fn truth(&self) -> [Reservation; 2] {
        let first = reservation(&self.first);
        let first = match self.loss() {
            Some(Loss::Cancelled) => first.with_status("Отменено"),
            Some(Loss::Moved) | None => first.moved_to(self.later()),
            Some(Loss::Missing) => first,
        };
        [first, reservation(&self.second)]
    }

    fn later(&self) -> DateTime<Utc> {
        self.first.start + TimeDelta::hours(3)
    }

    fn lost(&self) -> Vec<Request> {
        match self.loss() {
            None => Vec::new(),
            Some(Loss::Moved) => vec![self.first.moved_to(self.later()).created()],
            Some(Loss::Cancelled) => vec![self.first.cancelled()],
            Some(Loss::Missing) => vec![self.second.created(), self.second.created()],
        }
    }

    /// Those who lose nothing move their first booking, and their second comes again.
    fn later_requests(&self) -> Vec<Request> {
        if self.loss().is_some() {
            return Vec::new();
        }
        vec![self.first.moved_to(self.later()).created(), self.second.created()]
    }

    fn first_requests(&self) -> Vec<Request> {
        let second = (self.loss() != Some(Loss::Missing)).then(|| self.second.created());
        [self.first.created()].into_iter().chain(second).collect()
    }
}

/// The body of a template in which a parameter is missing.
fn edited_badly(request: &Request) -> Request {
    Request { body: request.body.replace("\"code\"", "\"kod_broni\""), ..request.clone() }
}

/// Plays the week.
async fn play(world: &mut World, cases: &[Case]) -> Outcome {
    // ingest loads its rules for numbers.
    let warm = Booking::at("WARMUP", "+79990009999", in_hours(24));
    world.accept(&warm.created()).await?;
    try_join_all(cases.iter().map(|case| register(world, &case.person))).await?;
    for request in cases.iter().flat_map(Case::first_requests) {
        world.accept(&request).await?;
    }
    clients_settled(world).await?;
    for request in cases.iter().flat_map(Case::later_requests) {
        world.accept(&request).await?;
    }
    let warm = [reservation(&warm)];
    let table: Vec<Reservation> = cases.iter().flat_map(Case::truth).chain(warm).collect();
    world.telegram.bukza().set(&table).await?;
    for case in cases.iter().filter(|case| case.by_template.is_some()) {
        for request in case.lost() {
            let (status, body) = world.post_bukza(&edited_badly(&request)).await?;
            anyhow::ensure!(status == 422, "{status}: {body}");
        }
    }
    clients_settled(world).await?;
    world.host.redis()?.kill().await?;
    world.host.postgres()?.kill().await?;
    for request in cases.iter().filter(|case| case.in_outage.is_some()).flat_map(Case::lost) {
        let (status, body) = world.post_bukza(&request).await?;
        anyhow::ensure!(status == 503, "{status}: {body}");
    }
    world.host.redis()?.resume().await?;
    world.host.postgres()?.resume().await?;
    world.database.reconnect().await?;
    Ok(())
}

/// How often the bot has sent what: confirmed bookings, moves, cancellations.
async fn heard(world: &World, case: &Case) -> anyhow::Result<[usize; 3]> {
    let chat = case.person.chat;
    Ok([
        confirmed_count(world, chat).await?,
        message_count(world, chat, phrases::MOVED).await?,
        message_count(world, chat, phrases::CANCELLED).await?,
    ])
}

#[tokio::test]
async fn after_the_next_round_and_a_press_every_client_has_heard_what_is_true_once() -> Outcome {
    let mut world = start(Options::default().own_servers(), 1).await?;
    let cases = cases();
    let lost: Vec<&Case> = cases.iter().filter(|case| case.loss().is_some()).collect();
    play(&mut world, &cases).await?;
    // The outage's end makes a round.
    let is_card = |message: &ChatMessage| {
        [CARD, "A00001", "A00002"].iter().all(|it| message.text.contains(it))
    };
    let shown = world.telegram.wait_for_message(STAFF_CHAT, is_card, CARD_WITHIN).await?;
    let all = button(&shown, &format!("Применить все: {}", lost.len()))?;
    press(&world, ANNA, (&shown, &all), &format!("Применено записей: {}", lost.len())).await?;
    press_late(&world, (&shown, &all), &format!("Уже применено: {}", lost.len())).await?;
    for case in &lost {
        let code =
            if case.loss() == Some(Loss::Missing) { &case.second.code } else { &case.first.code };
        let [_, expected, cancelled] = expected(case);
        let words = match (expected, cancelled) {
            (1, _) => phrases::MOVED,
            (_, 1) => phrases::CANCELLED,
            _ => phrases::CONFIRMED,
        };
        let has = |message: &ChatMessage| message.text.contains(words);
        world.telegram.wait_for_message(case.person.chat, has, SOON).await?;
        let known = format!("SELECT count(*) FROM bookings WHERE bukza_booking_id = '{code}'");
        world.until(&known, 1_i64, SOON).await?;
    }
    clients_settled(&world).await?;
    round(&world).await?;
    world.until_empty("events", 3 * SOON).await?;
    clients_settled(&world).await?;
    for case in &cases {
        assert_eq!(
            heard(&world, case).await?,
            expected(case),
            "{:?} {}",
            case.loss(),
            case.first.code
        );
    }
    // The next round finds that all is true.
    let open = "SELECT count(*) FROM table_differences WHERE gone_at IS NULL";
    assert_eq!(world.database.one::<i64>(open).await?, 0);
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 1);
    Ok(())
}

#[tokio::test]
async fn without_the_table_the_same_losses_are_noticed_by_nobody() -> Outcome {
    let mut world = World::start(Options::default().own_servers()).await?;
    let cases = cases();
    play(&mut world, &cases).await?;
    world.ready().await?;
    // What was accepted just before the outage is applied after it.
    world.until_empty("events", 3 * SOON).await?;
    clients_settled(&world).await?;
    for case in &cases {
        let heard = heard(&world, case).await?;
        let missed = heard != expected(case);
        assert_eq!(missed, case.loss().is_some(), "{heard:?} of {:?}", case.loss());
    }
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 0);
    Ok(())
}

fn expected(case: &Case) -> [usize; 3] {
    match case.loss() {
        Some(Loss::Cancelled) => [2, 0, 1],
        Some(Loss::Moved) | None => [2, 1, 0],
        Some(Loss::Missing) => [2, 0, 0],
    }
}
