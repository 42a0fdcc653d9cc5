//! The prompts of a set-up: questions on a terminal. Without one, or with `--yes`, a proposal is taken, and what has none
//! is refused with the name of its flag.

use std::io::{self, IsTerminal};

use anyhow::bail;
use inquire::{Confirm, InquireError, Password, Select, Text};
use tokio::task::block_in_place;

use crate::cli::words::Wording;

/// Whoever answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// A person at a terminal.
    Person,
    /// Nobody.
    Nobody,
}

impl Ask {
    pub(super) fn new(yes: bool) -> Self {
        let is_person = !yes && io::stdin().is_terminal() && io::stderr().is_terminal();
        if is_person { Self::Person } else { Self::Nobody }
    }

    /// A line of text; Enter takes the proposal.
    pub(super) fn line(
        self,
        texts: &Wording,
        message: &str,
        proposal: Option<&str>,
        flag: &str,
    ) -> anyhow::Result<String> {
        match (self, proposal) {
            (Self::Nobody, Some(proposal)) => Ok(proposal.to_owned()),
            (Self::Nobody, None) => bail!(texts.with("setup-missing", &[("flag", flag)])),
            (Self::Person, proposal) => {
                let mut prompt = Text::new(message);
                prompt.default = proposal;
                answered(texts, || prompt.prompt())
            }
        }
    }

    /// A line that is not shown.
    pub(super) fn hidden(
        self,
        texts: &Wording,
        message: &str,
        flag: &str,
    ) -> anyhow::Result<String> {
        match self {
            Self::Nobody => bail!(texts.with("setup-missing", &[("flag", flag)])),
            Self::Person => {
                let help = texts.plain("setup-hidden");
                let prompt = Password::new(message).without_confirmation().with_help_message(&help);
                answered(texts, || prompt.prompt())
            }
        }
    }

    /// One of several, by its place. Enter takes the first.
    pub(super) fn choice(
        self,
        texts: &Wording,
        message: &str,
        among: Vec<String>,
    ) -> anyhow::Result<usize> {
        match self {
            Self::Nobody => Ok(0),
            Self::Person => {
                let help = texts.plain("setup-choose");
                let prompt =
                    Select::new(message, among).with_help_message(&help).with_page_size(16);
                answered(texts, || prompt.raw_prompt()).map(|chosen| chosen.index)
            }
        }
    }

    /// Yes or no; Enter takes the proposal. Nobody says yes: a warning was printed.
    pub(super) fn confirm(
        self,
        texts: &Wording,
        message: &str,
        proposal: bool,
    ) -> anyhow::Result<bool> {
        match self {
            Self::Nobody => Ok(true),
            Self::Person => {
                let both = texts.plain(if proposal { "setup-yes-no" } else { "setup-no-yes" });
                let (yes, no) = (texts.plain("setup-yes"), texts.plain("setup-no"));
                let shown = |_: bool| both.clone();
                let answer = |answer: bool| if answer { yes.clone() } else { no.clone() };
                let prompt = Confirm::new(message)
                    .with_default(proposal)
                    .with_parser(&parse)
                    .with_formatter(&answer)
                    .with_default_value_formatter(&shown);
                let help = texts.plain("setup-type-yes-or-no");
                let prompt = prompt.with_error_message(&help);
                answered(texts, || prompt.prompt())
            }
        }
    }
}

/// Yes and no in both languages.
fn parse(text: &str) -> Result<bool, ()> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "д" | "да" => Ok(true),
        "n" | "no" | "н" | "нет" => Ok(false),
        _ => Err(()),
    }
}

fn answered<T>(
    texts: &Wording,
    prompt: impl FnOnce() -> Result<T, InquireError>,
) -> anyhow::Result<T> {
    match block_in_place(prompt) {
        Ok(answer) => Ok(answer),
        Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => {
            bail!(texts.plain("setup-stopped"))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_are_understood_in_both_languages() {
        for text in ["y", "YES", "д", " Да "] {
            assert_eq!(parse(text), Ok(true), "{text}");
        }
        for text in ["n", "no", "Н", "нет"] {
            assert_eq!(parse(text), Ok(false), "{text}");
        }
        assert_eq!(parse("maybe"), Err(()));
    }
}
