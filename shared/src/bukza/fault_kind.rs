//! The kinds of faults. A fault is stored with an English message. Its kind is recognized from that message, to word it in
//! the venue's language and to group equal causes.

use crate::domain::venue::Locale;

/// Declares the kinds with their names, and their messages in English and in Russian. `{}` in a message is a number, `…`
/// any text.
macro_rules! fault_kinds {
    ($($variant:ident = $name:literal: $message:literal, $russian:literal;)+) => {
        /// The kind of a fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FaultKind { $($variant),+ }

        impl FaultKind {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in a cause. Causes are stored: the name never changes.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Its message as it is stored, with `{}` for a number and `…` for any text.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }

            /// The same in Russian, without the text at `…`.
            fn russian(self) -> &'static str {
                match self { $(Self::$variant => $russian),+ }
            }
        }
    };
}

fault_kinds! {
    Missing = "missing": "is missing", "не указано";
    Empty = "empty": "is empty", "пусто";
    TooLong = "too-long": "is longer than {} characters", "длиннее {} символов";
    ControlCharacter = "control-character":
        "contains a control character",
        "содержит управляющий символ";
    NotATime = "not-a-time":
        "is not a time: expected dd.MM.yyyy HH:mm or ISO 8601",
        "не дата и время: нужно дд.мм.гггг чч:мм или ISO 8601";
    NoSuchTime = "no-such-time":
        "names a day or hour that does not exist",
        "такого дня или часа не бывает";
    OutOfRange = "out-of-range":
        "lies outside the years 2000 to 2100",
        "не между 2000 и 2100 годом";
    NotAfterStart = "not-after-start": "is not after the start", "не позже начала";
    TooMany = "too-many": "are more than {}", "больше {}";
    NotAnObject = "not-an-object": "is not an object", "не объект в фигурных скобках";
    CodeOfAnother = "code-of-another":
        "is the code of another reservation here, too",
        "код другой брони из этого же запроса";
    BesideCode = "beside-code":
        "stands beside a code: a template has one of them",
        "стоит рядом с кодом: в шаблоне должно быть что-то одно";
    GivenTwice = "given-twice": "is given twice", "указано дважды";
    GivenDifferently = "given-differently":
        "is given twice, with different values",
        "указано дважды, и по-разному";
    DiffersFromUrl = "differs-from-url":
        "differs between URL and body",
        "в адресе и в теле запроса по-разному";
    TooManyFields = "too-many-fields":
        "has more than {} fields in one object",
        "больше {} полей в одном объекте";
    LacksComma = "lacks-comma": "lacks a comma before it", "перед этим полем не хватает запятой";
    HoldsField = "holds-field":
        "holds what looks like a field of the template",
        "в значении стоит то, что похоже на поле шаблона";
    UnknownName = "unknown-name":
        "is no known name, and a visitor's words imitate the template",
        "неизвестное имя, а слова посетителя подражают шаблону";
    BesideVisitor = "beside-visitor":
        "stands beside the visitor, where it belongs",
        "стоит рядом с visitor, а должно стоять в нём";
    VisitorInList = "visitor-in-list":
        "stands in the list of reservations: a visitor's words belong outside",
        "стоит в списке броней: словам посетителя место вне его";
    MethodUnknown = "method-unknown":
        "is not understood: send POST, PUT, PATCH or GET",
        "не подходит: нужен POST, PUT, PATCH или GET";
    TooLarge = "too-large": "is too large", "слишком велико";
    NotUtf8 = "not-utf8": "is not UTF-8", "не в кодировке UTF-8";
    JsonOfAnotherForm = "json-of-another-form":
        "is JSON, but not an object",
        "JSON, но не объект в фигурных скобках";
    NotJson = "not-json": "is not JSON: …", "не читается как JSON";
}

/// A recognized message with its filled-in values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognized {
    pub kind: FaultKind,
    /// The number at `{}`.
    pub number: Option<i64>,
    /// Line and column in the text at `…`.
    pub place: Option<(i64, i64)>,
}

impl Recognized {
    /// The message in a language, to follow the field's name. Made of our own words and of numbers alone.
    #[must_use]
    pub fn text(self, locale: Locale) -> String {
        let message = match locale {
            Locale::Ru => self.kind.russian(),
            Locale::En => self.kind.message().trim_end_matches(": …"),
        };
        let message = message.replacen("{}", &self.number.unwrap_or_default().to_string(), 1);
        match (self.place, locale) {
            (None, _) => message,
            (Some((line, column)), Locale::Ru) => {
                format!("{message} (строка {line}, столбец {column})")
            }
            (Some((line, column)), Locale::En) => {
                format!("{message} (line {line}, column {column})")
            }
        }
    }
}

impl FaultKind {
    /// Recognizes a message. `None` for a message of another version.
    #[must_use]
    pub fn recognize(message: &str) -> Option<Recognized> {
        Self::ALL.iter().find_map(|kind| kind.read(message))
    }

