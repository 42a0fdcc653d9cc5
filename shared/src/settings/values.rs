//! Parsers of single values: addresses, URLs, names and tokens. `None`: refused. The reader's error names what
//! is expected.

use secrecy::SecretString;
use url::{Host, Url};

use super::names::TELEGRAM_WEBHOOK_PATH;
use crate::domain::venue::Locale;

/// A number within `range`.
pub(super) fn number<T>(range: std::ops::RangeInclusive<T>) -> impl FnOnce(&str) -> Option<T>
where
    T: std::str::FromStr + PartialOrd,
{
    move |text| text.parse().ok().filter(|number| range.contains(number))
}

/// A URL with a host and one of these schemes. Kept as text: it may hold a password.
pub(super) fn service_url(schemes: &[&str]) -> impl FnOnce(&str) -> Option<SecretString> {
    move |text| {
        let url = Url::parse(text).ok()?;
        let sound =
            schemes.contains(&url.scheme()) && url.host_str().is_some_and(|h| !h.is_empty());
        sound.then(|| SecretString::from(text))
    }
}

/// An address that a client may open, as text: a public one, or a link into Telegram. Telegram refuses a message for
/// any other address below it.
pub(super) fn web_link(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let sound = match url.scheme() {
        "http" | "https" => is_public(&url),
        "tg" => url.host().is_some(),
        _ => false,
    };
    (sound && text.chars().count() <= 1000).then(|| url.to_string())
}

fn is_public(url: &Url) -> bool {
    const PRIVATE: [&str; 5] = ["localhost", "local", "internal", "lan", "test"];
    match url.host() {
        Some(Host::Domain(host)) => {
            let zone = host.trim_end_matches('.').rsplit_once('.').map(|(_, zone)| zone);
            zone.is_some_and(|zone| !PRIVATE.contains(&zone)) && url.username().is_empty()
        }
        Some(Host::Ipv4(ip)) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
        Some(Host::Ipv6(_)) | None => false,
    }
}

/// A text that is shown to clients.
pub(super) fn shown_text(text: &str) -> Option<String> {
    let sound = text.chars().count() <= 300 && !text.chars().any(|c| c.is_control() && c != '\n');
    sound.then(|| text.to_owned())
}

pub(super) fn locale(text: &str) -> Option<Locale> {
    Locale::parse(&text.to_ascii_lowercase())
}

/// The sign or short name of a currency, as it stands behind an amount.
pub(super) fn currency(text: &str) -> Option<String> {
    let sound = (1..=5).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_control() || c.is_numeric());
    sound.then(|| text.to_owned())
}

/// The base of the Bot API. The bot's token is a part of each call's path, so plain HTTP is allowed only where
/// it stays on this machine or in a private network. A relay may have a path; `/bot` is Telegram's own.
pub(super) fn api_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_private(&url));
    let names_bot =
        url.path_segments().is_some_and(|mut parts| parts.any(|part| part.starts_with("bot")));
    (allowed && !names_bot && has_no_more_than_a_path(&url)).then_some(url)
}

/// A name without a dot is one of the own network, such as a service of Compose.
fn is_private(url: &Url) -> bool {
    is_loopback(url)
        || match url.host() {
            Some(Host::Domain(name)) => !name.contains('.'),
            Some(Host::Ipv4(ip)) => ip.is_private(),
            Some(Host::Ipv6(ip)) => ip.is_unique_local(),
            None => false,
        }
}

/// The public address of the webhooks: `https://host[:port]`; a bare host means https; plain http
/// only where it does not leave the machine.
pub(super) fn public_host(text: &str) -> Option<Url> {
    let with_scheme =
        if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).ok()?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    (allowed && is_bare(&url)).then_some(url)
}

fn is_bare(url: &Url) -> bool {
    url.path() == "/" && has_no_more_than_a_path(url)
}

