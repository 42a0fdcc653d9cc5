//! The resources of `venue.toml`: which of them a booking is for, and what its texts show in place of the venue's own
//! details. Pure matching; `settings/venue_file` reads the file.

/// Which bookings a resource is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matches {
    /// Those whose service or place has this name.
    Name(String),
    /// Those whose service or place begins so, as `ЛЕН>` does where one account has several clubs.
    Prefix(String),
}

/// What is a resource's own. What is not set is as everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub matches: Matches,
    pub address: Option<String>,
    /// Where the button of the way leads.
    pub map: Option<String>,
    /// Shown below the address.
    pub lines: Vec<String>,
    /// In place of both links of the venue.
    pub reviews: Option<Reviews>,
}

/// Where a happy client may leave a review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviews {
    pub two_gis: Option<String>,
    pub yandex_maps: Option<String>,
}

/// The resources, ready to be searched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    all: Vec<Resource>,
    /// Each with its place in `all`, by its folded text.
    names: Vec<(String, usize)>,
    /// The longest first.
    prefixes: Vec<(String, usize)>,
}

impl Resources {
    /// Of two with the same name, or the same prefix, the first counts. The file's reader refuses the second.
    #[must_use]
    pub fn new(all: Vec<Resource>) -> Self {
        let (mut names, mut prefixes) = (Vec::new(), Vec::new());
        for (at, resource) in all.iter().enumerate() {
            match &resource.matches {
                Matches::Name(name) => names.push((folded(name), at)),
                Matches::Prefix(prefix) => prefixes.push((folded(prefix), at)),
            }
        }
        prefixes.sort_by_key(|(prefix, at)| (std::cmp::Reverse(prefix.len()), *at));
        Self { all, names, prefixes }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The resource of a booking: by its service, and where no resource has that, by its place.
    #[must_use]
    pub fn of(&self, service: Option<&str>, place: Option<&str>) -> Option<&Resource> {
        [service, place].into_iter().flatten().find_map(|name| self.called(name))
    }

    /// The resource with this name, else the one with the longest prefix of it.
    fn called(&self, name: &str) -> Option<&Resource> {
        if self.all.is_empty() {
            return None;
        }
        let name = folded(name);
        let exact = self.names.iter().find(|(own, _)| *own == name);
        let found = exact.or_else(|| self.prefixes.iter().find(|(own, _)| name.starts_with(own)));
        found.and_then(|(_, at)| self.all.get(*at))
    }
}

/// A name as it is compared: without spaces, in small letters, with `е` for `ё`.
#[must_use]
pub fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    letters.map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

#[cfg(test)]
#[path = "resource_tests.rs"]
mod tests;
