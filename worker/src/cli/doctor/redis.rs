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

use super::{Finding, machine, say};

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
        findings.push(Finding::ok("redis safety", say("redis-safe")));
    }
    findings
}

fn away(error: &QueueError) -> Finding {
    let found = say("does-not-answer").with("error", error.to_string());
    Finding::fail("redis", found, say("redis-start"))
}

fn memory(state: &RedisState) -> Finding {
    let mib = |bytes: u64| (bytes >> 20).to_string();
    let found =
        |key| say(key).with("version", state.version.clone()).with("used", mib(state.used_memory));
    match state.max_memory {
        0 => Finding::warn("redis", found("redis-no-limit"), say("redis-set-limit")),
        max => {
            let found = found("redis-memory").with("most", mib(max));
            if state.used_memory > max / 10 * 8 {
                Finding::fail("redis", found, say("redis-raise-limit"))
            } else {
                Finding::ok("redis", found)
            }
        }
    }
}

fn danger(risk: &Risk) -> Finding {
    let about = "redis safety";
    match risk {
        Risk::Evicts { policy } => {
            let found = say("redis-evicts").with("policy", policy.clone());
            Finding::fail(about, found, say("redis-evicts-set"))
        }
        Risk::NoLog => Finding::fail(about, say("redis-no-log"), say("redis-no-log-set")),
        Risk::LogLeftToSystem => {
            Finding::fail(about, say("redis-log-of-system"), say("redis-log-of-system-set"))
        }
        Risk::LogEverySecond => {
            Finding::warn(about, say("redis-log-each-second"), say("redis-log-each-second-set"))
        }
        Risk::LogFails => Finding::fail(about, say("redis-log-fails"), say("redis-log-fails-see")),
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
