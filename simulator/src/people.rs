//! What Telegram knows of the people who write to the bot: names, languages, privacy of forwards.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::model::Profile;

/// People with a profile of their own. The others are called `Client` and speak Russian.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<i64, Profile>);

impl People {
    pub(crate) fn set(&mut self, user_id: i64, profile: Profile) {
        self.0.insert(user_id, profile);
    }

    /// Keeps the name of a person who acted under it.
    pub(crate) fn rename(&mut self, user_id: i64, first_name: Option<&str>) {
        if let Some(first_name) = first_name {
            first_name.clone_into(&mut self.0.entry(user_id).or_default().first_name);
        }
    }

    pub(crate) fn first_name(&self, user_id: i64) -> &str {
        self.0.get(&user_id).map_or("Client", |profile| &profile.first_name)
    }

    pub(crate) fn hides_forwards(&self, user_id: i64) -> bool {
        self.0.get(&user_id).is_some_and(|profile| profile.hides_forwards)
    }

    /// Telegram's `User`.
    pub(crate) fn json(&self, user_id: i64) -> Value {
        let profile = self.0.get(&user_id).cloned().unwrap_or_default();
        let mut user = json!({"id": user_id, "is_bot": false, "first_name": profile.first_name});
        let optional = [("language_code", profile.language_code), ("username", profile.username)];
        for (name, value) in optional {
            if let Some(value) = value {
                user[name] = json!(value);
            }
        }
        user
    }
}
