//! The project's own commands, and what they share with the end-to-end tests: private servers
//! ([`servers`]), the real binaries as processes ([`fleet`]), and what to post to them.

pub mod bench;
pub mod bukza;
pub mod demo;
pub mod fleet;
pub mod packages;
pub mod ports;
pub mod process;
pub mod project;
pub mod proxy;
pub mod said;
pub mod servers;
pub mod soak;
pub mod suite;
