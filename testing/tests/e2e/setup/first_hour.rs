//! From an empty directory with the release's tarball to the first message: three commands, two typed values. A script
//! stands for Docker; the programs of the tarball run with the `.env` that the set-up wrote, as Compose would start
//! them, and Bukza's request is the printed one, filled in.

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use testing::harness::{environment::TestEnvironment, fleet::Binaries, phrases, project::Project};
use tokio::process::Command;

use super::{TOKEN, terminal::Terminal, values};
use crate::common::{self, Options, Outcome, SOON, World, in_seconds, person};

const VERSION: &str = "v0-test";

/// Docker, as far as `bridge start` looks: `up` waits until the programs run.
const DOCKER: &str = r#"#!/bin/sh
echo "$*" >> "$STAND_IN/calls"
case "$1 $2" in
    "compose ps") [ ! -e "$STAND_IN/up" ] || echo "$4-1" ;;
    "compose up") touch "$STAND_IN/wanted"; until [ -e "$STAND_IN/up" ]; do sleep 0.1; done ;;
    "compose exec") case "$*" in *" sh -c "*) cat > /dev/null ;; esac ;;
    "inspect --format") echo healthy ;;
esac
"#;

/// Makes the tarball of the tested programs.
async fn release(folder: &Path) -> Outcome {
    let script = Project::find()?.root().join("deploy/release");
    let mut command = Command::new(script);
    command.arg(VERSION).arg(TestEnvironment::read()?.binaries).arg(folder);
    command.env("IMAGE", "registry.example/bukza-bridge:v0-test");
    ensure!(command.status().await?.success(), "no release was made");
    Ok(())
}

