//! The venue's time zone: the server's is proposed, and beside each the present time there, by which a wrong one
//! is seen.

use std::{fs, path::Path};

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// Zones of the countries where Bukza is used, from west to east.
const USUAL: [Tz; 19] = [
    Tz::Europe__Moscow,
    Tz::Europe__Kaliningrad,
    Tz::Europe__Samara,
    Tz::Asia__Yekaterinburg,
    Tz::Asia__Omsk,
    Tz::Asia__Novosibirsk,
    Tz::Asia__Krasnoyarsk,
    Tz::Asia__Irkutsk,
    Tz::Asia__Yakutsk,
    Tz::Asia__Vladivostok,
    Tz::Asia__Magadan,
    Tz::Asia__Kamchatka,
    Tz::Europe__Minsk,
    Tz::Asia__Yerevan,
    Tz::Asia__Tbilisi,
    Tz::Asia__Baku,
    Tz::Asia__Tashkent,
    Tz::Asia__Almaty,
    Tz::Asia__Bishkek,
];

/// This server's zone. `None`: it is not set, or it is UTC, where no venue is.
pub(super) fn of_server() -> Option<Tz> {
    let link = fs::read_link("/etc/localtime").ok();
    let named = [
        std::env::var("TZ").ok(),
        fs::read_to_string("/etc/timezone").ok(),
        link.as_deref().and_then(of_link),
    ];
    named.into_iter().flatten().find_map(|name| of_name(&name))
}

fn of_link(link: &Path) -> Option<String> {
    link.to_str()?.split_once("zoneinfo/").map(|(_, name)| name.to_owned())
}

fn of_name(name: &str) -> Option<Tz> {
    let zone: Tz = name.trim().trim_start_matches(':').parse().ok()?;
    let is_utc = zone.name().starts_with("Etc/") || !zone.name().contains('/');
    (!is_utc).then_some(zone)
}

/// The zones to choose from, the proposal first.
pub(super) fn choices(proposal: Option<Tz>) -> Vec<Tz> {
    let others = USUAL.into_iter().filter(|zone| Some(*zone) != proposal);
    proposal.into_iter().chain(others).collect()
}

/// A zone with the present time there.
pub(super) fn labelled(zone: Tz, now: DateTime<Utc>) -> String {
    let hours = zone.offset_from_utc_datetime(&now.naive_utc()).fix();
    format!("{}  {}  (UTC{hours})", now.with_timezone(&zone).format("%H:%M"), zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_zone_is_proposed_unless_it_is_utc() {
        assert_eq!(of_name("Asia/Yekaterinburg\n"), Some(Tz::Asia__Yekaterinburg));
        assert_eq!(of_name(":Europe/Moscow"), Some(Tz::Europe__Moscow));
        for name in ["UTC", "Etc/UTC", "GMT", "", "nonsense"] {
            assert_eq!(of_name(name), None, "{name}");
        }
        let link = Path::new("/usr/share/zoneinfo/Asia/Omsk");
        assert_eq!(of_link(link).as_deref(), Some("Asia/Omsk"));
        assert_eq!(of_link(Path::new("/etc/elsewhere")), None);
    }

    #[test]
    fn the_proposal_is_the_first_and_none_is_there_twice() {
        let zones = choices(Some(Tz::Asia__Omsk));
        assert_eq!((zones[0], zones.len()), (Tz::Asia__Omsk, USUAL.len()));
        assert_eq!(choices(Some(Tz::Europe__Berlin)).len(), USUAL.len() + 1);
        assert_eq!(choices(None)[0], Tz::Europe__Moscow);
    }

    #[test]
    fn beside_a_zone_stands_the_time_there() {
        let noon = Utc.with_ymd_and_hms(2026, 11, 28, 12, 0, 0).unwrap();
        assert_eq!(
            labelled(Tz::Asia__Yekaterinburg, noon),
            "17:00  Asia/Yekaterinburg  (UTC+05:00)"
        );
    }
}
