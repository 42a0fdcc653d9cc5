//! Whether a host is tried by IPv4 or by IPv6 first. The other family gets its turn 0.3 s later, and at once in the
//! next attempt where the first one let itself be connected to, but not by TLS: some networks cut TLS by IPv4 alone.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The order of a host's addresses.
#[derive(Debug, Default)]
pub(super) struct Families {
    /// Against the order of the system.
    reversed: AtomicBool,
    /// At the last lookup.
    ipv6_first: AtomicBool,
}

impl Families {
    /// Whether the order is against that of the system.
    pub fn reversed(&self) -> bool {
        self.reversed.load(Ordering::Relaxed)
    }

    /// The next attempt after one that could not connect begins with the other family. Of attempts that failed
    /// together, one changes the order.
    pub fn failed(&self, reversed: bool) {
        let order = Ordering::Relaxed;
        let _ = self.reversed.compare_exchange(reversed, !reversed, order, order);
    }

    /// The system's order holds again where the reversed one did not help.
    pub fn connected(&self, address: Option<SocketAddr>) {
        let first = self.ipv6_first.load(Ordering::Relaxed);
        if self.reversed() && address.is_some_and(|address| address.is_ipv6() != first) {
            self.reversed.store(false, Ordering::Relaxed);
        }
    }

    /// Puts a family first.
    pub fn order(&self, mut found: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let ipv6_first = found.first().is_some_and(SocketAddr::is_ipv6) != self.reversed();
        found.sort_by_key(|address| address.is_ipv6() != ipv6_first);
        let ipv6_first = found.first().is_some_and(SocketAddr::is_ipv6);
        self.ipv6_first.store(ipv6_first, Ordering::Relaxed);
        found
    }
}

/// The system's lookup, in the order of [`Families`].
#[derive(Debug)]
pub(super) struct Resolver(pub Arc<Families>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let families = Arc::clone(&self.0);
        Box::pin(async move {
            // The port is that of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(families.order(found.collect()).into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_other_family_is_first_after_a_failure_and_until_it_does_not_help() {
        let families = Families::default();
        let (v4, v6) = (["1.1.1.1:0", "1.1.1.2:0"], ["[2001:db8::1]:0", "[2001:db8::2]:0"]);
        let found = addresses(&[v4[0], v6[0], v4[1], v6[1]]);
        let (ipv4_first, ipv6_first) =
            (addresses(&[v4[0], v4[1], v6[0], v6[1]]), addresses(&[v6[0], v6[1], v4[0], v4[1]]));
        assert_eq!(families.order(found.clone()), ipv4_first);
        // Two attempts of before fail.
        families.failed(false);
        families.failed(false);
        assert_eq!(families.order(found.clone()), ipv6_first);
        families.connected(Some(ipv6_first[0]));
        assert_eq!(families.order(found.clone()), ipv6_first, "it helps");
        families.connected(Some(ipv4_first[0]));
        assert_eq!(families.order(found.clone()), ipv4_first, "IPv4 was connected to after all");
        families.failed(false);
        families.failed(true);
        assert_eq!(families.order(found), ipv4_first, "neither helps");
    }

    #[test]
    fn a_host_of_one_family_keeps_its_addresses() {
        let families = Families::default();
        for host in [addresses(&["1.1.1.1:0", "1.1.1.2:0"]), addresses(&["[::1]:0"]), vec![]] {
            for reversed in [false, true] {
                assert_eq!(families.order(host.clone()), host);
                families.failed(reversed);
            }
        }
    }
}
