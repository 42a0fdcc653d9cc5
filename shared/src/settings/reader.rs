//! Reads settings from an [`Environment`], checks them, and collects every fault instead of stopping at
//! the first.

use std::{borrow::Cow, fmt, path::Path};

use super::{environment::Environment, names::Setting, secret_file};

/// A fault of one setting. Never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFault {
    pub name: &'static str,
    /// The fault, and what is expected instead.
    pub message: String,
}

/// All faults of the settings, as one message for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    pub faults: Vec<SettingFault>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.faults.len() == 1 { "" } else { "s" };
        write!(f, "{} fault{many} in the settings (environment or .env):", self.faults.len())?;
        for fault in &self.faults {
            write!(f, "\n  {} {}", fault.name, fault.message)?;
        }
        f.write_str("\nEvery setting is explained in .env.example.")
    }
}

/// Reads settings one by one. Every method returns `None` when there was a fault or nothing to read;
/// [`Reader::read`] distinguishes the two.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    environment: &'a Environment,
    faults: Vec<SettingFault>,
}

impl<'a> Reader<'a> {
    /// All that `values` reads, or all faults.
    pub(super) fn read<T>(
        environment: &'a Environment,
        values: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, SettingsError> {
        let mut reader = Self { environment, faults: Vec::new() };
        if let Some(message) = environment.file_fault() {
            reader.faults.push(SettingFault { name: ".env", message: message.to_owned() });
        }
        match values(&mut reader) {
            Some(values) if reader.faults.is_empty() => Ok(values),
            _ => Err(SettingsError { faults: reader.faults }),
        }
    }

    /// The value as it is given, trimmed; an empty value differs from a missing one.
    pub(super) fn given(&self, setting: Setting) -> Option<&'a str> {
        self.environment.get(setting.name).map(str::trim)
    }

    /// The value; empty is the same as not given. A secret may be in a file, which `NAME_FILE` names. The outer
    /// `None`: there was a fault.
    fn text(&mut self, setting: Setting) -> Option<Option<Cow<'a, str>>> {
        let direct = self.given(setting).filter(|value| !value.is_empty());
        let file = format!("{}_FILE", setting.name);
        let path = self.environment.get(&file).map(str::trim);
        let path = path.filter(|path| setting.secret && !path.is_empty());
        match (direct, path) {
            (direct, None) => Some(direct.map(Cow::Borrowed)),
            (Some(_), Some(_)) => {
                self.fault(setting, format!("is given twice: by itself and by {file}"))
            }
            (None, Some(path)) => match secret_file::read(Path::new(path)) {
                Ok(secret) => Some(Some(Cow::Owned(secret))),
                Err(error) => self.fault(setting, format!("cannot be read from {path}: {error}")),
            },
        }
    }

    /// Whether a value is given, by itself or in a file.
    pub(super) fn is_set(&self, setting: Setting) -> bool {
        let file = format!("{}_FILE", setting.name);
        let names = [setting.name, file.as_str()];
        let considered = if setting.secret { &names[..] } else { &names[..1] };
        let value =
            |name: &&str| self.environment.get(name).is_some_and(|it| !it.trim().is_empty());
        considered.iter().any(value)
    }

    /// A setting that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(setting)??;
        self.parsed(setting, &text, parse)
    }

    /// A setting that has to be there.
    pub(super) fn required<T>(
        &mut self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        match self.text(setting)? {
            Some(text) => self.parsed(setting, &text, parse),
            None => self.fault(setting, format!("is missing: expected {}", setting.expected)),
        }
    }

    /// A setting with a default.
    pub(super) fn or<T>(
        &mut self,
        setting: Setting,
        default: T,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        match self.text(setting)? {
            None => Some(default),
            Some(text) => self.parsed(setting, &text, parse),
        }
    }

    fn parsed<T>(
        &mut self,
        setting: Setting,
        text: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            self.refuse(setting, text);
        }
        value
    }

    /// Records a fault.
    pub(super) fn fault<T>(&mut self, setting: Setting, message: String) -> Option<T> {
        self.faults.push(SettingFault { name: setting.name, message });
        None
    }

    /// Records that a value cannot be used. The value of a secret is not repeated.
    pub(super) fn refuse(&mut self, setting: Setting, text: &str) {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
        let message = if setting.secret {
            format!("is not usable: expected {}", setting.expected)
        } else {
            format!("is \"{shown}\": expected {}", setting.expected)
        };
        self.faults.push(SettingFault { name: setting.name, message });
    }
}
