//! The page over HTTP: who may use it, what it serves, and that each action is that of the chat's own person.

mod common;

use common::Bot;
use serde_json::json;
use simulator::model::{Account, PageSettings};

const STAFF: i64 = -1_001_000_000_001;

fn settings() -> PageSettings {
    let account = |user_id: i64, phone: &str| Account {
        user_id,
        name: format!("<i>{user_id}</i>"),
        phone: phone.to_owned(),
    };
    PageSettings {
        clients: vec![account(7, "+79990000007")],
        staff_chat: STAFF,
        member: account(501, ""),
        utc_offset_minutes: 300,
        ingest_url: "http://127.0.0.1:1".into(),
        bukza_secret: "kept-in-the-simulator".into(),
    }
}

/// Posts a form as the page's script does. The status and the text.
async fn post(bot: &Bot, action: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let own = bot.simulator.url();
    post_from(bot, &own, action, fields).await
}

async fn post_from(
    bot: &Bot,
    origin: &str,
    action: &str,
    fields: &[(&str, &str)],
) -> (u16, String) {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let body: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let request = reqwest::Client::new()
        .post(format!("{}/play/{action}", bot.simulator.url()))
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"));
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a text"))
}

async fn get(bot: &Bot, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}/play{path}", bot.simulator.url())).await.expect("an answer")
}

#[tokio::test]
async fn there_is_no_page_before_it_is_set_up_and_then_one_with_a_strict_policy() {
    let bot = Bot::start().await;
    assert_eq!(get(&bot, "").await.status(), 404);
    bot.user.set_page(&settings()).await.unwrap();
    bot.user.reset().await.unwrap();
    let page = get(&bot, "").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(!html.contains("kept-in-the-simulator"));
    assert!(html.contains("&lt;i&gt;7&lt;/i&gt;") && !html.contains("<i>7"), "{html}");
    assert!(!html.contains("style=") && !html.contains("onclick"), "{html}");
    for asset in ["/play.js", "/play.css"] {
        assert_eq!(get(&bot, asset).await.status(), 200, "{asset}");
    }
}

#[tokio::test]
async fn people_act_in_their_own_chats_alone() {
    let bot = Bot::start().await;
    bot.user.set_page(&settings()).await.unwrap();
    assert_eq!(post(&bot, "say", &[("chat", "7"), ("text", "привет")]).await.0, 200);
    // The number is the client's, whatever the browser sends.
    let contact = post(&bot, "contact", &[("chat", "7"), ("phone", "+70000000000")]).await;
    assert_eq!(contact.0, 200);
    let chat = bot.user.chat(7).await.unwrap();
    assert_eq!((chat[0].from_id, chat[0].text.as_str()), (7, "привет"));
    assert_eq!(chat[1].text, "[contact +79990000007]");
    let staff = STAFF.to_string();
    assert_eq!(post(&bot, "say", &[("chat", &staff), ("text", "/today")]).await.0, 200);
    assert_eq!(bot.user.chat(STAFF).await.unwrap()[0].from_id, 501);
    assert_eq!(post(&bot, "contact", &[("chat", &staff)]).await.0, 400);
    assert_eq!(post(&bot, "say", &[("chat", "8"), ("text", "x")]).await.0, 404);
    let press = [("chat", "7"), ("message", "1"), ("data", "rate:1:5")];
    assert_eq!(post(&bot, "press", &press).await.0, 400, "no such button");
}

#[tokio::test]
async fn another_site_can_neither_act_nor_read() {
    let bot = Bot::start().await;
    bot.user.set_page(&settings()).await.unwrap();
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let (status, _) = post_from(&bot, origin, "say", &[("chat", "7"), ("text", "x")]).await;
        assert_eq!(status, 403, "{origin}");
    }
    assert!(bot.user.chat(7).await.unwrap().is_empty());
    // By a name of its own that leads to this address.
    let rebound = reqwest::Client::new().get(format!("{}/play", bot.simulator.url()));
    let rebound = rebound.header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
}

#[tokio::test]
async fn documents_are_saved_and_never_shown() {
    let bot = Bot::start().await;
    bot.user.set_page(&settings()).await.unwrap();
    let document =
        json!({"file_name": "a\"b.html", "mime_type": "text/html", "text": "<script>1</script>"});
    for chat in [7, 8] {
        bot.json("sendDocument", json!({"chat_id": chat, "document": document})).await;
    }
    let id = bot.user.chat(7).await.unwrap()[0].message_id;
    let file = get(&bot, &format!("/files/7/{id}")).await;
    assert_eq!(file.headers()["content-type"], "application/octet-stream");
    assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    assert_eq!(file.headers()["content-disposition"], "attachment; filename*=UTF-8''a%22b%2Ehtml");
    assert_eq!(file.text().await.unwrap(), "<script>1</script>");
    // Chats that the page does not show stay out of reach.
    let other = bot.user.chat(8).await.unwrap()[0].message_id;
    assert_eq!(get(&bot, &format!("/files/8/{other}")).await.status(), 404);
}

#[tokio::test]
async fn an_ingest_that_does_not_answer_is_shown_without_the_secret() {
    let bot = Bot::start().await;
    bot.user.set_page(&settings()).await.unwrap();
    let fields =
        [("act", "make"), ("template", "url"), ("start", "30"), ("length", "10"), ("name", "<b>x")];
    let (status, code) = post(&bot, "bukza", &fields).await;
    assert_eq!((status, code.len()), (200, 6));
    let html = get(&bot, "").await.text().await.unwrap();
    assert!(html.contains("нет ответа") && html.contains("secret=•••"), "{html}");
    assert!(html.contains("&lt;b&gt;x") && !html.contains("kept-in-the-simulator"), "{html}");
    let date = [("act", "make"), ("template", "url"), ("start", "date"), ("length", "10")];
    assert_eq!(post(&bot, "bukza", &date).await, (400, "Укажите дату и время".to_owned()));
    let unknown = [
        ("act", "cancel"),
        ("template", "url"),
        ("start", "30"),
        ("length", "10"),
        ("code", "NONE"),
    ];
    assert_eq!(post(&bot, "bukza", &unknown).await.0, 400);
}
