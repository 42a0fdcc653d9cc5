//! The audit: compares what the clients did with what is stored and what Telegram saw. Pure, and
//! without any code of the product.

mod answers;
mod attempts;
mod bookings;
mod comparison;
mod deliveries;
mod departed;
mod expected_messages;
mod guests;
mod knowledge;
mod messages;
mod preferences;
mod requests;
mod table;
mod unwanted;

use self::comparison::Audit;
pub use self::comparison::Violation;
use super::{
    observed::{MessageRow, Observed},
    plan::Plan,
    record::Record,
};

/// Compares record and observations; returns every violation.
#[must_use]
pub fn check(plan: &Plan, record: &Record, observed: &Observed) -> Vec<Violation> {
    let mut audit = Audit::of(plan, record, observed);
    for problem in &record.problems {
        audit.violation("actors", problem.clone());
    }
    bookings::check(&mut audit);
    messages::check(&mut audit);
    audit.each_booking(expected_messages::violations);
    audit.each_booking(unwanted::violations);
    deliveries::check(&mut audit);
    requests::check(&mut audit);
    audit.each_booking(answers::violations);
    preferences::check(&mut audit);
    departed::check(&mut audit);
    guests::check(&mut audit);
    table::check(&mut audit);
    check_others(&mut audit);
    audit.into_violations()
}

/// Checks updates, refused requests and dead letters.
fn check_others(audit: &mut Audit<'_>) {
    for update in &audit.record.updates {
        if !audit.observed.processed.contains(update) {
            audit.violation("updates", format!("update {update} was never applied"));
        }
    }
    for mark in &audit.record.refused {
        if !audit.observed.kept.iter().any(|body| body.contains(&format!("\"{mark}\""))) {
            audit.violation(mark, "was refused and not kept");
        }
    }
    // Only a message that Telegram refused may be a dead letter.
    let refused = |job: &str| {
        let failed = |row: &&MessageRow| row.job_id == job && row.status == "failed";
        audit.observed.messages.iter().any(|row| failed(&row))
    };
    let dead: Vec<_> =
        audit.observed.dead_letters.iter().filter(|(job, _)| !refused(job)).collect();
    for (job, reason) in dead {
        audit.violation("worker", format!("{job} was set aside: {reason}"));
    }
    if audit.observed.inbox != 0 {
        let what = format!("{} entries are left in the inbox", audit.observed.inbox);
        audit.violation("worker", what);
    }
}

#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod bad_hours_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod rules_tests;
