//! What one check came to.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Ok,
    /// It works, but something should be looked at.
    Warn,
    /// The promise is broken, or will be.
    Fail,
}

/// One check's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub verdict: Verdict,
    /// What was checked.
    pub about: &'static str,
    /// What was found. Holds no secret.
    pub said: String,
    /// What to do; nothing where all is well.
    pub remedy: String,
}

impl Finding {
    pub(super) fn ok(about: &'static str, said: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, about, said: said.into(), remedy: String::new() }
    }

    pub(super) fn warn(
        about: &'static str,
        said: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warn, about, said: said.into(), remedy: remedy.into() }
    }

    pub(super) fn fail(
        about: &'static str,
        said: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Fail, about, said: said.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    /// Two lines at most, unless what was found has more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        write!(f, "{verdict:5} {:12} {}", self.about, self.said)?;
        if !self.remedy.is_empty() {
            write!(f, "\n{:18} → {}", "", self.remedy)?;
        }
        Ok(())
    }
}
