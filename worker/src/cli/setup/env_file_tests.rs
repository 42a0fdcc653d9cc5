//! Tests of `env_file`: all other lines stay, any value survives, nobody else may read what is written.

use proptest::prelude::*;

use super::*;

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    let changes: Vec<(String, String)> =
        changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    EnvFile::parse(text).unwrap().with(&changes).unwrap().text().to_owned()
}

#[test]
fn only_the_named_values_change_and_every_comment_stays() {
    let text =
        "# Ours.\nLOCALE=ru # for now\n\n  export A='x # y'\nB=\"two\nlines\" # b\n# C=1\nA=2\n";
    for (changes, expected) in [
        (vec![("LOCALE", "en")], text.replace("LOCALE=ru", "LOCALE=en")),
        (vec![("A", "3")], text.replace("\nA=2\n", "\nA=3\n")),
        (vec![("B", "one")], text.replace("\"two\nlines\" # b", "one # b")),
        (vec![("C", "5")], text.replace("# C=1\n", "# C=1\nC=5\n")),
        (vec![("D", "6")], format!("{text}D=6\n")),
        (vec![], text.to_owned()),
    ] {
        assert_eq!(changed(text, &changes), expected, "{changes:?}");
    }
    assert_eq!(changed("export A=1", &[("A", "2")]), "export A=2\n");
    assert_eq!(changed("", &[("A", "")]), "A=\n");
}

#[test]
fn a_value_inside_another_ones_lines_is_none() {
    let text = "NOTE=\"first\nBOT_TOKEN=1:no\n\"\n";
    let expected = format!("{text}BOT_TOKEN=2:yes\n");
    assert_eq!(changed(text, &[("BOT_TOKEN", "2:yes")]), expected);
}

#[test]
fn the_last_of_two_lines_counts_as_it_does_for_the_programs() {
    let file = EnvFile::parse("A=1\nA=2\n").unwrap();
    assert_eq!(file.get("A"), Some("2"));
    assert_eq!(changed("A=1\nA=2\n", &[("A", "3")]), "A=1\nA=3\n");
}

#[test]
fn what_the_programs_cannot_read_is_refused_without_its_content() {
    let Err(error) = EnvFile::parse("BOT_TOKEN=1:hush hush\n") else { panic!("it was read") };
    assert!(!error.to_string().contains("hush"), "{error}");
}

#[test]
fn nobody_else_reads_what_is_written_and_a_narrow_mode_stays() {
    let folder = std::env::temp_dir().join(format!("env-file-{:016x}", rand::random::<u64>()));
    fs::create_dir(&folder).unwrap();
    let path = folder.join(".env");
    let mode = || fs::metadata(&path).unwrap().mode() & 0o777;
    write(&path, "A=1\n", Readers::Owner).unwrap();
    assert_eq!(mode(), 0o600);
    for (before, after) in [(0o644, 0o600), (0o400, 0o400), (0o640, 0o600)] {
        fs::set_permissions(&path, Permissions::from_mode(before)).unwrap();
        write(&path, "A=2\n", Readers::Owner).unwrap();
        assert_eq!(mode(), after, "{before:o}");
    }
    // A link stays one.
    let link = folder.join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    write(&link, "A=3\n", Readers::Owner).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "A=3\n");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing else is left behind");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_root_writes_belongs_to_the_owner_of_the_folder() {
    let folder = std::env::temp_dir().join(format!("env-file-{:016x}", rand::random::<u64>()));
    fs::create_dir(&folder).unwrap();
    let path = folder.join(".env");
    let owner =
        || fs::metadata(&path).map(|file| (file.uid(), file.gid(), file.mode() & 0o777)).unwrap();
    let (own, _, _) = {
        write(&path, "A=1\n", Readers::Owner).unwrap();
        owner()
    };
    // Whoever is not root can give nothing away.
    if own == ROOT {
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::chown(&folder, Some(12_345), Some(54_321)).unwrap();
        for text in ["A=1\n", "A=2\n"] {
            write(&path, text, Readers::Owner).unwrap();
            assert_eq!(owner(), (12_345, 54_321, 0o600));
        }
        let shared = folder.join("shared");
        write(&shared, "A=1\n", Readers::Group).unwrap();
        let readable = fs::metadata(&shared).unwrap();
        assert_eq!((readable.gid(), readable.mode() & 0o777), (54_321, 0o640));
        // One that is there keeps its own.
        std::os::unix::fs::chown(&path, Some(11_111), Some(22_222)).unwrap();
        write(&path, "A=3\n", Readers::Owner).unwrap();
        assert_eq!(owner(), (11_111, 22_222, 0o600));
    }
    fs::remove_dir_all(folder).unwrap();
}

proptest! {
    #[test]
    fn any_value_survives(values in proptest::collection::vec("[^\\x00\\r]{0,40}", 1..5), before in "(# A=x\n)?(A1=y\n)?") {
        let changes: Vec<(String, String)> =
            values.into_iter().enumerate().map(|(at, value)| (format!("A{at}"), value)).collect();
        let file = EnvFile::parse(&before).unwrap().with(&changes).unwrap();
        for (name, value) in &changes {
            prop_assert_eq!(file.values().get(name), Some(value));
        }
        // And again: nothing changes any more.
        let again = file.with(&changes).unwrap();
        prop_assert_eq!(again.text(), file.text());
    }
}
