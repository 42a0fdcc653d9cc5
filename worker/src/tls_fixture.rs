//! For tests: an authority that nobody else trusts, its certificates, and servers of TLS that show them and pass on what
//! comes to another server.

use std::{net::SocketAddr, ops::Range, sync::Arc};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use shared::clock::{Clock, SystemClock};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// An authority with a key of its own.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// Its own certificate.
    pub fn der(&self) -> &[u8] {
        &self.certificate
    }

    /// This authority as the only one.
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots
    }

    /// A server whose certificate is for this name, from one day to another, counted from today. It passes on to
    /// `backend`.
    pub async fn serve(&self, name: &str, days: Range<i64>, backend: SocketAddr) -> SocketAddr {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let midnight = |days| {
            let day = day(days);
            let (month, number) = (day.month().try_into().unwrap(), day.day().try_into().unwrap());
            date_time_ymd(day.year(), month, number)
        };
        (params.not_before, params.not_after) = (midnight(days.start), midnight(days.end));
        let key = KeyPair::generate().unwrap();
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(pass_on(listener, TlsAcceptor::from(Arc::new(config)), backend));
        address
    }
}

/// The day so many days from today.
pub fn day(days: i64) -> DateTime<Utc> {
    SystemClock.now() + TimeDelta::days(days)
}

async fn pass_on(listener: TcpListener, acceptor: TlsAcceptor, backend: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust the certificate ends the handshake.
            let mut near = acceptor.accept(stream).await.ok()?;
            let mut far = TcpStream::connect(backend).await.ok()?;
            copy_bidirectional(&mut near, &mut far).await.ok()
        });
    }
}
