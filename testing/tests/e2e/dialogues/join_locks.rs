//! Guessing the four digits: the locks hold for the fleet, nothing can be learnt by trying, and nobody is locked out by
//! others.

use super::{
    join::{ASKS_DIGITS, JOINED, WRONG, handled, invitation, made, open, owner, say, stranger},
    world_with,
};
use crate::common::{
    Booking, Options, Outcome, Person, World, applied, expect_message, in_seconds, message_count,
    person, register,
};

const LOCKED: &str = "Слишком много попыток";

/// A booking in two days, whose card does not matter.
async fn booked(world: &World, code: &str, phone: &str) -> Outcome {
    world.accept(&Booking::at(code, phone, in_seconds(2 * 86_400)).created()).await?;
    applied(world, code, "active", 1).await
}

/// Types a code and digits, one after the other.
async fn tries(world: &World, guesser: &Person, code: &str, digits: &str) -> Outcome {
    say(world, guesser, code).await?;
    say(world, guesser, digits).await
}

/// The texts that the bot sent to a chat, in order, each once in a row.
async fn texts(world: &World, guesser: &Person) -> anyhow::Result<Vec<String>> {
    let messages = world.telegram.chat(guesser.chat).await?.into_iter();
    let mut texts: Vec<String> =
        messages.filter(|message| message.from_bot).map(|message| message.text).collect();
    // The same answer within some seconds is not given twice.
    texts.dedup();
    Ok(texts)
}

async fn tries_of(world: &World, scope: &str) -> anyhow::Result<i64> {
    let wrong =
        format!("SELECT coalesce(max(wrong), 0)::bigint FROM join_tries WHERE scope = '{scope}'");
    world.database.one(&wrong).await
}

#[tokio::test]
async fn concurrent_guesses_of_many_accounts_at_two_workers_are_five_for_a_booking() -> Outcome {
    let world = world_with(Options::default().workers(2), &[]).await?;
    let phone = person(1).phone;
    let card = made(&world, "GUESS1", &phone).await?;
    let token = invitation(&world, &card).await?;
    let guessers: Vec<Person> = (1..=12).map(stranger).collect();
    for guesser in &guessers {
        world.telegram.say(guesser.chat, "GUESS1").await?;
    }
    for guesser in &guessers {
        expect_message(&world, guesser, ASKS_DIGITS).await?;
    }
    let guess = async |guesser: &Person| world.telegram.say(guesser.chat, "9999").await;
    futures::future::try_join_all(guessers.iter().map(guess)).await?;
    for guesser in &guessers {
        expect_message(&world, guesser, WRONG).await?;
    }
    assert_eq!(tries_of(&world, "booking").await?, 5, "no more than five are judged");
    assert_eq!(tries_of(&world, "chat").await?, 1);
    let lock = "SELECT locked_until > now() + interval '23 h' AND locked_until < now() + interval '25 h' \
                FROM join_tries WHERE scope = 'booking'";
    assert!(world.database.one::<bool>(lock).await?);

    // The right digits are refused in the same words now.
    tries(&world, &guessers[0], "GUESS1", "0001").await?;
    assert_eq!(message_count(&world, guessers[0].chat, WRONG).await?, 2);
    assert_eq!(owner(&world, "GUESS1").await?, 0);
    // The link still opens the booking.
    let invited = stranger(50);
    open(&world, &invited, &token).await?;
    expect_message(&world, &invited, ASKS_DIGITS).await?;
    world.telegram.say(invited.chat, "0001").await?;
    expect_message(&world, &invited, JOINED).await?;
    assert_eq!(owner(&world, "GUESS1").await?, invited.chat);
    Ok(())
}

#[tokio::test]
async fn a_locked_booking_is_its_owners_by_their_contact() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let client = person(2);
    booked(&world, "CONTC1", &client.phone).await?;
    let guesser = stranger(1);
    for _ in 0..5 {
        tries(&world, &guesser, "CONTC1", "9999").await?;
    }
    assert_eq!(tries_of(&world, "booking").await?, 5);
    register(&world, &client).await?;
    expect_message(&world, &client, "CONTC1").await?;
    assert_eq!(owner(&world, "CONTC1").await?, client.chat);
    Ok(())
}