fn stand_in(folder: &Path) -> anyhow::Result<PathBuf> {
    let folder = folder.join("stand-in");
    std::fs::create_dir(&folder)?;
    let docker = folder.join("docker");
    std::fs::write(&docker, DOCKER)?;
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

/// Where, how and what Bukza posts, as the page says.
struct Pasted {
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Pasted {
    fn read(page: &str) -> anyhow::Result<Self> {
        let line = |start: &str| {
            let lines = page.lines().filter_map(|line| Some(line.split_once(": ")?.1.to_owned()));
            lines.filter(|value| value.starts_with(start)).collect::<Vec<_>>()
        };
        ensure!(line("POST") == ["POST"], "the method: {page}");
        let headers =
            page.lines().filter_map(|line| line.strip_prefix("Заголовок: ")?.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (start, end) =
            (page.find("\n{\n").context("a body")?, page.rfind("\n}\n").context("its end")?);
        let url = line("http").into_iter().next().context("an address")?;
        Ok(Self { url, headers, body: page[start + 1..end + 2].to_owned() })
    }

    /// The body as Bukza fills it in, without custom fields.
    fn filled(&self, parameters: &BTreeMap<&str, String>) -> anyhow::Result<String> {
        let (before, rest) = self.body.split_once("[bukza_fields_start]").context("fields")?;
        let (_, after) = rest.split_once("[bukza_fields_end]").context("their end")?;
        let mut body = format!("{before}{after}");
        for (parameter, value) in parameters {
            ensure!(body.contains(parameter), "no {parameter} in {body}");
            body = body.replace(parameter, value);
        }
        Ok(body)
    }
}

#[tokio::test]
async fn three_commands_and_two_typed_values_lead_to_the_first_message() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    let folder = tempfile::tempdir()?;
    release(folder.path()).await?;
    let stand_in = stand_in(folder.path())?;
    let domain = world.ingest_url();
    let settings = [
        ("PATH", format!("{}:{}", stand_in.display(), std::env::var("PATH")?)),
        ("STAND_IN", stand_in.display().to_string()),
        ("TELEGRAM_API_URL", world.settings.get("TELEGRAM_API_URL").context("above")?.to_owned()),
        ("TZ", "Asia/Yekaterinburg".to_owned()),
    ];
    let (mut commands, mut typed) = (0, Vec::new());
    let mut start = |command: &str| {
        commands += 1;
        Terminal::start(command, folder.path(), &settings)
    };

    let mut first = start(&format!("tar -xzf bukza-bridge-{VERSION}.tar.gz"))?;
    ensure!(first.ends().await?, "{}", first.text());
    typed.append(&mut first.typed);

    let mut second = start(&format!("bukza-bridge-{VERSION}/setup"))?;
    second.enter("Язык / Language").await?;
    second.types("Ключ бота", TOKEN).await?;
    second.types("Домен", &domain).await?;
    second.enter("Который час").await?;
    second.enter("Записать .env?").await?;
    ensure!(second.ends().await?, "{}", second.text());
    typed.append(&mut second.typed);

    let mut third = start(&format!("bukza-bridge-{VERSION}/deploy/bridge start"))?;
    let unpacked = folder.path().join(format!("bukza-bridge-{VERSION}"));
    let wanted = async {
        while !stand_in.join("wanted").exists() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(SOON, wanted).await.context("bridge starts nothing")?;
    // As Compose: the settings of .env, and the addresses of the databases.
    for name in [
        "SUPPORT_CHANNEL_ID",
        "BUKZA_WEBHOOK_SECRET",
        "TELEGRAM_WEBHOOK_SECRET",
        "QUIET_HOURS",
        "FORGET_KEY",
    ] {
        world.settings.remove(name);
    }
    for (name, value) in values(&unpacked.join(".env"))? {
        if !["DATABASE_URL", "REDIS_URL"].contains(&name.as_str()) {
            world.settings.set(&name, value);
        }
    }
    world.start_from(Binaries::in_folder(unpacked.join("programs")));
    world.launch(1, 1).await?;
    std::fs::write(stand_in.join("up"), "")?;
    ensure!(third.ends().await?, "{}", third.text());
    typed.append(&mut third.typed);
    assert_eq!((commands, typed), (3, vec![TOKEN.to_owned(), domain]));

    let client = person(1);
    common::register(&world, &client).await?;
    let pasted = Pasted::read(&std::fs::read_to_string(unpacked.join("bukza.txt"))?)?;
    let at = |hours: i64| in_seconds(hours * 3600).to_rfc3339();
    let body = pasted.filled(&BTreeMap::from([
        ("{код брони}", "FIRST1".to_owned()),
        ("{начало брони}", at(48)),
        ("{конец брони}", at(49)),
        ("{название ресурса}", "Арена".to_owned()),
        ("[bukza_phone]", client.phone.clone()),
        ("[bukza_first_name]", "Алина".to_owned()),
    ]))?;
    let mut request = world.http.post(&pasted.url).body(body);
    for (name, value) in &pasted.headers {
        request = request.header(name, value);
    }
    let answer = request.send().await?;
    ensure!(answer.status() == 200, "{}", answer.text().await?);
    common::expect_message(&world, &client, phrases::CONFIRMED).await?;
    Ok(())
}

#[tokio::test]
async fn a_release_has_what_runs_and_nothing_to_compile_and_is_the_same_each_time() -> Outcome {
    let (one, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    release(one.path()).await?;
    release(other.path()).await?;
    let name = format!("bukza-bridge-{VERSION}.tar.gz");
    let sum = |folder: &Path| std::fs::read_to_string(folder.join(format!("{name}.sha256")));
    assert_eq!(sum(one.path())?, sum(other.path())?);
    let run = async |program: &str, arguments: &[&str]| -> anyhow::Result<String> {
        let output = Command::new(program).args(arguments).current_dir(one.path()).output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    run("sha256sum", &["--check", &format!("{name}.sha256")]).await?;
    let list = run("tar", &["-tzf", &name]).await?;
    let has =
        |path: &str| list.lines().any(|line| line == format!("bukza-bridge-{VERSION}/{path}"));
    for path in [
        "setup",
        "programs/worker",
        "deploy/bridge",
        "nginx/nginx.conf",
        ".env.example",
        "README.ru.md",
        "LICENSE",
    ] {
        assert!(has(path), "no {path}: {list}");
    }
    for path in
        ["docker-compose.override.yml", "Dockerfile", "Cargo.toml", "deploy/tests/lib.sh", ".env"]
    {
        assert!(!has(path), "{path} is there");
    }
    let compose = format!("bukza-bridge-{VERSION}/docker-compose.yml");
    let compose = run("tar", &["-xzOf", &name, &compose]).await?;
    assert!(compose.contains("image: \"${IMAGE:-registry.example/bukza-bridge:v0-test}\""));
    assert!(!compose.contains("build:"));
    Ok(())
}
