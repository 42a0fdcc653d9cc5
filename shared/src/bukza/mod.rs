//! Reading a Bukza web request: from its URL parameters and body to booking events, or to a list
//! of faults by field. Pure; used by ingest when a request arrives and by worker for a replay.

mod fault;

pub use fault::Fault;
