//! The file `.env`: its values, and the same text with some of them changed. Every other line stays as it is.
//! It is written as a whole or not at all, for its owner alone.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;

pub(super) const DOTENV: &str = ".env";

/// A file's text. `None`: there is none.
pub(super) fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Who may read a file besides root. One that is there may be narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner alone.
    Owner,
    /// Also the group of its folder, as the programs' accounts.
    Group,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => OWNER_ONLY,
            Self::Group => 0o640,
        }
    }
}

const OWNER_ONLY: u32 = 0o600;
/// The account that may give files away.
const ROOT: u32 = 0;

/// A `.env` cannot be used. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum EnvFileError {
    #[error("a line of .env is not NAME=value: quote a value with spaces, # or $")]
    Unreadable,
    #[error("{0} can't be changed in .env without another value changing, too: change it by hand")]
    Entangled(String),
}

/// The text of a `.env`, and its values as the programs read them.
#[derive(Clone, Default)]
pub(super) struct EnvFile {
    text: String,
    values: HashMap<String, String>,
}

impl EnvFile {
    pub(super) fn parse(text: &str) -> Result<Self, EnvFileError> {
        let mut values = HashMap::new();
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            let (name, value) = item.map_err(|_| EnvFileError::Unreadable)?;
            values.insert(name, value);
        }
        Ok(Self { text: text.to_owned(), values })
    }

    /// A value that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn values(&self) -> &HashMap<String, String> {
        &self.values
    }

    /// The same file with these values.
    pub(super) fn with(&self, changes: &[(String, String)]) -> Result<Self, EnvFileError> {
        let mut text = self.text.clone();
        for (name, value) in changes {
            text = set(&text, name, value);
        }
        let changed = Self::parse(&text)?;
        let mut expected = self.values.clone();
        expected.extend(changes.iter().cloned());
        for (name, value) in &expected {
            // A value may be made of others: then it follows them.
            let follows =
                self.text.contains('$') && !changes.iter().any(|(changed, _)| changed == name);
            if changed.values.get(name) != Some(value) && !follows {
                return Err(EnvFileError::Entangled(name.clone()));
            }
        }
        Ok(changed)
    }
}

/// A value of a `.env`: its lines, and the comment behind it.
struct Entry<'a> {
    name: &'a str,
    first: usize,
    last: usize,
    comment: &'a str,
}

/// The text with this value in the last line that sets the name, or in a new line.
fn set(text: &str, name: &str, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut line = format!("{name}={}", quoted(value));
    if let Some(entry) = entries(text).into_iter().rfind(|entry| entry.name == name) {
        if lines[entry.first].trim_start().starts_with("export ") {
            line.insert_str(0, "export ");
        }
        if !entry.comment.is_empty() {
            line = format!("{line} {}", entry.comment);
        }
        lines.splice(entry.first..=entry.last, [line]);
    } else {
        let explained = lines.iter().rposition(|line| {
            let rest = line.strip_prefix('#').map(str::trim_start);
            rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('='))
        });
        lines.insert(explained.map_or(lines.len(), |at| at + 1), line);
    }
    lines.join("\n") + "\n"
}

/// The values that a text sets, in its order.
fn entries(text: &str) -> Vec<Entry<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut entries = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let first = at;
        let line = lines[at].trim_start();
        at += 1;
        if line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let mut scan = Scan::default();
        let mut comment = scan.comment(value);
        while scan.is_open() && at < lines.len() {
            comment = scan.comment(lines[at]);
            at += 1;
        }
        entries.push(Entry {
            name: name.trim(),
            first,
            last: at - 1,
            comment: comment.unwrap_or(""),
        });
    }
    entries
}

/// Where quotes and escapes of a value stand, in the way of dotenvy.
#[derive(Default)]
struct Scan {
    quote: Option<char>,
    escaped: bool,
}

impl Scan {
    /// Goes through a line, up to a comment.
    fn comment<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        let mut after_space = false;
        for (at, c) in line.char_indices() {
            if self.escaped {
                self.escaped = false;
            } else if c == '\\' {
                self.escaped = true;
            } else if self.quote == Some(c) {
                self.quote = None;
            } else if self.quote.is_none() && (c == '\'' || c == '"') {
                self.quote = Some(c);
            } else if self.quote.is_none() && c == '#' && after_space {
                return Some(line[at..].trim_end());
            }
            after_space = c.is_whitespace();
        }
        None
    }

    fn is_open(&self) -> bool {
        self.quote.is_some()
    }
}

/// A value as a `.env` has it: dotenvy, Compose and a shell read the same.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    if !value.contains(['\'', '\\', '\n', '\r']) {
        return format!("'{value}'");
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' | '$' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// Writes a file for these readers, and keeps mode and owner of one that is there if they are narrower. A new one of root
/// belongs to the owner of its folder. Whoever reads it meanwhile finds the text of before or the new one.
pub(super) fn write(path: &Path, text: &str, readers: Readers) -> io::Result<()> {
    // A link keeps its place, and the file behind it is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let present = fs::metadata(&path).ok();
    let new = beside(&path, "new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&new)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let shared = fs::metadata(folder)?;
    let (other, mode) = match &present {
        Some(present) => (present, present.mode() & readers.mode()),
        None => (&shared, readers.mode()),
    };
    file.set_permissions(Permissions::from_mode(mode & OWNER_ONLY))?;
    let own = file.metadata()?;
    // root in a container, whose folder is somebody else's, gives a new file away.
    if own.uid() != other.uid() && (present.is_some() || own.uid() == ROOT) {
        std::os::unix::fs::fchown(&file, Some(other.uid()), Some(other.gid()))?;
    } else if readers == Readers::Group {
        std::os::unix::fs::fchown(&file, None, Some(other.gid()))?;
    }
    if mode != mode & OWNER_ONLY {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, &path)?;
    File::open(folder)?.sync_all()
}

/// The path with a further ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
#[path = "env_file_tests.rs"]
mod tests;
