//! Zones of a folder that this test makes, against those that are compiled in.

use proptest::prelude::*;

use shared::domain::venue::Locale;

use super::{
    super::{Verdict, Wording},
    *,
};

fn now() -> DateTime<Utc> {
    "2026-11-01T10:07:00Z".parse().unwrap()
}

fn zone(name: &str) -> VenueZone {
    VenueZone(name.parse().unwrap())
}

fn english(finding: &Finding) -> String {
    Wording::of(Locale::En).text(&finding.found)
}

fn posix(rules: &str) -> TimeZone {
    TimeZone::posix(rules).unwrap()
}

#[test]
fn the_first_difference_within_a_year_is_named_with_both_offsets() {
    let ufa = zone("Asia/Yekaterinburg");
    assert_eq!(first_difference(ufa, &posix("<+05>-5"), now()), None);
    let found = first_difference(ufa, &posix("<+04>-4"), now()).unwrap();
    let at = "2026-11-01T10:00:00Z".parse().unwrap();
    assert_eq!(found, Difference { at, program: 18_000, system: 14_400 });
    // Berlin without summer time.
    let found = first_difference(zone("Europe/Berlin"), &posix("CET-1"), now()).unwrap();
    let at = "2027-03-28T01:00:00Z".parse().unwrap();
    assert_eq!(found, Difference { at, program: 7_200, system: 3_600 });
    // Summer time that begins a week later.
    let later = posix("CET-1CEST,M4.1.0,M10.5.0/3");
    assert_eq!(first_difference(zone("Europe/Berlin"), &later, now()).unwrap().at, at);
    let same = posix("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_eq!(first_difference(zone("Europe/Berlin"), &same, now()), None);
}

#[test]
fn the_remedy_names_what_is_older() {
    assert_eq!(remedy("2025b", Some("2026a")), say("zones-update-program"));
    assert_eq!(remedy("2026b", Some("2026a")), say("zones-update-system"));
    assert_eq!(remedy("2026b", None), say("zones-update-older"));
}

#[test]
fn offsets_are_written_with_their_sign() {
    assert_eq!(
        (offset(18_000), offset(-12_600), offset(0)),
        ("+05:00".into(), "-03:30".into(), "+00:00".into())
    );
}

#[test]
fn without_a_file_there_is_nothing_to_compare_and_a_broken_one_is_a_warning() {
    let folder = std::env::temp_dir().join(format!("zones-of-a-test-{}", std::process::id()));
    let ufa = zone("Asia/Yekaterinburg");
    let nothing = check(ufa, &folder, now());
    assert_eq!(nothing.verdict, Verdict::Ok);
    assert!(english(&nothing).contains("none to compare"), "{nothing:?}");
    std::fs::create_dir_all(folder.join("Asia")).unwrap();
    std::fs::write(folder.join("Asia/Yekaterinburg"), "TZif and no more").unwrap();
    let broken = check(ufa, &folder, now());
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(broken.verdict, Verdict::Warn);
    assert!(english(&broken).contains("can't be read"), "{broken:?}");
}

proptest! {
    #[test]
    fn no_file_stops_the_doctor(bytes in proptest::collection::vec(any::<u8>(), 0..300), sound in any::<bool>()) {
        let head: &[u8] = if sound { b"TZif2" } else { b"" };
        let _ = TimeZone::tzif("Asia/Yekaterinburg", &[head, &bytes].concat());
    }
}
