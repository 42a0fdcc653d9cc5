//! Presses and replies of people who have no right to them, and what must not come of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testing::harness::{bukza::ZONE, fleet::STAFF_CHAT};

use super::{CODES, MORE, NAME, SERVICE};
use crate::common::{Outcome, Person, SOON, World, clients_settled};

/// An account that is not registered.
const STRANGER: i64 = 90_000;
/// A group that is not the staff's, and a member of it.
const ELSEWHERE: i64 = -999;
const MEMBER: i64 = 90_001;
/// The last press of a deletion: of one's own data.
const FORGET: &str = "settings:forget_now";
/// An id far from those of the test's messages.
const NO_MESSAGE: i64 = 100_000;

/// An update with a press. `message`: the chat and id of the message above the button.
pub fn press_of(from: i64, id: &str, data: &str, message: Option<(i64, i64)>) -> Value {
    let mut query = json!({
        "id": id, "chat_instance": "1", "data": data,
        "from": {"id": from, "is_bot": false, "first_name": "Мимо"},
    });
    if let Some((chat, message_id)) = message {
        query["message"] = bots_message(chat, message_id);
    }
    json!({ "callback_query": query })
}

fn bots_message(chat: i64, message_id: i64) -> Value {
    let kind = if chat < 0 { "supergroup" } else { "private" };
    json!({"message_id": message_id, "date": 1_700_000_000, "text": "x",
        "chat": {"id": chat, "type": kind, "title": "x", "first_name": "x"},
        "from": {"id": 42, "is_bot": true, "first_name": "Bot"}})
}

/// An update with a reply to a message.
fn reply_of(chat: i64, from: i64, id: i64, text: &str, to: i64) -> Value {
    let mut message = bots_message(chat, id);
    message["from"] = json!({"id": from, "is_bot": false, "first_name": "Мимо"});
    message["text"] = text.into();
    message["reply_to_message"] = bots_message(chat, to);
    json!({ "message": message })
}

/// What others do with the buttons and messages of `client`.
pub struct Attack<'a> {
    world: &'a World,
    client: &'a Person,
    other: &'a Person,
    pressed: i64,
    /// Those in the presser's own chat, and of the staff's buttons in theirs, are applied; the others are none of anybody's.
    applied: i64,
    replied: i64,
}

impl<'a> Attack<'a> {
    pub fn new(world: &'a World, client: &'a Person, other: &'a Person) -> Self {
        Self { world, client, other, pressed: 0, applied: 0, replied: 0 }
    }

    /// The data of each button that was ever shown to the client or the staff, with its latest message.
    async fn shown(&self) -> anyhow::Result<BTreeMap<String, (i64, i64)>> {
        let mut shown = BTreeMap::new();
        for call in self.world.telegram.journal(0, None).await? {
            let Some(chat) = call.chat_id else { continue };
            if chat == self.client.chat || chat == STAFF_CHAT {
                let edited = call.body["message_id"].as_i64();
                let message = call.message_id.or(edited).unwrap_or_default();
                let mut found = Vec::new();
                callback_data(&call.body, &mut found);
                shown.extend(found.into_iter().map(|data| (data, (chat, message))));
            }
        }
        Ok(shown)
    }

