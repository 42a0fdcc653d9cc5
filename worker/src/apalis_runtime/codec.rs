//! Passes payloads through as bytes. A codec error would end the apalis worker, and each one started after
//! it: the handler decodes instead.

use std::convert::Infallible;

use apalis_core::backend::codec::Codec;

/// A codec that cannot fail.
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
