//! Units of the three protocols: a Redis command, a PostgreSQL message sequence up to its Sync, an HTTP request.
//! Each gets a stable label, by which a crash point names it.

use std::{collections::HashMap, sync::LazyLock};

/// The server behind a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Redis,
    Postgres,
    /// The APIs of Telegram and Bukza.
    Http,
}

/// The client's side of one connection, cut into units.
#[derive(Debug)]
pub struct Units {
    protocol: Protocol,
    postgres: PostgresState,
}

#[derive(Debug, Default)]
struct PostgresState {
    started: bool,
    /// The text of each prepared statement by its name.
    statements: HashMap<String, String>,
    /// The first statement of the open transaction.
    transaction: Option<String>,
    in_transaction: bool,
}

/// The length of a unit, and its label if it does work.
type Unit = (usize, Option<String>);

impl Units {
    #[must_use]
    pub fn of(protocol: Protocol) -> Self {
        Self { protocol, postgres: PostgresState::default() }
    }

    /// The first unit of these bytes; `None` while it is incomplete.
    pub fn next(&mut self, bytes: &[u8]) -> Option<Unit> {
        match self.protocol {
            Protocol::Redis => redis(bytes),
            Protocol::Postgres => self.postgres.next(bytes),
            Protocol::Http => http(bytes),
        }
    }
}

/// apalis 1.0.0's own scripts, by the beginnings of their SHA-1. Heartbeats have no name.
const APALIS: [(&str, Option<&str>); 6] = [
    ("3db3e4f4", Some(PUSH)),
    ("f053fd9b", Some("fetch")),
    ("8484d0d3", Some("acknowledge")),
    ("5c1d697d", None),
    ("6b6f3808", None),
    ("0d5fbce9", None),
];
/// The label of the script that pushes jobs.
pub const PUSH: &str = "push_tasks";

/// Names of our scripts by their SHA-1.
static SCRIPTS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let scripts = [
        ("promote", include_str!("../../../shared/src/queue/lua/promote.lua")),
        ("cancel", include_str!("../../../shared/src/queue/lua/cancel.lua")),
        ("clean", include_str!("../../../shared/src/queue/lua/clean.lua")),
        ("reserve", include_str!("../../../worker/src/telegram/limiter/reserve.lua")),
        ("release", include_str!("../../../worker/src/telegram/limiter/release.lua")),
    ];
    scripts
        .into_iter()
        .map(|(name, text)| (redis::Script::new(text).get_hash().to_owned(), name))
        .collect()
});

/// A RESP array of bulk strings. Its label is the command or script and the queue that it is about.
fn redis(bytes: &[u8]) -> Option<Unit> {
    /// Connections' own commands, clocks and probes.
    const OWN: &[&str] =
        &["hello", "auth", "client", "select", "ping", "time", "info", "config", "script"];
    let mut at = 0;
    let mut line = |mark: u8| {
        let rest = bytes.get(at..)?;
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let number = std::str::from_utf8(rest.get(1..end)?).ok()?.parse::<usize>().ok();
        let number = number.filter(|_| rest.first() == Some(&mark))?;
        at += end + 2;
        Some((number, at))
    };
    let (count, mut end) = line(b'*')?;
    let mut arguments = Vec::with_capacity(count);
    for _ in 0..count {
        let rest = bytes.get(end..)?;
        let head = rest.windows(2).position(|two| two == b"\r\n")?;
        let length: usize = std::str::from_utf8(rest.get(1..head)?).ok()?.parse().ok()?;
        arguments.push(String::from_utf8_lossy(rest.get(head + 2..head + 2 + length)?));
        end += head + 2 + length + 2;
        bytes.get(..end)?;
    }
    let command = arguments.first()?.to_lowercase();
    if OWN.contains(&command.as_str()) {
        return Some((end, None));
    }
    let sum = arguments.get(1).filter(|_| command == "evalsha");
    let start = sum.and_then(|sum| sum.get(..8)).unwrap_or_default();
    let apalis = APALIS.iter().find(|(known, _)| *known == start).map(|(_, name)| *name);
    if apalis == Some(None) {
        return Some((end, None));
    }
    let script = sum.map(|sum| {
        let known = apalis.flatten().or_else(|| SCRIPTS.get(sum.as_ref()).copied());
        known.map_or_else(|| format!("script_{start}"), str::to_owned)
    });
    // Keys are `{prefix:queue}:…`.
    let queue = arguments.iter().skip(1).find_map(|key| {
        let (tag, _) = key.strip_prefix('{')?.split_once('}')?;
        Some(format!("_{}", tag.rsplit_once(':')?.1))
    });
    let name = script.unwrap_or(command);
    Some((end, Some(format!("{name}{}", queue.unwrap_or_default()))))
}

