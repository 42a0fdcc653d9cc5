//! Private servers, the real programs as processes, faulty networks, and Bukza's requests.
//! Used by the end-to-end tests, the soak, the benches and the demo.

pub mod browser;
pub mod bukza;
pub mod environment;
pub mod fleet;
pub mod packages;
pub mod page;
pub mod phrases;
pub mod ports;
pub mod process;
pub mod project;
pub mod proxy;
pub mod servers;
pub mod socks;
pub mod traces;
