//! Rounds without a press: applied by themselves, by the command, refused, and what the table lacks.

use simulator::bukza::model::{BukzaFault, BukzaFaultKind};

use super::*;
use crate::common::{applied, expect_message, message_count, person, phrases, register, settled};

#[tokio::test]
async fn with_apply_differences_are_applied_by_two_workers_as_by_one() -> Outcome {
    let world = start(Options::default().set("BUKZA_SYNC", "apply"), 2).await?;
    let client = person(1);
    register(&world, &client).await?;
    let lost = Booking::at("LOST01", &client.phone, in_hours(40));
    world.telegram.bukza().set(&[reservation(&lost)]).await?;
    round(&world).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let moved = lost.moved_to(in_hours(50));
    world.telegram.bukza().set(&[reservation(&moved)]).await?;
    round(&world).await?;
    expect_message(&world, &client, phrases::MOVED).await?;
    // A newer request is not undone by the table of before.
    world.accept(&moved.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    world.telegram.bukza().set(&[reservation(&moved).with_status("Отменено")]).await?;
    round(&world).await?;
    settled(&world).await?;
    for (words, count) in [(phrases::CONFIRMED, 1), (phrases::MOVED, 1), (phrases::CANCELLED, 1)] {
        assert_eq!(message_count(&world, client.chat, words).await?, count, "{words}");
    }
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 0);
    Ok(())
}

#[tokio::test]
async fn half_a_table_is_refused_and_what_vanished_is_cancelled_by_nobody() -> Outcome {
    let world = start(Options::default(), 1).await?;
    let bookings: Vec<Booking> = (0..5)
        .map(|n| Booking::at(&format!("KNOWN{n}"), "+79990000001", in_hours(40 + n)))
        .collect();
    for booking in &bookings {
        world.accept(&booking.created()).await?;
        applied(&world, &booking.code, "active", 1).await?;
    }
    let table: Vec<Reservation> = bookings.iter().map(reservation).collect();
    world.telegram.bukza().set(&table[..2]).await?;
    round(&world).await?;
    expect_staff_message(&world, &["Таблица Bukza не принята", "только 2 из 5"]).await?;
    round(&world).await?;
    // One row is gone: it is shown, and there is nothing to apply.
    world.telegram.bukza().set(&table[1..]).await?;
    round(&world).await?;
    let shown = card(&world, &["KNOWN0", "в таблице её нет"]).await?;
    assert!(shown.buttons.is_empty(), "{:?}", shown.buttons);
    // An answer that is not understood changes nothing, either.
    let renamed = BukzaFaultKind::Body { json: serde_json::json!({"rows": "none"}) };
    world.telegram.bukza().script(&BukzaFault::lasting(renamed)).await?;
    round(&world).await?;
    settled(&world).await?;
    let active = "SELECT count(*) FROM bookings WHERE status = 'active' AND version = 1";
    assert_eq!(world.database.one::<i64>(active).await?, 5);
    assert_eq!(message_count(&world, STAFF_CHAT, "Таблица Bukza не принята").await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_command_lists_and_applies_what_is_named() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let refused = world.operate(&["sync"]).await;
    assert!(refused.is_err_and(|error| format!("{error:?}").contains("BUKZA_TABLE_ID")));
    read_table(&mut world);
    let lost = |code: &str, hours| Booking::at(code, "+79990000001", in_hours(hours));
    let table = [lost("LOST01", 40), lost("LOST02", 41), lost("LATER1", 24 * 60)];
    world.telegram.bukza().set(&table.each_ref().map(reservation)).await?;
    let listed = world.operate(&["sync"]).await?;
    assert!(listed.contains("LOST01  missing") && listed.contains("LOST02  missing"), "{listed}");
    assert!(listed.contains("2 differences in 2 rows") && !listed.contains("LATER1"), "{listed}");
    let dry = world.operate(&["sync", "--dry-run", "--apply", "LOST01"]).await?;
    assert!(dry.contains("0 applied") && dry.contains("nothing was changed"), "{dry}");
    let one = world.operate(&["sync", "--apply", "LOST02", "NONE99"]).await?;
    assert!(one.contains("1 applied") && one.contains("NONE99  agrees"), "{one}");
    applied(&world, "LOST02", "active", 1).await?;
    let far = (now() + TimeDelta::days(70)).date_naive().to_string();
    let all = world.operate(&["sync", "--till", &far, "--apply"]).await?;
    assert!(all.contains("2 differences in 3 rows") && all.contains("2 applied"), "{all}");
    applied(&world, "LATER1", "active", 1).await?;
    let none = world.operate(&["sync", "--till", &far]).await?;
    assert!(none.contains("0 differences in 3 rows"), "{none}");
    let reversed = world.operate(&["sync", "--till", "2020-01-01"]).await;
    assert!(reversed.is_err_and(|error| format!("{error:?}").contains("--till is before --from")));
    Ok(())
}
