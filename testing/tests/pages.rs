//! The pages for people, in both languages: their links lead somewhere, and what the Russian ones have from
//! elsewhere (the template, commands, cards' titles) is as it is there.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use testing::harness::project::Project;

fn root() -> PathBuf {
    Project::find().unwrap().root().to_owned()
}

/// The pages in a folder, by their paths.
fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

fn text(pages: &[PathBuf]) -> String {
    pages.iter().map(|page| fs::read_to_string(page).unwrap() + "\n").collect()
}

fn is_russian(page: &Path) -> bool {
    page.parent().is_some_and(|folder| folder.ends_with("ru")) || page.ends_with("README.ru.md")
}

/// The pages in Russian, and the others.
fn by_language() -> (Vec<PathBuf>, Vec<PathBuf>) {
    ["", "docs", "docs/ru"].into_iter().flat_map(pages).partition(|page| is_russian(page))
}

/// The lines of a page, and whether each stands in a block of code.
fn lines(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.lines().scan(false, |code, line| {
        let fence = line.starts_with("```");
        *code ^= fence;
        Some((*code || fence, line))
    })
}

/// The names by which links reach a page's headings, and those that it gives itself.
fn anchors(text: &str) -> Vec<String> {
    let headings = lines(text).filter(|(code, line)| !code && line.starts_with('#'));
    let slug = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>()
    };
    let given = text.split("<a name=\"").skip(1).filter_map(|rest| rest.split('"').next());
    headings.map(|(_, line)| slug(line)).chain(given.map(str::to_owned)).collect()
}

#[test]
fn every_link_leads_to_a_page_and_its_heading() {
    let (russian, english) = by_language();
    let (mut followed, mut broken) = (0, Vec::new());
    for page in russian.iter().chain(&english) {
        let text = fs::read_to_string(page).unwrap();
        let prose: String = lines(&text)
            .filter(|(code, _)| !code)
            .map(|(_, line)| line.to_owned() + "\n")
            .collect();
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let reached = fs::read_to_string(&target).is_ok_and(|text| {
                anchor.is_empty() || anchors(&text).iter().any(|name| name == anchor)
            });
            let is_file = anchor.is_empty() && target.exists();
            if !reached && !is_file {
                broken.push(format!("{}: {link}", page.display()));
            }
            followed += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(followed > 120, "{followed}");
}

#[test]
fn each_russian_page_leads_back_and_the_english_ones_to_it() {
    let (russian, english) = by_language();
    assert!(russian.len() > 6, "{russian:?}");
    let linked = text(&english) + &text(&russian);
    for page in &russian {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(linked.contains(&format!("{name})")), "nothing leads to {name}");
        let leads = fs::read_to_string(page).unwrap();
        let back = leads.contains("README.md)") || leads.contains("README.ru.md)");
        assert!(back || name == "клиент.md", "{name} leads nowhere");
    }
    let english = text(&english);
    for page in ["README.ru.md", "ru/установка.md", "ru/bukza.md", "ru/вопросы.md"]
    {
        assert!(english.contains(&format!("({page})")), "no English page leads to {page}");
    }
}

/// The commands of a page's blocks, without their comments.
fn commands(text: &str) -> Vec<&str> {
    let shell = text.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let lines = shell.flat_map(str::lines).map(|line| line.split("    #").next().unwrap().trim());
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn a_command_of_a_russian_page_is_one_of_the_english_pages() {
    let (russian, english) = by_language();
    let (russian, english) = (text(&russian), text(&english));
    let known = commands(&english);
    let russian = commands(&russian);
    assert!(russian.len() > 10, "{russian:?}");
    for command in russian {
        let worker = command.strip_prefix("deploy/bridge ").unwrap_or(command);
        let named = known.contains(&command) || english.contains(&format!("`{worker}`"));
        assert!(named, "{command}");
    }
}

#[test]
fn each_command_of_the_script_is_explained_in_both_languages() {
    let script = fs::read_to_string(root().join("deploy/bridge")).unwrap();
    let usage = script.lines().filter_map(|line| line.strip_prefix("#   bridge "));
    let commands: Vec<&str> = usage.filter_map(|line| line.split(' ').next()).collect();
    assert!(commands.len() > 9, "{commands:?}");
    let (russian, _) = by_language();
    let operations = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    for text in [text(&russian), operations] {
        for command in &commands {
            let spellings = [format!("`deploy/bridge {command}"), format!(", `{command}")];
            let named = spellings.iter().any(|spelling| text.contains(spelling));
            assert!(named, "{command}");
        }
        // And no other one.
        for named in text.split("deploy/bridge ").skip(1) {
            let command = named.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap();
            assert!(command.is_empty() || commands.contains(&command), "deploy/bridge {command}");
        }
    }
}

/// The first template of a page. What is to be replaced is `{}`.
fn template(page: &str, heading: &str) -> String {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let section = text.split(heading).nth(1).unwrap();
    let block = section.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let mut template = String::new();
    for line in block.lines() {
        let mut parts = line.split("\"{");
        template += parts.next().unwrap();
        for part in parts {
            template += "\"{";
            template += &part[part.find("}\"").unwrap()..];
        }
        template += "\n";
    }
    template
}

#[test]
fn the_russian_template_is_that_of_the_readme() {
    let english = template("README.md", "\n### 3. Bukza");
    assert!(english.contains("\"code\": \"{}\""), "{english}");
    assert_eq!(template("docs/ru/bukza.md", "\n## 2. "), english);
}

#[test]
fn the_templates_of_the_set_up_are_those_of_the_pages() {
    for (page, heading, file) in
        [("README.md", "\n### 3. Bukza", "en"), ("docs/ru/bukza.md", "\n## 2. ", "ru")]
    {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let section = text.split(heading).nth(1).unwrap();
        let block = section.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
        let file = root().join(format!("worker/src/cli/setup/template.{file}.txt"));
        assert_eq!(fs::read_to_string(file).unwrap(), block, "{page}");
    }
}

#[test]
fn what_the_set_up_prints_for_systemd_is_what_the_page_says() {
    let text = fs::read_to_string(root().join("docs/systemd.md")).unwrap();
    let section = text.split("\n## By the set-up\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks: Vec<&str> =
        section.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let printed = fs::read_to_string(root().join("worker/src/cli/setup/units.sh.txt")).unwrap();
    assert_eq!(blocks.get(1), Some(&printed.as_str()));
}

#[test]
fn each_card_of_the_russian_page_has_its_title() {
    let texts = fs::read_to_string(root().join("worker/locales/ru/bot.ftl")).unwrap();
    let texts = texts.replace("<b>", "").replace("</b>", "");
    let page = fs::read_to_string(root().join("docs/ru/персонал.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| **")?.split("**").next());
    let titles: Vec<&str> = rows.collect();
    assert!(titles.len() > 12, "{titles:?}");
    for title in titles {
        assert!(
            texts.contains(&format!("= {title}\n")) || texts.contains(&format!("= {title} <")),
            "{title}"
        );
    }
}
