//! A sample of the crash points; `cargo xtask crashpoints` runs all of them.

use testing::{
    crashpoints::{Ground, Plan, examine},
    harness::{environment::TestEnvironment, fleet::Binaries},
};

use crate::common::Outcome;

/// Fleets side by side, beside the suite's other tests.
const AT_ONCE: usize = 10;

#[tokio::test]
async fn a_fault_at_any_message_of_the_story_loses_and_repeats_nothing() -> Outcome {
    let suite = TestEnvironment::read()?;
    let ground = Ground {
        admin_url: suite.database_url,
        redis_url: suite.redis_url,
        binaries: Binaries::in_folder(suite.binaries),
        logs: suite.logs.join("crashpoints"),
    };
    let plan = Plan { sample: Some(20), seed: 7, ..Plan::default() };
    let report = examine(&ground, &plan, AT_ONCE).await?;
    let broken: Vec<_> =
        report.outcomes.iter().filter(|outcome| !outcome.violations.is_empty()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(report.outcomes.len(), 20);
    assert!(report.points > 200, "the taps see the story: {} points", report.points);
    assert!(report.unreached() <= 5, "{} of 20 points were not reached", report.unreached());
    Ok(())
}
