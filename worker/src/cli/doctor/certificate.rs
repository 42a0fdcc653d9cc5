//! Checks the certificate of the public address as Telegram and Bukza check it: whom it is for, who signed it, and until
//! when. No request is sent.

use std::{io, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use shared::settings::{WorkerSettings, WorkerTelegram};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        CertificateError, ClientConfig, Error, RootCertStore,
        client::{WebPkiServerVerifier, danger::ServerCertVerifier},
        crypto::ring,
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};
use url::Url;

use super::{Finding, Words, say};

const ABOUT: &str = "certificate";
/// Renewed certificates have more time left. The alert `CertificateExpires` has the same limit.
const LEFT: TimeDelta = TimeDelta::days(14);
/// A time after the end of every certificate: a check as of then names the end.
const AFTER_ALL: TimeDelta = TimeDelta::days(50 * 366);
/// Longest connection with its TLS handshake.
const CONNECTS_WITHIN: Duration = Duration::from_secs(10);

/// What a server shows.
#[derive(Debug)]
enum Shown {
    /// A right certificate. `None`: its end is not known.
    Right {
        ends: Option<DateTime<Utc>>,
    },
    Wrong(CertificateError),
    /// None was seen.
    Nothing(String),
}

/// Nothing to check where Telegram posts no updates, or to this machine without TLS.
pub(super) async fn check(settings: &WorkerSettings, now: DateTime<Utc>) -> Option<Finding> {
    let WorkerTelegram::Webhook { url, .. } = &settings.telegram else { return None };
    if url.scheme() != "https" {
        return None;
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    Some(examine(url, roots, now).await)
}

/// Judges what the server at this address shows, by the authorities in `roots`.
async fn examine(url: &Url, roots: RootCertStore, now: DateTime<Utc>) -> Finding {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let shown = match timeout(CONNECTS_WITHIN, connect(host, port, roots, now)).await {
        Ok(Ok(shown)) => shown,
        Ok(Err(error)) => of_error(&error),
        Err(_) => Shown::Nothing(io::Error::from(io::ErrorKind::TimedOut).to_string()),
    };
    judge(host, shown, now)
}

async fn connect(
    host: &str,
    port: u16,
    roots: RootCertStore,
    now: DateTime<Utc>,
) -> io::Result<Shown> {
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(io::Error::other)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_webpki_verifier(Arc::clone(&verifier))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let stream = TcpStream::connect((host, port)).await?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream).await?;
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    Ok(Shown::Right { ends: end(&verifier, chain, &name, now) })
}

/// The end of a chain that is right now.
fn end(
    verifier: &WebPkiServerVerifier,
    chain: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let (server, between) = chain.split_first()?;
    let then = u64::try_from((now + AFTER_ALL).timestamp()).ok()?;
    let then = UnixTime::since_unix_epoch(Duration::from_secs(then));
    match verifier.verify_server_cert(server, between, name, &[], then) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            instant(not_after)
        }
        Ok(_) | Err(_) => None,
    }
}

fn instant(time: UnixTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)
}

/// A failed handshake, or no connection.
fn of_error(error: &io::Error) -> Shown {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(wrong)) => Shown::Wrong(wrong.clone()),
        Some(_) | None => Shown::Nothing(error.to_string()),
    }
}

fn judge(host: &str, shown: Shown, now: DateTime<Utc>) -> Finding {
    let found = |key| say(key).with("host", host);
    match shown {
        Shown::Right { ends: None } => Finding::ok(ABOUT, found("certificate-right")),
        Shown::Right { ends: Some(ends) } => {
            let days = u64::try_from((ends - now).num_days()).unwrap_or_default();
            let until = |key| found(key).with("day", day(Some(ends))).number("n", days);
            if ends - now > LEFT {
                Finding::ok(ABOUT, until("certificate-until"))
            } else {
                Finding::warn(ABOUT, until("certificate-ends"), say("certificate-renew"))
            }
        }
        Shown::Wrong(wrong) => judge_wrong(found, wrong),
        Shown::Nothing(error) => {
            let unseen = found("certificate-unseen").with("error", error);
            Finding::warn(ABOUT, unseen, say("certificate-see"))
        }
    }
}

fn judge_wrong(found: impl Fn(&'static str) -> Words, wrong: CertificateError) -> Finding {
    match wrong {
        CertificateError::ExpiredContext { not_after, .. } => {
            let ended = found("certificate-ended").with("day", day(instant(not_after)));
            Finding::fail(ABOUT, ended, say("certificate-renew"))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            let early = found("certificate-early").with("day", day(instant(not_before)));
            Finding::fail(ABOUT, early, say("clocks-keep-time"))
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().map(|name| plain_name(name));
            let other = found("certificate-other-name").list("names", names);
            Finding::fail(ABOUT, other, say("certificate-get"))
        }
        // Rustls may have further reasons one day.
        other => {
            let untrusted = found("certificate-untrusted").with("error", other.to_string());
            Finding::fail(ABOUT, untrusted, say("certificate-get"))
        }
    }
}

/// The name in rustls' description of one, such as `DnsName("bot.example.com")` or `IpAddress(192.0.2.1)`.
fn plain_name(name: &str) -> Words {
    let inner = name.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').into()
}

fn day(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
