//! `worker setup`: from a token and a domain to a whole `.env` and a page to paste into Bukza; with systemd to the
//! files of the units. Can be run again; changes nothing without a yes. `--check` tries the running system from outside.

mod answers;
mod ask;
mod bot;
mod bukza;
mod check;
mod domain;
mod env_file;
mod layout;
mod options;
mod questions;
mod test_booking;
mod zone;

use std::path::Path;

use anyhow::{Context, bail};
use rand::{TryRngCore, rngs::OsRng};
use shared::domain::venue::Locale;
use url::Url;

pub use self::options::SetupOptions;
use self::{
    answers::Answers,
    ask::Ask,
    env_file::{EnvFile, Readers, read},
    layout::Layout,
    options::secret_of,
    questions::Questions,
};
use super::{print_text, words::Wording};

/// Explains each setting, and is what a new `.env` begins with.
const EXAMPLE: &str = ".env.example";
/// What is pasted into Bukza.
const PAGE: &str = "bukza.txt";

/// Asks, writes, and prints what comes next.
///
/// # Errors
/// When an answer is missing or refused, or a file can't be written. Then `.env` is as before.
pub async fn run(options: SetupOptions) -> anyhow::Result<()> {
    if options.check {
        return check::run(&options).await;
    }
    let layout =
        Layout::new(options.systemd.as_deref(), read(Path::new(EXAMPLE))?.unwrap_or_default())?;
    let present = layout.present()?;
    let known = EnvFile::parse(present.as_deref().unwrap_or_default())?;
    let ask = Ask::new(options.yes);
    let locale = questions::locale(ask, &options, &known)?;
    let texts = Wording::of(locale);
    let further = options.further(layout.example())?;
    print_text(&texts.plain("setup-welcome"))?;
    let questions =
        Questions { ask, texts: &texts, options: &options, known: &known, further: &further };
    let token = questions.token().await?;
    if token.is_some() && known.get("BOT_TOKEN_FILE").is_some() {
        bail!(texts.plain("setup-token-in-file"));
    }
    let host = questions.host().await?;
    let zone = questions.zone()?;
    let base = if present.is_some() { known.clone() } else { EnvFile::parse(layout.example())? };
    let answers = Answers { locale, token, host: host.clone(), zone, more: further };
    let Some(file) = write(ask, &texts, (&base, &known), &answers, &layout)? else {
        return Ok(print_text(&texts.plain("setup-nothing-written"))?);
    };
    page(&texts, locale, &file, &host, &layout.path(PAGE))?;
    match layout.units().map(|folder| folder.display().to_string()) {
        None => print_text(&texts.plain("setup-next"))?,
        Some(folder) => {
            print_text(&texts.with("setup-next-units", &[("folder", &folder)]))?;
            print_text(&format!("\n{}", layout::commands(&folder)))?;
            print_text(&texts.with("setup-after-units", &[("folder", &folder)]))?;
        }
    }
    Ok(())
}

/// Writes what changed, if that is wanted, and returns the file as it is then.
fn write(
    ask: Ask,
    texts: &Wording,
    (base, known): (&EnvFile, &EnvFile),
    answers: &Answers,
    layout: &Layout,
) -> anyhow::Result<Option<EnvFile>> {
    let mut failed = None;
    let mut changes = answers::changes(base, answers, |bytes| {
        random(bytes).unwrap_or_else(|error| {
            failed = Some(error);
            String::new()
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    changes.retain(|(name, _)| layout.uses(name));
    let file = match answers::finished(base, &changes)? {
        Ok(file) => file,
        Err(faults) => {
            let faults: Vec<String> =
                faults.iter().map(|fault| format!("{} {}", fault.name, fault.message)).collect();
            bail!("{}\n{}", texts.plain("setup-refused"), faults.join("\n"));
        }
    };
    let outputs = layout.outputs(&file, &changes)?;
    if outputs.is_empty() {
        print_text(&texts.plain("setup-unchanged"))?;
        return Ok(Some(file));
    }
    let files = &layout.names();
    let (replaced, new): (Vec<_>, Vec<_>) =
        changes.iter().partition(|change| answers::replaces(known, change));
    for (key, changes) in [("setup-new", new), ("setup-replaced", replaced)] {
        let names: Vec<&str> = changes.iter().map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            print_text(&texts.with(key, &[("files", files), ("names", &names.join(", "))]))?;
        }
    }
    if !ask.confirm(texts, &texts.with("setup-write", &[("files", files)]), true)? {
        return Ok(None);
    }
    for output in outputs {
        let before = env_file::beside(&output.path, "before");
        let copy = output.before.iter().map(|text| (&before, text, Readers::Owner));
        for (path, text, readers) in copy.chain([(&output.path, &output.text, output.readers)]) {
            env_file::write(path, text, readers).with_context(|| path.display().to_string())?;
        }
    }
    match layout.units().map(|folder| folder.display().to_string()) {
        None => print_text(&texts.plain("setup-written"))?,
        Some(folder) => print_text(&texts.with("setup-written-units", &[("folder", &folder)]))?,
    }
    Ok(Some(file))
}

/// Prints what is pasted into Bukza, and keeps it in a file.
fn page(
    texts: &Wording,
    locale: Locale,
    file: &EnvFile,
    host: &Url,
    path: &Path,
) -> anyhow::Result<()> {
    let secrets = match (file.get("BUKZA_WEBHOOK_SECRET"), file.get("BUKZA_WEBHOOK_SECRET_FILE")) {
        (Some(secrets), _) => secrets.to_owned(),
        (None, Some(path)) => secret_of(Path::new(path))?,
        (None, None) => bail!("BUKZA_WEBHOOK_SECRET"),
    };
    let address = bukza::address(file, host).context("WEBHOOK_PATH")?;
    let block = bukza::block(texts, locale, &address, bukza::first_secret(&secrets));
    print_text(&format!("\n{block}\n"))?;
    let written = env_file::write(path, &format!("{block}\n"), Readers::Owner);
    written.with_context(|| path.display().to_string())
}

/// A secret of so many bytes from the system's random source, in hexadecimal.
fn random(bytes: usize) -> anyhow::Result<String> {
    let mut secret = vec![0; bytes];
    OsRng.try_fill_bytes(&mut secret).context("the system's random source")?;
    Ok(secret.iter().map(|byte| format!("{byte:02x}")).collect())
}
