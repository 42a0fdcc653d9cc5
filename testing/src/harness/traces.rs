//! What PostgreSQL and Redis hold of somebody: every row of every table and every key is read for their words.

use redis::aio::MultiplexedConnection;

use super::fleet::Database;

/// The rows of all tables that hold it, as `table: row`.
///
/// # Errors
/// When PostgreSQL does not answer.
pub async fn in_database(
    database: &Database,
    is_personal: &impl Fn(&str) -> bool,
) -> anyhow::Result<Vec<String>> {
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let mut found = Vec::new();
    for table in database.column::<String>(tables).await? {
        let rows = format!("SELECT to_jsonb(r)::text FROM {table} r");
        let rows = database.column::<String>(&rows).await?.into_iter();
        found.extend(rows.filter(|row| is_personal(row)).map(|row| format!("{table}: {row}")));
    }
    Ok(found)
}

/// The keys with this prefix that hold it, in their name or value.
///
/// # Errors
/// When Redis does not answer.
pub async fn in_redis(
    redis: &mut MultiplexedConnection,
    prefix: &str,
    is_personal: &impl Fn(&str) -> bool,
) -> anyhow::Result<Vec<String>> {
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(format!("*{prefix}*")).query_async(redis).await?;
    let mut found = Vec::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE").arg(&key).query_async(redis).await?;
        let (command, rest): (_, &[&str]) = match kind.as_str() {
            "hash" => ("HGETALL", &[]),
            "zset" => ("ZRANGE", &["0", "-1"]),
            "list" => ("LRANGE", &["0", "-1"]),
            "set" => ("SMEMBERS", &[]),
            "string" => ("GET", &[]),
            _ => continue,
        };
        let value: redis::Value =
            redis::cmd(command).arg(&key).arg(rest).query_async(redis).await?;
        let shown = format!("Redis {key}: {value:?}");
        found.extend(is_personal(&shown).then_some(shown));
    }
    Ok(found)
}
