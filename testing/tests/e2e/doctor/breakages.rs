//! What an owner may have set up wrongly, or what has changed since, each broken for real: the doctor names it, and what to
//! do, in both languages.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use simulator::model::{BotInChat, Fault, FaultKind};
use testing::harness::{fleet::TELEGRAM_SECRET, ports};

use super::doctor;
use crate::{
    common::{Options, Outcome, Request, STAFF_CHAT, World, applied, in_seconds},
    two_ways::with_own_certificate,
    zones::tzif,
};

/// A text in Russian and in English.
type Both<'a> = [&'a str; 2];
const LOCALES: Both<'_> = ["ru", "en"];

/// A world without a worker: nothing repairs what is broken.
struct Clinic {
    world: World,
    backups: PathBuf,
    zones: PathBuf,
}

impl Clinic {
    async fn open() -> anyhow::Result<Self> {
        let mut world = World::start(Options::default()).await?;
        let code = "DOUBT1";
        let (start, end) = (in_seconds(86_400), in_seconds(90_000));
        let request = json!({"code": code, "start": start, "end": end, "status": "Отменный вечер"});
        world.accept(&Request::body(request)).await?;
        applied(&world, code, "active", 1).await?;
        world.workers.remove(0).kill().await?;
        let (backups, zones) = (world.folder.join("backups"), world.folder.join("zones"));
        let dump = backups.join("daily/2026-11-24-033000/database.dump");
        std::fs::create_dir_all(dump.parent().expect("a folder"))?;
        std::fs::write(&dump, "PGDMP")?;
        Ok(Self { world, backups, zones })
    }

    /// Runs the doctor in each language: it names this, and what to do. Its exit code is that of a failure, if it is one.
    async fn finds(&mut self, verdict: &str, about: Both<'_>, found: Both<'_>, remedy: Both<'_>) {
        for (language, locale) in LOCALES.iter().enumerate() {
            self.world.settings.set("LOCALE", locale);
            let (success, output) = doctor(&self.world, &self.backups, Some(&self.zones)).await;
            assert!(verdict == "warn" || !success, "it succeeds: {output}");
            let here = finding(&output, verdict, about[language]);
            let here = here.unwrap_or_else(|| panic!("{verdict} {}: {output}", about[language]));
            let (what, what_to_do) = here.split_once('→').expect("a remedy");
            assert!(what.contains(found[language]), "{locale}, {}: {here}", found[language]);
            assert!(what_to_do.contains(remedy[language]), "{locale}: {here}");
            assert!(!here.contains("hush"), "a secret is shown: {here}");
        }
    }

    /// Another program with the bot's token sets the webhook.
    async fn another_program_sets(&self, webhook: Value) -> Outcome {
        Ok(self.world.telegram.call("setWebhook", webhook).await.map(drop)?)
    }
}

/// What the doctor prints of one thing, up to the next one.
fn finding<'a>(output: &'a str, verdict: &str, about: &str) -> Option<&'a str> {
    let start = output.find(&format!("{verdict:5} {about:12} "))?;
    let rest = &output[start..];
    let next = ["\nok    ", "\nwarn  ", "\nFAIL  "].iter().filter_map(|next| rest.find(next)).min();
    Some(&rest[..next.unwrap_or(rest.len())])
}

const WEBHOOK: Both<'_> = ["вебхук", "webhook"];
const STAFF: Both<'_> = ["чат команды", "staff chat"];
const REGISTER: Both<'_> =
    ["запустите worker, он его запишет", "start a worker, which registers it"];

