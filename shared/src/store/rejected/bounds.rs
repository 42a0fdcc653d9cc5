//! How much of the refused requests is kept, so that a broken trigger, or somebody who has the secret,
//! fills no disk.

use sea_orm::{ConnectionTrait, DbErr};

use crate::store::statement::{execute, sql};

/// Most refused requests that are kept.
pub const ROWS_MAX: i64 = 5_000;
/// Most bytes of their bodies, URLs and faults.
pub const BYTES_MAX: i64 = 64 * 1024 * 1024;
/// The bounds are looked at by each round of the reconciler, and here after so many requests: whatever
/// comes between two rounds, that many are too many at most.
pub(super) const LOOKED_AT_EVERY: i64 = 500;

/// Removes what is beyond the bounds: first the replayed ones, then those that an operator has read, then
/// the others, the oldest of each first. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn bound(conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
    // The lengths are known without reading the bodies. Another worker may do the same at this moment.
    const BOUND: &str = "DELETE FROM rejected_requests WHERE id IN \
        (SELECT id FROM rejected_requests WHERE id IN \
        (SELECT id FROM (SELECT id, row_number() OVER kept AS rows, \
        sum(octet_length(query) + octet_length(body) + pg_column_size(faults)) OVER kept AS bytes \
        FROM rejected_requests WINDOW kept AS (ORDER BY CASE \
        WHEN replayed_at IS NOT NULL THEN 2 WHEN read_at IS NOT NULL THEN 1 ELSE 0 END, id DESC ROWS UNBOUNDED PRECEDING)) AS sums \
        WHERE rows > $1 OR bytes > $2) FOR UPDATE SKIP LOCKED)";
    execute(conn, sql(BOUND, [ROWS_MAX.into(), BYTES_MAX.into()])).await
}
