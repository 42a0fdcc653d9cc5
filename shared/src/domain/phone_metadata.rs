//! Google's rules of phone numbers, with a larger cache of compiled patterns.

use std::sync::LazyLock;

use phonenumber::metadata::{DATABASE, Database};

/// Size of the cache of compiled patterns. The crate's default of 100 suffices for some twenty countries.
/// Beyond it each number takes a millisecond to recompile patterns, behind a lock.
const PATTERNS: usize = 500;

/// Google's rules of all countries, loaded at the first use.
pub(super) static RULES: LazyLock<&Database> = LazyLock::new(|| {
    if let Ok(mut patterns) = DATABASE.cache().lock() {
        patterns.set_capacity(PATTERNS);
    }
    &DATABASE
});
