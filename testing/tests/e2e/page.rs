//! The page of the simulator in a real browser: the main job by clicks alone, what others type, and small screens.

use testing::{
    harness::{
        browser::Browser,
        fleet::{BUKZA_SECRET, TELEGRAM_SECRET},
        page::{ALINA, BORIS},
        project::Project,
    },
    pictures::{self, field, phone, says},
};

use crate::common::{Options, Outcome, Person, STAFF_CHAT, World, phrases, register, warm_up};

/// The page of this system in a browser.
async fn open(world: &World) -> anyhow::Result<Browser> {
    let address = world.open_page().await?;
    let browser = Browser::start(&world.folder, 1_600, 1_000).await?;
    browser.resize(1_600, 1_000).await?;
    browser.page.goto(&address).await?;
    Ok(browser)
}

#[tokio::test]
async fn the_main_job_is_played_by_clicks_alone() -> Outcome {
    let options = Options::default()
        .set("CONSENT_URL", "https://venue.example/consent")
        // Time enough to plan the reminder on a busy machine, and to answer it.
        .set("REMINDER_BEFORE", "20s")
        .set("FEEDBACK_AFTER", "0s");
    let world = World::start(options).await?;
    warm_up(&world).await?;
    let browser = open(&world).await?;
    let (alina, staff) = (phone(ALINA.0), phone(STAFF_CHAT));

    // Register, with the consent.
    browser.click(&format!("{alina}//button[.='Запустить']")).await?;
    browser.click(&format!("{alina}//button[contains(., 'Согласен')]")).await?;
    browser.click(&format!("{alina}//button[@data-post='contact']")).await?;
    browser.find(&says(&alina, phrases::REGISTERED)).await?;

    // Book, answer the reminder.
    browser.choose("//select[@name='start']", "30").await?;
    browser.choose("//select[@name='length']", "5").await?;
    browser.click("//button[.='Записать']").await?;
    browser
        .find("//ol[@id='exchanges']//li[contains(., '200 OK') and contains(., 'accepted')]")
        .await?;
    browser.find(&says(&alina, phrases::CONFIRMED)).await?;
    browser
        .click(&format!("{}//button[contains(., 'Приду')]", says(&alina, phrases::REMINDER)))
        .await?;
    browser.find(&says(&alina, phrases::VISIT_CONFIRMED)).await?;

    // A question, by the keyboard, and the staff's answer.
    browser.fill(&field(ALINA.0), "Можно с собакой?\n").await?;
    browser.click(&format!("{}//button[.='Ответить']", says(&staff, "Можно с собакой?"))).await?;
    browser.fill(&field(STAFF_CHAT), "Можно, на поводке\n").await?;
    browser.find(&says(&alina, "Можно, на поводке")).await?;
    browser.find(&format!("{}[contains(., '👍')]", says(&staff, "Можно, на поводке"))).await?;

    // Book again, by another template; move and cancel in Bukza.
    browser.choose("//select[@name='template']", "order").await?;
    browser.choose("//select[@name='start']", "172800").await?;
    browser.choose("//select[@name='length']", "3600").await?;
    browser.click("//button[.='Записать']").await?;
    browser.find("//ol[@id='exchanges']/li[2][contains(., 'reservations')]").await?;
    let calendar =
        format!("{}//button[contains(., 'В календарь')]", says(&alina, phrases::CONFIRMED));
    browser.click(&calendar).await?;
    browser.find(&format!("{alina}//a[@download and contains(., '.ics')]")).await?;
    browser.choose("//select[@name='template']", "url").await?;
    browser.choose("//select[@name='length']", "7200").await?;
    browser.choose("//select[@name='start']", "120").await?;
    browser.click("//button[.='Перенести']").await?;
    browser.find(&says(&alina, phrases::MOVED)).await?;
    browser.choose("//select[@name='template']", "older").await?;
    browser.click("//button[.='Отменить']").await?;
    browser.find(&says(&alina, phrases::CANCELLED)).await?;
    browser.find(&says(&staff, phrases::STAFF_CANCELLED)).await?;
    // Any status, of a booking that is made anew.
    browser.choose("//select[@name='template']", "reservation").await?;
    browser.fill("//input[@name='status']", "Восстановлено").await?;
    browser.click("//button[.='Послать статус']").await?;
    browser.find("//ol[@id='exchanges']/li[5][contains(., 'Восстановлено')]").await?;

    // Rate the visit, which is over by now or soon.
    let question = says(&alina, phrases::FEEDBACK);
    browser.click(&format!("{question}//button[contains(., '5')]")).await?;
    browser.find(&says(&alina, phrases::THANKS_FIVE)).await?;
    browser.find(&says(&staff, "5 из 5")).await?;

    let source = browser.page.source().await?;
    for secret in [BUKZA_SECRET, TELEGRAM_SECRET, "42:simulated"] {
        assert!(!source.contains(secret), "the page has {secret}");
    }
    assert_eq!(browser.close().await?, [world.telegram.url().replace("http://", "")]);
    Ok(())
}

