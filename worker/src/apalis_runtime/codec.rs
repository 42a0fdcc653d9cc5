//! The payload as it is, bytes: a codec that could fail would end the worker at the first payload
//! it can't read, and each of its successors.

use std::convert::Infallible;

use apalis_core::backend::codec::Codec;

/// Passes bytes through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RawCodec;

impl Codec<Vec<u8>> for RawCodec {
    type Error = Infallible;
    type Compact = Vec<u8>;

    fn encode(&self, payload: &Vec<u8>) -> Result<Vec<u8>, Infallible> {
        Ok(payload.clone())
    }

    fn decode(&self, payload: &Vec<u8>) -> Result<Vec<u8>, Infallible> {
        Ok(payload.clone())
    }
}
