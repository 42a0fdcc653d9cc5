//! Checks clients who left for good: nothing of them is anywhere at the end.

use super::comparison::Audit;

pub(super) fn check(audit: &mut Audit<'_>) {
    for departed in audit.record.departed.iter().filter(|departed| !departed.gone) {
        let chat = departed.chat;
        audit.violation("deletion", format!("the client in {chat} could not have it all deleted"));
    }
    for trace in &audit.observed.traces {
        audit.violation("deletion", format!("a deleted client is still in {trace}"));
    }
    let recorded = audit.observed.deletions;
    let wanted = audit.record.departed.len();
    if usize::try_from(recorded).ok() != Some(wanted) {
        let what = format!(
            "{wanted} clients had their data deleted, {recorded} deletions are recorded as finished"
        );
        audit.violation("deletion", what);
    }
}

#[cfg(test)]
mod tests {
    use crate::soak::{
        audit::fixture::{Case, accepts, objects},
        departing::Departed,
    };

    fn departs(case: &mut Case, gone: bool) {
        case.record.departed.push(Departed { gone, ..Departed::default() });
        case.observed.deletions = 1;
    }

    #[test]
    fn what_is_left_of_a_deleted_client_is_found() {
        accepts(|l| departs(l, true));
        objects("could not have it all deleted", |l| departs(l, false));
        objects("is still in users", |l| {
            departs(l, true);
            l.observed.traces.push("users: {…}".into());
        });
        objects("0 deletions are recorded", |l| {
            departs(l, true);
            l.observed.deletions = 0;
        });
    }
}