fn has_no_more_than_a_path(url: &Url) -> bool {
    url.host().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The path of Bukza's webhook. Plain characters only, so that no router reads a pattern in it.
pub(super) fn webhook_path(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    let sound = text.len() > 1
        && text.len() <= 200
        && text.starts_with('/')
        && !text.contains("//")
        && text.chars().all(plain)
        && text.trim_end_matches('/') != TELEGRAM_WEBHOOK_PATH;
    sound.then(|| text.to_owned())
}

/// A prefix of keys in Redis.
pub(super) fn queue_prefix(text: &str) -> Option<String> {
    let sound = (1..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    sound.then(|| text.to_owned())
}

/// A bot's token.
pub(super) fn bot_token(text: &str) -> Option<SecretString> {
    let (id, key) = text.split_once(':')?;
    let sound = !id.is_empty()
        && id.len() <= 20
        && id.bytes().all(|b| b.is_ascii_digit())
        && (1..=100).contains(&key.len())
        && key.chars().all(is_token_char);
    sound.then(|| SecretString::from(text))
}

/// The characters of a bot's token and of a webhook's secret token.
pub(super) fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_host_is_https_unless_it_is_this_machine() {
        for (text, url) in [
            ("bot.example.com", "https://bot.example.com/"),
            ("https://bot.example.com/", "https://bot.example.com/"),
            ("bot.example.com:8443", "https://bot.example.com:8443/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http://localhost:8080", "http://localhost:8080/"),
        ] {
            assert_eq!(
                public_host(text).map(|url| url.to_string()).as_deref(),
                Some(url),
                "{text}"
            );
        }
        for text in [
            "http://bot.example.com",
            "https://bot.example.com/hook",
            "https://bot.example.com/?a=b",
            "https://user:pw@bot.example.com",
            "ftp://bot.example.com",
            "https://",
        ] {
            assert_eq!(public_host(text), None, "{text}");
        }
    }

    #[test]
    fn the_bot_api_is_called_by_http_in_private_networks_only() {
        for text in [
            "https://api.telegram.org",
            "https://relay.example.com:8443",
            "https://relay.example.com/telegram/",
            "http://localhost:8081",
            "http://127.0.0.1:8081",
            "http://[::1]:8081",
            "http://10.1.2.3:8081",
            "http://192.168.0.2",
            "http://[fd00::1]",
            "http://telegram-bot-api:8081",
        ] {
            assert!(api_url(text).is_some(), "{text}");
        }
        for text in [
            "http://api.telegram.org",
            "http://93.184.216.34",
            "http://[2001:db8::1]",
            "http://user:pw@localhost",
            "https://api.telegram.org/bot",
            "https://api.telegram.org/bot123:token/",
            "https://relay.example.com/telegram?key=1",
            "https://relay.example.com/#telegram",
            "ftp://localhost",
        ] {
            assert_eq!(api_url(text), None, "{text}");
        }
    }

    #[test]
    fn links_are_public_or_lead_into_telegram() {
        for text in [
            "https://2gis.ru/ufa/firm/1",
            "http://запись.рф/a?b=c",
            "https://yandex.ru/maps/org/1",
            "tg://resolve?domain=bukza",
            "http://93.184.216.34/",
        ] {
            assert!(web_link(text).is_some(), "{text}");
        }
        for text in [
            "2gis.ru/ufa",
            "https://localhost/x",
            "http://venue.local/",
            "https://intranet/",
            "http://127.0.0.1/",
            "http://192.168.0.2/",
            "https://user@example.com/",
            "ftp://example.com/",
            "javascript:alert(1)",
        ] {
            assert_eq!(web_link(text), None, "{text}");
        }
    }

    #[test]
    fn paths_hold_no_patterns_and_leave_telegram_its_own() {
        assert_eq!(webhook_path("/webhook/bukza").as_deref(), Some("/webhook/bukza"));
        for path in
            ["", "/", "webhook", "/a//b", "/{x}", "/a?b", "/webhook/telegram", "/webhook/telegram/"]
        {
            assert_eq!(webhook_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_currency_is_short_and_no_number() {
        for text in ["₽", "₸", "сом", "руб.", "Br", "zł/EU"] {
            assert_eq!(currency(text).as_deref(), Some(text));
        }
        for text in ["", "рублей", "5₽", "a\u{1b}b", "²"] {
            assert_eq!(currency(text), None, "{text}");
        }
    }

    #[test]
    fn tokens_have_telegrams_form() {
        assert!(bot_token("123456:AAE-x_1").is_some());
        for text in ["", "123456", ":abc", "12a:abc", "123:", "123:a b"] {
            assert!(bot_token(text).is_none(), "{text}");
        }
    }

    #[test]
    fn services_have_a_host_and_a_known_scheme() {
        assert!(service_url(&["postgres", "postgresql"])("postgres://u:p@db/x").is_some());
        assert!(service_url(&["postgres"])("postgres:///x").is_none());
        assert!(service_url(&["redis"])("http://redis").is_none());
        assert!(service_url(&["redis"])("redis").is_none());
    }
}
