//! The doctor compares the zones that are compiled in with the system's files, which this test makes.

use std::path::Path;

use anyhow::ensure;

use super::{book, local_request, options, shift};
use crate::common::{Outcome, World, in_seconds, person, register};

/// A file of a zone (TZif, RFC 8536) whose clocks are so many hours ahead of UTC until an instant, then so many.
pub fn tzif(before: i32, change: i64, after: i32) -> Vec<u8> {
    let header = |times: u32, types: u32, chars: u32| {
        let counts = [0, 0, 0, times, types, chars];
        [
            b"TZif2".to_vec(),
            vec![0; 15],
            counts.iter().flat_map(|n: &u32| n.to_be_bytes()).collect(),
        ]
        .concat()
    };
    let kind = |hours: i32, name: u8| [&(hours * 3_600).to_be_bytes()[..], &[0, name]].concat();
    let footer = format!("\n<+{after:02}>-{after}\n");
    [
        // The part of version 1, which nobody reads.
        header(0, 1, 1),
        kind(before, 0),
        vec![0],
        header(1, 2, 8),
        change.to_be_bytes().to_vec(),
        vec![1],
        kind(before, 0),
        kind(after, 4),
        format!("+{before:02}\0+{after:02}\0").into_bytes(),
        footer.into_bytes(),
    ]
    .concat()
}

async fn doctor(world: &World, zoneinfo: &Path) -> String {
    let (folder, backups) = (zoneinfo.to_string_lossy(), world.folder.to_string_lossy());
    let arguments = ["doctor", "--backups", &*backups, "--zoneinfo", &*folder];
    world.operate(&arguments).await.unwrap_or_else(|error| error.to_string())
}

/// What the doctor says of one thing.
fn of<'a>(output: &'a str, about: &str) -> &'a str {
    let start =
        output.find(&format!(" {about:12} ")).unwrap_or_else(|| panic!("{about}: {output}"));
    let line = output[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = output[start..].find("\nok ").map_or(output.len(), |at| start + at);
    &output[line..end]
}

#[tokio::test]
async fn zones_of_the_system_that_differ_within_a_year_are_a_warning_and_none_is_none() -> Outcome {
    let mut world = World::start(options().workers(0).set("LOCALE", "en")).await?;
    let folder = world.folder.join("zoneinfo");
    let output = doctor(&world, &folder).await;
    let found = of(&output, "zone data");
    ensure!(found.starts_with("ok") && found.contains("none to compare"), "{found}");

    std::fs::create_dir_all(folder.join("Asia"))?;
    let file = folder.join("Asia/Yekaterinburg");
    let in_days = |days: i64| in_seconds(days * 86_400).timestamp() / 900 * 900;
    std::fs::write(&file, tzif(5, in_days(500), 4))?;
    let output = doctor(&world, &folder).await;
    ensure!(of(&output, "zone data").starts_with("ok"), "in more than a year: {output}");

    std::fs::write(&file, tzif(5, in_days(100), 4))?;
    std::fs::write(folder.join("tzdata.zi"), "# version 2099a\n# more\n")?;
    let output = doctor(&world, &folder).await;
    let found = of(&output, "zone data");
    let day =
        chrono::DateTime::from_timestamp(in_days(100), 0).expect("a time").format("%Y-%m-%d %H:%M");
    for words in [
        "warn",
        &format!("from {day} UTC on"),
        "+05:00 by this program",
        "+04:00 by the system (2099a)",
        "→ update this program, then `worker replan`",
    ] {
        ensure!(found.contains(words), "{words}: {found}");
    }
    // As the system's own programs are given the folder.
    world.settings.set("TZDIR", folder.to_string_lossy());
    let output = world.operate(&["doctor"]).await.unwrap_or_else(|error| error.to_string());
    ensure!(of(&output, "zone data").contains("+04:00 by the system"), "{output}");

    std::fs::write(&file, "TZif2")?;
    let output = doctor(&world, &folder).await;
    ensure!(of(&output, "zone data").contains("can't be read"), "{output}");
    Ok(())
}

#[tokio::test]
async fn the_doctor_names_visits_that_a_change_of_law_has_left_behind() -> Outcome {
    let mut world = World::start(options()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let request = local_request("LAWS31", &client, in_seconds(40 * 3_600));
    book(&world, "LAWS31", &client, &request).await?;
    world.settings.set("LOCALE", "en");
    let output = doctor(&world, &world.folder).await;
    ensure!(of(&output, "visits").starts_with("ok"), "{output}");
    shift(&world, "LAWS31", -1).await?;
    let output = doctor(&world, &world.folder).await;
    let found = of(&output, "visits");
    ensure!(found.starts_with("warn") && found.contains("`worker replan`"), "{found}");
    Ok(())
}
