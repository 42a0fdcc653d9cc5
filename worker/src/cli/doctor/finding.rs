//! The result of one check.

use crate::cli::words::{Wording, Words};

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
    /// What was checked. The files of texts may have another name for it.
    pub about: &'static str,
    /// What was found. Holds no secret.
    pub found: Words,
    /// What to do. Empty for [`Verdict::Ok`].
    pub remedy: Words,
}

impl Finding {
    pub(super) fn ok(about: &'static str, found: impl Into<Words>) -> Self {
        Self { verdict: Verdict::Ok, about, found: found.into(), remedy: "".into() }
    }

    pub(super) fn warn(
        about: &'static str,
        found: impl Into<Words>,
        remedy: impl Into<Words>,
    ) -> Self {
        Self { verdict: Verdict::Warn, about, found: found.into(), remedy: remedy.into() }
    }

    pub(super) fn fail(
        about: &'static str,
        found: impl Into<Words>,
        remedy: impl Into<Words>,
    ) -> Self {
        Self { verdict: Verdict::Fail, about, found: found.into(), remedy: remedy.into() }
    }

    /// Two lines, or more when `found` has more. The verdict is the same word in each language.
    #[must_use]
    pub fn text(&self, wording: &Wording) -> String {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        let about = wording.about(self.about);
        let found = format!("{verdict:5} {about:12} {}", wording.text(&self.found));
        if self.remedy.is_empty() {
            return found;
        }
        format!("{found}\n{:18} → {}", "", wording.text(&self.remedy))
    }
}
