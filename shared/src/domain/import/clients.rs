//! The old bot's clients: an account and a phone each. Of two rows with one phone, or one account, the newer one counts.

use std::{cmp::Reverse, collections::HashMap};

use chrono::{DateTime, Utc};

use super::{LeftOut, OldRow, Why, given, hidden, row_id, times::Stamp};
use crate::domain::{
    ids::ChatId,
    phone::{Phone, PhoneRegion},
    time::VenueZone,
};

/// A row of the old table `users`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OldUser {
    pub id: Option<String>,
    pub telegram_id: Option<String>,
    pub phone_number: Option<String>,
    pub created_at: Option<String>,
}

/// A client whom the old bot knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldClient {
    pub row: String,
    pub chat: ChatId,
    pub phone: Phone,
    /// `None`: the row does not tell.
    pub since: Option<DateTime<Utc>>,
}

impl OldClient {
    /// The row, left out for this reason.
    #[must_use]
    pub fn left_out(&self, why: Why) -> LeftOut {
        let row = OldRow::Client(self.row.clone());
        LeftOut { row, about: Some(self.phone.masked()), why }
    }
}

/// The clients of the old bot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clients {
    pub clients: Vec<OldClient>,
    pub left_out: Vec<LeftOut>,
    /// The phone of each row that has one, whether its client counts or not.
    phones: HashMap<String, Phone>,
}

impl Clients {
    /// Reads all rows.
    #[must_use]
    pub fn read(
        rows: &[OldUser],
        zone: VenueZone,
        region: PhoneRegion,
        now: DateTime<Utc>,
    ) -> Self {
        let mut read = Self::default();
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row_id(row.id.as_deref());
            let phone = given(row.phone_number.as_ref());
            let parsed = phone.and_then(|text| Phone::parse(text, region).ok());
            if let Some(phone) = &parsed {
                read.phones.insert(id.clone(), phone.clone());
            }
            let account = given(row.telegram_id.as_ref()).and_then(|text| text.parse().ok());
            // Groups have negative numbers.
            let account = account.filter(|chat: &i64| *chat > 0).map(ChatId);
            let why = match (&parsed, phone, account) {
                (Some(phone), _, Some(chat)) => {
                    let at = given(row.created_at.as_ref());
                    let since = at.and_then(|at| Stamp::read(at, zone, now));
                    let since = since.map(|stamp| stamp.earliest);
                    found.push(OldClient { row: id, chat, phone: phone.clone(), since });
                    continue;
                }
                (_, _, None) => Why::NoAccount,
                (None, None, Some(_)) => Why::PhoneMissing,
                (None, Some(_), Some(_)) => Why::PhoneUnreadable,
            };
            let about = parsed.map(|phone| phone.masked()).or_else(|| phone.map(hidden));
            read.left_out.push(LeftOut { row: OldRow::Client(id), about, why });
        }
        read.newest(found);
        read
    }

    /// The phone of a row of the old table.
    #[must_use]
    pub fn phone(&self, row: &str) -> Option<&Phone> {
        self.phones.get(row)
    }

    fn newest(&mut self, mut found: Vec<OldClient>) {
        found.sort_by_key(|client| {
            Reverse((client.since, client.row.parse::<i64>().ok(), client.row.clone()))
        });
        let (mut by_phone, mut by_chat) = (HashMap::new(), HashMap::new());
        for client in found {
            let other = |row: &String| row.clone();
            let why = match (by_chat.get(&client.chat), by_phone.get(&client.phone)) {
                (Some(row), _) => Some(Why::AccountTwice { other: other(row) }),
                (None, Some(row)) => Some(Why::PhoneTwice { other: other(row) }),
                (None, None) => None,
            };
            if let Some(why) = why {
                self.left_out.push(client.left_out(why));
                continue;
            }
            by_chat.insert(client.chat, client.row.clone());
            by_phone.insert(client.phone.clone(), client.row.clone());
            self.clients.push(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, chat: &str, phone: &str, created_at: &str) -> OldUser {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        OldUser {
            id: Some(id.to_string()),
            telegram_id: text(chat),
            phone_number: text(phone),
            created_at: text(created_at),
        }
    }

    #[test]
    fn each_phone_and_account_has_one_client_the_newest() {
        let rows = [
            row(1, "101", "+7 (999) 000-00-01", "2025-01-01 10:00:00"),
            row(2, "102", "89990000001", "2025-02-01 10:00:00"),
            row(3, "103", "9990000003", ""),
            row(4, "103", "+79990000004", "2025-01-01 10:00:00"),
            row(5, "", "+79990000005", "2025-01-01 10:00:00"),
            row(6, "-100123", "+79990000006", "2025-01-01 10:00:00"),
            row(7, "107", "", "2025-01-01 10:00:00"),
            row(8, "108", "номер 12", "2025-01-01 10:00:00"),
            row(9, "109", "+79990000009", "никогда"),
            row(10, "110", "8 999 000 00 09", "not a time"),
        ];
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let read = Clients::read(&rows, zone, PhoneRegion::default(), now);
        let kept: Vec<&str> = read.clients.iter().map(|client| client.row.as_str()).collect();
        assert_eq!(kept, ["2", "4", "10"]);
        let left: Vec<(OldRow, Why)> =
            read.left_out.into_iter().map(|left| (left.row, left.why)).collect();
        let client = |id: &str| OldRow::Client(id.to_owned());
        let other = |id: &str| id.to_owned();
        assert_eq!(
            left,
            [
                (client("5"), Why::NoAccount),
                (client("6"), Why::NoAccount),
                (client("7"), Why::PhoneMissing),
                (client("8"), Why::PhoneUnreadable),
                (client("1"), Why::PhoneTwice { other: other("2") }),
                (client("9"), Why::PhoneTwice { other: other("10") }),
                (client("3"), Why::AccountTwice { other: other("4") }),
            ]
        );
    }

    #[test]
    fn no_phone_is_shown_whole_and_that_of_a_row_without_account_is_known() {
        let rows = [
            row(1, "", "+79990000001", ""),
            row(2, "102", "12345", ""),
            row(3, "103", "89990000001", ""),
        ];
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let zone = VenueZone(chrono_tz::UTC);
        let read = Clients::read(&rows, zone, PhoneRegion::default(), now);
        let about: Vec<_> = read.left_out.iter().filter_map(|left| left.about.clone()).collect();
        assert_eq!(about, ["+79*******01", "***45"]);
        assert_eq!(read.phone("1"), read.phone("3"));
        assert!(read.phone("1").is_some() && read.phone("2").is_none());
    }
}
