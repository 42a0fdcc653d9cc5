//! Updates as Telegram sends them, with fields of later versions among those that are known.

use shared::domain::{
    booking::Stars,
    ids::{BookingId, ChatId},
};

use super::*;
use shared::domain::staff_chat::StaffPlace;

use crate::{
    bot::{BindIntent, StaffIntent, command::Command, staff_command::StaffCommand},
    texts::fixtures,
};

fn parser() -> UpdateParser {
    UpdateParser::new(Arc::new(fixtures::texts()))
}

async fn parse(raw: &str) -> ParsedUpdate {
    parser().parse(raw).await.unwrap()
}

const FROM: &str = r#""from":{"id":42,"is_bot":false,"first_name":"Алина","username":"alina",
    "language_code":"ru","is_premium":true,"can_see_the_future":true}"#;
const PRIVATE: &str = r#""chat":{"id":42,"first_name":"Алина","username":"alina","type":"private",
    "field_of_later":{"a":[1]}}"#;
const GROUP: &str = r#""chat":{"id":-100200,"title":"Staff","type":"supergroup","is_forum":false}"#;

fn message(chat: &str, rest: &str) -> String {
    format!(
        r#"{{"update_id":870,"message":{{"message_id":5,{FROM},{chat},"date":1766000000,
            "later_field":{{"x":1}},{rest}}}}}"#
    )
}

fn press(chat: &str, data: &str) -> String {
    format!(
        r#"{{"update_id":871,"callback_query":{{"id":"4382bfdwdsb323b2d9",{FROM},
            "message":{{"message_id":9,"from":{{"id":7,"is_bot":true,"first_name":"Bot"}},{chat},
            "date":1766000000,"text":"…","later_rich_text":{{"blocks":[]}}}},
            "chat_instance":"-4711","data":"{data}","later":1}}}}"#
    )
}

fn alina() -> Option<Sender> {
    Some(Sender { chat: ChatId(42), name: "Алина".into(), language: Some("ru".into()) })
}

#[tokio::test]
async fn texts_commands_and_menu_words() {
    for (text, intent) in [
        ("/start", Intent::Command(Command::Start)),
        ("/start deep-link", Intent::Command(Command::Start)),
        ("/help@BukzaBot", Intent::Command(Command::Help)),
        ("📅 Мои записи", Intent::Command(Command::Bookings)),
        ("📍 Address", Intent::Command(Command::Address)),
        ("☎️ Контакты", Intent::Command(Command::Contacts)),
        ("5", Intent::Text("5".into())),
        ("<b>&", Intent::Text("<b>&".into())),
    ] {
        let raw = message(PRIVATE, &format!(r#""text":"{text}""#));
        let parsed = parse(&raw).await;
        let identity = "message:42:5:1766000000".to_owned();
        // Where the chat is the staff's, its help is the client's all the same.
        let as_staff = parsed.as_staff.clone().filter(|_| text.starts_with("/help"));
        assert_eq!(
            parsed,
            ParsedUpdate {
                update_id: 870,
                identity,
                sender: alina(),
                intent,
                as_staff,
                unreadable: false
            },
            "{text}"
        );
    }
    let command = r#""text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]"#;
    assert_eq!(parse(&message(PRIVATE, command)).await.intent, Intent::Command(Command::Start));
}

#[tokio::test]
async fn a_contact_is_own_only_when_telegram_says_so() {
    for (user_id, own) in [(r#","user_id":42"#, true), (r#","user_id":43"#, false), ("", false)] {
        let contact = format!(
            r#""contact":{{"phone_number":"79991234567","first_name":"A"{user_id},"x":1}}"#
        );
        let intent = Intent::Contact { phone: "79991234567".into(), own };
        assert_eq!(parse(&message(PRIVATE, &contact)).await.intent, intent, "{user_id}");
    }
}

#[tokio::test]
async fn what_holds_no_words_is_an_attachment() {
    let photo =
        r#""photo":[{"file_id":"a","file_unique_id":"b","width":1,"height":1,"file_size":1}]"#;
    let sticker = r#""sticker":{"file_id":"a","file_unique_id":"b","type":"regular","width":1,
        "height":1,"is_animated":false,"is_video":false,"emoji":"👍"}"#;
    let later = r#""hologram":{"file_id":"a"}"#;
    let later_entity = r#""text":"5","entities":[{"offset":0,"length":1,"type":"hologram"}]"#;
    let dice = r#""dice":{"emoji":"🎲","value":3}"#;
    for content in [photo, sticker, later, dice] {
        let parsed = parse(&message(PRIVATE, content)).await;
        let attachment = Intent::Attachment { message: 5, caption: String::new() };
        assert_eq!(parsed.intent, attachment, "{content}");
        assert_eq!(parsed.sender, alina());
    }
    // teloxide reads such a message as empty; its words count nevertheless.
    assert_eq!(parse(&message(PRIVATE, later_entity)).await.intent, Intent::Text("5".into()));
    let pinned = format!(
        r#""pinned_message":{{"message_id":4,{FROM},{PRIVATE},"date":1766000000,"text":"x"}}"#
    );
    assert_eq!(parse(&message(PRIVATE, &pinned)).await.intent, Intent::Ignore);
}

#[tokio::test]
async fn presses_carry_their_booking_in_their_data() {
    let callback = "4382bfdwdsb323b2d9".to_owned();
    let parsed = parse(&press(PRIVATE, "rate:7:5")).await;
    let (booking, stars) = (BookingId(7), Stars::try_from(5).unwrap());
    assert_eq!(parsed.intent, Intent::Rate { booking, stars, callback: callback.clone() });
    assert_eq!(parsed.sender, alina());
    let stale = Intent::StaleCallback { callback: callback.clone() };
    assert_eq!(parse(&press(PRIVATE, "rate:7:9")).await.intent, stale.clone());
    assert_eq!(parse(&press(GROUP, "rate:7:5")).await.intent, stale);

    let old = format!(
        r#"{{"update_id":1,"callback_query":{{"id":"{callback}",{FROM},"message":{{"message_id":9,
            {PRIVATE},"date":0}},"chat_instance":"1","data":"rate:7:5"}}}}"#
    );
    assert_eq!(
        parse(&old).await.intent,
        Intent::Rate { booking, stars, callback: callback.clone() }
    );
    let nowhere = format!(
        r#"{{"update_id":1,"callback_query":{{"id":"{callback}",{FROM},"chat_instance":"1"}}}}"#
    );
    let parsed = parse(&nowhere).await;
    assert_eq!((parsed.sender, parsed.intent), (alina(), stale));
}