    fn read(self, message: &str) -> Option<Recognized> {
        let plain = Recognized { kind: self, number: None, place: None };
        let pattern = self.message();
        if let Some(start) = pattern.strip_suffix('…') {
            let rest = message.strip_prefix(start)?;
            return Some(Recognized { place: place(rest), ..plain });
        }
        if let Some((before, after)) = pattern.split_once("{}") {
            let number = message.strip_prefix(before)?.strip_suffix(after)?.parse().ok()?;
            return Some(Recognized { number: Some(number), ..plain });
        }
        (message == pattern).then_some(plain)
    }
}

/// Line and column in `… at line 5 column 12`.
fn place(text: &str) -> Option<(i64, i64)> {
    let number = |name: &str| -> Option<i64> {
        let (_, rest) = text.rsplit_once(name)?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    };
    Some((number("line ")?, number("column ")?))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn messages_are_recognised_with_their_numbers_and_places() {
        for (message, kind, number, place) in [
            ("is missing", FaultKind::Missing, None, None),
            ("is longer than 100 characters", FaultKind::TooLong, Some(100), None),
            ("is given twice", FaultKind::GivenTwice, None, None),
            ("is given twice, with different values", FaultKind::GivenDifferently, None, None),
            (
                "is not JSON: expected `,` or `}` at line 5 column 12",
                FaultKind::NotJson,
                None,
                Some((5, 12)),
            ),
            ("is not JSON: cut off", FaultKind::NotJson, None, None),
        ] {
            let recognized = FaultKind::recognize(message);
            assert_eq!(recognized, Some(Recognized { kind, number, place }), "{message}");
        }
        for other in ["", "is", "is missing!", "is longer than many characters", "is a surprise"] {
            assert_eq!(FaultKind::recognize(other), None, "{other}");
        }
    }

    #[test]
    fn every_kind_has_a_text_in_both_languages_with_its_number_and_place() {
        let text = |message: &str, locale| FaultKind::recognize(message).unwrap().text(locale);
        for kind in FaultKind::ALL {
            let message = kind.message().replace("{}", "7").replace('…', "at line 5 column 12");
            let (russian, english) = (text(&message, Locale::Ru), text(&message, Locale::En));
            assert_eq!(russian.contains('7'), kind.message().contains("{}"), "{russian}");
            assert!(russian.contains(|c| matches!(c, 'а'..='я')), "{russian}");
            assert!(english.is_ascii() && message.starts_with(english.split(" (").next().unwrap()));
            for text in [russian, english] {
                assert!(!text.contains(['{', '…', '<', '&']), "{text}");
                assert_eq!(text.contains('5'), kind.message().contains('…'), "{text}");
            }
        }
        let not_json = "is not JSON: expected `,` or `}` at line 5 column 12";
        assert_eq!(text(not_json, Locale::Ru), "не читается как JSON (строка 5, столбец 12)");
        assert_eq!(text(not_json, Locale::En), "is not JSON (line 5, column 12)");
        assert_eq!(text("is not JSON: cut off", Locale::En), "is not JSON");
        let too_long = "is longer than 100 characters";
        assert_eq!(text(too_long, Locale::Ru), "длиннее 100 символов");
        assert_eq!(text(too_long, Locale::En), too_long);
    }

    /// Words that the message of a fault begins with.
    const VERBS: &[&str] = &[
        "is", "are", "has", "names", "lies", "contains", "stands", "differs", "lacks", "holds",
        "does", "was", "must", "needs", "can", "cannot", "can't", "comes", "ends", "starts",
        "repeats", "says",
    ];

    /// The messages that a source can give a fault, with a number for what is filled in.
    fn messages(path: &Path, found: &mut BTreeSet<String>) {
        let source = fs::read_to_string(path).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        // Quotes in character literals and escaped ones would end a string too early.
        let code = lines.collect::<Vec<_>>().join("\n").replace("\\\"", "'").replace("'\"'", "");
        let code = code.split("\\\n").map(str::trim_start).collect::<String>();
        for literal in code.split('"').skip(1).step_by(2) {
            let verb = literal.split(' ').next().unwrap();
            if VERBS.contains(&verb) && literal.contains(' ') {
                let pieces = literal.split('{').enumerate().map(|(index, piece)| match index {
                    0 => piece.to_owned(),
                    _ => format!("7{}", piece.split_once('}').map_or("", |(_, rest)| rest)),
                });
                found.insert(pieces.collect());
            }
        }
    }

    #[test]
    fn every_message_in_the_sources_is_known_and_every_known_one_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(root.join("src/bukza")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".rs") && !name.contains("tests") && name != "fault_kind.rs" {
                messages(&path, &mut found);
            }
        }
        for path in ["src/domain/ids.rs", "src/domain/written_time.rs", "src/domain/event.rs"] {
            messages(&root.join(path), &mut found);
        }
        messages(&root.join("../ingest/src/webhooks/authorized_request.rs"), &mut found);
        let kind = |message: &String| FaultKind::recognize(message).map(|known| known.kind);
        let unknown: Vec<_> = found.iter().filter(|message| kind(message).is_none()).collect();
        assert!(unknown.is_empty(), "unknown to FaultKind: {unknown:?}");
        let known: BTreeSet<_> = found.iter().filter_map(kind).collect();
        let gone: Vec<_> = FaultKind::ALL.iter().filter(|kind| !known.contains(kind)).collect();
        assert!(gone.is_empty(), "in no source any more: {gone:?}");
    }
}
