//! `venue.toml`: a resource's own place, lines and reviews reach the clients of its bookings alone; texts in the owner's
//! words reach everybody, and a broken one is replaced by the built-in one.

use chrono::TimeDelta;
use simulator::model::ChatMessage;
use testing::harness::bukza::Booking;

use crate::common::{
    Options, Outcome, Person, SOON, World, expect_message, expect_message_after, in_seconds,
    person, phrases, register, settled,
};

const MAP: &str = "https://yandex.ru/maps/org/20";
const REVIEWS: &str = "https://2gis.ru/firm/20";
const OWN_PLACE: [&str; 2] = ["пр. <Ленинский>, 20", "Возьмите носки & воду"];
const VENUES_PLACE: &str = "Уфа, улица Ленина, 1";

const FILE: &str = r#"
[[resource]]
prefix = "ЛЕН>"
address = "пр. <Ленинский>, 20"
map = "https://yandex.ru/maps/org/20"
lines = ["Возьмите носки & воду"]
reviews = { 2gis = "https://2gis.ru/firm/20" }

[texts.ru]
created-end = "Парковка <i>во дворе</i>."
"#;

/// A world whose worker has this file.
async fn world_with(file: &str, options: Options) -> anyhow::Result<(World, tempfile::TempDir)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("venue.toml");
    std::fs::write(&path, file)?;
    let world = World::start(options.set("VENUE_FILE", path.display())).await?;
    Ok((world, folder))
}

fn booking_of(service: &str, code: &str, person: &Person) -> Booking {
    let start = in_seconds(3 * 86_400);
    Booking { service: service.to_owned(), ..Booking::at(code, &person.phone, start) }
}

/// The addresses that a message's buttons open.
fn links(message: &ChatMessage) -> Vec<&str> {
    message.buttons.iter().flatten().filter_map(|button| button.url.as_deref()).collect()
}

fn data(message: &ChatMessage, label: &str) -> anyhow::Result<String> {
    let button = message.button(|button| button.text.contains(label));
    let data = button.and_then(|button| button.data.clone());
    data.ok_or_else(|| anyhow::anyhow!("no button {label}: {message:?}"))
}

/// Whether a text shows the resource's place, or the venue's, and not both.
fn is_at(message: &ChatMessage, own: bool) -> bool {
    let shows_own = OWN_PLACE.map(|part| message.text.contains(part));
    shows_own == [own; 2] && message.text.contains(VENUES_PLACE) != own
}

#[tokio::test]
async fn a_resources_clients_get_its_place_and_others_the_venues() -> Outcome {
    let (world, _folder) = world_with(FILE, Options::default()).await?;
    let (own, other) = (person(1), person(2));
    for (client, service) in [(&own, "лен> Квест"), (&other, "VR Арена")] {
        register(&world, client).await?;
        let code = format!("PLACE{}", client.chat % 10);
        let booking = booking_of(service, &code, client);
        world.accept(&booking.created()).await?;
        let is_own = client.chat == own.chat;
        let confirmed = expect_message(&world, client, phrases::CONFIRMED).await?;
        assert!(is_at(&confirmed, is_own), "{confirmed:?}");
        assert_eq!(links(&confirmed).first() == Some(&MAP), is_own, "{confirmed:?}");
        // The owner's words, with their markup, for both.
        assert!(confirmed.text.ends_with("Парковка во дворе."), "{confirmed:?}");
        assert!(confirmed.source.contains("<i>во дворе</i>"), "{confirmed:?}");

        let has_file = |message: &ChatMessage| message.document.is_some();
        let press = data(&confirmed, "календарь")?;
        world.telegram.press(client.chat, Some(confirmed.message_id), &press).await?;
        let entry = world.telegram.wait_for_message(client.chat, has_file, SOON).await?;
        let entry = entry.document.map(|file| file.text).unwrap_or_default();
        assert_eq!(entry.contains("Ленинский"), is_own, "{entry}");

        let moved = booking.moved_to(booking.start + TimeDelta::hours(5));
        world.accept(&moved.created()).await?;
        let message = expect_message(&world, client, phrases::MOVED).await?;
        assert!(is_at(&message, is_own), "{message:?}");

        world.accept(&moved.cancelled()).await?;
        let cancelled = expect_message(&world, client, phrases::CANCELLED).await?;
        assert!(!OWN_PLACE.iter().any(|part| cancelled.text.contains(part)), "{cancelled:?}");
    }
    // The command is about the venue.
    world.telegram.say(own.chat, "/address").await?;
    let address = expect_message(&world, &own, phrases::ADDRESS).await?;
    assert!(address.text.contains(VENUES_PLACE), "{address:?}");
    settled(&world).await
}

