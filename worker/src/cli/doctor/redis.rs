//! Checks Redis: reachable, with free memory, durable.

use std::time::Duration;

use shared::{
    clock::Clock,
    queue::{
        JobQueue, QueueError,
        durability::{self, RedisState, Risk},
    },
    settings::Common,
};

use super::{Finding, machine};

const TIMEOUT: Duration = Duration::from_secs(3);

pub(super) async fn check(common: &Common, clock: &dyn Clock) -> Vec<Finding> {
    let queue = JobQueue::open(&common.redis_url, &common.queue_prefix, TIMEOUT);
    let connection = match queue {
        Ok(queue) => queue.connection(),
        Err(error) => return vec![away(&error)],
    };
    let before = clock.now();
    let state = match durability::state(&connection).await {
        Ok(state) => state,
        Err(error) => return vec![away(&error)],
    };
    let clocks = machine::clock("redis clock", state.now, before, clock.now());
    let risks = durability::risks(&connection).await;
    let mut findings = vec![memory(&state), clocks];
    findings.extend(risks.iter().map(danger));
    if risks.is_empty() {
        findings.push(Finding::ok("redis safety", "a log on the disk, and nothing is evicted"));
    }
    findings
}

fn away(error: &QueueError) -> Finding {
    let remedy = "start Redis, or mend REDIS_URL (host, port, password)";
    Finding::fail("redis", format!("does not answer: {error}"), remedy)
}

fn memory(state: &RedisState) -> Finding {
    let mib = |bytes: u64| bytes >> 20;
    let found = format!("version {}, {} MiB in use", state.version, mib(state.used_memory));
    match state.max_memory {
        0 => Finding::warn(
            "redis",
            format!("{found}, without a limit"),
            "set maxmemory, so that a backlog can't take the machine's memory",
        ),
        max => {
            let found = format!("{found} of {}", mib(max));
            if state.used_memory > max / 10 * 8 {
                Finding::fail("redis", found, "raise maxmemory, or see why jobs pile up")
            } else {
                Finding::ok("redis", found)
            }
        }
    }
}

fn danger(risk: &Risk) -> Finding {
    let about = "redis safety";
    match risk {
        Risk::Evicts { policy } => Finding::fail(
            about,
            format!("maxmemory-policy is {policy}: a full Redis throws jobs away"),
            "set maxmemory-policy noeviction",
        ),
        Risk::NoLog => Finding::fail(
            about,
            "appendonly is off: accepted webhooks are lost if Redis dies",
            "set appendonly yes, appendfsync always",
        ),
        Risk::LogLeftToSystem => Finding::fail(
            about,
            "appendfsync is no: half a minute of accepted webhooks is lost in a power cut",
            "set appendfsync always, or everysec",
        ),
        Risk::LogEverySecond => Finding::warn(
            about,
            "appendfsync is everysec: a second of accepted webhooks is lost in a power cut",
            "set appendfsync always, unless that is meant",
        ),
        Risk::LogFails => Finding::fail(
            about,
            "the last write to its log failed",
            "look at Redis' disk and its own log",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_redis_near_its_limit_fails() {
        let judge = |used_memory, max_memory| {
            let state = RedisState {
                version: "7".into(),
                now: chrono::DateTime::default(),
                used_memory,
                max_memory,
                log_write: None,
            };
            memory(&state).verdict
        };
        assert_eq!(judge(10 << 20, 0), Verdict::Warn);
        assert_eq!(judge(10 << 20, 256 << 20), Verdict::Ok);
        assert_eq!(judge(230 << 20, 256 << 20), Verdict::Fail);
    }
}
