//! What is pasted into Bukza: address, method, headers and template, on the terminal and in a file. The pages for
//! owners have the same templates, which a test compares.

use shared::domain::venue::Locale;
use url::Url;

use super::env_file::EnvFile;
use crate::cli::words::Wording;

const RU: &str = include_str!("template.ru.txt");
const EN: &str = include_str!("template.en.txt");

/// Without `WEBHOOK_PATH`.
const PATH: &str = "/webhook/bukza";
/// The header with the secret.
pub(super) const HEADER: &str = "X-Webhook-Secret";

/// The template in a language.
pub(super) fn template(locale: Locale) -> &'static str {
    match locale {
        Locale::Ru => RU,
        Locale::En => EN,
    }
}

/// The address of Bukza's web requests.
pub(super) fn address(file: &EnvFile, host: &Url) -> Option<Url> {
    host.join(file.get("WEBHOOK_PATH").unwrap_or(PATH)).ok()
}

/// The secret that Bukza sends: the first, while it is changed.
pub(super) fn first_secret(secrets: &str) -> &str {
    secrets.split(',').next().unwrap_or_default().trim()
}

/// The text to paste from. Holds the secret.
pub(super) fn block(texts: &Wording, locale: Locale, address: &Url, secret: &str) -> String {
    let line = |key: &str, value: &str| format!("{}: {value}", texts.plain(key));
    [
        texts.plain("setup-bukza-title"),
        String::new(),
        line("setup-bukza-url", address.as_str()),
        line("setup-bukza-method", "POST"),
        line("setup-bukza-header", &format!("{HEADER}: {secret}")),
        line("setup-bukza-header", "Content-Type: application/json"),
        format!("{}:", texts.plain("setup-bukza-body")),
        String::new(),
        template(locale).trim_end().to_owned(),
        String::new(),
        texts.plain("setup-bukza-replace"),
        texts.plain("setup-bukza-triggers"),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_has_all_that_is_pasted_in_both_languages() {
        for locale in Locale::ALL.iter().copied() {
            let texts = Wording::of(locale);
            let file = EnvFile::parse("WEBHOOK_PATH=/hook/b\n").unwrap();
            let address = address(&file, &Url::parse("https://bot.example.com").unwrap()).unwrap();
            let block = block(&texts, locale, &address, first_secret("new, old"));
            for part in [
                ": https://bot.example.com/hook/b\n",
                ": POST\n",
                ": X-Webhook-Secret: new\n",
                ": Content-Type: application/json\n",
                "  \"visitor\": {\n    \"phone\": \"[bukza_phone]\",",
            ] {
                assert!(block.contains(part), "{part}: {block}");
            }
        }
    }

    #[test]
    fn what_is_replaced_is_all_that_the_languages_differ_in() {
        let bare = |text: &str| {
            let lines = text.lines().map(|line| line.split("\"{").next().unwrap().to_owned());
            lines.collect::<Vec<_>>()
        };
        assert_eq!(bare(RU), bare(EN));
    }
}