#[tokio::test]
async fn what_is_wrong_between_the_bot_and_telegram_is_named_with_its_remedy_in_both_languages()
-> Outcome {
    let mut clinic = Clinic::open().await?;
    let sound = clinic.world.settings.clone();

    clinic.world.settings.set("BOT_TOKEN", "42:revoked");
    let wrong = ["Телеграм не знает такого ключа", "Telegram knows no such token"];
    clinic.finds("FAIL", ["бот", "bot"], wrong, ["исправьте BOT_TOKEN", "mend BOT_TOKEN"]).await;
    clinic.world.settings = sound.clone();

    clinic.world.settings.set("SUPPORT_CHANNEL_ID", -1_009_999);
    let unknown =
        Fault { method: Some("getChat".into()), ..Fault::sending(FaultKind::ChatNotFound, 100) };
    clinic.world.telegram.script(&unknown).await?;
    let wrong = ["стоит -1009999: ", "names -1009999: "];
    let mend = ["проверьте, что в SUPPORT_CHANNEL_ID номер", "see that SUPPORT_CHANNEL_ID is"];
    clinic.finds("FAIL", STAFF, wrong, mend).await;
    clinic.world.telegram.clear_faults().await?;
    clinic.world.settings = sound.clone();

    let chat = json!({"id": STAFF_CHAT, "type": "supergroup", "title": "Staff"});
    let member = json!({"status": "restricted", "can_send_messages": false});
    clinic.world.telegram.set_bot(STAFF_CHAT, &BotInChat { chat, member }).await?;
    let mend =
        ["сделайте бота администратором группы", "make the bot an administrator of the group"];
    clinic
        .finds("FAIL", STAFF, ["боту нельзя там писать", "the bot may not write there"], mend)
        .await;

    clinic.another_program_sets(json!({"url": "https://other.example/hush"})).await?;
    let elsewhere = ["записан other.example вместо", "knows one at other.example instead"];
    clinic.finds("FAIL", WEBHOOK, elsewhere, REGISTER).await;

    let own = format!("{}/webhook/telegram", clinic.world.ingest_url());
    let narrowed =
        json!({"url": own, "secret_token": TELEGRAM_SECRET, "allowed_updates": ["message"]});
    clinic.another_program_sets(narrowed).await?;
    let missing = [
        "не приходят callback_query, my_chat_member",
        "callback_query, my_chat_member do not come",
    ];
    clinic.finds("FAIL", WEBHOOK, missing, REGISTER).await;

    let (closed, telegram) = (ports::free()?, clinic.world.host.simulator.address());
    let ways = [
        (
            format!("http://{closed}, http://{telegram}"),
            ["первый путь", "first way"],
            ["работает второй путь", "the second way is used"],
            ["файрвол, DNS", "firewall, DNS"],
        ),
        (
            format!("http://{telegram}, http://{telegram}/x via http://venue:hush@{closed}"),
            ["второй путь", "second way"],
            ["работает первый путь", "the first way is used"],
            ["работает ли прокси", "that the proxy runs"],
        ),
    ];
    for (ways, about, found, remedy) in ways {
        clinic.world.settings.set("TELEGRAM_API_URL", ways);
        clinic.finds("warn", about, found, remedy).await;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_on_the_server_and_in_bukza_is_named_with_its_remedy_in_both_languages()
-> Outcome {
    let mut clinic = Clinic::open().await?;
    let sound = clinic.world.settings.clone();

    // One that ends, and others that are wrong: beside the check itself, where an authority can be made.
    let (address, _openssl) = with_own_certificate(&clinic.world.folder).await?;
    clinic.world.settings.set("WEBHOOK_HOST", &address);
    let untrusted = ["127.0.0.1: ему никто не верит", "of 127.0.0.1 is trusted by nobody"];
    let get = ["получите сертификат Let's Encrypt", "get one of Let's Encrypt"];
    clinic.finds("FAIL", ["сертификат", "certificate"], untrusted, get).await;
    clinic.world.settings.set("WEBHOOK_HOST", format!("https://{}", ports::free()?));
    let away = ["к 127.0.0.1 отсюда не подключиться", "127.0.0.1 can't be connected to from here"];
    let see = ["проверьте, что nginx работает", "see that nginx runs"];
    clinic.finds("warn", ["сертификат", "certificate"], away, see).await;
    clinic.world.settings = sound.clone();

    let doubtful = [
        "похожи на отмену, но записи действуют: «Отменный вечер» (1, последняя DOUBT1)",
        "look like cancellations, but the bookings stand: «Отменный вечер» (1, last DOUBT1)",
    ];
    let name = ["впишите слова в CANCELLED_STATUSES", "name the words in CANCELLED_STATUSES"];
    clinic.finds("warn", ["статусы", "statuses"], doubtful, name).await;

    let dump = clinic.backups.join("daily/2026-11-24-033000/database.dump");
    let long_ago = SystemTime::now() - Duration::from_secs(27 * 3600);
    std::fs::File::options().append(true).open(&dump)?.set_modified(long_ago)?;
    let old = ["2026-11-24-033000, часов назад: 27", "2026-11-24-033000, 27 h old"];
    let run = ["запустите deploy/backup", "run deploy/backup"];
    clinic.finds("FAIL", ["копия", "backup"], old, run).await;

    zones_that_differ(&mut clinic).await?;

    let file = clinic.world.folder.join("venue.toml");
    std::fs::write(&file, "[texts.ru]\ncreated-end = \"<b>Парковка\"\n")?;
    clinic.world.settings.set("VENUE_FILE", file.display());
    let broken = [
        "не используются:\n  line 2, texts.ru.created-end: <b> is not closed",
        "not used:\n  line 2, texts.ru.created-end: <b> is not closed",
    ];
    let mend = ["исправьте эти тексты", "mend these texts"];
    clinic.finds("warn", ["файл заведения", "venue file"], broken, mend).await;
    Ok(())
}

/// The system's rules are newer than those that are compiled in, then older.
async fn zones_that_differ(clinic: &mut Clinic) -> Outcome {
    let (file, version) = (clinic.zones.join("Asia/Yekaterinburg"), clinic.zones.join("tzdata.zi"));
    std::fs::create_dir_all(file.parent().expect("a folder"))?;
    std::fs::write(&file, tzif(5, in_seconds(100 * 86_400).timestamp() / 900 * 900, 4))?;
    let about = ["правила пояса", "zone data"];
    std::fs::write(&version, "# version 2099a\n")?;
    let differ = ["+05:00 у этой программы", "+05:00 by this program"];
    let program = [
        "обновите эту программу, затем `worker replan`",
        "update this program, then `worker replan`",
    ];
    clinic.finds("warn", about, differ, program).await;
    std::fs::write(&version, "# version 2001a\n")?;
    let system = [
        "обновите tzdata системы: её правила старее",
        "update the system's tzdata: its rules are older",
    ];
    clinic
        .finds("warn", about, ["+04:00 у системы (2001a)", "+04:00 by the system (2001a)"], system)
        .await;
    Ok(())
}
