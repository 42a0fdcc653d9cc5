//! Passwords of servers that only one run uses.

/// A random password.
pub(super) fn password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
