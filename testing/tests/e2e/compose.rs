//! docker-compose.yml, and docker-compose.secrets.yml, as `docker-compose config` reads them: which settings, networks and images each
//! container gets. No container is started.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
};

use crate::common::Outcome;
use anyhow::{Context, ensure};
use serde_json::Value;
use testing::harness::{environment::TestEnvironment, packages::program_path, project::Project};
use tokio::{io::AsyncWriteExt, process::Command};

/// `.env` with what Compose demands.
const LEAST: &str = "POSTGRES_PASSWORD=of-the-owner\nREDIS_PASSWORD=of-redis\n\
    POSTGRES_INGEST_PASSWORD=of-ingest-1\nREDIS_INGEST_PASSWORD=of-ingest-2\n\
    POSTGRES_WORKER_PASSWORD=of-worker-1\nREDIS_WORKER_PASSWORD=of-worker-2\n";
const SECRETS: &str = "BOT_TOKEN=1:of-the-bot\nALERT_BOT_TOKEN=2:of-alerts\n\
    BUKZA_WEBHOOK_SECRET=secret-of-bukza-01\nTELEGRAM_WEBHOOK_SECRET=secret-of-telegram\n\
    GRAFANA_PASSWORD=of-grafana\nHEARTBEAT_URL=https://beat.example/of-heartbeat\n";
/// Any folder's name is taken, so no value of it is refused.
const TAKES_ANYTHING: &str = "LOG_DIR";

type Names = BTreeSet<String>;

fn read(file: &str) -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(Project::find()?.root().join(file))?)
}

/// The services as Compose understands them, with this `.env`.
async fn services(dotenv: &str) -> anyhow::Result<BTreeMap<String, Value>> {
    let folder = tempfile::tempdir()?;
    for file in ["docker-compose.yml", "docker-compose.secrets.yml"] {
        std::fs::write(folder.path().join(file), read(file)?)?;
    }
    std::fs::write(folder.path().join(".env"), dotenv)?;
    services_in(folder.path(), "monitoring").await
}

/// The services of the files in a folder, with this profile.
async fn services_in(folder: &Path, profile: &str) -> anyhow::Result<BTreeMap<String, Value>> {
    // Compose 1.29 knows no --format and prints its usage. Debian installs PyYAML with it.
    let text = match config(folder, profile, &["--format", "json"]).await {
        Ok(json) if !json.is_empty() => json,
        _ => to_json(config(folder, profile, &[]).await?).await?,
    };
    let config: Value = serde_json::from_slice(&text)?;
    let mut services: BTreeMap<String, Value> = serde_json::from_value(config["services"].clone())?;
    // Compose 1 prints those of all profiles.
    services.retain(|_, service| {
        let profiles = names(&service["profiles"]);
        profiles.is_empty() || profiles.contains(profile)
    });
    Ok(services)
}

async fn config(folder: &Path, profile: &str, options: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = Command::new(program_path("docker-compose")?)
        .arg("config")
        .args(options)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("COMPOSE_PROFILES", profile)
        .current_dir(folder)
        .output()
        .await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

async fn to_json(yaml: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let program = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    python.stdin.take().context("a pipe")?.write_all(&yaml).await?;
    let output = python.wait_with_output().await?;
    ensure!(output.status.success(), "no YAML");
    Ok(output.stdout)
}

/// The keys of an object, or the items of a list.
fn names(value: &Value) -> Names {
    match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Names::new(),
    }
}

