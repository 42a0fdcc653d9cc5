//! The keys of Fluent files, as the tests compare them: each file is there in both languages, with the same texts and
//! values.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_syntax::ast::Entry;
use shared::domain::venue::Locale;

use super::{bundle, pattern::Parts};

/// Each key of a file with the names of its values.
pub(crate) fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let file = bundle::file(Locale::default(), source).unwrap();
    let mut keys = BTreeMap::new();
    for entry in file.entries() {
        let Entry::Message(message) = entry else { continue };
        let key = message.id.name.to_owned();
        let before = keys.insert(key.clone(), Parts::of(message).variables);
        assert!(before.is_none(), "{key} is there twice");
    }
    keys
}

/// The files of a language by their names.
fn files(locale: Locale) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(locale.as_str());
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_file_is_in_both_languages_with_the_same_texts_and_values() {
    let [russian, english] = [Locale::Ru, Locale::En].map(files);
    assert!(russian.keys().eq(english.keys()), "{:?}", russian.keys());
    let mut texts = 0;
    for (name, source) in russian {
        let russian = keys(&source);
        texts += russian.len();
        assert_eq!(russian, keys(&english[&name]), "{name}");
    }
    assert!(texts > 500, "{texts}");
}
