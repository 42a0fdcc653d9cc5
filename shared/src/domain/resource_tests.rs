//! Which resource a booking is for.

use proptest::prelude::*;

use super::*;

fn resource(matches: Matches) -> Resource {
    Resource { matches, address: None, map: None, lines: Vec::new(), reviews: None }
}

fn name(text: &str) -> Resource {
    resource(Matches::Name(text.to_owned()))
}

fn prefix(text: &str) -> Resource {
    resource(Matches::Prefix(text.to_owned()))
}

fn venue() -> Resources {
    Resources::new(vec![
        prefix("ЛЕН>"),
        prefix("ЛЕН>Квест"),
        name("ЛЕН>Квест 2"),
        name("VR Арена"),
        prefix("VR"),
        name("Ёлка"),
    ])
}

#[test]
fn the_exact_name_wins_then_the_longest_prefix_in_any_case_and_spacing() {
    let resources = venue();
    let found = |service, place| resources.of(service, place).map(|found| &found.matches);
    for (called, expected) in [
        ("ЛЕН>Мероприятие", prefix("ЛЕН>")),
        ("лен > мероприятие", prefix("ЛЕН>")),
        ("ЛЕН>Квест 1", prefix("ЛЕН>Квест")),
        ("ЛЕН>Квест 2", name("ЛЕН>Квест 2")),
        ("  лен>квест\u{a0}2", name("ЛЕН>Квест 2")),
        ("ЛЕН>Квест 22", prefix("ЛЕН>Квест")),
        ("vr  АРЕНА", name("VR Арена")),
        ("VR Арена 2", prefix("VR")),
        ("елка", name("Ёлка")),
    ] {
        assert_eq!(found(Some(called), None), Some(&expected.matches), "{called}");
    }
    for called in ["", " ", "ЛЕ", "Квест", "Арена VR", "ОКТ>Мероприятие"]
    {
        assert_eq!(found(Some(called), None), None, "{called}");
    }
}

#[test]
fn the_service_goes_before_the_place() {
    let resources = venue();
    let found = |service, place| resources.of(service, place).map(|found| &found.matches);
    // Even where the place has the exact name.
    assert_eq!(found(Some("VR 7"), Some("Ёлка")), Some(&prefix("VR").matches));
    assert_eq!(found(Some("Чаепитие"), Some("Ёлка")), Some(&name("Ёлка").matches));
    assert_eq!(found(None, Some("ёлка")), Some(&name("Ёлка").matches));
    assert_eq!(found(None, None), None);
    assert_eq!(Resources::default().of(Some("VR"), Some("VR")), None);
}

proptest! {
    /// The order in the file decides nothing, where no two resources are the same.
    #[test]
    fn the_order_in_the_file_never_matters(
        texts in proptest::collection::btree_set("[абАБ> ]{1,6}", 1..8),
        called in "[абАБ> ]{0,8}",
        seed in any::<u64>(),
    ) {
        let mut all: Vec<Resource> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for (at, text) in texts.iter().enumerate() {
            let is_prefix = (seed >> at) & 1 == 1;
            if !folded(text).is_empty() && seen.insert((folded(text), is_prefix)) {
                all.push(if is_prefix { prefix(text) } else { name(text) });
            }
        }
        let there = Resources::new(all.clone());
        all.reverse();
        let back = Resources::new(all.clone());
        let found = there.of(Some(&called), None);
        prop_assert_eq!(found, back.of(Some(&called), None));
        // And by the definition.
        let fits = |resource: &&Resource| match &resource.matches {
            Matches::Name(own) => folded(own) == folded(&called),
            Matches::Prefix(own) => folded(&called).starts_with(&folded(own)),
        };
        let rank = |resource: &&Resource| match &resource.matches {
            Matches::Name(_) => usize::MAX,
            Matches::Prefix(own) => folded(own).len(),
        };
        prop_assert_eq!(found, all.iter().filter(fits).max_by_key(rank));
    }
}
