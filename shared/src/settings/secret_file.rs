//! A secret in a file of its own, as Docker's and systemd's secrets are: `NAME_FILE` names the file.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Longest file, in bytes.
const MAX: u64 = 16 * 1024;

/// The file's text without the white space around it.
///
/// # Errors
/// When it cannot be read, is longer than 16 KiB, not UTF-8, or empty.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX + 1).read_to_string(&mut text)?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(io::Error::other("the file is empty"));
    }
    if text.len() as u64 > MAX {
        return Err(io::Error::other("the file is too long"));
    }
    Ok(secret.to_owned())
}
