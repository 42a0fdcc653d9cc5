//! Damaged updates are parsed or refused, and applied without a database error or a panic.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt, stream};
use rand::{SeedableRng, rngs::StdRng};
use shared::{
    clock::{Clock, SystemClock},
    domain::{
        ids::{ChatId, EventId},
        staff_chat::{StaffChat, StaffPlace},
        venue::Venue,
    },
};
use simulator::hostile;
use support::{TestDatabase, rules};
use worker::{
    bot::{self, Intent, Received},
    telegram::UpdateParser,
    texts::Texts,
};

const FROM: &str = r#""from":{"id":42,"is_bot":false,"first_name":"Алина","language_code":"ru"}"#;
const CHAT: &str = r#""chat":{"id":42,"first_name":"Алина","type":"private"}"#;

fn sound() -> Vec<String> {
    let message = |rest: &str| {
        format!(
            r#"{{"update_id":870,"message":{{"message_id":5,{FROM},{CHAT},"date":1766000000,{rest}}}}}"#
        )
    };
    let bot = r#""user":{"id":7,"is_bot":true,"first_name":"Bot"}"#;
    vec![
        message(r#""text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]"#),
        message(r#""text":"4","reply_to_message":null"#),
        message(r#""contact":{"phone_number":"79991234567","first_name":"A","user_id":42}"#),
        message(r#""photo":[{"file_id":"a","file_unique_id":"b","width":1,"height":1}]"#),
        format!(
            r#"{{"update_id":871,"callback_query":{{"id":"4382",{FROM},"message":{{"message_id":9,
                "from":{{"id":7,"is_bot":true,"first_name":"Bot"}},{CHAT},"date":1766000000,
                "text":"…","reply_markup":{{"inline_keyboard":[[{{"text":"5","callback_data":"rate:1:5"}}]]}}}},
                "chat_instance":"-4711","data":"rate:1:5"}}}}"#
        ),
        format!(
            r#"{{"update_id":872,"my_chat_member":{{{CHAT},{FROM},"date":1766000000,
                "old_chat_member":{{{bot},"status":"member"}},
                "new_chat_member":{{{bot},"status":"kicked","until_date":0}}}}}}"#
        ),
        r#"{"update_id":873,"message":{"message_id":1,"date":1766000000,"migrate_to_chat_id":-1009,
            "chat":{"id":-100,"type":"group","title":"Staff"},
            "from":{"id":42,"is_bot":false,"first_name":"A"}}}"#
            .to_owned(),
    ]
}

/// The damaged update of a seed. `None`: not UTF-8, which ingest refuses.
fn case(sound: &[String], seed: u64) -> Option<String> {
    let mut dice = StdRng::seed_from_u64(seed);
    let of = &sound[usize::try_from(seed).unwrap() % sound.len()];
    String::from_utf8(hostile::json(&mut dice, of)).ok()
}

fn parser() -> UpdateParser {
    UpdateParser::new(Arc::new(Texts::new(Arc::default()).unwrap()))
}

#[tokio::test]
async fn ten_thousand_damaged_updates_are_parsed_or_refused() {
    let (parser, sound) = (parser(), sound());
    let (mut count, mut meant) = (0, 0);
    for seed in 0..10_000 {
        let Some(raw) = case(&sound, seed) else { continue };
        if let Ok(parsed) = parser.parse(&raw).await {
            count += 1;
            meant += u32::from(parsed.intent != Intent::Ignore);
        }
    }
    assert!(count > 2_000 && meant > 300, "{count} parsed, {meant} meant something");
}

#[tokio::test]
async fn every_parsed_update_is_applied() {
    let database = TestDatabase::create().await;
    let (parser, sound) = (parser(), sound());
    let venue = Venue {
        staff_chat: StaffChat::new(Some(StaffPlace::new(ChatId(-100), None))),
        ..Venue::default()
    };
    let mut outcomes = BTreeMap::<String, u32>::new();
    let mut applied = stream::iter(0..3_000_u64)
        .map(|seed| {
            let (parser, sound, venue, db) = (&parser, &sound, &venue, &database.db);
            async move {
                let mut parsed = parser.parse(&case(sound, seed)?).await.ok()?;
                // Each gets its own id: a repeated update would be skipped.
                parsed.update_id = i64::try_from(seed).unwrap() + 1;
                let event = EventId(format!("e{seed}"));
                let now = SystemClock.now();
                let rules = rules();
                let received = Received { event: &event, at: now, rules: &rules };
                let done = bot::apply(db, &parsed, received, venue, now).await;
                Some((seed, done.map(|(outcome, _)| outcome)))
            }
        })
        .buffer_unordered(8);
    while let Some(case) = applied.next().await {
        let Some((seed, outcome)) = case else { continue };
        let outcome = outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        *outcomes.entry(format!("{outcome:?}")).or_default() += 1;
    }
    assert!(outcomes["Applied"] > 100 && outcomes["Unreadable"] > 100, "{outcomes:?}");
    let kept = database.rows("SELECT count(*) AS n FROM processed_updates").await;
    assert!(kept[0]["n"].as_u64().unwrap() > 100);
}
