//! Crash points: a message of the story between a program and a server, and what happens at it. A point's name
//! holds all of this, so that the point can be run again by its name.

use std::{collections::BTreeSet, fmt};

use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use super::protocol::PUSH;

/// A kind of message: a command on a link in a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub step: String,
    pub link: String,
    pub label: String,
}

/// What happens at a message, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The connection is closed.
    Cut,
    /// `kill -9` of the program.
    Kill,
}

/// When it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Before the message is handed on.
    Before,
    /// When the server has responded. The response is not handed on.
    After,
}

/// A crash point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub place: Place,
    pub fault: Fault,
    pub moment: Moment,
}

impl Point {
    /// Reads a name; `None` when it is no point's.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (fault, rest) = match name.strip_prefix("kill/") {
            Some(rest) => (Fault::Kill, rest),
            None => (Fault::Cut, name),
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let [step, link, label, moment] = parts[..] else { return None };
        let moment = match moment {
            "before" => Moment::Before,
            "after" => Moment::After,
            _ => return None,
        };
        let place = Place { step: step.to_owned(), link: link.to_owned(), label: label.to_owned() };
        Some(Self { place, fault, moment })
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { step, link, label } = &self.place;
        let kill = match self.fault {
            Fault::Kill => "kill/",
            Fault::Cut => "",
        };
        let moment = match self.moment {
            Moment::Before => "before",
            Moment::After => "after",
        };
        write!(f, "{kill}{step}/{link}/{label}/{moment}")
    }
}

/// What a program does for good with a message, if it does: it commits, pushes or sends. A round is lost in the middle
/// where it reads Bukza's table.
fn milestone(place: &Place) -> Option<&'static str> {
    let starts = |with: &str| place.label.starts_with(with);
    if starts("commit_") {
        Some("commit")
    } else if starts(PUSH) {
        Some("push")
    } else if starts("SendMessage") {
        Some("send")
    } else if place.link == "worker-bukza" {
        Some("read")
    } else {
        None
    }
}

/// Every point of these places: each is cut before and after. In each step each program is killed before and after
/// its first commit, push, send and reading of Bukza's table.
#[must_use]
pub fn all(places: &BTreeSet<Place>) -> Vec<Point> {
    let mut killed = BTreeSet::new();
    let mut points = Vec::new();
    for place in places {
        let first =
            milestone(place).is_some_and(|kind| killed.insert((&place.step, &place.link, kind)));
        for fault in [Fault::Cut, Fault::Kill].into_iter().take(1 + usize::from(first)) {
            for moment in [Moment::Before, Moment::After] {
                points.push(Point { place: place.clone(), fault, moment });
            }
        }
    }
    points
}

/// At most `count` of the points, in an order that the seed decides.
#[must_use]
pub fn sample(mut points: Vec<Point>, count: usize, seed: u64) -> Vec<Point> {
    points.shuffle(&mut StdRng::seed_from_u64(seed));
    points.truncate(count);
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(labels: &[&str]) -> BTreeSet<Place> {
        let place = |label: &&str| Place {
            step: "book".to_owned(),
            link: "worker-postgres".to_owned(),
            label: (*label).to_owned(),
        };
        labels.iter().map(place).collect()
    }

    #[test]
    fn each_point_is_found_again_by_its_name() {
        for point in all(&places(&["begin", "commit_a", "commit_b"])) {
            assert_eq!(Point::parse(&point.to_string()), Some(point));
        }
        assert_eq!(Point::parse("book/worker-postgres/begin"), None);
        assert_eq!(Point::parse("book/worker-postgres/begin/never"), None);
    }

    #[test]
    fn a_program_is_killed_at_the_first_commit_of_a_step_only() {
        let points = all(&places(&["begin", "commit_a", "commit_b"]));
        let kills = points.iter().filter(|point| point.fault == Fault::Kill);
        let kills: Vec<String> = kills.map(ToString::to_string).collect();
        let both = ["before", "after"];
        assert_eq!(kills, both.map(|at| format!("kill/book/worker-postgres/commit_a/{at}")));
        assert_eq!(points.len(), 8);
    }

    #[test]
    fn a_program_is_killed_while_it_reads_the_table() {
        let link = "worker-bukza".to_owned();
        let place = Place { step: "round".to_owned(), link, label: "data".to_owned() };
        let names: Vec<String> = all(&[place].into()).iter().map(ToString::to_string).collect();
        let both = ["before", "after"].map(|at| format!("round/worker-bukza/data/{at}"));
        let kills = both.clone().map(|name| format!("kill/{name}"));
        assert_eq!(names, [both, kills].concat());
    }

    #[test]
    fn a_sample_is_the_same_for_a_seed_and_another_for_another() {
        let points = all(&places(&["a", "b", "c", "d", "e", "f"]));
        let of = |seed| sample(points.clone(), 5, seed);
        assert_eq!(of(1).len(), 5);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