/// The settings that a program reads: those of which it says that no value can be like this.
async fn settings_read_by(program: &str) -> anyhow::Result<Names> {
    let example = read(".env.example")?;
    let all = example.lines().filter_map(|line| {
        let (name, _) = line.trim_start_matches(['#', ' ']).split_once('=')?;
        name.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_')).then_some(name)
    });
    let wrong = "! ".repeat(200);
    let wrong: Vec<(&str, &str)> = all.map(|name| (name, wrong.as_str())).collect();
    let mut read = Names::from([TAKES_ANYTHING.to_owned()]);
    let without_dotenv = tempfile::tempdir()?;
    // Without a mode a program does not say what the mode needs.
    for mode in ["webhook", "neither"] {
        let output = Command::new(TestEnvironment::read()?.binaries.join(program))
            .env_clear()
            .envs(wrong.clone())
            .env("TELEGRAM_MODE", mode)
            .current_dir(without_dotenv.path())
            .output()
            .await?;
        ensure!(!output.status.success(), "{program} started");
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed)?;
        let faults = printed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        read.extend(faults.filter(|name| example.contains(name)).map(str::to_owned));
    }
    Ok(read)
}

#[tokio::test]
async fn each_container_gets_the_settings_that_its_program_reads() -> Outcome {
    let services = services(&format!("{LEAST}{SECRETS}")).await?;
    for program in ["ingest", "worker"] {
        let passed = names(&services[program]["environment"]);
        assert_eq!(passed, settings_read_by(program).await?, "{program}");
    }
    assert_eq!(names(&services["migrate"]["environment"]), Names::from(["DATABASE_URL".into()]));
    assert!(names(&services["alertmanager"]["environment"]).contains("LOCALE"));
    Ok(())
}

#[tokio::test]
async fn no_container_has_a_secret_that_it_does_not_need() -> Outcome {
    let services = services(&format!("{LEAST}{SECRETS}")).await?;
    let who = |secret: &str| -> Vec<&str> {
        let has = |service: &Value| service["environment"].to_string().contains(secret);
        services.iter().filter(|(_, service)| has(service)).map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(who("of-the-bot"), ["alertmanager", "worker"]);
    assert_eq!(who("of-alerts"), ["alertmanager"]);
    assert_eq!(who("of-heartbeat"), ["alertmanager"]);
    assert_eq!(who("secret-of-bukza-01"), ["ingest"]);
    assert_eq!(who("secret-of-telegram"), ["ingest", "worker"]);
    assert_eq!(who("of-grafana"), ["grafana"]);
    assert_eq!(who("of-redis"), ["redis"]);
    assert_eq!(who("of-the-owner"), ["migrate", "postgres"]);
    for (number, server) in [(1, "postgres"), (2, "redis")] {
        assert_eq!(who(&format!("of-ingest-{number}")), ["ingest", server]);
        let mut of_worker = ["worker", server];
        of_worker.sort_unstable();
        assert_eq!(who(&format!("of-worker-{number}")), of_worker);
    }
    Ok(())
}

/// The lines for `.env` in docs/docker.md.
#[tokio::test]
async fn secrets_in_files_reach_those_who_read_them_and_no_environment() -> Outcome {
    let document = read("docs/docker.md")?;
    let lines = document.lines().skip_while(|line| !line.starts_with("COMPOSE_FILE="));
    let lines: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    ensure!(lines.len() == 4, "{lines:?}");
    let services = services(&format!("{LEAST}BOT_TOKEN=\n{}\n", lines.join("\n"))).await?;
    let mut readers = Vec::new();
    for (name, service) in &services {
        let environment = service["environment"].as_object().cloned().unwrap_or_default();
        let files = environment.iter().filter_map(|(setting, value)| {
            Some((setting.strip_suffix("_FILE")?, value.as_str()?.strip_prefix("/run/secrets/")?))
        });
        let files: Vec<(&str, &str)> = files.collect();
        for (setting, file) in &files {
            assert_eq!(setting, file, "{name}");
            let direct = environment.get(*setting).and_then(Value::as_str).unwrap_or_default();
            assert_eq!(direct, "", "{name} has {setting} twice");
        }
        let read: Names = files.iter().map(|(setting, _)| (*setting).to_owned()).collect();
        // Compose 1 prints the name of a secret, Compose 2 an object.
        let mounted = service["secrets"].as_array().cloned().unwrap_or_default();
        let mounted = mounted.iter().map(|secret| secret["source"].as_str().or(secret.as_str()));
        let mounted: Option<Names> = mounted.map(|secret| secret.map(str::to_owned)).collect();
        assert_eq!(mounted.context("a secret without a name")?, read, "{name}");
        readers.extend(read.into_iter().map(|setting| format!("{name} {setting}")));
    }
    let expected = [
        "alertmanager BOT_TOKEN",
        "ingest BUKZA_WEBHOOK_SECRET",
        "ingest TELEGRAM_WEBHOOK_SECRET",
        "worker BOT_TOKEN",
        "worker TELEGRAM_WEBHOOK_SECRET",
    ];
    assert_eq!(readers, expected);
    Ok(())
}

/// A release has no override, and nothing to compile.
#[test]
fn the_developers_override_builds_what_a_release_pulls() -> Outcome {
    let built = read("docker-compose.override.yml")?;
    let built = built.lines().filter_map(|line| line.trim().strip_suffix(": { build: . }"));
    assert_eq!(built.collect::<Vec<_>>(), ["migrate", "ingest", "worker", "setup"]);
    assert!(!read("docker-compose.yml")?.lines().any(|line| line.trim().starts_with("build:")));
    Ok(())
}

/// `docker compose run --rm setup` in the folder of a release, which has no `.env` yet.
#[tokio::test]
async fn the_set_up_needs_no_env_file_and_is_started_by_nothing_else() -> Outcome {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("docker-compose.yml"), read("docker-compose.yml")?)?;
    assert!(!services(LEAST).await?.contains_key("setup"), "up would start it");
    let services = services_in(folder.path(), "setup").await?;
    let setup = &services["setup"];
    assert_eq!(setup["image"], services["worker"]["image"]);
    assert_eq!(
        names(&setup["environment"]),
        ["BOT_TOKEN", "TELEGRAM_API_URL", "TELEGRAM_PROXY", "TZ"].map(str::to_owned).into()
    );
    // The folder of .env, as Compose resolves it.
    let own = folder.path().canonicalize()?.display().to_string();
    let mounts = setup["volumes"].to_string();
    ensure!(
        mounts.contains(&format!("{own}:/bridge"))
            || mounts.contains(&format!("\"source\":\"{own}\"")),
        "{mounts}"
    );
    // It starts nothing, and leaves nothing running.
    assert_eq!((&setup["depends_on"], &setup["restart"]), (&Value::Null, &"no".into()));
    Ok(())
}

