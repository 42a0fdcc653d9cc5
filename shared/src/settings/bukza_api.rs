//! Bukza's own table, which is read over its API (optional): how to sign in, and which table.

use secrecy::SecretString;
use url::Url;

use super::{
    environment::Environment,
    names::{self, Setting},
    reader::{Reader, SettingsError},
    values, venue_file,
};
use crate::domain::table_columns::TableColumns;

/// Where Bukza's accounts sign in.
const PUBLIC: &str = "https://public.bukza.com";

/// How Bukza's table is read.
#[derive(Debug, Clone)]
pub struct BukzaApi {
    /// Of an account: where it signs in; the answer names the server of its data. Of a token: that server.
    pub url: Url,
    pub access: BukzaAccess,
    /// The table's number, `reservationTableId` in Bukza's own requests.
    pub table_id: u64,
    pub columns: TableColumns,
}

/// What proves who reads.
#[derive(Debug, Clone)]
pub enum BukzaAccess {
    /// Signs in, again whenever the session has ended.
    Account { email: String, password: SecretString },
    /// A session's token, handed in by hand. It can't be renewed.
    Token(SecretString),
}

impl BukzaApi {
    /// The settings of the API alone, for an operator's tool. `None`: they are not set.
    ///
    /// # Errors
    /// One error that names every fault.
    pub fn from_environment(environment: &Environment) -> Result<Option<Self>, SettingsError> {
        Reader::read(environment, |reader| {
            let file = venue_file::read(reader)?;
            Self::read(reader, file.columns)
        })
    }

    /// The server that the sign-in's answer names. `None`: it is no address for a session's token.
    #[must_use]
    pub fn server(&self, named: &str) -> Option<Url> {
        // The account's own address decides whether a plain connection is allowed.
        server_url(named.trim())
            .filter(|url| url.scheme() == "https" || self.url.scheme() == "http")
    }

    /// The inner `None`: nothing of it is set. The outer one: there was a fault, as when one part is set without the
    /// others. `BUKZA_API_URL` alone sets nothing: programs before this one had a setting of that name.
    pub(super) fn read(reader: &mut Reader<'_>, columns: TableColumns) -> Option<Option<Self>> {
        let of_account = [names::BUKZA_API_EMAIL, names::BUKZA_API_PASSWORD];
        let is_account = of_account.map(|part| reader.is_set(part)).contains(&true);
        let is_token = reader.is_set(names::BUKZA_API_TOKEN);
        if !(is_account || is_token || reader.is_set(names::BUKZA_TABLE_ID)) {
            return Some(None);
        }
        if is_account && is_token {
            let message = "stands beside an account: set a token, or e-mail and password";
            let _: Option<()> = reader.fault(names::BUKZA_API_TOKEN, message.to_owned());
        }
        let parts = if is_token {
            [names::BUKZA_TABLE_ID, names::BUKZA_API_TOKEN, names::BUKZA_API_URL]
        } else {
            [names::BUKZA_TABLE_ID, names::BUKZA_API_EMAIL, names::BUKZA_API_PASSWORD]
        };
        refuse_without_the_others(reader, &parts);
        let table_id = reader.optional(names::BUKZA_TABLE_ID, values::number(1..=u64::MAX));
        let url = reader.or(names::BUKZA_API_URL, Url::parse(PUBLIC).ok()?, server_url);
        // All are read, so that every fault is named.
        let token = reader.optional(names::BUKZA_API_TOKEN, token_text).map(BukzaAccess::Token);
        let email = reader.optional(names::BUKZA_API_EMAIL, email_text);
        let password = reader.optional(names::BUKZA_API_PASSWORD, secret_text);
        let account = email.zip(password);
        let account = account.map(|(email, password)| BukzaAccess::Account { email, password });
        let access = if is_token { token } else { account };
        Some(Some(Self { url: url?, access: access?, table_id: table_id?, columns }))
    }
}

/// Names the parts that are not set, if some are.
fn refuse_without_the_others(reader: &mut Reader<'_>, parts: &[Setting]) {
    let (there, lacking): (Vec<Setting>, Vec<Setting>) =
        parts.iter().partition(|part| reader.is_set(**part));
    if let (Some(first), false) = (there.first(), lacking.is_empty()) {
        let lacking: Vec<&str> = lacking.iter().map(|setting| setting.name).collect();
        let message = format!("is set without {}", lacking.join(" and "));
        let _: Option<()> = reader.fault(*first, message);
    }
}

/// The base of an API. People copy the address of a request with it.
fn server_url(text: &str) -> Option<Url> {
    let mut url = values::api_url(text)?;
    let path =
        url.path().split("/api/").next().unwrap_or_default().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Some(url)
}

fn email_text(text: &str) -> Option<String> {
    let sound = text.len() <= 254 && text.contains('@') && !text.chars().any(is_no_address_char);
    sound.then(|| text.to_owned())
}

fn is_no_address_char(c: char) -> bool {
    c.is_control() || c.is_whitespace()
}

fn secret_text(text: &str) -> Option<SecretString> {
    let sound = text.len() <= 256 && !text.chars().any(char::is_control);
    sound.then(|| SecretString::from(text))
}

