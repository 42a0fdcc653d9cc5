//! The staff's card about refused requests: their numbers, times and faults, never their bodies.

use chrono::{DateTime, Utc};
use shared::{bukza::Fault, domain::message::RefusalNumbers};

use super::{Args, Lines, Rendered, Texts};

/// Most faults named on a card. The stored request has all of them.
const FAULTS_MAX: usize = 5;

impl Texts {
    /// Requests of Bukza that were refused for one cause: their numbers, when the newest came, and its faults
    /// by field.
    #[must_use]
    pub fn staff_rejected(
        &self,
        faults: &[Fault],
        received_at: DateTime<Utc>,
        numbers: Option<RefusalNumbers>,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("staff-rejected"));
        lines.add(self.numbers_line(numbers, self.times().date_time(received_at, now)));
        for fault in faults.iter().take(FAULTS_MAX) {
            lines.add(self.fault_line(fault));
        }
        if let Some(more) = faults.len().checked_sub(FAULTS_MAX).filter(|more| *more > 0) {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            lines.add(self.get("staff-more", Args::new().number("n", more)));
        }
        let kept = numbers.map_or(1, |numbers| numbers.count);
        lines.add(self.get("staff-rejected-end", Args::new().number("n", kept)));
        Rendered::new(lines.text(), self.replay_keyboard(numbers))
    }

    fn numbers_line(&self, numbers: Option<RefusalNumbers>, when: String) -> String {
        let Some(RefusalNumbers { first, last, count }) = numbers else { return when };
        let args = Args::new().html("when", when);
        if count == 1 {
            return self.get("staff-rejected-one", args.html("number", last.to_string()));
        }
        let args = args.html("first", first.to_string()).html("last", last.to_string());
        self.get("staff-rejected-several", args.number("n", count))
    }

    /// One fault, in the staff's language if this version knows its kind.
    pub(super) fn fault_line(&self, fault: &Fault) -> String {
        let args = Args::new().literal("field", &fault.field, 40);
        let args = match fault.recognized() {
            Some(recognized) => args.html("message", recognized.text(self.locale)),
            None => args.untrusted_short("message", &fault.message, 100),
        };
        self.get("staff-fault", args)
    }
}