#[tokio::test]
async fn a_reminder_shows_the_place_and_a_five_leads_to_its_reviews() -> Outcome {
    let options = Options::default().set("REMINDER_BEFORE", "5s").set("TELEGRAM_RATE", 1000);
    let (world, _folder) = world_with(FILE, options).await?;
    let clients = [(person(1), "ЛЕН>Квест"), (person(2), "VR Арена")];
    for (client, _) in &clients {
        register(&world, client).await?;
    }
    crate::common::warm_up(&world).await?;
    // Time enough to plan the reminders on a busy machine.
    let start = in_seconds(20);
    for (at, (client, service)) in clients.iter().enumerate() {
        let service = (*service).to_owned();
        let booking = Booking::at(&format!("VISIT{at}"), &client.phone, start);
        let booking = Booking { service, end: start + TimeDelta::seconds(1), ..booking };
        world.accept(&booking.created()).await?;
    }
    for (at, (client, _)) in clients.iter().enumerate() {
        let reminder = expect_message(&world, client, phrases::REMINDER).await?;
        assert!(is_at(&reminder, at == 0), "{reminder:?}");
        let question = expect_message(&world, client, phrases::FEEDBACK).await?;
        let press = data(&question, "5 ⭐")?;
        world.telegram.press(client.chat, Some(question.message_id), &press).await?;
        let thanks = expect_message_after(&world, client, &question, phrases::THANKS_FIVE).await?;
        let expected: &[&str] = match at {
            0 => &[REVIEWS],
            _ => &["https://2gis.example/reviews", "https://yandex.example/reviews"],
        };
        assert_eq!(links(&thanks), expected);
    }
    Ok(())
}

#[tokio::test]
async fn visits_at_two_places_in_one_message_have_each_its_own() -> Outcome {
    let options = Options::default().set("SUPPORT_CHANNEL_ID", "").set("TELEGRAM_RATE", 1000);
    let (world, _folder) = world_with(FILE, options).await?;
    let client = person(1);
    register(&world, &client).await?;
    for (service, code) in [("VR Арена", "LISTED1"), ("ЛЕН>Квест", "LISTED2")] {
        world.accept(&booking_of(service, code, &client).created()).await?;
    }
    let both = |message: &ChatMessage| {
        message.text.contains("LISTED1") && message.text.contains("LISTED2")
    };
    let list = world.telegram.wait_for_message(client.chat, both, SOON).await?;
    // Each item goes on until the next one.
    let items: Vec<&str> = list.text.split("• ").skip(1).collect();
    let [first, second] = items.as_slice() else { anyhow::bail!("two items: {list:?}") };
    let (own, venues) = if first.contains("LISTED2") { (first, second) } else { (second, first) };
    assert!(OWN_PLACE.iter().all(|part| own.contains(part)) && !own.contains(VENUES_PLACE));
    assert!(venues.contains(VENUES_PLACE) && !venues.contains(OWN_PLACE[0]), "{list:?}");
    assert_eq!(links(&list), [""; 0], "there is no one way");
    Ok(())
}