#[tokio::test]
async fn blocking_and_coming_back() {
    let change = |chat: &str, status: &str| {
        let until = if status == "kicked" { r#","until_date":0"# } else { "" };
        format!(
            r#"{{"update_id":2,"my_chat_member":{{{chat},{FROM},"date":1766000000,
                "old_chat_member":{{"user":{{"id":7,"is_bot":true,"first_name":"Bot"}},"status":"member"}},
                "new_chat_member":{{"user":{{"id":7,"is_bot":true,"first_name":"Bot"}},
                "status":"{status}"{until},"later":true}}}}}}"#
        )
    };
    for (status, intent) in [("kicked", Intent::BotBlocked), ("member", Intent::BotUnblocked)] {
        let parsed = parse(&change(PRIVATE, status)).await;
        assert_eq!((parsed.sender, parsed.intent), (alina(), intent), "{status}");
        assert_eq!(parse(&change(GROUP, status)).await.intent, Intent::Ignore);
    }
}

#[tokio::test]
async fn groups_are_not_read() {
    let words = [r#""text":"/start""#, r#""text":"5""#];
    let migrations = [r#""migrate_to_chat_id":-100201"#, r#""migrate_from_chat_id":-300"#];
    for rest in words.into_iter().chain(migrations) {
        let parsed = parse(&message(GROUP, rest)).await;
        assert_eq!((parsed.sender, parsed.intent), (None, Intent::Ignore));
    }
}

#[tokio::test]
async fn a_links_secret_is_read_in_a_group_with_its_topic() {
    let secret = "aB3".repeat(10) + "xy";
    let start = format!(r#""text":"/start@BukzaBot {secret}""#);
    let in_topic = format!(r#"{start},"message_thread_id":17,"is_topic_message":true"#);
    // Outside a forum a thread is a chain of replies.
    let in_thread = format!(r#"{start},"message_thread_id":17"#);
    for (rest, topic) in [(&start, None), (&in_topic, Some(17)), (&in_thread, None)] {
        let parsed = parse(&message(GROUP, rest)).await;
        let place = StaffPlace::new(ChatId(-100_200), topic);
        let (title, secret) = ("Staff".to_owned(), secret.clone());
        let bind = BindIntent { place, title, secret: secret.clone() };
        assert!(!format!("{bind:?}").contains(&secret), "a log must not show the secret");
        assert_eq!((parsed.sender, parsed.intent), (None, Intent::Bind(bind)), "{rest}");
    }
    for text in [secret.clone(), format!("/ban {secret}"), format!("/start {secret}x")] {
        let parsed = parse(&message(GROUP, &format!(r#""text":"{text}""#))).await;
        assert_eq!(parsed.intent, Intent::Ignore, "{text}");
    }
    let channel = GROUP.replace("supergroup", "channel");
    let parsed = parse(&message(&channel, &start)).await;
    assert_eq!(parsed.intent, Intent::Ignore, "a channel's posts bind nothing");
    let parsed = parse(&message(PRIVATE, &start)).await;
    assert_eq!(parsed.intent, Intent::Command(Command::Start), "a private chat is no group");
}

#[tokio::test]
async fn in_a_group_the_staffs_commands_and_presses_are_read_and_nothing_in_a_channel() {
    const BASIC: &str = r#""chat":{"id":-300,"title":"Staff","type":"group"}"#;
    const CHANNEL: &str = r#""chat":{"id":-100200,"title":"Staff","type":"channel"}"#;
    let command = |chat: i64, text: &str| {
        let (place, command) =
            (StaffPlace::new(ChatId(chat), None), StaffCommand::parse(text).unwrap());
        Intent::Staff(StaffIntent::Command { place, message: 5, command })
    };
    let text = |text: &str| format!(r#""text":"{text}""#);
    let reply = r#","reply_to_message":{"message_id":4,"date":1766000000,"chat":{"id":-100200,
        "title":"Staff","type":"supergroup"},"from":{"id":7,"is_bot":true,"first_name":"Bot"},"text":"x"}"#;
    let forwarded =
        r#","forward_origin":{"type":"hidden_user","date":1766000000,"sender_user_name":"x"}"#;
    for (chat, rest, intent) in [
        (GROUP, text("/today"), command(-100_200, "/today")),
        (BASIC, text("/find@Venue_bot Анна"), command(-300, "/find@Venue_bot Анна")),
        // A command is none of the words for a client.
        (GROUP, text("/help") + reply, command(-100_200, "/help")),
        (GROUP, text("/ban") + reply, Intent::Ignore),
        (GROUP, text("/start"), Intent::Ignore),
        (GROUP, text("today"), Intent::Ignore),
        (GROUP, text("/today") + forwarded, Intent::Ignore),
        (CHANNEL, text("/today"), Intent::Ignore),
    ] {
        let parsed = parse(&message(chat, &rest)).await;
        assert_eq!((parsed.sender, parsed.intent), (None, intent), "{rest}");
    }
    // Another bot's, and a post of the channel.
    let by_bot = message(GROUP, &text("/today")).replace(r#""is_bot":false"#, r#""is_bot":true"#);
    assert_eq!(parse(&by_bot).await.intent, Intent::Ignore);
    let post = message(CHANNEL, &text("/today")).replace("\"message\":", "\"channel_post\":");
    assert_eq!(parse(&post).await.intent, Intent::Ignore);
    let callback = "4382bfdwdsb323b2d9".to_owned();
    assert_eq!(
        parse(&press(GROUP, "replay:5:9")).await.intent,
        Intent::Staff(StaffIntent::Replay {
            chat: ChatId(-100_200),
            numbers: (5, 9),
            message: 9,
            callback: callback.clone()
        })
    );
    assert_eq!(parse(&press(CHANNEL, "replay:5:9")).await.intent, Intent::Ignore);
    let stale = Intent::StaleCallback { callback };
    assert_eq!(parse(&press(PRIVATE, "replay:5:9")).await.intent, stale);
    // From a client they are words.
    let words = parse(&message(PRIVATE, &text("/today"))).await;
    assert_eq!((words.sender, words.intent), (alina(), Intent::Text("/today".into())));
}

#[tokio::test]
async fn updates_of_other_kinds_are_ignored_and_new_ones_counted() {
    let edited =
        message(PRIVATE, r#""text":"/start""#).replace("\"message\":", "\"edited_message\":");
    let parsed = parse(&edited).await;
    assert_eq!((parsed.intent, parsed.unreadable), (Intent::Ignore, false));
    for raw in [
        r#"{"update_id":5,"telepathy":{"thought":"hello"}}"#,
        r#"{"update_id":5,"message":{"message_id":"not a number"}}"#,
        r#"{"update_id":5}"#,
    ] {
        let parsed = parse(raw).await;
        assert_eq!((parsed.update_id, parsed.intent), (5, Intent::Ignore), "{raw}");
        assert!(parsed.unreadable, "{raw}");
    }
}

#[tokio::test]
async fn bots_are_not_answered() {
    let raw = message(PRIVATE, r#""text":"/start""#).replace("\"is_bot\":false", "\"is_bot\":true");
    assert_eq!(parse(&raw).await.intent, Intent::Ignore);
}

#[tokio::test]
async fn what_is_no_update_is_an_error() {
    for raw in ["", "{", "[]", "null", "{}", r#"{"update_id":"1"}"#, r#"{"update_id":-1}"#] {
        assert!(parser().parse(raw).await.is_err(), "{raw}");
    }
    let deep =
        format!(r#"{{"update_id":1,"message":{}1{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    assert!(parser().parse(&deep).await.map_or(true, |u| u.intent == Intent::Ignore));
}