impl PostgresState {
    /// The messages up to a Sync, a Flush or a simple query.
    fn next(&mut self, bytes: &[u8]) -> Option<Unit> {
        if !self.started {
            let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
            let code = u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
            bytes.get(..length)?;
            // After a request for encryption the client starts once more.
            self.started = code >> 16 == 3;
            return Some((length, None));
        }
        let (mut at, mut text) = (0, None);
        loop {
            let kind = *bytes.get(at)?;
            let length = u32::from_be_bytes(bytes.get(at + 1..at + 5)?.try_into().ok()?) as usize;
            let body = bytes.get(at + 5..at + 1 + length)?;
            at += 1 + length;
            let mut words = body
                .split(|byte| *byte == 0)
                .map(|word| String::from_utf8_lossy(word).into_owned());
            match kind {
                b'P' => {
                    let name = words.next().unwrap_or_default();
                    self.statements.insert(name, words.next().unwrap_or_default());
                }
                // The portal's name, then the statement's.
                b'B' => text = self.statements.get(&words.nth(1).unwrap_or_default()).cloned(),
                b'Q' => return Some((at, words.next().and_then(|text| self.label(&text)))),
                b'S' | b'H' => return Some((at, text.and_then(|text| self.label(&text)))),
                // A password, or the end.
                b'p' | b'X' => return Some((at, None)),
                _ => {}
            }
        }
    }

    /// A COMMIT is named for the first statement of its transaction.
    fn label(&mut self, text: &str) -> Option<String> {
        let slug = slug(text);
        match slug.as_str() {
            "begin" => {
                (self.in_transaction, self.transaction) = (true, None);
                Some(slug)
            }
            "commit" | "rollback" => {
                self.in_transaction = false;
                let first = self.transaction.take().unwrap_or_default();
                (slug == "commit").then(|| format!("commit_{first}"))
            }
            "" | "select_1" => None,
            _ if slug.starts_with("set_") || slug.starts_with("show_") => None,
            _ => {
                let name = format!("{slug}_{:04x}", sum(text));
                if self.in_transaction {
                    self.transaction.get_or_insert_with(|| name.clone());
                }
                Some(name)
            }
        }
    }
}

/// The first words of a statement or of the comment above it.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() > 32 {
            break;
        }
        if !slug.is_empty() {
            slug.push('_');
        }
        slug.push_str(&word.to_lowercase());
    }
    slug
}

/// Tells statements with the same first words apart (FNV-1a).
fn sum(text: &str) -> u16 {
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 16) as u16 ^ (hash & 0xffff) as u16
}

/// A request with a Content-Length. Its label is the end of its path, for the Bot API the method and whom it is for.
fn http(bytes: &[u8]) -> Option<Unit> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let lower = head.to_lowercase();
    let length =
        lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let end = end + length.unwrap_or(0_usize);
    let body = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let method = head.split_whitespace().nth(1)?.rsplit('/').next()?.to_owned();
    // The bot's own set-up and probes.
    if ["get", "set", "delete", "log", "close"]
        .iter()
        .any(|own| method.to_lowercase().starts_with(own))
    {
        return Some((end, None));
    }
    let group = body.contains("\"chat_id\":-") || body.contains("\"chat_id\":\"-");
    Some((end, Some(if group { format!("{method}_staff") } else { method })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &str) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind][..], &length, body.as_bytes()].concat()
    }

    #[test]
    fn a_redis_command_is_named_with_its_queue_once_it_is_whole() {
        let mut units = Units::of(Protocol::Redis);
        let bytes = b"*2\r\n$4\r\nLLEN\r\n$17\r\n{a:bulk}:active:x\r\n*1\r\n$4\r\nPING\r\n";
        for short in 0..38 {
            assert_eq!(units.next(&bytes[..short]), None, "{short}");
        }
        let (length, label) = units.next(bytes).unwrap();
        assert_eq!(label.as_deref(), Some("llen_bulk"));
        assert_eq!(units.next(&bytes[length..]), Some((14, None)));
    }

    #[test]
    fn a_statement_is_named_where_it_runs_and_a_commit_for_its_transaction() {
        let mut units = Units::of(Protocol::Postgres);
        let start = [&8_u32.to_be_bytes()[..], &(3_u32 << 16).to_be_bytes()].concat();
        assert_eq!(units.next(&start), Some((8, None)));
        let prepare =
            [message(b'P', "s1\0UPDATE messages SET x\0\0\0"), message(b'S', "")].concat();
        assert_eq!(units.next(&prepare), Some((prepare.len(), None)));
        let begin = message(b'Q', "BEGIN\0");
        assert_eq!(units.next(&begin).unwrap().1.as_deref(), Some("begin"));
        let run =
            [message(b'B', "\0s1\0"), message(b'E', "\0\0\0\0\0"), message(b'S', "")].concat();
        assert_eq!(units.next(&run[..run.len() - 1]), None, "not before its Sync");
        let label = units.next(&run).unwrap().1.unwrap();
        assert!(label.starts_with("update_messages_set_x_"), "{label}");
        let commit = message(b'Q', "COMMIT\0");
        assert_eq!(units.next(&commit).unwrap().1, Some(format!("commit_{label}")));
    }

    #[test]
    fn a_call_of_telegram_is_named_for_its_method_and_reader() {
        let mut units = Units::of(Protocol::Http);
        let call =
            b"POST /bot42:x/SendMessage HTTP/1.1\r\nContent-Length: 14\r\n\r\n{\"chat_id\":-1}";
        assert_eq!(units.next(&call[..call.len() - 1]), None);
        assert_eq!(units.next(call).unwrap(), (call.len(), Some("SendMessage_staff".to_owned())));
        assert_eq!(units.next(b"GET /bot42:x/getMe HTTP/1.1\r\n\r\n").unwrap().1, None);
        let rows = b"POST /eu1/api/reservation-tables/data HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(units.next(rows).unwrap().1.as_deref(), Some("data"));
    }
}