/// A token goes into a header. People copy it with the word before it.
fn token_text(text: &str) -> Option<SecretString> {
    let token = text.strip_prefix("Bearer ").unwrap_or(text).trim();
    let sound =
        (8..=8192).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then(|| SecretString::from(token))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const ACCOUNT: &[(&str, &str)] = &[
        ("BUKZA_TABLE_ID", "154891"),
        ("BUKZA_API_EMAIL", "owner@example.com"),
        ("BUKZA_API_PASSWORD", "pass hush"),
    ];
    const TOKEN: &[(&str, &str)] = &[
        ("BUKZA_TABLE_ID", "154891"),
        ("BUKZA_API_TOKEN", "Bearer token-hush"),
        ("BUKZA_API_URL", "https://eu1.example.com/x/api/reservation-tables/data"),
    ];

    fn read(values: &[(&str, &str)]) -> Result<Option<BukzaApi>, String> {
        let environment = values.iter().copied().collect();
        BukzaApi::from_environment(&environment).map_err(|error| error.to_string())
    }

    #[test]
    fn an_account_or_a_token_and_the_number_of_the_table_switch_it_on() {
        let api = read(ACCOUNT).unwrap().unwrap();
        assert_eq!((api.url.as_str(), api.table_id), ("https://public.bukza.com/", 154_891));
        let BukzaAccess::Account { email, password } = &api.access else { panic!("{api:?}") };
        assert_eq!((email.as_str(), password.expose_secret()), ("owner@example.com", "pass hush"));
        let api = read(TOKEN).unwrap().unwrap();
        assert_eq!(api.url.as_str(), "https://eu1.example.com/x");
        let BukzaAccess::Token(token) = &api.access else { panic!("{api:?}") };
        assert_eq!(token.expose_secret(), "token-hush");
    }

    #[test]
    fn without_them_it_is_off_whatever_the_address_is() {
        assert!(read(&[]).unwrap().is_none());
        for address in ["https://public.bukza.com", "http://bukza.example.com/v1", "?"] {
            assert!(read(&[("BUKZA_API_URL", address), ("BUKZA_API_KEY", "x")]).unwrap().is_none());
        }
    }

    #[test]
    fn what_is_set_by_half_names_what_lacks() {
        for (values, fault) in [
            (&ACCOUNT[..1], "BUKZA_TABLE_ID is set without BUKZA_API_EMAIL and BUKZA_API_PASSWORD"),
            (&ACCOUNT[..2], "BUKZA_TABLE_ID is set without BUKZA_API_PASSWORD"),
            (&ACCOUNT[1..], "BUKZA_API_EMAIL is set without BUKZA_TABLE_ID"),
            (&ACCOUNT[2..], "BUKZA_API_PASSWORD is set without BUKZA_TABLE_ID and BUKZA_API_EMAIL"),
            (&TOKEN[..2], "BUKZA_TABLE_ID is set without BUKZA_API_URL"),
            (&TOKEN[1..2], "BUKZA_API_TOKEN is set without BUKZA_TABLE_ID and BUKZA_API_URL"),
            (&[ACCOUNT, TOKEN].concat(), "BUKZA_API_TOKEN stands beside an account"),
        ] {
            let error = read(values).unwrap_err();
            assert!(error.starts_with("1 fault in") && error.contains(fault), "{fault}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_its_secret() {
        for (name, value) in [
            ("BUKZA_TABLE_ID", "0"),
            ("BUKZA_TABLE_ID", "table"),
            ("BUKZA_API_EMAIL", "owner"),
            ("BUKZA_API_PASSWORD", "hush\u{7}hush"),
            ("BUKZA_API_URL", "http://public.bukza.com"),
            ("BUKZA_API_URL", "https://user:hush@public.bukza.com"),
        ] {
            let error = read(&[ACCOUNT, &[(name, value)]].concat()).unwrap_err();
            assert!(error.contains(name), "{name}: {error}");
            assert!(name == "BUKZA_API_URL" || !error.contains("hush"), "{error}");
        }
        let error = read(&[TOKEN, &[("BUKZA_API_TOKEN", "two words hush")]].concat()).unwrap_err();
        assert!(error.contains("BUKZA_API_TOKEN") && !error.contains("hush"), "{error}");
        let printed = format!("{:?} {:?}", read(ACCOUNT), read(TOKEN));
        assert!(!printed.contains("hush"), "{printed}");
    }

    #[test]
    fn a_session_goes_to_no_plain_address_of_the_internet() {
        let api = read(ACCOUNT).unwrap().unwrap();
        let server = |named: &str| api.server(named).map(|url| url.to_string());
        assert_eq!(server(" https://eu1.example.com/ "), Some("https://eu1.example.com/".into()));
        for named in
            ["http://eu1.example.com", "http://127.0.0.1:8080", "eu1.example.com", "", "ftp://x"]
        {
            assert_eq!(server(named), None, "{named}");
        }
        let local = [ACCOUNT, &[("BUKZA_API_URL", "http://127.0.0.1:1")]].concat();
        let api = read(&local).unwrap().unwrap();
        assert!(api.server("http://127.0.0.1:1/eu1/").is_some());
        assert!(api.server("http://eu1.example.com/").is_none());
    }
}
