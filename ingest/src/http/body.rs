//! Reading a request's body, no more of it than allowed and no longer than allowed.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;

/// Longest time for a body to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);
/// Longest time for a body to arrive that is not wanted: a stranger holds a connection no longer.
const DISCARDED_ARRIVAL: Duration = Duration::from_secs(2);
/// How much of a body that is not wanted is taken and dropped at most, in bytes.
const DISCARDED_MAX: usize = 4 << 20;

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
    tokio::time::timeout(ARRIVAL, read_all(body, limit)).await.unwrap_or(Err(BodyError::Slow))
}

/// Takes what comes of a body that is not wanted. A connection that is closed with bytes unread is
/// reset, and the answer may be lost with it: a proxy then holds ingest for broken.
pub(crate) async fn discard(mut body: Body) {
    let _ = tokio::time::timeout(DISCARDED_ARRIVAL, discard_rest(&mut body)).await;
}

async fn read_all(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    // Nearly every body comes in one piece, and is used as it is.
    let mut whole = next(&mut body).await?.unwrap_or_default();
    let mut gathered: Vec<u8> = Vec::new();
    while whole.len().max(gathered.len()) <= limit {
        let Some(more) = next(&mut body).await? else {
            return Ok(if gathered.is_empty() { whole } else { gathered.into() });
        };
        if gathered.is_empty() {
            gathered.extend_from_slice(&std::mem::take(&mut whole));
        }
        gathered.extend_from_slice(&more);
    }
    if gathered.is_empty() {
        gathered.extend_from_slice(&whole);
    }
    gathered.truncate(limit);
    discard_rest(&mut body).await;
    Err(BodyError::TooLarge(gathered))
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
    while discarded < DISCARDED_MAX {
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
    async fn of_what_is_too_large_the_allowed_part_is_kept() {
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
