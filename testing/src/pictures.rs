//! The pictures of the README and docs/ru: one story on the page, played by clicks. Beside each picture stands the text
//! that it shows, which a test compares; pixels differ from machine to machine.

use std::path::Path;

use anyhow::Context;

use crate::harness::{
    browser::Browser,
    fleet::{STAFF_CHAT, System},
    page::{ALINA, BORIS},
    phrases,
};

/// Where they are, below the project's folder.
pub const FOLDER: &str = "docs/pictures";
const QUESTION: &str = "Можно прийти с собакой?";
const ANSWER: &str = "Можно, если она на поводке";

/// A picture and its text.
#[derive(Debug)]
pub struct Picture {
    pub name: &'static str,
    pub png: Vec<u8>,
    pub text: String,
}

/// Plays the story on the page of a new system and takes the pictures. The browser's files go to `folder`.
///
/// # Errors
/// When something that the story expects doesn't come.
pub async fn take<Host>(system: &System<Host>, folder: &Path) -> anyhow::Result<Vec<Picture>> {
    let address = system.open_page().await?;
    let browser = Browser::start(folder, 1_600, 1_000).await?;
    browser.resize(1_600, 1_000).await?;
    browser.page.goto(&address).await?;
    let (alina, boris) = (phone(ALINA.0), phone(BORIS.0));
    let staff = phone(STAFF_CHAT);
    browser.click(&format!("{alina}//button[.='Запустить']")).await?;
    browser.click(&format!("{alina}//button[@data-post='contact']")).await?;
    browser.find(&says(&alina, phrases::REGISTERED)).await?;
    browser.click(&format!("{boris}//button[.='Запустить']")).await?;
    browser.find(&says(&boris, phrases::GREETING)).await?;
    browser.choose("//select[@name='start']", "172800").await?;
    browser.choose("//select[@name='length']", "3600").await?;
    browser.click("//button[.='Записать']").await?;
    browser.find(&says(&alina, phrases::CONFIRMED)).await?;
    browser.find(&says(&staff, phrases::STAFF_CREATED)).await?;
    browser.find("//li[contains(., '200 OK')]").await?;
    let code = browser.script("return document.querySelector('[name=code]').value").await?;
    let code = code.as_str().context("a code")?.to_owned();
    browser.fill(&field(ALINA.0), &format!("{QUESTION}\n")).await?;
    browser.find(&says(&alina, "ответим здесь")).await?;
    browser.click(&format!("{}//button[.='Ответить']", says(&staff, QUESTION))).await?;
    browser.fill(&field(STAFF_CHAT), &format!("{ANSWER}\n")).await?;
    browser.find(&says(&alina, ANSWER)).await?;
    browser.find(&says(&staff, "👍")).await?;

    let mut pictures = vec![picture(&browser, "page", "body", &code).await?];
    browser.resize(360, 740).await?;
    let scroll = format!("document.getElementById('phone{}').scrollIntoView()", ALINA.0);
    browser.script(&scroll).await?;
    pictures.push(picture(&browser, "phone", &format!("#phone{}", ALINA.0), &code).await?);
    browser.close().await?;
    Ok(pictures)
}

/// The section of a chat on the page, as XPath.
#[must_use]
pub fn phone(chat: i64) -> String {
    format!("//section[@id='phone{chat}']")
}

/// A message with these words in such a section.
#[must_use]
pub fn says(phone: &str, words: &str) -> String {
    format!("{phone}//li[contains(., '{words}')]")
}

/// The field in which a chat's person writes.
#[must_use]
pub fn field(chat: i64) -> String {
    format!("//input[@id='text{chat}']")
}

/// The window as a picture, and the text of this part of it.
async fn picture(
    browser: &Browser,
    name: &'static str,
    part: &str,
    code: &str,
) -> anyhow::Result<Picture> {
    // The cursor blinks.
    browser.script("document.activeElement.blur()").await?;
    let png = browser.page.screenshot().await?;
    let shown =
        browser.script(&format!("return document.querySelector('{part}').innerText")).await?;
    let text = shown.as_str().unwrap_or_default().replace(code, "K7M2QX");
    let order = text.split("\"order\": \"").nth(1).and_then(|rest| rest.split('"').next());
    let text = order.map(|order| text.replace(order, "123456789")).unwrap_or(text);
    let lines: String = text.lines().map(|line| steady(line) + "\n").collect();
    Ok(Picture { name, png, text: lines })
}

/// A line without what differs from one day to the next.
fn steady(line: &str) -> String {
    let digits = line.chars().any(|c| c.is_ascii_digit());
    let is_clock = line.len() == 5 && line.as_bytes()[2] == b':';
    let varies = ["\"start\":", "\"end\":", "📅", "VR Арена ·", "{\"status\""];
    let cut = varies.iter().find_map(|mark| Some(line.find(mark)? + mark.len()));
    match cut {
        _ if is_clock => "00:00".to_owned(),
        Some(cut) if digits || line.starts_with('{') => format!("{} …", &line[..cut]),
        Some(_) | None => line.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::steady;

    #[test]
    fn days_hours_and_numbers_of_a_run_are_left_out() {
        for (line, kept) in [
            ("14:05", "00:00"),
            ("📅 вторник, 1 декабря, 14:05", "📅 …"),
            ("VR Арена · вторник, 1 декабря, 14:05 · 1 час", "VR Арена · …"),
            ("📅 В календарь", "📅 В календарь"),
            (r#"  "start": "2026-12-01T09:00:00.000Z","#, r#"  "start": …"#),
            (r#"{"status":"accepted","events":["x"]}"#, r#"{"status" …"#),
            ("Бот ", "Бот"),
        ] {
            assert_eq!(steady(line), kept);
        }
    }
}
