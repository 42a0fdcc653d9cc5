//! The whole matrix, written out: from × to × announced × moved × where the visit lies. The same table
//! stands in docs/meanings.md, and the two are compared.

use super::*;

const PHASES: [Phase; 3] = [Phase::Ahead, Phase::Running, Phase::Over];

/// Every transition that can be: a booking that was unknown has no past, and was announced to nobody.
fn every_change() -> Vec<Transition> {
    let mut changes = Vec::new();
    for to in Meaning::ALL.iter().copied() {
        for after in PHASES {
            let first =
                Transition { from: None, to, announced: false, moved: false, before: after, after };
            changes.push(first);
            for from in Meaning::ALL.iter().copied().map(Some) {
                for announced in [false, true] {
                    changes.push(Transition { from, announced, ..first });
                    for before in PHASES {
                        changes.push(Transition { from, announced, moved: true, before, ..first });
                    }
                }
            }
        }
    }
    changes
}

fn word<T: std::fmt::Debug>(value: T) -> String {
    format!("{value:?}")
}

/// The cell of one transition, as the document shows it.
fn cell(transition: Transition) -> String {
    let News { client, staff, plans } = News::of(transition);
    let client = match client {
        ClientNews::Nothing => "–".to_owned(),
        client => word(client).to_lowercase(),
    };
    let staff = match staff {
        StaffNews::Nothing => "–",
        StaffNews::Created => "new",
        StaffNews::Moved => "moved",
        StaffNews::Cancelled => "cancelled",
        StaffNews::Waits => "waits",
        StaffNews::Confirmed => "confirmed",
        StaffNews::NoShow => "no-show",
        StaffNews::BelievesBooked => "believes booked",
    };
    format!("{client} / {staff} / {}", word(plans).to_lowercase())
}

/// A row for each (from, to, announced), a column for each place of the visit.
fn table() -> String {
    let places: [(&str, bool, Phase, Phase); 8] = [
        ("same, ahead", false, Phase::Ahead, Phase::Ahead),
        ("same, running", false, Phase::Running, Phase::Running),
        ("same, over", false, Phase::Over, Phase::Over),
        ("moved, ahead", true, Phase::Ahead, Phase::Ahead),
        ("moved, running", true, Phase::Running, Phase::Running),
        ("moved, over → over", true, Phase::Over, Phase::Over),
        ("moved, over → ahead", true, Phase::Over, Phase::Ahead),
        ("moved, ahead → over", true, Phase::Ahead, Phase::Over),
    ];
    let mut lines = vec![
        format!("| from | to | announced | {} |", places.map(|place| place.0).join(" | ")),
        format!("| --- | --- | --- |{}", " --- |".repeat(places.len())),
    ];
    let froms = std::iter::once(None).chain(Meaning::ALL.iter().copied().map(Some));
    for from in froms {
        for to in Meaning::ALL.iter().copied() {
            for announced in [false, true] {
                // These were announced to nobody.
                if announced && matches!(from, None | Some(Meaning::Cancelled)) {
                    continue;
                }
                let cells = places.map(|(_, moved, before, after)| {
                    let known = from.is_some() || !moved;
                    let transition = Transition { from, to, announced, moved, before, after };
                    if known { cell(transition) } else { String::new() }
                });
                let from = from.map_or("unknown", Meaning::as_str);
                let announced = if announced { "yes" } else { "no" };
                lines.push(format!(
                    "| {from} | {} | {announced} | {} |",
                    to.as_str(),
                    cells.join(" | ")
                ));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn the_document_shows_this_table() {
    let document = include_str!("../../../docs/meanings.md");
    assert!(document.contains(&table()), "docs/meanings.md shows another table than:\n{}", table());
}

#[test]
fn without_an_announcement_a_client_hears_only_of_a_booking_that_stands() {
    for transition in every_change().into_iter().filter(|transition| !transition.announced) {
        let news = News::of(transition);
        let allowed = transition.to == Meaning::Stands && transition.after != Phase::Over;
        assert!(
            news.client == ClientNews::Nothing
                || (allowed && news.client == ClientNews::Confirmation),
            "{transition:?}: {news:?}"
        );
    }
}

#[test]
fn what_was_announced_is_never_announced_as_new() {
    let announced = |transition: &Transition| {
        transition.announced && transition.from != Some(Meaning::Cancelled)
    };
    for transition in every_change().into_iter().filter(announced) {
        let news = News::of(transition);
        assert_ne!(news.client, ClientNews::Confirmation, "{transition:?}");
    }
}

#[test]
fn a_visit_that_stays_over_is_nobodys_news_but_the_staffs() {
    for transition in every_change() {
        if transition.before == Phase::Over && transition.after == Phase::Over {
            assert_eq!(News::of(transition).client, ClientNews::Nothing, "{transition:?}");
        }
    }
}

#[test]
fn a_no_show_an_ignored_and_a_waiting_booking_say_nothing_to_the_client() {
    for transition in every_change().into_iter().filter(|transition| !transition.moved) {
        if matches!(transition.to, Meaning::NoShow | Meaning::Ignored | Meaning::Pending) {
            assert_eq!(News::of(transition).client, ClientNews::Nothing, "{transition:?}");
        }
    }
}

#[test]
fn what_was_never_a_clients_makes_no_card() {
    for transition in every_change() {
        if transition.to == Meaning::Ignored && !transition.announced {
            assert_eq!(News::of(transition).staff, StaffNews::Nothing, "{transition:?}");
        }
    }
}

#[test]
fn nothing_of_a_cancelled_missed_or_ignored_booking_stays_planned() {
    for transition in every_change() {
        let ends = matches!(transition.to, Meaning::Cancelled | Meaning::Ignored | Meaning::NoShow);
        let became = transition.from != Some(transition.to);
        if ends && became {
            assert_eq!(News::of(transition).plans, Plans::Void, "{transition:?}");
        }
    }
}

#[test]
fn the_staff_always_hear_of_a_cancellation() {
    for transition in every_change() {
        if transition.to == Meaning::Cancelled && transition.from != Some(Meaning::Cancelled) {
            assert_eq!(News::of(transition).staff, StaffNews::Cancelled, "{transition:?}");
        }
    }
}
