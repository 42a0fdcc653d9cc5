//! Our own Redis scripts beside those of apalis: promote, cancel, clean, measure.
//! Each works in bounded steps, because Redis serves no other client while a script runs.

use std::sync::LazyLock;

use redis::{FromRedisValue, Script, ScriptInvocation};

use super::{ConnectionManager, QueueError};

pub(super) static PROMOTE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("lua/promote.lua")));
pub(super) static CANCEL: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("lua/cancel.lua")));
pub(super) static CLEAN: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("lua/clean.lua")));

pub(super) async fn run<T: FromRedisValue>(
    call: &ScriptInvocation<'_>,
    connection: &ConnectionManager,
) -> Result<T, QueueError> {
    Ok(call.invoke_async(&mut connection.clone()).await?)
}
