//! Whether a domain leads to this machine, and whether its ports are free. Only the resolver and this machine are
//! queried.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::{TcpStream, UdpSocket, lookup_host},
    time::timeout,
};
use url::{Host, Url};

/// Longest wait for the resolver.
const RESOLVES_WITHIN: Duration = Duration::from_secs(10);
/// Longest wait for a port of this machine.
const CONNECTS_WITHIN: Duration = Duration::from_secs(2);
/// The ports that nginx takes.
const PORTS: [u16; 2] = [80, 443];

/// What the domain name system says of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dns {
    /// An address of this machine.
    Here,
    /// Another machine's: a proxy's, the provider's NAT, or a wrong one.
    Elsewhere(Vec<IpAddr>),
    /// The name has no address yet.
    Unknown,
}

/// Where a host leads to.
pub(super) async fn resolve(host: &Url) -> Dns {
    let addresses = match host.host() {
        Some(Host::Domain(name)) => {
            let found = timeout(RESOLVES_WITHIN, lookup_host((name, 443))).await;
            let found = found.ok().and_then(Result::ok);
            found.into_iter().flatten().map(|address| address.ip()).collect()
        }
        Some(Host::Ipv4(ip)) => vec![IpAddr::V4(ip)],
        Some(Host::Ipv6(ip)) => vec![IpAddr::V6(ip)],
        None => Vec::new(),
    };
    let mut own = Vec::new();
    for address in &addresses {
        own.push(is_own(*address).await);
    }
    judge(addresses, &own)
}

fn judge(mut addresses: Vec<IpAddr>, own: &[bool]) -> Dns {
    addresses.dedup();
    if addresses.is_empty() {
        Dns::Unknown
    } else if own.contains(&true) {
        Dns::Here
    } else {
        Dns::Elsewhere(addresses)
    }
}

/// A socket can be bound to this machine's own addresses alone. Nothing is sent.
async fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind(SocketAddr::new(address, 0)).await.is_ok()
}

/// Ports of nginx where something listens already.
pub(super) async fn taken_ports() -> Vec<u16> {
    let mut taken = Vec::new();
    for port in PORTS {
        if is_taken(port).await {
            taken.push(port);
        }
    }
    taken
}

/// A port below 1024 can't be bound without rights, so it is connected to.
async fn is_taken(port: u16) -> bool {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    match timeout(CONNECTS_WITHIN, TcpStream::connect(address)).await {
        Ok(Err(error)) => error.kind() != ErrorKind::ConnectionRefused,
        Ok(Ok(_)) | Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_own_address_is_enough_and_none_is_named() {
        let ip = |text: &str| -> IpAddr { text.parse().unwrap() };
        let (one, other) = (ip("192.0.2.1"), ip("2001:db8::1"));
        assert_eq!(judge(vec![one, other], &[false, true]), Dns::Here);
        assert_eq!(judge(vec![one, one], &[false, false]), Dns::Elsewhere(vec![one]));
        assert_eq!(judge(vec![], &[]), Dns::Unknown);
    }

    #[tokio::test]
    async fn this_machine_is_known_without_a_word_to_anybody() {
        let resolved = async |url: &str| resolve(&Url::parse(url).unwrap()).await;
        assert_eq!(resolved("http://127.0.0.1:8080").await, Dns::Here);
        // An address of documentation, which no machine has.
        assert_eq!(
            resolved("https://192.0.2.1").await,
            Dns::Elsewhere(vec![[192, 0, 2, 1].into()])
        );
    }

    #[tokio::test]
    async fn a_port_is_taken_while_somebody_listens() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_taken(port).await);
        drop(listener);
        assert!(!is_taken(port).await);
    }
}
