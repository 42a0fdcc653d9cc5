//! All that is held about a person, as JSON: the rows as they are.

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value};

use super::{
    Person, joins,
    texts::{NAMES_CHAT, NAMES_PHONE_OR_CODE},
};
use crate::store::statement::{sql, value};

/// The rows of each table that belong to a person.
///
/// # Errors
/// When the database fails.
pub async fn export(conn: &impl ConnectionTrait, person: &Person) -> Result<Value, DbErr> {
    let (named, chat) = (NAMES_PHONE_OR_CODE, NAMES_CHAT);
    // $1 and $2: what texts name a person by; $3: the chats' pattern; $4: users; $5: chats; $6: bookings;
    // $7: what their wrong tries are kept by.
    let tables = [
        ("users", "id = ANY ($4::bigint[])".to_owned()),
        ("bookings", "id = ANY ($6::bigint[])".to_owned()),
        (
            "messages",
            "booking_id = ANY ($6::bigint[]) OR chat_id = ANY ($5::bigint[]) \
             OR about_chat_id = ANY ($5::bigint[])"
                .to_owned(),
        ),
        ("requests", "chat_id = ANY ($5::bigint[]) OR booking_id = ANY ($6::bigint[])".to_owned()),
        ("visit_answers", "booking_id = ANY ($6::bigint[])".to_owned()),
        ("dialogues", "user_id = ANY ($4::bigint[])".to_owned()),
        ("start_tokens", "booking_id = ANY ($6::bigint[])".to_owned()),
        ("join_tries", "subject = ANY ($7::text[])".to_owned()),
        ("rejected_requests", holds("r.query || ' ' || r.body", named)),
        ("dead_letters", holds("r.payload", &format!("{named} OR {chat}"))),
        ("inbox", holds("r.payload", &format!("{named} OR {chat}"))),
        ("table_differences", holds("coalesce(r.event, '')", named)),
    ];
    let mut all = Map::new();
    for (table, theirs) in tables {
        // Every statement has the same values, whether it uses them or not.
        let rows = format!(
            "SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY to_jsonb(r)), '[]') FROM {table} r \
             WHERE ({theirs}) AND ($1::text[], $2::text[], $3::text, $4::bigint[], $5::bigint[], \
             $6::bigint[], $7::text[]) IS NOT NULL"
        );
        let values = [
            person.digit_patterns().into(),
            person.quoted_codes().into(),
            person.chat_pattern().into(),
            person.users.clone().into(),
            person.chats.clone().into(),
            person.bookings.clone().into(),
            joins::subjects(person).into(),
        ];
        let rows: Option<Value> = value(conn, sql(&rows, values)).await?;
        all.insert(table.to_owned(), rows.unwrap_or_default());
    }
    all.insert("joined_bookings".to_owned(), joined(conn, person).await?);
    Ok(Value::Object(all))
}

/// Bookings of other people's phones that the person joined: what they show to the person, without the other one's data.
async fn joined(conn: &impl ConnectionTrait, person: &Person) -> Result<Value, DbErr> {
    const JOINED: &str = "SELECT coalesce(jsonb_agg(jsonb_build_object('bukza_booking_id', \
        bukza_booking_id, 'joined_at', joined_at) ORDER BY id), '[]') FROM bookings \
        WHERE id = ANY ($1::bigint[])";
    let rows: Option<Value> = value(conn, sql(JOINED, [person.joined.clone().into()])).await?;
    Ok(rows.unwrap_or_default())
}

/// A condition about the text of a row.
fn holds(text: &str, condition: &str) -> String {
    format!("EXISTS (SELECT 1 FROM (SELECT {text} AS t) AS text WHERE {condition})")
}
