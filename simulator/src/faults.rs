//! The queue of scripted faults: each matching call takes one turn of the first fault that fits it. Lasting ones
//! come first.

use crate::model::{Fault, FaultKind};

/// A fault that applies to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Met {
    pub kind: FaultKind,
    /// The call takes effect before it goes wrong.
    pub accepted: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn script(&mut self, fault: Fault) {
        if fault.lasting {
            self.0.insert(0, fault);
        } else if fault.times > 0 {
            self.0.push(fault);
        }
    }

    /// Ends a lasting fault, or the turns that are left of another. Whether it was there.
    pub(crate) fn end(&mut self, fault: &Fault) -> bool {
        let same = |other: &Fault| Fault { times: fault.times, ..other.clone() } == *fault;
        let at = self.0.iter().position(same);
        at.map(|at| self.0.remove(at)).is_some()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Faults whose turns are not used up.
    pub(crate) fn remaining(&self) -> &[Fault] {
        &self.0
    }

    /// Takes a turn of the first fault that fits this call.
    pub(crate) fn take(&mut self, method: &str, chat_id: Option<i64>) -> Option<Met> {
        let at = self.0.iter().position(|fault| {
            fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.chat_id.is_none_or(|wanted| Some(wanted) == chat_id)
        })?;
        let fault = &mut self.0[at];
        let accepted = fault.accepted.unwrap_or(fault.kind == FaultKind::CutAfterAccept);
        let met = Met { kind: fault.kind.clone(), accepted };
        if !fault.lasting {
            fault.times -= 1;
            if fault.times == 0 {
                self.0.remove(at);
            }
        }
        Some(met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_taken_in_order_by_the_calls_they_fit() {
        let mut faults = Faults::default();
        faults.script(Fault::sending(FaultKind::Forbidden, 1).in_chat(7));
        faults.script(Fault::sending(FaultKind::ServerError, 2));
        assert_eq!(faults.take("getMe", None), None);
        assert_eq!(faults.take("SENDMESSAGE", Some(8)).unwrap().kind, FaultKind::ServerError);
        assert_eq!(faults.take("sendMessage", Some(7)).unwrap().kind, FaultKind::Forbidden);
        assert_eq!(faults.take("sendMessage", Some(7)).unwrap().kind, FaultKind::ServerError);
        assert_eq!(faults.take("sendMessage", Some(7)), None);
    }

    #[test]
    fn a_lasting_fault_comes_before_all_others_until_it_is_ended() {
        let mut faults = Faults::default();
        let outage = Fault::outage(FaultKind::BadGatewayHtml);
        faults.script(Fault::sending(FaultKind::ServerError, 1));
        faults.script(outage.clone());
        for method in ["sendMessage", "getMe", "sendMessage"] {
            assert_eq!(faults.take(method, Some(7)).unwrap().kind, FaultKind::BadGatewayHtml);
        }
        let closed = Fault::refused("TOPIC_CLOSED").in_chat(-5).lasting();
        faults.script(closed.clone());
        assert!(faults.end(&outage) && !faults.end(&outage));
        assert_eq!(faults.take("getMe", None), None);
        assert_ne!(faults.take("sendMessage", Some(-5)).unwrap().kind, FaultKind::ServerError);
        assert_eq!(faults.take("sendMessage", Some(7)).unwrap().kind, FaultKind::ServerError);
        assert!(faults.end(&closed) && faults.remaining().is_empty());
    }

    #[test]
    fn only_a_cut_after_accepting_takes_effect_unless_configured() {
        let mut faults = Faults::default();
        faults.script(Fault::sending(FaultKind::CutAfterAccept, 1));
        faults.script(Fault::sending(FaultKind::Garbage, 1));
        faults.script(Fault::sending(FaultKind::Garbage, 1).accepted());
        let mut accepted = || faults.take("sendMessage", None).unwrap().accepted;
        assert_eq!([accepted(), accepted(), accepted()], [true, false, true]);
    }
}
