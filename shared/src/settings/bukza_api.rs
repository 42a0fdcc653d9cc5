//! Bukza's own table, which is read over its API (optional): how to sign in, and which table.

use secrecy::SecretString;
use url::Url;

use super::{
    environment::Environment,
    names,
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
    /// The table's number in the address of its page in Bukza.
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

    /// The inner `None`: nothing of it is set. The outer one: there was a fault, as when one part is set without the
    /// others. `BUKZA_API_URL` alone sets nothing: programs before this one had a setting of that name.
    pub(super) fn read(reader: &mut Reader<'_>, columns: TableColumns) -> Option<Option<Self>> {
        let parts = [
            names::BUKZA_API_EMAIL,
            names::BUKZA_API_PASSWORD,
            names::BUKZA_API_TOKEN,
            names::BUKZA_TABLE_ID,
        ];
        let [email, password, token, table] = parts.map(|part| reader.is_set(part));
        if !(email || password || token || table) {
            return Some(None);
        }
        let table_id = reader.required(names::BUKZA_TABLE_ID, values::number(1..=u64::MAX));
        let (url, access) = if token {
            for part in [names::BUKZA_API_EMAIL, names::BUKZA_API_PASSWORD] {
                if reader.is_set(part) {
                    let message =
                        format!("stands beside {}: set one of both", names::BUKZA_API_TOKEN.name);
                    let _: Option<()> = reader.fault(part, message);
                }
            }
            let url = reader.required(names::BUKZA_API_URL, values::api_url);
            (url, reader.required(names::BUKZA_API_TOKEN, token_text).map(BukzaAccess::Token))
        } else {
            let public = Url::parse(PUBLIC).ok()?;
            let url = reader.or(names::BUKZA_API_URL, public, values::api_url);
            let email = reader.required(names::BUKZA_API_EMAIL, email_text);
            let password = reader.required(names::BUKZA_API_PASSWORD, secret_text);
            (
                url,
                email
                    .zip(password)
                    .map(|(email, password)| BukzaAccess::Account { email, password }),
            )
        };
        Some(Some(Self { url: url?, access: access?, table_id: table_id?, columns }))
    }
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
