//! The system packages that the project needs, and their installation. The system services that
//! Debian's packages set up are not used.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};

/// Debian packages, each with the programs (or files, by whole path) used. `setpriv` (util-linux) and `script` (bsdutils) are part of every Debian.
const PACKAGES: &[(&str, &[&str])] = &[
    ("postgresql", &["postgres", "initdb", "pg_isready", "pg_basebackup"]),
    ("redis-server", &["redis-server"]),
    // For the test of the shipped nginx configuration.
    ("nginx-light", &["nginx"]),
    ("logrotate", &["logrotate"]),
    // For the test of the shipped units.
    ("systemd", &["systemd-analyze"]),
    // For the tests that follow docs/systemd.md with a systemd of their own.
    ("systemd-container", &["systemd-nspawn"]),
    ("iproute2", &["ip"]),
    // For the test of machines whose clocks are off.
    ("faketime", &["faketime"]),
    // For the test of the shipped rules and dashboard.
    ("prometheus", &["prometheus", "promtool"]),
    ("prometheus-node-exporter", &["prometheus-node-exporter"]),
    // For the tests of the shipped Alertmanager and nginx. `pgrep` finds their children.
    ("prometheus-alertmanager", &["prometheus-alertmanager"]),
    ("procps", &["pgrep"]),
    // For the test of docker-compose.yml. No container is started.
    ("docker-compose", &["docker-compose"]),
    // For the test of the shell scripts.
    ("shellcheck", &["shellcheck"]),
    // For the test of encrypted backups.
    ("age", &["age", "age-keygen"]),
    // For the tests of the page in a browser, and its pictures.
    ("chromium", &["chromium"]),
    ("chromium-driver", &["chromedriver"]),
    ("fonts-dejavu-core", &["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"]),
    ("fonts-noto-color-emoji", &["/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"]),
    ("curl", &["curl"]),
    ("openssl", &["openssl"]),
];

/// Installs missing packages and prints which; does nothing when all are installed.
///
/// # Errors
/// When the installation fails, or needs rights that this user lacks.
pub fn set_up() -> anyhow::Result<()> {
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(_, programs)| programs.iter().any(|program| find(program).is_none()))
        .map(|(package, _)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing: {}. Installing from the distribution's packages.", missing.join(", "));
    ensure!(
        on_path("apt-get").is_some(),
        "this system has no apt-get: install PostgreSQL and Redis by its own means and try again"
    );
    apt_get(&["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(&missing);
    apt_get(&install)?;
    for (_, programs) in PACKAGES {
        for program in *programs {
            program_path(program)?;
        }
    }
    Ok(())
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("apt-get")
    } else if on_path("sudo").is_some() {
        let mut command = Command::new("sudo");
        command.arg("apt-get");
        command
    } else {
        bail!("installing needs root: run `apt-get {}` as root once", arguments.join(" "));
    };
    println!("$ apt-get {}", arguments.join(" "));
    let status = command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .context("cannot run apt-get")?;
    ensure!(status.success(), "apt-get {} failed", arguments.join(" "));
    Ok(())
}

/// Where a program is.
///
/// # Errors
/// When it isn't installed.
pub fn program_path(program: &str) -> anyhow::Result<PathBuf> {
    find(program).with_context(|| format!("{program} is not installed: run `cargo xtask set-up`"))
}

/// Debian installs PostgreSQL's server programs by version, outside the PATH. The newest is used.
fn find(program: &str) -> Option<PathBuf> {
    newest_postgresql(Path::new("/usr/lib/postgresql"))
        .map(|bin| bin.join(program))
        .filter(|path| path.is_file())
        .or_else(|| on_path(program))
}

fn newest_postgresql(versions: &Path) -> Option<PathBuf> {
    std::fs::read_dir(versions)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").is_file().then_some((version, bin))
        })
        .max()
        .map(|(_, bin)| bin)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // apt installs daemons into folders that may be missing in a user's PATH.
    let folders = std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/bin"].into_iter().map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_postgresql_with_a_server_is_taken_by_number() {
        let folder = tempfile::tempdir().unwrap();
        for (version, server) in [("9", true), ("15", true), ("17", false), ("common", true)] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            if server {
                std::fs::write(bin.join("initdb"), "").unwrap();
            }
        }
        assert_eq!(newest_postgresql(folder.path()), Some(folder.path().join("15/bin")));
        assert_eq!(newest_postgresql(&folder.path().join("none")), None);
    }
}
