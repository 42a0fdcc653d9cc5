//! The test laboratory: the harness that runs the real programs on private servers, the soak, and
//! the benches. End-to-end tests are in `tests/e2e`.

pub mod bench;
pub mod harness;
pub mod soak;
