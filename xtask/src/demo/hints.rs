//! Prints the page's address, and commands to try by hand while the system is up.

use chrono::{DateTime, TimeDelta, Utc};

use super::story::{CLIENT, PHONE};
use testing::harness::{
    bukza::{ZONE, now},
    fleet::{BUKZA_SECRET, Local},
};

/// Prints where the page is, and how to reach it from another machine.
pub fn address(page: &str) {
    println!("\nOpen this page in a browser: \x1b[1m{page}\x1b[0m");
    println!(
        "Two clients' telephones, the staff's chat and Bukza's form; nothing leaves this machine."
    );
    // SSH names the client's address and port, then the server's.
    let Ok(connection) = std::env::var("SSH_CONNECTION") else { return };
    let server = connection.split(' ').nth(2).unwrap_or("THIS-MACHINE");
    let port = page.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
    println!(
        "Over SSH: run `ssh -L {port}:127.0.0.1:{port} {server}` where your browser is, and open the same address there."
    );
}

/// What there is once the story was played on the page.
pub fn stays(local: &Local, page: &str) {
    println!("\n\x1b[1mThe system is up.\x1b[0m Now play by clicks: {page}");
    println!("As text, with commands to paste: cargo xtask demo --text");
    operations(local);
    place(local);
}

/// Prints the commands for a system with the simulator.
pub fn print(local: &Local, page: &str) {
    let simulator = local.telegram.url();
    let ingest = local.ingest_url();
    println!(
        "\n\x1b[1mThe system is up.\x1b[0m Paste these into another terminal; messages of the bot appear here."
    );
    println!("\n# A person registers (any chat number and phone will do)");
    act(simulator, "say", &format!(r#"{{"chat_id":{CLIENT},"text":"/start"}}"#));
    act(simulator, "contact", &format!(r#"{{"chat_id":{CLIENT},"phone":"{PHONE}"}}"#));
    bookings(&ingest, PHONE);
    println!(
        "\n# The client sends a command, and presses a button of the latest message with buttons"
    );
    act(simulator, "say", &format!(r#"{{"chat_id":{CLIENT},"text":"/bookings"}}"#));
    println!("curl -s {simulator}/_sim/chats/{CLIENT}   # what the chat shows, with callback data");
    act(simulator, "press", &format!(r#"{{"chat_id":{CLIENT},"data":"rate:…:5"}}"#));
    println!("\n# The next message fails: Telegram answers 429, then 502");
    act(
        simulator,
        "faults",
        r#"[{"kind":"too_many_requests","retry_after":3},{"kind":"bad_gateway_html"}]"#,
    );
    println!("\n# The same in a browser\n{page}");
    operations(local);
    place(local);
}

fn place(local: &Local) {
    println!("PostgreSQL: {}", local.database.url);
    println!("Redis:      {}", local.host.servers.redis.url());
    println!("Logs:       {}", local.folder.display());
    println!("\nCtrl-C stops everything.");
}

/// Webhooks of Bukza: new, moved, cancelled.
pub fn bookings(ingest: &str, phone: &str) {
    let local = |at: DateTime<Utc>| at.with_timezone(&ZONE).format("%d.%m.%Y %H:%M").to_string();
    let phone = phone.replace('+', "%2B");
    let post = |message: &str, start: DateTime<Utc>| {
        println!(
            "curl -i '{ingest}/webhook/bukza?message={message}&phone={phone}&name=Anna' -H 'X-Webhook-Secret: {BUKZA_SECRET}' \
             -H 'Content-Type: application/json' -d '{{\"code\":\"HAND01\",\"resource\":\"VR Арена\",\"start\":\"{}\",\"end\":\"{}\",\"total_sum\":\"2500\",\"kolvo\":\"2\"}}'",
            local(start),
            local(start + TimeDelta::hours(1)),
        );
    };
    println!("\n# Bukza: a new booking, the same moved by a day, the same cancelled");
    post("newrega", now() + TimeDelta::days(1));
    post("newrega", now() + TimeDelta::days(2));
    post("cancel", now() + TimeDelta::days(2));
}

/// Each program's operations URLs.
pub fn operations(local: &Local) {
    println!();
    for program in local.ingests.iter().chain(&local.workers) {
        let (name, url) = (program.process.name(), program.operations_url());
        println!("{name:11} {url}/metrics  /healthz  /readyz");
    }
}

fn act(simulator: &str, action: &str, body: &str) {
    println!("curl -s {simulator}/_sim/{action} -H 'Content-Type: application/json' -d '{body}'");
}