    /// Waits until a button with this data was shown.
    pub async fn until_shown(&self, data: &str) -> Outcome {
        let deadline = Instant::now() + SOON;
        while !self.shown().await?.contains_key(data) {
            anyhow::ensure!(Instant::now() < deadline, "no button {data} was shown");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// All that is kept of the client, and what the client sees.
    pub async fn snapshot(&self) -> anyhow::Result<Vec<String>> {
        let (chat, phone) = (self.client.chat, &self.client.phone);
        // A visit that is over is completed in the background.
        let sql = format!(
            "WITH u AS (SELECT * FROM users WHERE telegram_id = {chat}), \
             b AS (SELECT * FROM bookings WHERE client_phone = '{phone}') \
             SELECT kept FROM (\
             SELECT 'user ' || to_jsonb(u)::text AS kept FROM u \
             UNION ALL SELECT 'booking ' || (to_jsonb(b) - 'updated_at' - 'status')::text || (status = 'cancelled') FROM b \
             UNION ALL SELECT 'answer ' || to_jsonb(a)::text FROM visit_answers a JOIN b ON b.id = a.booking_id \
             UNION ALL SELECT 'request ' || to_jsonb(r)::text FROM requests r WHERE chat_id = {chat} \
             UNION ALL SELECT 'dialogue ' || to_jsonb(d)::text FROM dialogues d JOIN u ON u.id = d.user_id \
             UNION ALL SELECT 'message ' || concat_ws(' ', m.id, m.kind, m.slot, m.status, m.content) \
             FROM messages m WHERE chat_id = {chat}) AS k ORDER BY kept"
        );
        let mut kept = self.world.database.column::<String>(&sql).await?;
        let seen = self.world.telegram.chat(chat).await?;
        kept.extend(seen.iter().map(|message| json!(message).to_string()));
        Ok(kept)
    }

    /// Messages of the bot in these chats that hold something of the client's.
    pub async fn leaks(&self, chats: &[i64]) -> anyhow::Result<Vec<String>> {
        let mut secrets: Vec<String> = CODES.into_iter().map(str::to_owned).collect();
        secrets.extend([MORE, NAME, SERVICE, &self.client.phone[2..]].map(str::to_owned));
        let (phone, hours) = (&self.client.phone, ["10:00", "22:00"]);
        let times = format!(
            "SELECT DISTINCT to_char(t AT TIME ZONE '{ZONE}', 'HH24:MI') FROM bookings, \
             unnest(ARRAY[starts_at, ends_at]) AS t WHERE client_phone = '{phone}'"
        );
        let times = self.world.database.column::<String>(&times).await?;
        secrets.extend(times.into_iter().filter(|time| !hours.contains(&time.as_str())));
        let mut leaks = Vec::new();
        for chat in chats {
            for message in self.world.telegram.chat(*chat).await? {
                let mut seen = json!(message);
                // Its minutes and seconds may look like the hours and minutes of a visit.
                seen["at"] = Value::Null;
                let text = seen.to_string();
                if message.from_bot && secrets.iter().any(|secret| text.contains(secret)) {
                    leaks.push(text);
                }
            }
        }
        Ok(leaks)
    }

    async fn press(&mut self, from: i64, data: &str, message: Option<(i64, i64)>) -> Outcome {
        self.pressed += 1;
        // A button of the staff's counts in their chat, whatever it is below.
        let is_staffs = ["taken:", "invite:", "replay:"].iter().any(|form| data.starts_with(form));
        let is_applied =
            |chat: i64| chat == from || is_staffs && (chat, from) == (STAFF_CHAT, MEMBER);
        let is_applied = message.is_none_or(|(chat, _)| is_applied(chat));
        // The stranger deletes their data on the way, and with them whose presses these were.
        self.applied += i64::from(is_applied && from != STRANGER);
        let update = press_of(from, &format!("foreign{}", self.pressed), data, message);
        self.world.telegram.inject(&update, 1, false).await.map(drop)?;
        Ok(())
    }

    /// Everybody presses a button that was shown in `shown`.
    async fn press_all(&mut self, data: &str, shown: (i64, i64)) -> Outcome {
        let other = self.other.chat;
        let own = (other, shown.1);
        if data != FORGET {
            self.press(other, data, None).await?;
            self.press(other, data, Some(own)).await?;
            self.press(other, data, Some((other, NO_MESSAGE))).await?;
        }
        self.press(STRANGER, data, None).await?;
        // A message in a chat of others, as no update of Telegram's has it.
        self.press(other, data, Some((self.client.chat, shown.1))).await?;
        self.press(MEMBER, data, Some((ELSEWHERE, shown.1))).await?;
        self.press(other, data, Some((ELSEWHERE, shown.1))).await?;
        // A client's button in the staff's chat; a card's button below another message of that chat.
        let elsewhere = if shown.0 == STAFF_CHAT { NO_MESSAGE } else { shown.1 };
        self.press(MEMBER, data, Some((STAFF_CHAT, elsewhere))).await
    }

    /// Replies of others to messages with these ids.
    async fn reply_all(&mut self, messages: &BTreeSet<i64>) -> Outcome {
        for to in messages.iter().copied() {
            self.replied += 1;
            let id = NO_MESSAGE + self.replied;
            let elsewhere = reply_of(ELSEWHERE, MEMBER, id, "приходите в полночь", to);
            self.world.telegram.inject(&elsewhere, 1, false).await?;
        }
        let to = messages.iter().next_back().copied().unwrap_or_default();
        for (from, text) in [(STRANGER, "1"), (self.other.chat, "1"), (self.other.chat, "завтра")]
        {
            self.replied += 1;
            let update = reply_of(from, from, NO_MESSAGE + self.replied, text, to);
            self.world.telegram.inject(&update, 1, false).await?;
        }
        Ok(())
    }

    /// Presses all that was shown so far, and replies to it.
    pub async fn all(&mut self, state: &str) -> Outcome {
        let shown = self.shown().await?;
        anyhow::ensure!(!shown.is_empty(), "no buttons were shown");
        self.run(state, shown).await
    }

    /// The same, with each number in the data one less and one more, and a deletion by the other client.
    pub async fn everything_and_its_neighbours(&mut self) -> Outcome {
        let shown = self.shown().await?;
        let forms =
            ["rate", "calendar", "come", "move", "cannot", "cannot1", "sure", "keep", "open"];
        for form in forms.into_iter().chain(["noreason", "page", "taken", "settings", "lang"]) {
            let has = shown.keys().any(|data| data.split(':').next() == Some(form));
            anyhow::ensure!(has, "no button {form} was shown: {:?}", shown.keys());
        }
        let mut all = shown.clone();
        for (data, message) in &shown {
            for near in neighbours(data) {
                all.entry(near).or_insert(*message);
            }
        }
        self.run("the end", all).await?;
        let before = self.snapshot().await?;
        self.press(self.other.chat, FORGET, None).await?;
        let gone = "SELECT count(*) FROM users WHERE phone_number = ";
        let gone = format!("{gone}'{}'", self.other.phone);
        self.world.until(&gone, 0_i64, SOON).await?;
        self.compare("a deletion by another", &before).await
    }

    async fn run(&mut self, state: &str, shown: BTreeMap<String, (i64, i64)>) -> Outcome {
        // The client's own messages that come later: they are no consequence. A visit that is over is completed in the
        // background, which plans that its messages lose their buttons.
        let over = "SELECT count(*) FROM bookings WHERE status = 'active' AND ends_at <= now()";
        self.world.until(over, 0_i64, SOON).await?;
        let hold = "UPDATE messages SET due_at = now() + interval '1 hour' \
            WHERE status = 'scheduled' AND due_at < now() + interval '3 minutes'";
        clients_settled(self.world).await?;
        self.world.database.execute(hold).await?;
        clients_settled(self.world).await?;
        let before = self.snapshot().await?;
        let messages = shown.values().map(|(_, message)| *message).collect();
        for (data, message) in shown {
            self.press_all(&data, message).await?;
        }
        self.reply_all(&messages).await?;
        self.applied().await?;
        self.compare(state, &before).await
    }

    /// Waits until all updates were applied.
    async fn applied(&self) -> Outcome {
        let deadline = Instant::now() + 3 * SOON;
        while self.world.telegram.stats().await?.pending_updates > 0 {
            anyhow::ensure!(Instant::now() < deadline, "updates wait");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.world.until_empty("updates", 3 * SOON).await?;
        let applied = format!(
            "SELECT count(*) FROM processed_updates WHERE identity LIKE 'press:%:foreign%' \
             AND identity NOT LIKE 'press:{STRANGER}:%'"
        );
        let applied = self.world.database.one::<i64>(&applied).await?;
        anyhow::ensure!(applied == self.applied, "{applied} of {} presses applied", self.applied);
        clients_settled(self.world).await
    }

    async fn compare(&self, state: &str, before: &[String]) -> Outcome {
        let after = self.snapshot().await?;
        let changed: Vec<_> = before
            .iter()
            .filter(|line| !after.contains(line))
            .chain(after.iter().filter(|line| !before.contains(line)))
            .collect();
        anyhow::ensure!(changed.is_empty(), "{state}: of the client changed {changed:#?}");
        let leaks = self.leaks(&[self.other.chat, STRANGER, MEMBER, ELSEWHERE]).await?;
        anyhow::ensure!(leaks.is_empty(), "{state}: others learnt {leaks:#?}");
        // What gave way to a later answer before it was sent was not to be seen by others either.
        let mine = format!(
            "SELECT m.content::text FROM messages m JOIN bookings b \
             ON b.client_phone = '{}' AND m.content ->> 'booking' = b.id::text \
             WHERE m.chat_id IN ({}, {STRANGER}) AND m.content ->> 'answer' <> 'calendar'",
            self.client.phone, self.other.chat
        );
        let answers = self.world.database.column::<String>(&mine).await?;
        anyhow::ensure!(answers.is_empty(), "{state}: others were to learn {answers:?}");
        Ok(())
    }
}

/// The data of all buttons in a call's body. A keyboard may be JSON in a string.
fn callback_data(body: &Value, found: &mut Vec<String>) {
    match body {
        Value::Object(fields) => {
            let data = fields.get("callback_data").and_then(Value::as_str);
            found.extend(data.map(str::to_owned));
            fields.values().for_each(|value| callback_data(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| callback_data(value, found)),
        Value::String(text) if text.contains("callback_data") => {
            if let Ok(keyboard) = serde_json::from_str::<Value>(text) {
                callback_data(&keyboard, found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The same data with one of its numbers one less or one more.
fn neighbours(data: &str) -> Vec<String> {
    let parts: Vec<&str> = data.split(':').collect();
    let mut near = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let Ok(number) = part.parse::<i64>() else { continue };
        for other in [number - 1, number + 1] {
            let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            parts[index] = other.to_string();
            near.push(parts.join(":"));
        }
    }
    near
}