/// The command of a service as its container runs it, with the last program replaced by one that tells of itself.
async fn starts(
    service: &Value,
    folder: &Path,
    environment: &[(String, String)],
) -> anyhow::Result<(bool, String)> {
    let list = |value: &Value| -> Vec<String> {
        let items = value.as_array().cloned().unwrap_or_default();
        // Compose 1 prints `$$`, which Compose 2 has resolved.
        items.iter().filter_map(Value::as_str).map(|item| item.replace("$$", "$")).collect()
    };
    let line = [list(&service["entrypoint"]), list(&service["command"])].concat();
    let [program, arguments @ ..] = line.as_slice() else { anyhow::bail!("no command: {service}") };
    let path = format!("{}:{}", folder.display(), std::env::var("PATH")?);
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", path).envs(environment.iter().cloned());
    let output = command.output().await?;
    let printed = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8(printed)?))
}

/// Compose itself demands none of them, or it would demand them of the set-up.
#[tokio::test]
async fn an_empty_password_starts_no_database_and_is_named() -> Outcome {
    let services = services(LEAST).await?;
    let folder = tempfile::tempdir()?;
    let server = folder.path().join("docker-entrypoint.sh");
    std::fs::write(&server, "#!/bin/sh\necho \"started $*\"\n")?;
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755))?;
    for name in ["postgres", "redis"] {
        let service = &services[name];
        let all: Vec<(String, String)> = service["environment"]
            .as_object()
            .context("an environment")?
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        let passwords: Vec<&String> =
            all.iter().map(|(name, _)| name).filter(|name| name.ends_with("PASSWORD")).collect();
        assert_eq!(passwords.len(), 3, "{name}: {passwords:?}");
        for password in passwords {
            let mut without = all.clone();
            without.retain(|(name, _)| name != password);
            let empty = [without.clone(), vec![(password.clone(), String::new())]].concat();
            for environment in [without, empty] {
                let (started, printed) = starts(service, folder.path(), &environment).await?;
                assert!(!started && printed == format!("set {password} in .env\n"), "{printed}");
            }
        }
        // The other one would write its configuration here.
        if name == "postgres" {
            let (started, printed) = starts(service, folder.path(), &all).await?;
            assert!(started && printed.starts_with("started postgres -c "), "{printed}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_setting_is_passed_as_it_stands_and_only_if_it_stands() -> Outcome {
    let dotenv = format!("{LEAST}QUIET_HOURS=\nCOMPANY_HOURS=\"10:00 - 22:00\"\n");
    let worker = &services(&dotenv).await?["worker"]["environment"];
    assert_eq!(worker["QUIET_HOURS"], "", "set to nothing: no hours are quiet");
    assert_eq!(worker["COMPANY_HOURS"], "10:00 - 22:00");
    assert_eq!(worker["REMINDER_BEFORE"], Value::Null, "not set: the default");
    assert_eq!(worker["LOG_FORMAT"], "json");
    Ok(())
}

#[tokio::test]
async fn each_network_joins_only_those_who_need_each_other() -> Outcome {
    let services = services(LEAST).await?;
    let networks = |name: &str| names(&services[name]["networks"]);
    let neighbours = |name: &str| -> Vec<&str> {
        let shared =
            |other: &&String| *other != name && !networks(other).is_disjoint(&networks(name));
        services.keys().filter(shared).map(String::as_str).collect()
    };
    // Its API has no password.
    assert_eq!(neighbours("alertmanager"), ["prometheus"]);
    assert_eq!(neighbours("grafana"), ["prometheus"]);
    assert_eq!(neighbours("node-exporter"), ["ingest", "prometheus", "worker"]);
    let scraped = ["alertmanager", "grafana", "ingest", "nginx", "node-exporter", "worker"];
    assert_eq!(neighbours("prometheus"), scraped);
    assert_eq!(neighbours("nginx"), ["certbot", "ingest", "prometheus"]);
    for database in ["postgres", "redis"] {
        let other = if database == "redis" { "postgres" } else { "redis" };
        assert_eq!(neighbours(database), ["ingest", "migrate", other, "worker"]);
    }
    for (name, service) in &services {
        assert_eq!(!service["ports"].is_null(), name == "nginx", "{name}: published ports");
    }
    Ok(())
}

#[tokio::test]
async fn the_bare_system_starts_without_monitoring() -> Outcome {
    let services = services(LEAST).await?;
    let monitoring: Vec<&str> = services
        .iter()
        .filter(|(_, service)| names(&service["profiles"]).contains("monitoring"))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(monitoring, ["alertmanager", "grafana", "node-exporter", "prometheus"]);
    Ok(())
}

#[tokio::test]
async fn the_document_names_each_image() -> Outcome {
    let document = read("docs/docker.md")?;
    let images = services(LEAST).await?;
    let images = images.values().filter_map(|service| service["image"].as_str());
    let built = read("Dockerfile")?;
    let bases = built.lines().filter_map(|line| line.strip_prefix("ARG R")?.split_once('='));
    for image in images.chain(bases.map(|(_, image)| image)) {
        let named = document.contains(&format!("`{image}`"));
        assert!(named || image == "bukza-bridge", "{image} is not in docs/docker.md");
    }
    Ok(())
}
