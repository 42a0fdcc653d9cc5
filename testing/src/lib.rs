//! The test laboratory: the harness that runs the real programs on private servers, the soak, the
//! crash points and the benches. End-to-end tests are in `tests/e2e`.

pub mod bench;
pub mod crashpoints;
pub mod harness;
pub mod pictures;
pub mod soak;
