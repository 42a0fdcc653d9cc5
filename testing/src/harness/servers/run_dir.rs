//! A folder under `.dev/` that one running command owns by a lock. It is emptied at the start, and
//! leftover processes of a crashed run are killed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::harness::process;

/// How many commands of one name may run at once.
const MAX_AT_ONCE: u32 = 9;

/// A folder locked for this run.
#[derive(Debug)]
pub struct RunDir {
    folder: PathBuf,
    _lock: process::Lock,
}

impl RunDir {
    /// Takes the first free folder of this name.
    ///
    /// # Errors
    /// When all are in use, or the folder can't be made.
    pub fn take(dev: &Path, name: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(dev).with_context(|| format!("cannot make {}", dev.display()))?;
        for number in 1..=MAX_AT_ONCE {
            let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
            if let Some(lock) = process::lock(&dev.join(format!("{name}.lock"))) {
                let folder = dev.join(name);
                empty(&folder)?;
                return Ok(Self { folder, _lock: lock });
            }
        }
        bail!("{MAX_AT_ONCE} commands of this name run already")
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    for inner in subfolders(folder) {
        process::end_leftovers(&inner);
    }
    process::end_leftovers(folder);
    // PostgreSQL's data may be behind a link. It is removed too.
    let data = folder.join(super::postgres::DATA);
    if let Ok(elsewhere) = fs::read_link(&data) {
        let _ = fs::remove_dir_all(elsewhere);
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).filter(|path| path.is_dir() && !path.is_symlink()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_in_use_is_passed_over_and_an_old_one_is_emptied() {
        let dev = tempfile::tempdir().unwrap();
        let first = RunDir::take(dev.path(), "test").unwrap();
        fs::write(first.folder().join("old"), "").unwrap();
        let second = RunDir::take(dev.path(), "test").unwrap();
        assert_eq!(second.folder(), dev.path().join("test-2"));
        drop(first);
        let again = RunDir::take(dev.path(), "test").unwrap();
        assert_eq!(again.folder(), dev.path().join("test"));
        assert!(!again.folder().join("old").exists());
    }
}
