//! The jobs of planned messages: those within two days are pushed at once, the others when their time has
//! come; all of them again after Redis was emptied. And clients that another tool put in.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use sea_orm::ConnectionTrait;
use shared::{
    domain::ids::{JobId, MessageId, UserId},
    queue::HORIZON,
    store::{DatabaseConnection, QueueWork, TransactionTrait, reconcile},
};

fn due_times(work: &QueueWork) -> Vec<DateTime<Utc>> {
    work.push.iter().filter_map(|job| job.due_at).collect()
}

fn ids(work: &QueueWork) -> Vec<JobId> {
    work.push.iter().map(|job| job.id.clone()).collect()
}

#[tokio::test]
async fn each_job_is_pushed_once_and_never_more_than_two_days_ahead() {
    for registered_first in [true, false] {
        let db = database().await;
        if registered_first {
            register(&db, CLIENT, noon()).await;
        }
        let (_, mut work) = apply(&db, &stands(noon(), noon() + hours(100)), noon()).await;
        if !registered_first {
            work = work.and(register(&db, CLIENT, noon()).await);
        }
        let mut pushed = ids(&work);
        assert!(due_times(&work).iter().all(|due| *due <= noon() + HORIZON));
        // Reminders are due after 76 and 98 hours, the question after 101.
        for (hour, more) in
            [(0, 0), (27, 0), (28, 1), (29, 0), (49, 0), (50, 1), (52, 0), (53, 1), (54, 0)]
        {
            let now = noon() + hours(hour);
            let work = reconcile::approaching(&db, now).await.unwrap();
            assert_eq!(work.push.len(), more, "hour {hour}");
            assert!(due_times(&work).iter().all(|due| (now..=now + HORIZON).contains(due)));
            pushed.extend(ids(&work));
        }
        assert_eq!(pushed.len(), 5);
        assert_eq!(pushed.iter().collect::<HashSet<_>>().len(), 5);
        // A cancellation takes them away by the ids that they were pushed with.
        let (_, work) = apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
        assert_eq!(work.cancel.len(), 4);
        assert!(work.cancel.iter().all(|id| pushed.contains(id)));
    }
}

/// Plans messages of one chat, one due in each minute from `noon`.
async fn plan(db: &DatabaseConnection, count: i32) {
    let insert = format!(
        "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id) \
         SELECT 'staff_note', 'staff', {STAFF}, '{}'::timestamptz + n * interval '1 minute', 'm' || n \
         FROM generate_series(0, {count} - 1) n",
        noon().to_rfc3339()
    );
    db.execute_unprepared(&insert).await.unwrap();
}

#[tokio::test]
async fn all_jobs_within_the_horizon_are_found_again_in_pages_soonest_first() {
    let db = database().await;
    plan(&db, 4000).await;
    let now = noon() + TimeDelta::minutes(9) + TimeDelta::seconds(30);
    let chats = reconcile::due_chats(&db, now).await.unwrap();
    assert_eq!(chats.push.len(), 1, "one wake-up for the ten messages that are due");
    let (mut place, mut found) = (Some((now, MessageId(0))), Vec::new());
    while let Some(after) = place {
        let (last, page) = reconcile::planned(&db, after, now).await.unwrap();
        assert!(page.push.len() <= 500);
        found.extend(page.push);
        place = last;
    }
    let expected: Vec<JobId> = (10..=2889).map(|n| JobId(format!("m{n}"))).collect();
    assert_eq!(found.into_iter().map(|job| job.id).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_retry_is_woken_at_its_own_time_after_redis_was_emptied() {
    let db = database().await;
    plan(&db, 2).await;
    let later = noon() + TimeDelta::seconds(95);
    let retry = format!("UPDATE messages SET not_before = '{}'", later.to_rfc3339());
    db.execute_unprepared(&retry).await.unwrap();
    let chats = reconcile::due_chats(&db, noon() + TimeDelta::seconds(90)).await.unwrap();
    assert_eq!(due_times(&chats), [later]);
}

#[tokio::test]
async fn clients_are_adopted_whenever_they_were_put_in() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(40)), noon()).await;
    db.execute_unprepared(&format!(
        "INSERT INTO users (telegram_id, phone_number, updated_at) \
         SELECT n, CASE n WHEN {CLIENT} THEN '+79991234567' ELSE '+7888' || lpad(n::text, 7, '0') END, \
         '2020-01-01' FROM generate_series(1, 450) n"
    ))
    .await
    .unwrap();
    for adopted in [4, 0] {
        let tx = db.begin().await.unwrap();
        let (mut after, mut pages, mut pushed) = (UserId(0), 0, 0);
        while let (Some(last), work) = reconcile::adopt_page(&tx, after, noon()).await.unwrap() {
            (after, pages, pushed) = (last, pages + 1, pushed + work.push.len());
        }
        tx.commit().await.unwrap();
        assert_eq!((pages, pushed), (3, adopted));
    }
}