#[tokio::test]
async fn a_broken_text_is_replaced_by_the_built_in_one_and_the_doctor_names_it() -> Outcome {
    let file = "[texts.ru]\n\
                created-end = \"<b>Парковка\"\n\
                created-title = \"✅ Ждём { $name }\"\n\
                no-such-text = \"x\"\n\
                line-code = \"🔖 Код брони: <code>{ $code }</code>\"\n\
                [texts.en]\n\
                people = \"{ $n ->\\n[few] people\\n*[other] people\\n}\"\n";
    let (mut world, folder) = world_with(file, Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("BROKEN", &client.phone, in_seconds(86_400)).created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    assert!(confirmed.text.ends_with("До встречи!"), "{confirmed:?}");
    assert!(confirmed.text.contains("Код брони: BROKEN"), "{confirmed:?}");
    let log = world.workers[0].process.log_tail(10_000);
    let warnings = log.lines().filter(|line| line.contains("the built-in one is"));
    assert_eq!(warnings.count(), 4, "{log}");

    let nowhere = folder.path().to_string_lossy().into_owned();
    let doctor = async |world: &World| {
        let output = world.operate(&["doctor", "--backups", &nowhere]).await;
        output.unwrap_or_else(|error| error.to_string())
    };
    let output = doctor(&world).await;
    assert!(
        output.contains("warn  файл заведения") && output.contains("исправьте эти"),
        "{output}"
    );
    world.settings.set("LOCALE", "en");
    let output = doctor(&world).await;
    assert!(output.contains("0 resources, 1 texts (ru.line-code); not used:"), "{output}");
    for fault in [
        "line 2, texts.ru.created-end: <b> is not closed",
        "line 3, texts.ru.created-title: names { $name }: the built-in text has none",
        "line 4, texts.ru.no-such-text: is the key of no text",
        "line 7, texts.en.people: has the form [few]",
    ] {
        assert!(output.contains(fault), "{fault}: {output}");
    }
    assert!(output.contains("warn  venue file"), "{output}");
    std::fs::write(folder.path().join("venue.toml"), FILE)?;
    let output = doctor(&world).await;
    let expected = "1 resources, 1 texts (ru.created-end)";
    assert!(output.contains("ok    venue file") && output.contains(expected), "{output}");
    world.settings.set("VENUE_FILE", "");
    let output = doctor(&world).await;
    assert!(output.contains("ok    venue file   none: "), "{output}");
    Ok(())
}

#[tokio::test]
async fn a_worker_with_a_faulty_file_does_not_start_and_names_line_and_key() -> Outcome {
    let mut world = World::start(Options::default().workers(0).set("LOCALE", "en")).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("venue.toml");
    world.settings.set("VENUE_FILE", path.display());
    for (file, fault) in [
        (None, "cannot be read"),
        (
            Some("[[resource]]\nname = \"VR\"\nadress = \"x\"\n"),
            "line 3, resource[1].adress: is not",
        ),
        (
            Some("[[resource]]\nname = \"VR\"\nmap = \"x\"\n"),
            "line 3, resource[1].map: is no public",
        ),
        (Some("[texts.ru]\nhelp = 1\n"), "line 2, texts.ru.help: is a value of type integer"),
        (Some("[[resource]\n"), "line 1: "),
    ] {
        if let Some(file) = file {
            std::fs::write(&path, file)?;
        }
        world.start_worker()?;
        let mut worker = world.workers.remove(0);
        assert!(!worker.process.wait(SOON).await?.success(), "{file:?}");
        let log = worker.process.log_tail(20);
        let named = format!("VENUE_FILE {}", path.display());
        assert!(log.contains(&named) && log.contains(fault), "{log}");
        let doctor = world.operate(&["doctor"]).await.expect_err("the doctor succeeds").to_string();
        assert!(doctor.contains("FAIL  settings") && doctor.contains(fault), "{doctor}");
        assert!(doctor.contains("→ mend the venue's file"), "{doctor}");
    }
    // As Docker makes it of a missing file that is mounted.
    std::fs::remove_file(&path)?;
    std::fs::create_dir(&path)?;
    let doctor = world.operate(&["doctor"]).await.expect_err("a folder is no file").to_string();
    assert!(doctor.contains("it is a folder"), "{doctor}");
    Ok(())
}
