//! Rounds: one worker, one card, no second one for the same, no half of a table, presses on old cards.

use chrono::TimeDelta;

use super::*;

#[tokio::test]
async fn one_worker_begins_a_round_and_the_next_one_when_it_is_due() {
    let db = database().await;
    let begin = async |owner: &str, since, at| {
        table_sync::begin_round(&db, owner, since, at).await.unwrap()
    };
    assert!(begin("a", None, noon()).await);
    assert!(!begin("b", None, noon()).await && !begin("b", Some(noon() + hours(1)), noon()).await);
    assert!(begin("a", None, noon()).await, "the response to its beginning may have been lost");
    table_sync::end_round(&db, "b", noon()).await.unwrap();
    assert!(!begin("b", None, noon()).await, "only its own worker ends a round");
    table_sync::end_round(&db, "a", noon() + hours(1)).await.unwrap();
    let later = noon() + TimeDelta::minutes(5);
    assert!(!begin("b", None, later).await);
    assert!(!begin("b", Some(noon()), later).await, "one has begun since the outage");
    assert!(begin("b", Some(later), later).await, "none has");
    // A worker that died keeps others away for a while.
    assert!(!begin("a", Some(later + hours(1)), later + TimeDelta::minutes(2)).await);
    assert!(begin("a", None, later + hours(1)).await);
}

#[tokio::test]
async fn differences_make_one_card_and_the_same_ones_no_second() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(30)), noon()).await;
    let at = noon() + hours(1);
    let rows = |at| [row("A1", at, noon() + hours(31)), row("B2", at, noon() + hours(40))];
    let first = round(&db, at, &rows(at)).await;
    assert_eq!((first.new, cards(&db).await), (2, 1));
    assert_eq!(open(&db).await, "A1 moved, B2 missing");
    // While the card waits, what is new is added to it; once it was sent, it is another card.
    let next = at + TimeDelta::minutes(10);
    let mut more = rows(next).to_vec();
    more.push(row("C3", next, noon() + hours(50)));
    assert_eq!(round(&db, next, &more).await.new, 1);
    assert_eq!(cards(&db).await, 1);
    send_cards(&db).await;
    let same = next + TimeDelta::minutes(10);
    let again: Vec<_> =
        more.iter().map(|event| BookingEvent { received_at: same, ..event.clone() }).collect();
    assert_eq!((round(&db, same, &again).await.new, cards(&db).await), (0, 1));
    // Another time of the same booking is another difference.
    let changed = same + TimeDelta::minutes(10);
    let mut rows: Vec<_> =
        again.iter().map(|event| BookingEvent { received_at: changed, ..event.clone() }).collect();
    rows[0] = row("A1", changed, noon() + hours(32));
    assert_eq!((round(&db, changed, &rows).await.new, cards(&db).await), (1, 2));
    // An older snapshot that comes late changes nothing.
    let late = round(&db, at, &[row("A1", at, noon() + hours(30))]).await;
    assert!(late.is_outdated);
    assert_eq!(open(&db).await, "B2 missing, C3 missing, A1 moved");
}

#[tokio::test]
async fn the_same_snapshot_compared_by_two_workers_makes_one_card() {
    let db = database().await;
    let at = noon() + hours(1);
    let rows: Vec<_> = (0..20).map(|n| row(&format!("R{n}"), at, noon() + hours(20 + n))).collect();
    let (one, other) = tokio::join!(round(&db, at, &rows), round(&db, at, &rows));
    assert_eq!((one.new + other.new, cards(&db).await), (20, 1));
    assert!(one.is_outdated != other.is_outdated);
}

#[tokio::test]
async fn half_of_the_known_bookings_is_enough_and_less_is_refused_with_one_card() {
    let db = database().await;
    for n in 0..4 {
        let mut event = stands(noon(), noon() + hours(30 + n));
        event.code = BookingCode::parse(&format!("K{n}")).unwrap();
        apply(&db, &event, noon()).await;
    }
    let at = noon() + hours(1);
    let row_of = |n: i64| row(&format!("K{n}"), at, noon() + hours(30 + n));
    let half = compare(&db, at, &[row_of(0), row_of(1)], &venue()).await;
    assert!(!half.is_refused());
    let kinds: Vec<_> = half.differences.iter().map(|found| found.kind.as_str()).collect();
    assert_eq!(kinds, ["not_in_table", "not_in_table"]);
    let missing = row("NEW", at, noon() + hours(40));
    let less = compare(&db, at, &[row_of(0), missing], &venue()).await;
    assert!(less.is_refused() && less.differences.is_empty());
    for minute in 0..3 {
        let less = Comparison { taken_at: at + TimeDelta::minutes(minute), ..less.clone() };
        let tx = db.begin().await.unwrap();
        let work = table_sync::refuse(&tx, &less, &venue(), at).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(work.push.len(), usize::from(minute == 0));
    }
    assert_eq!(cards(&db).await, 1);
    // A good one in between, and it is news again.
    let at = at + hours(1);
    let rows: Vec<_> = (0..4).map(|n| row(&format!("K{n}"), at, noon() + hours(30 + n))).collect();
    assert_eq!(round(&db, at, &rows).await.new, 0);
    let tx = db.begin().await.unwrap();
    let less = Comparison { taken_at: at + hours(1), ..less };
    table_sync::refuse(&tx, &less, &venue(), at).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cards(&db).await, 2);
}

