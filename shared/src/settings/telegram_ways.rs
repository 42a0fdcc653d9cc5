//! The ways to Telegram: one or two servers of the Bot API, each perhaps through a proxy. An address's path and a
//! proxy's user and password may be secrets: neither is shown.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::values;

/// The schemes of a proxy.
pub(super) const PROXIES: &[&str] = &["http", "https", "socks5", "socks5h"];
const OFFICIAL: &str = "https://api.telegram.org";
/// Stands between an address and its proxy.
const VIA: &str = "via";
/// The most ways.
const WAYS: usize = 2;

/// One way to Telegram.
#[derive(Debug, Clone)]
pub struct TelegramWay {
    /// The base of the Bot API. Its path may be a secret.
    pub api_url: SecretString,
    /// Its proxy; may hold a password.
    pub proxy: Option<SecretString>,
    shown: String,
}

impl TelegramWay {
    fn new(api_url: &Url, proxy: Option<SecretString>) -> Option<Self> {
        let mut shown = origin(api_url)?;
        if let Some(proxy) = &proxy {
            let proxy = origin(&Url::parse(proxy.expose_secret()).ok()?)?;
            shown = format!("{shown} {VIA} {proxy}");
        }
        Some(Self { api_url: api_url.to_string().into(), proxy, shown })
    }

    /// The way without a path, a user or a password, for logs and the terminal.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    fn is_same(&self, other: &Self) -> bool {
        let proxy = |way: &Self| way.proxy.as_ref().map(|proxy| proxy.expose_secret().to_owned());
        self.api_url.expose_secret() == other.api_url.expose_secret() && proxy(self) == proxy(other)
    }
}

/// Scheme, host and port of an address.
fn origin(url: &Url) -> Option<String> {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
}

/// The addresses of one or two ways, each with a proxy of its own or none, before the default proxy is known.
#[derive(Debug)]
pub(super) struct Addresses(Vec<(Url, Option<SecretString>)>);

impl Addresses {
    /// The way of whoever sets none.
    pub fn official() -> Option<Self> {
        Some(Self(vec![(Url::parse(OFFICIAL).ok()?, None)]))
    }

    /// Reads `ADDRESS [via PROXY]`, once or twice, with a comma or white space between.
    pub fn parse(text: &str) -> Option<Self> {
        let mut addresses = Vec::new();
        for part in text.split(',') {
            let mut words = part.split_whitespace().peekable();
            while let Some(word) = words.next() {
                let url = values::api_url(word)?;
                let proxy = match words.next_if(|word| word.eq_ignore_ascii_case(VIA)) {
                    Some(_) => Some(values::service_url(PROXIES)(words.next()?)?),
                    None => None,
                };
                addresses.push((url, proxy));
            }
        }
        (1..=WAYS).contains(&addresses.len()).then_some(Self(addresses))
    }

    /// The ways, in the order in which they are tried. `proxy` is that of an address without one of its own.
    /// `None`: both are the same.
    pub fn ways(self, proxy: Option<&SecretString>) -> Option<Vec<TelegramWay>> {
        let ways =
            self.0.into_iter().map(|(url, own)| TelegramWay::new(&url, own.or(proxy.cloned())));
        let ways: Vec<TelegramWay> = ways.collect::<Option<_>>()?;
        match ways.as_slice() {
            [first, second] if first.is_same(second) => None,
            _ => Some(ways),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ways(text: &str, proxy: Option<&str>) -> Option<Vec<TelegramWay>> {
        Addresses::parse(text)?.ways(proxy.map(SecretString::from).as_ref())
    }

    fn shown(text: &str, proxy: Option<&str>) -> Option<Vec<String>> {
        let ways = ways(text, proxy)?;
        Some(ways.iter().map(|way| way.shown().to_owned()).collect())
    }

    #[test]
    fn one_way_or_two_are_read_each_with_a_proxy_of_its_own_or_the_default_one() {
        let (direct, relay) = ("https://api.telegram.org", "https://relay.example.com:8443/tg");
        let proxy = "socks5h://user:hush@127.0.0.1:1080";
        let (by_proxy, relay_shown) = (
            "https://api.telegram.org via socks5h://127.0.0.1:1080",
            "https://relay.example.com:8443",
        );
        for (text, default, expected) in [
            (direct.to_owned(), None, vec![direct]),
            (direct.to_owned(), Some(proxy), vec![by_proxy]),
            (format!("{direct},{relay}"), None, vec![direct, relay_shown]),
            (format!(" {direct}\n{relay} ,"), None, vec![direct, relay_shown]),
            (format!("{direct}, {direct} via {proxy}"), None, vec![direct, by_proxy]),
            (format!("{direct} VIA {proxy},{relay}"), None, vec![by_proxy, relay_shown]),
            (
                format!("{direct} via http://10.0.0.1:3128 {direct}"),
                Some(proxy),
                vec!["https://api.telegram.org via http://10.0.0.1:3128", by_proxy],
            ),
            ("http://[::1]:8081".to_owned(), None, vec!["http://[::1]:8081"]),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(shown(&text, default), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_way_three_or_one_twice_is_refused() {
        let (direct, proxy) = ("https://api.telegram.org", "socks5://127.0.0.1:1080");
        for text in [
            String::new(),
            " , ".to_owned(),
            "via".to_owned(),
            format!("via {proxy}"),
            format!("{direct} via"),
            format!("{direct} via, {direct}"),
            format!("{direct} via {proxy} via {proxy}"),
            format!("{direct} via ftp://127.0.0.1:21"),
            format!("{direct} via 127.0.0.1:1080"),
            format!("{direct} by {proxy}"),
            format!("{direct} {proxy}"),
            format!("{direct}, https://a.example, https://b.example"),
            format!("{direct}, http://b.example"),
            format!("{direct}, {direct}/"),
            format!("{direct} via {proxy}, {direct} via {proxy}"),
            format!("{direct}, https://user:hush@b.example"),
            format!("{direct}, https://b.example/bot"),
        ] {
            assert!(shown(&text, None).is_none(), "{text}");
        }
        let same = format!("{direct}, {direct} via {proxy}");
        assert!(shown(&same, None).is_some());
        assert!(shown(&same, Some(proxy)).is_none(), "the default proxy makes them one");
    }

    proptest! {
        /// Whatever is set: ways or a refusal. A path, a user and a password are never shown.
        #[test]
        fn no_secret_is_shown(
            path in "/hush[a-z0-9]{0,8}", user in "[a-z]{1,5}hush", password in "hush[!$&*+=a-zA-Z0-9]{1,12}",
            scheme in prop::sample::select(PROXIES), noise in "\\PC{0,30}hush",
        ) {
            let text = format!(
                "https://relay.example.com{path} via {scheme}://{user}:{password}@proxy.example:1080, \
                 https://api.telegram.org"
            );
            let ways = ways(&text, None);
            prop_assert!(ways.as_ref().is_some_and(|ways| ways.len() == 2), "{}", text);
            let printed = format!("{ways:?} {:?}", shown(&text, None));
            prop_assert!(!printed.contains("hush"), "{}", printed);
            if let Some(ways) = Addresses::parse(&noise).and_then(|addresses| addresses.ways(None)) {
                prop_assert!((1..=WAYS).contains(&ways.len()));
            }
        }
    }
}