#[tokio::test]
async fn five_wrong_tries_lock_an_account_for_codes_and_leave_it_the_links() -> Outcome {
    let world = world_with(Options::default().workers(2), &[]).await?;
    // Before any other card waits: one that is joined to it would take the button.
    let card = made(&world, "CHATL8", &person(8).phone).await?;
    let token = invitation(&world, &card).await?;
    for n in 1..=7 {
        booked(&world, &format!("CHATL{n}"), &person(n).phone).await?;
    }
    let guesser = stranger(1);
    for n in 1..=4 {
        tries(&world, &guesser, &format!("CHATL{n}"), "9999").await?;
    }
    // The fifth to the tenth at once.
    say(&world, &guesser, "CHATL5").await?;
    let guess = async |digits: i64| world.telegram.say(guesser.chat, &format!("{digits}")).await;
    for made in futures::future::try_join_all((9_000..9_006).map(guess)).await? {
        handled(&world, &made).await?;
    }
    expect_message(&world, &guesser, LOCKED).await?;
    assert_eq!(tries_of(&world, "chat").await?, 5);
    assert_eq!(tries_of(&world, "booking").await?, 1);
    tries(&world, &guesser, "CHATL6", "0006").await?;
    assert_eq!(owner(&world, "CHATL6").await?, 0);
    // Deleting the own data gives no new tries.
    forget(&world, &guesser).await?;
    tries(&world, &guesser, "CHATL7", "0007").await?;
    assert_eq!(owner(&world, "CHATL7").await?, 0);
    // Others are not locked, and the account itself still opens links.
    let other = stranger(2);
    tries(&world, &other, "CHATL7", "0007").await?;
    assert_eq!(owner(&world, "CHATL7").await?, other.chat);
    open(&world, &guesser, &token).await?;
    world.telegram.say(guesser.chat, "0008").await?;
    expect_message(&world, &guesser, JOINED).await?;
    assert_eq!(owner(&world, "CHATL8").await?, guesser.chat);
    // After the hour codes are read again.
    let third = stranger(3);
    for _ in 0..5 {
        tries(&world, &third, "NOSUCH", "9999").await?;
    }
    let hour_over = "UPDATE join_tries SET locked_until = locked_until - interval '61 min', \
                     last_at = last_at - interval '61 min'";
    world.database.execute(hour_over).await?;
    tries(&world, &third, "CHATL6", "0006").await?;
    assert_eq!(owner(&world, "CHATL6").await?, third.chat);
    Ok(())
}

#[tokio::test]
async fn wrong_digits_after_a_link_lock_that_account_and_nobody_else() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let card = made(&world, "LINKS1", &person(1).phone).await?;
    let token = invitation(&world, &card).await?;
    let (thief, client) = (stranger(1), stranger(2));
    open(&world, &thief, &token).await?;
    expect_message(&world, &thief, ASKS_DIGITS).await?;
    for digits in ["9990", "9991", "9992", "9993", "9994", "0001"] {
        say(&world, &thief, digits).await?;
    }
    assert_eq!(message_count(&world, thief.chat, LOCKED).await?, 1);
    assert_eq!((owner(&world, "LINKS1").await?, tries_of(&world, "booking").await?), (0, 0));
    open(&world, &client, &token).await?;
    expect_message(&world, &client, ASKS_DIGITS).await?;
    world.telegram.say(client.chat, "0001").await?;
    expect_message(&world, &client, JOINED).await?;
    assert_eq!(owner(&world, "LINKS1").await?, client.chat);
    Ok(())
}

#[tokio::test]
async fn an_unknown_code_a_locked_and_a_foreign_one_get_the_same_answers() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    booked(&world, "FREE01", &person(1).phone).await?;
    booked(&world, "LOCKD1", &person(2).phone).await?;
    let foreign = person(3);
    register(&world, &foreign).await?;
    booked(&world, "FOREI1", &foreign.phone).await?;
    let first = stranger(40);
    for _ in 0..5 {
        tries(&world, &first, "LOCKD1", "9999").await?;
    }
    let mut seen = Vec::new();
    for (n, (code, digits)) in
        [("NOSUCH", "0001"), ("FREE01", "9999"), ("LOCKD1", "0002"), ("FOREI1", "0003")]
            .into_iter()
            .enumerate()
    {
        let guesser = stranger(1 + i64::try_from(n)?);
        for _ in 0..6 {
            tries(&world, &guesser, code, digits).await?;
        }
        seen.push(texts(&world, &guesser).await?);
    }
    assert!(seen.iter().all(|texts| *texts == seen[0]), "{seen:#?}");
    assert!(seen[0].last().is_some_and(|text| text.contains(LOCKED)), "{seen:#?}");
    let owners = [owner(&world, "FREE01").await?, owner(&world, "LOCKD1").await?];
    assert_eq!((owners, owner(&world, "FOREI1").await?), ([0, 0], foreign.chat));
    Ok(())
}

#[tokio::test]
async fn deleting_the_own_data_gives_no_new_tries() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    let guesser = stranger(1);
    for _ in 0..4 {
        tries(&world, &guesser, "NOSUCH", "9999").await?;
    }
    assert_eq!(message_count(&world, guesser.chat, LOCKED).await?, 0);
    forget(&world, &guesser).await?;
    tries(&world, &guesser, "NOSUCH", "9999").await?;
    assert_eq!(message_count(&world, guesser.chat, LOCKED).await?, 1);
    Ok(())
}

/// Deletes what is held about an account.
async fn forget(world: &World, person: &Person) -> Outcome {
    let press = serde_json::json!({"callback_query": {"id": "1", "chat_instance": "1",
        "data": "settings:forget_now",
        "from": {"id": person.chat, "is_bot": false, "first_name": "A"}}});
    handled(world, &world.telegram.inject(&press, 1, false).await?).await?;
    let deleted = format!("SELECT count(*) FROM users WHERE telegram_id = {}", person.chat);
    anyhow::ensure!(world.database.one::<i64>(&deleted).await? == 0, "nothing was deleted");
    Ok(())
}
