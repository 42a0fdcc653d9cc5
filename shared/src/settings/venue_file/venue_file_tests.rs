//! What `venue.toml` may hold, and how a fault is named. Nothing in it, however hostile, is read as something else.

use proptest::prelude::*;

use super::{
    super::{Environment, reader::SettingsError},
    *,
};
use crate::domain::{
    resource::{Matches, Resource, Resources, Reviews},
    table_columns::TableField,
    venue::{Locale, OwnText},
};

const EXAMPLE: &str = include_str!("../../../../venue/venue.example.toml");

fn faults(text: &str) -> Vec<String> {
    match schema::parse(text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

fn file(text: &[u8]) -> (Environment, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    (at(&file.path().to_string_lossy()), file)
}

fn at(path: &str) -> Environment {
    [("VENUE_FILE", path)].into_iter().collect()
}

fn read_from(environment: &Environment) -> Result<VenueFile, SettingsError> {
    Reader::read(environment, read)
}

/// The only fault of what is read from there.
fn fault_of(environment: &Environment) -> String {
    let error = read_from(environment).unwrap_err();
    assert!(error.faults.iter().all(|fault| fault.name == "VENUE_FILE"), "{error}");
    assert_eq!(error.faults.len(), 1, "{error}");
    error.faults[0].message.clone()
}

#[test]
fn a_file_is_read_with_all_its_keys() {
    let VenueFile { resources, texts, .. } = schema::parse(
        r#"
        [[resource]]
        name = " VR Арена "
        address = "ул. Ленина, 1 <b>"
        map = "https://yandex.ru/maps/org/1"
        lines = ["Возьмите носки & воду"]
        reviews = { 2gis = "https://2gis.ru/firm/1" }

        [[resource]]
        prefix = "ЛЕН>"

        [texts.en]
        created-end = "See you!"
        [texts.ru]
        help = '''
        Помощь
        /help'''
        "#,
    )
    .unwrap();
    let vr = Resource {
        matches: Matches::Name("VR Арена".into()),
        address: Some("ул. Ленина, 1 <b>".into()),
        map: Some("https://yandex.ru/maps/org/1".into()),
        lines: vec!["Возьмите носки & воду".into()],
        reviews: Some(Reviews {
            two_gis: Some("https://2gis.ru/firm/1".into()),
            yandex_maps: None,
        }),
    };
    let len = Resource {
        matches: Matches::Prefix("ЛЕН>".into()),
        address: None,
        map: None,
        lines: Vec::new(),
        reviews: None,
    };
    assert_eq!(resources, Resources::new(vec![vr, len]));
    let text = |locale, key: &str, pattern: &str, line| OwnText {
        locale,
        key: key.to_owned(),
        pattern: pattern.to_owned(),
        line,
    };
    let help = "        Помощь\n        /help";
    assert_eq!(
        texts,
        [text(Locale::En, "created-end", "See you!", 13), text(Locale::Ru, "help", help, 15)]
    );
    assert_eq!(schema::parse("").unwrap(), VenueFile::default());
}

#[test]
fn the_example_is_sound_and_names_every_key() {
    assert_eq!(faults(EXAMPLE), [""; 0]);
    // What is switched off in it is sound, too.
    let switched_on: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("#").filter(|it| !it.starts_with(' ')).unwrap_or(line))
        .map(|line| format!("{line}\n"))
        .collect();
    let VenueFile { resources, texts, columns, .. } = schema::parse(&switched_on).unwrap();
    assert!(resources.len() >= 2 && texts.len() >= 3, "{resources:?} {texts:?}");
    assert_eq!(columns.of(TableField::Code), Some("bukza_reservation_code"));
    for field in TableField::ALL {
        assert!(EXAMPLE.contains(field.as_str()), "{field:?} is not in the example");
    }
    for key in ["name", "prefix", "address", "map", "lines", "reviews"] {
        let named = switched_on.lines().any(|line| line.starts_with(&format!("{key} = ")));
        assert!(named, "{key} is not in the example");
    }
    for word in ["2gis = ", "yandex = ", "[texts.ru]", "[texts.en]", "[[resource]]"] {
        assert!(switched_on.contains(word), "{word} is not in the example");
    }
}

#[test]
fn each_fault_names_line_and_key() {
    let resource = |line: &str| format!("[[resource]]\nname = \"a\"\n{line}\n");
    for (text, fault) in [
        (resource("adress = \"x\""), "line 3, resource[1].adress: is not known; known are name, "),
        (resource("address = 5"), "line 3, resource[1].address: is a value of type integer: "),
        (resource("address = \" \""), "line 3, resource[1].address: is empty"),
        (resource("map = \"yandex.ru\""), "line 3, resource[1].map: is no public http"),
        (resource("map = \"javascript:alert(1)\""), "line 3, resource[1].map: is no public"),
        (resource("map = \"tg://resolve?domain=x\""), "line 3, resource[1].map: is no public"),
        (resource("map = \"http://192.168.0.1/\""), "line 3, resource[1].map: is no public"),
        (resource("lines = \"x\""), "line 3, resource[1].lines: is a value of type string: "),
        (resource("lines = [\"x\", 1]"), "line 3, resource[1].lines[2]: is a value of type"),
        (resource("lines = [\"x\",\n\"\"]"), "line 4, resource[1].lines[2]: is empty"),
        (resource("lines = [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]"), "line 3, resource[1].lines: "),
        (resource("reviews = { 2gis = \"x\" }"), "line 3, resource[1].reviews.2gis: is no public"),
        (resource("reviews = { google = \"x\" }"), "line 3, resource[1].reviews.google: is not"),
        (resource("prefix = \"b\""), "line 3, resource[1].prefix: stands beside a name"),
        (
            resource("[[resource]]\nname = \" A\""),
            "line 3, resource[2]: has the name of the resource in line 1",
        ),
        (resource("[[resource]]\nlines = []"), "line 3, resource[2]: needs a name or a prefix"),
        (resource("name = \"b\""), "line 3: duplicate key"),
        (resource("address = \"x"), "line 3: "),
        ("resource = 5".into(), "line 1, resource: is a value of type integer: "),
        ("\n[resource]\nname = \"a\"".into(), "line 2, resource: is a value of type table: "),
        ("[[resources]]\n".into(), "line 1, resources: is not known; known are resource, texts"),
        ("[bukza]\ntable = 5\n".into(), "line 2, bukza.table: is not known; known are columns"),
        (
            "[bukza.columns]\nkode = \"x\"\n".into(),
            "line 2, bukza.columns.kode: is not known; known are code, start, end, reservation_status",
        ),
        ("[bukza.columns]\ncode = 5\n".into(), "line 2, bukza.columns.code: is a value of type"),
        ("[bukza.columns]\ncode = \" \"\n".into(), "line 2, bukza.columns.code: is empty"),
        (
            "[bukza.columns]\nname = \"a\"\ncode = \"a\"\n".into(),
            "line 2, bukza.columns.name: is the column of code, too",
        ),
        ("[texts]\nde = {}\n".into(), "line 2, texts.de: is not known; known are ru, en"),
        ("[texts]\nru = \"x\"\n".into(), "line 2, texts.ru: is a value of type string: "),
        ("[texts.ru]\n\nhelp = 1\n".into(), "line 3, texts.ru.help: is a value of type integer: "),
        (
            "[texts.ru]\nhelp.title = \"x\"\n".into(),
            "line 2, texts.ru.help: is a value of type table",
        ),
    ] {
        let found = faults(&text);
        assert!(matches!(found.as_slice(), [only] if only.starts_with(fault)), "{found:?}\n{text}");
    }
    // All at once, by lines.
    let found = faults("[[resource]]\nname = \"\"\nmap = \"x\"\n[other]\n");
    let lines: Vec<&str> = found.iter().filter_map(|it| it.split(',').next()).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 4"]);
}

#[test]
fn everything_has_its_limit() {
    let with = |key: &str, value: &str| {
        faults(&format!("[[resource]]\n{key} = \"{value}\"\nname = \"a\"\n"))
    };
    assert_eq!(with("address", &"ж".repeat(300)), [""; 0]);
    assert_eq!(with("address", &"ж".repeat(301)).len(), 1);
    assert_eq!(with("map", &format!("https://example.com/{}", "x".repeat(1000))).len(), 1);
    let line =
        |length| faults(&format!("[[resource]]\nname=\"a\"\nlines=[\"{}\"]", "x".repeat(length)));
    assert_eq!((line(200).len(), line(201).len()), (0, 1));
    let many = |count: usize| -> String {
        (0..count).map(|at| format!("[[resource]]\nname = \"{at}\"\n")).collect()
    };
    assert_eq!(faults(&many(500)), [""; 0]);
    let too_many = faults(&many(501));
    assert_eq!(too_many, ["line 1001, resource[501]: is one resource more than 500"]);
    // Deep nesting is a fault, and no overflow of the stack.
    for deep in ["[".repeat(100_000), format!("a = {}", "[".repeat(100_000)), "a.".repeat(50_000)] {
        assert!(!faults(&deep).is_empty());
    }
}

#[test]
fn what_nobody_sees_is_refused_and_emoji_are_not() {
    for hidden in
        ["\\u0000", "\\n", "\\u001b", "\u{202e}", "\u{2067}", "\u{200b}", "\u{feff}", "\\u2028"]
    {
        let text = format!("[[resource]]\nname = \"a\"\naddress = \"ул. {hidden} 1\"\n");
        let found = faults(&text);
        assert!(
            matches!(found.as_slice(), [only] if only.contains("resource[1].address: holds")),
            "{found:?}"
        );
    }
    assert_eq!(faults("[[resource]]\nname = \"👩‍👩‍👧 ❤️ עלינה\"\n"), [""; 0]);
}

#[test]
fn a_missing_file_is_a_fault_only_where_it_was_named() {
    assert_eq!(read_from(&at("")).unwrap(), VenueFile::default());
    let message = fault_of(&at("/no/such/venue.toml"));
    assert!(message.starts_with("/no/such/venue.toml: cannot be read: "), "{message}");
    // What Docker makes of a missing file that is mounted.
    let folder = tempfile::tempdir().unwrap();
    let message = fault_of(&at(&folder.path().to_string_lossy()));
    assert!(message.ends_with("cannot be read: it is a folder"), "{message}");
    let message = fault_of(&at("/dev/zero"));
    assert!(message.ends_with("cannot be read: it is no file"), "{message}");
}

#[test]
fn a_file_is_bounded_utf8() {
    let (environment, _file) = file(b"[[resource]]\nname = \"a\"\n");
    assert_eq!(read_from(&environment).unwrap().resources.len(), 1);
    let (environment, _file) = file(&vec![b'\n'; 256 * 1024]);
    assert!(read_from(&environment).is_ok());
    let (environment, _file) = file(&vec![b'\n'; 256 * 1024 + 1]);
    assert!(fault_of(&environment).ends_with("it is larger than 256 KB"));
    let (environment, _file) = file(b"# \xff\n");
    assert!(fault_of(&environment).ends_with("it is not in UTF-8"));
    let (environment, _file) = file("\n\nadress = 1\n".as_bytes());
    assert!(fault_of(&environment).contains(", line 3, adress: is not known"));
    let (environment, _file) = file("x = 1\ny = 1\n".repeat(30).as_bytes());
    assert_eq!(read_from(&environment).unwrap_err().faults.len(), 1, "a key twice is one fault");
    let many: String = (0..30).map(|at| format!("x{at} = 1\n")).collect();
    let (environment, _file) = file(many.as_bytes());
    let faults = read_from(&environment).unwrap_err().faults;
    assert_eq!(faults.len(), 21);
    assert!(faults[20].message.ends_with(": 10 more faults"), "{faults:?}");
}

/// A value as a TOML file has it in quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_with_a_line(text in "[\\[\\]a-e='\"\\\\#.\n{}, <&\u{202e}]{0,80}") {
        if let Err(faults) = schema::parse(&text) {
            let lines = text.lines().count().max(1) + 1;
            prop_assert!(!faults.is_empty());
            for fault in faults {
                prop_assert!((1..=lines).contains(&fault.line), "{}", fault);
                prop_assert!(!fault.to_string().contains('\n'), "{:?}", fault);
            }
        }
    }

    /// A value is kept as it is, whatever markup or TOML it resembles, or it is refused.
    #[test]
    fn a_value_is_never_read_as_structure(
        address in "(\\PC|[<>&\"'\\\\\n\\]=#{}\u{202e}]){0,320}",
        key in "[a-z]{1,9}",
    ) {
        let text = format!("[[resource]]\nname = \"a\"\naddress = {}\n", quoted(&address));
        match schema::parse(&text) {
            Ok(VenueFile { resources, texts, .. }) => {
                let found = resources.of(Some("a"), None).and_then(|it| it.address.as_deref());
                prop_assert_eq!(found, Some(address.trim()));
                prop_assert!(texts.is_empty() && resources.len() == 1);
            }
            Err(faults) => {
                prop_assert_eq!(faults.len(), 1);
                prop_assert_eq!(faults[0].key.as_str(), "resource[1].address");
            }
        }
        let text = format!("[[resource]]\nname = \"a\"\n{} = 1\n", quoted(&format!("{key}{address}")));
        prop_assert!(schema::parse(&text).is_err());
    }
}
