//! The known names of fields, hashed at compile time, and how names are compared: without case, underscores,
//! dashes and spaces.

/// A known name of a field, with its hash.
#[derive(Debug)]
pub(super) struct KnownName {
    text: &'static str,
    hash: u64,
}

/// Known names. Each is in lower case; only underscores join its words.
pub(super) const fn names<const N: usize>(texts: [&'static str; N]) -> [KnownName; N] {
    let mut names = [const { KnownName { text: "", hash: 0 } }; N];
    let mut at = 0;
    while at < N {
        names[at] = KnownName { text: texts[at], hash: hash_of_known(texts[at]) };
        at += 1;
    }
    names
}

impl KnownName {
    pub(super) fn text(&self) -> &'static str {
        self.text
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }
}

/// What is compared of a name.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase)
}

pub(super) fn has_same_letters(one: &str, other: &str) -> bool {
    one == other || letters(one).eq(letters(other))
}

pub(super) fn hash(name: &str) -> u64 {
    if name.is_ascii() {
        let letters = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' '));
        return letters.fold(FNV_OFFSET, |hash, byte| add(hash, byte.to_ascii_lowercase()));
    }
    letters(name)
        .fold(FNV_OFFSET, |hash, letter| letter.encode_utf8(&mut [0; 4]).bytes().fold(hash, add))
}

/// [`hash`] of a known name, which is in lower case.
const fn hash_of_known(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (FNV_OFFSET, 0);
    while at < bytes.len() {
        if bytes[at] != b'_' {
            hash = add(hash, bytes[at]);
        }
        at += 1;
    }
    hash
}

/// Start and step of the hash FNV-1a.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

const fn add(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(FNV_PRIME)
}