#[tokio::test]
async fn a_booking_without_a_row_is_shown_and_cancelled_by_nobody() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(30)), noon()).await;
    apply(
        &db,
        &BookingEvent {
            code: BookingCode::parse("B2").unwrap(),
            ..stands(noon(), noon() + hours(31))
        },
        noon(),
    )
    .await;
    let at = noon() + hours(1);
    let rows = [row("B2", at, noon() + hours(31))];
    round(&db, at, &rows).await;
    assert_eq!(open(&db).await, "A1 not_in_table");
    assert_eq!(press(&db, 1, Which::All, at).await, TableApplied::default());
    let status: String =
        one(&db, "SELECT status FROM bookings WHERE bukza_booking_id = 'A1'").await;
    assert_eq!(status, "active");
}

#[tokio::test]
async fn a_press_says_what_is_true_now() {
    let db = database().await;
    let at = noon() + hours(1);
    let ids: Vec<_> = ["A1", "B2", "C3", "D4"]
        .iter()
        .zip(0..)
        .map(|(code, n)| row(code, at, noon() + hours(30 + n)))
        .collect();
    round(&db, at, &ids).await;
    send_cards(&db).await;
    let first = press(&db, 1, Which::One(1), at).await;
    assert_eq!(first.applied, ["A1"]);
    let again = press(&db, 1, Which::One(1), at).await;
    assert_eq!(again, TableApplied { before: 1, ..TableApplied::default() });
    assert_eq!(press(&db, 2, Which::One(2), at).await, TableApplied::default(), "of no such card");
    // B2 came by its own request, C3 has another time by now.
    apply(&db, &row("B2", at + hours(1), noon() + hours(31)), at + hours(1)).await;
    drain(&db, at + hours(1)).await;
    let next = at + hours(2);
    let rows = [
        row("A1", next, noon() + hours(30)),
        row("B2", next, noon() + hours(31)),
        row("C3", next, noon() + hours(90)),
        row("D4", next, noon() + hours(33)),
    ];
    round(&db, next, &rows).await;
    let all = press(&db, 1, Which::All, next).await;
    let expected =
        TableApplied { applied: vec!["D4".into()], before: 1, agree: 1, otherwise: 1, outdated: 0 };
    assert_eq!(all, expected);
    // What was read days ago is not applied.
    let late = press(&db, 2, Which::All, next + hours(25)).await;
    assert_eq!(late, TableApplied { outdated: 1, ..TableApplied::default() });
}

#[tokio::test]
async fn a_service_under_another_name_is_no_move_and_a_known_one_is() {
    let db = database().await;
    let named = |mut event: BookingEvent, service: &str| {
        event.details.service = Some(service.to_owned());
        event
    };
    apply(&db, &named(row("A1", noon(), noon() + hours(30)), "VR"), noon()).await;
    apply(&db, &named(row("B2", noon(), noon() + hours(31)), "Квест"), noon()).await;
    let at = noon() + hours(1);
    let rows = |first: &str| {
        [
            named(row("A1", at, noon() + hours(30)), first),
            named(row("B2", at, noon() + hours(31)), "LEN>Квест"),
        ]
    };
    assert!(compare(&db, at, &rows("LEN>VR"), &venue()).await.differences.is_empty());
    let found = compare(&db, at, &rows("Квест"), &venue()).await.differences;
    assert_eq!((found.len(), found[0].kind.as_str()), (1, "moved"));
}

#[tokio::test]
async fn a_visit_moved_to_a_room_that_nobody_had_booked_is_moved_there() {
    let db = database().await;
    let named = |mut event: BookingEvent, service: &str| {
        event.details.service = Some(service.to_owned());
        event
    };
    apply(&db, &named(row("A1", noon(), noon() + hours(30)), "VR"), noon()).await;
    apply(&db, &named(row("B2", noon(), noon() + hours(31)), "VR"), noon()).await;
    let at = noon() + hours(1);
    let service = async |start: i64, moved: &str, other: &str| {
        let first = named(row("A1", at, noon() + hours(start)), moved);
        let rows = [first, named(row("B2", at, noon() + hours(31)), other)];
        let found = compare(&db, at, &rows, &venue()).await.differences;
        found.into_iter().map(|it| it.row.unwrap().details.service).collect::<Vec<_>>()
    };
    assert_eq!(service(50, "Банкетный зал", "VR").await, [Some("Банкетный зал".to_owned())]);
    // The table has names of its own: the time is what is known of the move.
    assert_eq!(service(50, "LEN>VR", "LEN>VR").await, [None]);
    // The same time: it may be another name of the same.
    assert!(service(30, "LEN>VR", "VR").await.is_empty());
}
