//! Words, photos and complaints: they reach the staff harmless, joined, and with the client whom to answer.

use simulator::model::{ChatMessage, Fault, FaultKind, UserMessage};

use super::{booked, data, world_with};
use crate::common::{
    Booking, Options, Outcome, SOON, STAFF_CHAT, expect_message, expect_staff_message, in_seconds,
    message_count, person, phrases, settled, warm_up,
};

#[tokio::test]
async fn any_other_words_reach_the_staff_harmless_and_are_acknowledged_once() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    booked(&world, &client, "WORDS1").await?;
    for words in ["Здравствуйте!", "Можно с собакой? https://evil.example @admin /stop", "Спасибо"]
    {
        world.telegram.say(client.chat, words).await?;
    }
    let card =
        expect_staff_message(&world, &["Клиент пишет", "Здравствуйте!", "с собакой"]).await?;
    for part in ["Спасибо", "WORDS1", &client.phone] {
        assert!(card.text.contains(part), "{part}: {}", card.text);
    }
    assert_eq!(card.autolinks, Vec::<String>::new(), "{}", card.source);
    expect_message(&world, &client, "Передали, ответим здесь").await?;
    world.telegram.say(client.chat, "и ещё вопрос").await?;
    expect_staff_message(&world, &["Клиент пишет", "и ещё вопрос"]).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, "Передали, ответим здесь").await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, "Клиент пишет").await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_photo_is_copied_below_its_card_with_a_harmless_caption() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    booked(&world, &client, "PHOTO1").await?;
    let photo = UserMessage::photo("Вот так: t.me/spam");
    world.telegram.send(client.chat, &photo).await?;
    let copied = |message: &ChatMessage| message.from_bot && message.text.contains("Вот так");
    let copy = world.telegram.wait_for_message(STAFF_CHAT, copied, SOON).await?;
    assert_eq!(copy.autolinks, Vec::<String>::new(), "{}", copy.source);
    let card = expect_staff_message(&world, &["Клиент пишет", "PHOTO1"]).await?;
    assert!(card.message_id < copy.message_id);
    world.telegram.send(client.chat, &UserMessage::voice(4)).await?;
    world
        .until(
            "SELECT count(*) FROM messages WHERE kind = 'staff_copy' AND status = 'sent'",
            2_i64,
            SOON,
        )
        .await
}

#[tokio::test]
async fn a_low_rating_is_followed_by_a_question_whose_answer_is_urgent() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    warm_up(&world).await?;
    let mut booking = Booking::at("LOWRAT", &client.phone, in_seconds(-3600));
    booking.end = in_seconds(9);
    world.accept(&booking.created()).await?;
    let question = expect_message(&world, &client, phrases::FEEDBACK).await?;
    // A digit among words is no rating: the words reach the staff.
    world.telegram.say(client.chat, "5 минут ждали").await?;
    expect_message(&world, &client, phrases::RATE_AGAIN).await?;
    expect_staff_message(&world, &["Клиент пишет", "5 минут ждали"]).await?;
    let two = data(&question, "2 ⭐")?;
    world.telegram.press(client.chat, Some(question.message_id), &two).await?;
    expect_message(&world, &client, "Что пошло не так?").await?;
    world.telegram.say(client.chat, "Холодно и шумно").await?;
    expect_staff_message(&world, &["недоволен визитом", "LOWRAT", "Холодно и шумно"]).await?;
    expect_message(&world, &client, "Передали руководителю").await?;
    // The dialogue is over: what follows are words.
    world.telegram.say(client.chat, "А когда вы открыты?").await?;
    expect_staff_message(&world, &["Клиент пишет", "А когда вы открыты?"]).await.map(drop)
}

#[tokio::test]
async fn words_behind_a_rating_go_to_the_staff() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    warm_up(&world).await?;
    let mut booking = Booking::at("FIVEOK", &client.phone, in_seconds(-3600));
    booking.end = in_seconds(9);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::FEEDBACK).await?;
    world.telegram.say(client.chat, "5, спасибо Ивану!").await?;
    expect_message(&world, &client, phrases::THANKS_FIVE).await?;
    expect_staff_message(&world, &["Клиент пишет", "спасибо Ивану!"]).await?;
    let rating = "SELECT rating FROM bookings WHERE bukza_booking_id = 'FIVEOK'";
    assert_eq!(world.database.one::<i16>(rating).await?, 5);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_comes_before_the_question_is_recorded_rates_and_ends_it() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    warm_up(&world).await?;
    let mut booking = Booking::at("QUICK5", &client.phone, in_seconds(-3600));
    booking.end = in_seconds(12);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    // Telegram shows the question and says so five seconds later.
    let slow = Fault::sending(FaultKind::Hang { ms: 5_000 }, 1).in_chat(client.chat).accepted();
    world.telegram.script(&slow).await?;
    expect_message(&world, &client, phrases::FEEDBACK).await?;
    world.telegram.say(client.chat, "5").await?;
    expect_message(&world, &client, phrases::THANKS_FIVE).await?;
    let rating = "SELECT rating FROM bookings WHERE bukza_booking_id = 'QUICK5'";
    assert_eq!(world.database.one::<i16>(rating).await?, 5);
    world.telegram.say(client.chat, "2").await?;
    expect_staff_message(&world, &["Клиент пишет", "QUICK5", "2"]).await?;
    assert_eq!(world.database.one::<i16>(rating).await?, 5, "the conversation was over");
    Ok(())
}

#[tokio::test]
async fn words_of_accounts_without_a_phone_are_one_card_behind_the_bookings() -> Outcome {
    let world = world_with(Options::default(), &[]).await?;
    for chat in 90_001..90_020 {
        world.telegram.say(chat, &format!("вопрос {chat}")).await?;
    }
    let card = expect_staff_message(&world, &["без номера телефона", "вопрос 90001"]).await?;
    assert!(card.text.contains("… и ещё"), "{}", card.text);
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "без номера телефона").await?, 1);
    // A minute lies between two of them.
    world.telegram.say(90_001, "ещё вопрос").await?;
    let planned = "SELECT count(*) FROM messages WHERE kind = 'staff_strangers' \
        AND status = 'scheduled' AND due_at > now() + interval '30 s'";
    world.until(planned, 1_i64, SOON).await
}
