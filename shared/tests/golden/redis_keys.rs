//! The Redis keys of an installation: those of each queue, and the form of all others.

use std::fmt::Write;

use shared::queue::{Keyspace, QueueName};

use crate::held::hold;

#[test]
fn redis_keys_are_as_the_file_says() {
    let keys = Keyspace::new("bridge");
    let mut text = String::new();
    for queue in QueueName::ALL {
        let config = keys.config(queue);
        writeln!(text, "# queue {}", queue.as_str()).unwrap();
        for key in [
            config.active_jobs_list(),
            config.scheduled_jobs_set(),
            config.job_data_hash(),
            config.job_meta_hash(),
            config.workers_set(),
            config.inflight_jobs_set(),
            config.done_jobs_set(),
            config.failed_jobs_set(),
            config.dead_jobs_set(),
            config.signal_list(),
            config.idempotency_key_set(),
            keys.worker_note(queue, "worker-1"),
        ] {
            writeln!(text, "{key}").unwrap();
        }
    }
    writeln!(text, "# beside the queues\n{}", keys.key("group", "name")).unwrap();
    hold("redis_keys.txt", &text);
}
