//! Reads a request's body, within a size and a time limit.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;

/// Longest time for a body to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time for a discarded body to arrive, so that an unauthorized caller holds no connection.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);
/// Most bytes of a body that are read and discarded.
const DISCARD_MAX: usize = 4 << 20;

/// Why there is no whole body.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// Longer than allowed; its allowed part.
    TooLarge(Vec<u8>),
    /// The connection broke off.
    Broken,
    /// It did not arrive in time.
    Slow,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    tokio::time::timeout(READ_TIMEOUT, read_all(body, limit)).await.unwrap_or(Err(BodyError::Slow))
}

/// Reads and discards a body. Closing a connection with unread bytes resets it, and the response may be
/// lost: a proxy then takes ingest for broken.
pub(crate) async fn discard(mut body: Body) {
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, discard_rest(&mut body)).await;
}

async fn read_all(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    // Nearly every body comes in one piece, and is used as it is.
    let mut whole = next(&mut body).await?.unwrap_or_default();
    let mut joined: Vec<u8> = Vec::new();
    while whole.len().max(joined.len()) <= limit {
        let Some(more) = next(&mut body).await? else {
            return Ok(if joined.is_empty() { whole } else { joined.into() });
        };
        if joined.is_empty() {
            joined.extend_from_slice(&std::mem::take(&mut whole));
        }
        joined.extend_from_slice(&more);
    }
    if joined.is_empty() {
        joined.extend_from_slice(&whole);
    }
    joined.truncate(limit);
    discard_rest(&mut body).await;
    Err(BodyError::TooLarge(joined))
}

/// The next piece that is not empty; `None` at the end.
async fn next(body: &mut Body) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(|_| BodyError::Broken)?.into_data().unwrap_or_default();
        if !data.is_empty() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

async fn discard_rest(body: &mut Body) {
    let mut discarded = 0;
    while discarded < DISCARD_MAX {
        let Ok(Some(piece)) = next(body).await else { break };
        discarded += piece.len();
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{StreamExt, stream};

    use super::*;

    /// A body that arrives in these pieces.
    fn pieces(pieces: &[&'static [u8]]) -> Body {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok::<_, Infallible>(*piece)).collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn pieces_make_a_whole_up_to_the_limit() {
        assert_eq!(read(Body::empty(), 4).await.unwrap(), Bytes::new());
        assert_eq!(read(pieces(&[b"abcd"]), 4).await.unwrap(), "abcd");
        assert_eq!(read(pieces(&[b"a", b"", b"bc", b"d"]), 4).await.unwrap(), "abcd");
    }

    #[tokio::test]
    async fn the_allowed_part_of_a_too_large_body_is_kept() {
        for body in
            [pieces(&[b"abcde"]), pieces(&[b"abc", b"de", b"f"]), pieces(&[b"a", b"bcdefgh"])]
        {
            let Err(BodyError::TooLarge(kept)) = read(body, 4).await else { panic!("not refused") };
            assert_eq!(kept, b"abcd");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_slow() {
        let start = stream::iter([Ok::<_, Infallible>("ab")]);
        let body = Body::from_stream(start.chain(stream::pending()));
        assert!(matches!(read(body, 4).await, Err(BodyError::Slow)));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_broken() {
        let body = Body::from_stream(stream::iter([Ok("ab"), Err(std::io::Error::other("reset"))]));
        assert!(matches!(read(body, 4).await, Err(BodyError::Broken)));
    }
}
