//! The result of one check.

use std::fmt;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Ok,
    /// It works, but needs attention.
    Warn,
    /// Messages are lost or late, or will be.
    Fail,
}

/// One check's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub verdict: Verdict,
    /// What was checked.
    pub about: &'static str,
    /// What was found. Holds no secret.
    pub found: String,
    /// What to do. Empty for [`Verdict::Ok`].
    pub remedy: String,
}

impl Finding {
    pub(super) fn ok(about: &'static str, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, about, found: found.into(), remedy: String::new() }
    }

    pub(super) fn warn(
        about: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warn, about, found: found.into(), remedy: remedy.into() }
    }

    pub(super) fn fail(
        about: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Fail, about, found: found.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    /// Two lines, or more when `found` has more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        write!(f, "{verdict:5} {:12} {}", self.about, self.found)?;
        if !self.remedy.is_empty() {
            write!(f, "\n{:18} → {}", "", self.remedy)?;
        }
        Ok(())
    }
}
