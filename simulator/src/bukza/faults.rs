//! The queue of scripted faults of the simulated Bukza: each call takes one turn of the first that fits it.

use super::model::{BukzaFault, BukzaFaultKind, BukzaMethod};

#[derive(Debug, Default)]
pub(crate) struct BukzaFaults(Vec<BukzaFault>);

impl BukzaFaults {
    pub(crate) fn script(&mut self, fault: BukzaFault) {
        if fault.times != Some(0) {
            self.0.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn take(&mut self, method: BukzaMethod) -> Option<BukzaFaultKind> {
        let at = self.0.iter().position(|fault| fault.method == method)?;
        let fault = &mut self.0[at];
        let kind = fault.kind.clone();
        if let Some(times) = &mut fault.times {
            *times -= 1;
            if *times == 0 {
                self.0.remove(at);
            }
        }
        Some(kind)
    }
}
