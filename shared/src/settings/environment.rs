//! Where settings come from: the process's environment over the file `.env` of the current
//! folder; or a map, in tests. The environment itself is never changed.

use std::{collections::HashMap, path::Path};

use super::values;
use crate::domain::venue::Locale;

/// Names and values, collected before any is read.
#[derive(Clone, Default)]
pub struct Environment {
    values: HashMap<String, String>,
    file_fault: Option<String>,
}

impl std::fmt::Debug for Environment {
    /// The values hold secrets: only their number is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment").field("values", &self.values.len()).finish_non_exhaustive()
    }
}

impl Environment {
    /// The process's environment, and below it `.env` of the current folder, if there is one.
    /// An unreadable `.env` is a fault that the settings' error will name.
    #[must_use]
    pub fn of_process() -> Self {
        let mut environment = Self::from_file(Path::new(".env"));
        for (name, value) in std::env::vars_os() {
            if let Some(name) = name.to_str() {
                environment.values.insert(name.to_owned(), value.to_string_lossy().into_owned());
            }
        }
        environment
    }

    /// The language (`LOCALE`), whether or not other settings are sound. `None`: it is not set, or refused.
    #[must_use]
    pub fn locale(&self) -> Option<Locale> {
        self.get("LOCALE").and_then(|text| values::locale(text.trim()))
    }

    /// A value as it was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The same values with this one added or replaced.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn file_fault(&self) -> Option<&str> {
        self.file_fault.as_deref()
    }

    pub(super) fn from_file(path: &Path) -> Self {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(error) => return Self::broken(format!("cannot be read: {error}")),
        };
        let mut values = HashMap::new();
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            match item {
                Ok((name, value)) => {
                    values.insert(name, value);
                }
                Err(dotenvy::Error::LineParse(line, _)) => {
                    return Self::broken(where_is(&text, &line));
                }
                Err(_) => return Self::broken("cannot be read".to_owned()),
            }
        }
        Self { values, file_fault: None }
    }

    fn broken(message: String) -> Self {
        Self { values: HashMap::new(), file_fault: Some(message) }
    }
}

/// Names a line by its number: its text may hold a secret. `rest` is the line, or its value alone.
fn where_is(text: &str, rest: &str) -> String {
    let rest = rest.trim_end();
    let number = text.lines().position(|line| line.trim_end().ends_with(rest)).map(|at| at + 1);
    let line = number.map_or_else(|| "a line".to_owned(), |number| format!("line {number}"));
    format!("cannot be read: {line} is not NAME=value (quote a value with spaces, # or $)")
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { values, file_fault: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Environment {
        let path = std::env::temp_dir().join(format!("settings-{}.env", uuid::Uuid::now_v7()));
        std::fs::write(&path, text).unwrap();
        let environment = Environment::from_file(&path);
        std::fs::remove_file(path).unwrap();
        environment
    }

    #[test]
    fn a_file_is_read_and_a_missing_one_is_no_fault() {
        let environment = file("# note\nLOCALE=en\nCOMPANY_HOURS=\"10:00 - 22:00 # daily\"\n");
        assert_eq!(environment.get("LOCALE"), Some("en"));
        assert_eq!(environment.get("COMPANY_HOURS"), Some("10:00 - 22:00 # daily"));
        assert_eq!(Environment::from_file(Path::new("no/such/file")).file_fault(), None);
    }

    #[test]
    fn a_broken_line_is_named_by_number_and_not_by_content() {
        let environment = file("LOCALE=en\nBOT_TOKEN=1:hush hush\n");
        let fault = environment.file_fault().unwrap();
        assert!(fault.contains("line 2"), "{fault}");
        assert!(!fault.contains("hush"), "{fault}");
    }
}
