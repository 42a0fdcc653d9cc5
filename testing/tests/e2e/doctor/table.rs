//! Bukza's own table: the sign-in, the columns, and what is changed there.

use std::path::Path;

use chrono::TimeDelta;
use simulator::bukza::model::{
    BukzaFault, BukzaFaultKind as Kind, BukzaSetup, EMAIL, PASSWORD, Reservation, TABLE_ID,
};

use super::{doctor, fails, names, warns};
use crate::common::{Outcome, World, in_seconds};

pub async fn is_judged(world: &mut World, backups: &Path) -> Outcome {
    let sound = world.settings.clone();
    let bukza = world.telegram.bukza();
    world.settings.set("BUKZA_API_EMAIL", EMAIL);
    fails(world, backups, "settings", "BUKZA_API_EMAIL is set without BUKZA_TABLE_ID").await;
    world.settings.set("BUKZA_API_URL", world.telegram.url());
    world.settings.set("BUKZA_API_PASSWORD", PASSWORD);
    world.settings.set("BUKZA_TABLE_ID", TABLE_ID);

    let tomorrow = in_seconds(86_400);
    let rows = (0..6).map(|number| {
        let start = tomorrow + TimeDelta::hours(number);
        Reservation::new(&format!("TABLE{number}"), "+79990000001", start)
    });
    bukza.set(&rows.collect::<Vec<_>>()).await?;
    let (success, output) = doctor(world, backups, None).await;
    assert!(success && names(&output, "ok", "bukza table", "6 reservations"), "{output}");
    assert!(!output.contains(PASSWORD), "{output}");

    let script = async |kind: Kind| {
        bukza.clear_faults().await?;
        bukza.script(&BukzaFault::lasting(kind)).await
    };
    let renamed = |from: &str| Kind::RenamedColumn {
        from: from.into(), to: "Свой столбец".into()
    };
    script(renamed("bukza_phone")).await?;
    warns(world, backups, "bukza table", "without a column for phone").await;
    script(renamed("bukza_reservation_code")).await?;
    fails(world, backups, "bukza table", "no column for code; there are bukza_end_date,").await;
    script(Kind::Html { status: 200 }).await?;
    fails(world, backups, "bukza table", "Bukza's answer is not understood: it is not JSON").await;
    bukza.clear_faults().await?;
    let password = Some("another".to_owned());
    bukza.set_up(&BukzaSetup { password, ..BukzaSetup::default() }).await?;
    fails(world, backups, "bukza table", "refuses the credentials (HTTP 401)").await;
    world.settings = sound;
    world.telegram.reset().await?;
    Ok(())
}
