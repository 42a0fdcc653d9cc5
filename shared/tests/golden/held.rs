//! Compares values with the golden files of a crate. A file is a list of `# name` lines, each with the
//! value's text as it is stored or sent below it.

use std::{collections::BTreeSet, fmt::Debug, path::Path};

use expect_test::expect_file;

/// Named values of an enum. Every variant has its values: one that is missing here does not compile.
macro_rules! every_variant {
    ($($pattern:pat => $($name:literal = $value:expr),+;)+) => {{
        let mut all = Vec::new();
        $($(
            let value = $value;
            assert!(matches!(&value, $pattern), "{} is another variant", $name);
            all.push(($name, value));
        )+)+
        for (_, value) in &all {
            match value { $($pattern => {})+ }
        }
        all
    }};
}
pub(crate) use every_variant;

/// Compares a text with a golden file, or rewrites the file with `UPDATE_EXPECT=1`.
pub fn hold(file: &str, text: &str) {
    assert!(super::FILES.contains(&file), "{file} is not in FILES");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    expect_file![path].assert_eq(text);
}

/// Named values as the text of a golden file.
pub fn listed<T>(values: &[(&str, T)], write: impl Fn(&T) -> String) -> String {
    let names: BTreeSet<_> = values.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), values.len(), "a name is given twice");
    values.iter().map(|(name, value)| format!("# {name}\n{}\n", write(value))).collect()
}

/// Holds values in both directions: they are written as the file says, and read from it.
pub fn hold_both_ways<T: PartialEq + Debug>(
    file: &str,
    values: &[(&str, T)],
    write: impl Fn(&T) -> String,
    read: impl Fn(&str) -> T,
) {
    hold(file, &listed(values, write));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("# "));
    for (line, (name, value)) in lines.zip(values) {
        assert_eq!(&read(line), value, "{name}");
    }
}

/// Every file of the folder has its test.
pub fn hold_all_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(there, super::FILES.iter().map(|name| (*name).to_owned()).collect());
}