#[tokio::test]
async fn what_people_type_stays_text_and_a_small_screen_shows_all() -> Outcome {
    let world = World::start(Options::default()).await?;
    register(&world, &Person { chat: BORIS.0, phone: BORIS.2.to_owned() }).await?;
    let browser = open(&world).await?;
    let staff = phone(STAFF_CHAT);
    let name = "<img src=x onerror=document.title=1>";
    browser.fill("//input[@name='name']", name).await?;
    browser.fill("//input[@name='phone']", BORIS.2).await?;
    browser.choose("//select[@name='start']", "172800").await?;
    browser.click("//button[.='Записать']").await?;
    browser.find(&says(&staff, name)).await?;
    browser.find(&format!("//select[@name='code']/option[contains(., '{name}')]")).await?;
    let words = "</li><script>document.title=2</script><b>жирно</b>";
    browser.fill(&field(BORIS.0), &format!("{words}\n")).await?;
    browser.find(&says(&phone(BORIS.0), words)).await?;
    browser.find(&says(&staff, words)).await?;
    // A person's message that is copied keeps its characters, too.
    browser.click(&format!("{}//button[.='Ответить']", says(&staff, words))).await?;
    browser.fill(&field(STAFF_CHAT), "<i>Да</i>\n").await?;
    browser.find(&says(&phone(BORIS.0), "<i>Да</i>")).await?;
    let made =
        "return [document.title, document.querySelectorAll('main img, main script, li i').length]";
    let made = browser.script(made).await?;
    assert_eq!(made[0], "Bukza → Телеграм: попробовать");
    assert_eq!(made[1], 0);
    // An inline script would not run either.
    let run = "const s = document.createElement('script'); s.textContent = 'document.title = 3';
               document.body.append(s); s.remove(); return document.title";
    assert_eq!(browser.script(run).await?, made[0]);

    let unnamed = "return [...document.querySelectorAll('input:not([type=hidden]), select')]
        .filter(field => !field.labels.length).map(field => field.outerHTML)
        .concat([...document.querySelectorAll('button')].filter(b => !b.textContent.trim()).map(b => b.outerHTML))";
    assert_eq!(browser.script(unnamed).await?, serde_json::json!([]), "nothing without a label");
    for width in [360, 1_600] {
        browser.resize(width, 740).await?;
        let wide = browser.script("return document.documentElement.scrollWidth").await?;
        assert_eq!(wide, width, "the page is as wide as its window");
    }
    browser.close().await.map(drop)
}

#[tokio::test]
async fn the_pictures_show_what_the_page_shows() -> Outcome {
    let world = World::start(Options::default()).await?;
    let folder = Project::find()?.root().join(pictures::FOLDER);
    for picture in pictures::take(&world, &world.folder).await? {
        let file = folder.join(format!("{}.txt", picture.name));
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        anyhow::ensure!(
            picture.text == kept,
            "{} is out of date: run `cargo xtask screenshots`. It shows now:\n{}",
            file.display(),
            picture.text
        );
    }
    Ok(())
}
