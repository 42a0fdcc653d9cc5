//! `venue.toml` (`VENUE_FILE`): resources with what is their own, texts, and Bukza's columns. Optional; a fault names line and key, and
//! none is skipped.

mod checked_table;
mod columns;
mod schema;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{names, reader::Reader};
use crate::domain::venue::VenueFile;

/// Read in the current folder, if it is there.
const DEFAULT: &str = "venue.toml";
/// Largest file, in bytes. All texts of both languages take a third of it.
const SIZE_MAX: u64 = 256 * 1024;
/// Most faults that are listed.
const LISTED: usize = 20;

/// Reads the file. `None`: it has a fault, or it was named and is not there.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<VenueFile> {
    let named = reader.optional(names::VENUE_FILE, |path| Some(path.to_owned()));
    let path = named.as_deref().unwrap_or(DEFAULT);
    let text = match contents(Path::new(path)) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => {
            return Some(VenueFile::default());
        }
        Err(error) => {
            let message = format!("{}: cannot be read: {error}", shown(path));
            return reader.fault(names::VENUE_FILE, message);
        }
    };
    match schema::parse(&text) {
        Ok(read) => Some(VenueFile { path: Some(path.to_owned()), ..read }),
        Err(faults) => {
            let more = faults.len().saturating_sub(LISTED);
            for fault in faults.into_iter().take(LISTED) {
                let _: Option<()> =
                    reader.fault(names::VENUE_FILE, format!("{}, {fault}", shown(path)));
            }
            if more > 0 {
                let message = format!("{}: {more} more faults", shown(path));
                let _: Option<()> = reader.fault(names::VENUE_FILE, message);
            }
            None
        }
    }
}

/// A path in a message.
fn shown(path: &str) -> String {
    path.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The text of a file that is no larger than it may be.
fn contents(path: &Path) -> io::Result<String> {
    // A device or a pipe could be endless, or block.
    let found = std::fs::metadata(path)?;
    if !found.is_file() {
        let what = if found.is_dir() { "it is a folder" } else { "it is no file" };
        return Err(io::Error::other(what));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(SIZE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(io::Error::other(format!("it is larger than {} KB", SIZE_MAX / 1024)));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not in UTF-8"))
}

#[cfg(test)]
#[path = "venue_file_tests.rs"]
mod tests;
