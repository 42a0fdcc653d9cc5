//! The project's folder on this machine, and how its programs are built.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

/// The one feature that the tests' dependencies have beyond the programs': with it both share what is
/// compiled, nearly all of a first build.
const TESTS_FEATURE: &str = "tokio/test-util";

/// The project's folder.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

/// How the programs are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

impl Project {
    /// Finds the project above this package's folder, or above the working directory when not run
    /// by cargo.
    ///
    /// # Errors
    /// When run from somewhere else without cargo.
    pub fn find() -> anyhow::Result<Self> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => PathBuf::from(package),
            None => std::env::current_dir()?,
        };
        let root = start
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").exists() && folder.join("xtask").is_dir())
            .context("not inside the project's folder: run it by `cargo xtask`")?;
        Ok(Self { root: root.to_owned() })
    }

    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for everything that commands create; ignored by git.
    #[must_use]
    pub fn dev(&self) -> PathBuf {
        self.root.join(".dev")
    }

    fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => self.root.join(target),
            None => self.root.join("target"),
        }
    }

    /// A cargo command in the project's folder, with the cargo that runs this program.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.root).stdin(Stdio::null());
        // The variables that cargo sets for this package would rerun build scripts that read them
        // (ring's). Without them, a build from here and one from a shell share their results.
        for (name, _) in std::env::vars_os() {
            let ours = ["CARGO_PKG_", "CARGO_MANIFEST_"];
            if name.to_str().is_some_and(|name| ours.iter().any(|of| name.starts_with(of))) {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Builds all programs of the workspace and returns the folder they are in.
    ///
    /// # Errors
    /// When they don't compile.
    pub fn build(&self, profile: Profile) -> anyhow::Result<PathBuf> {
        match profile {
            Profile::Dev => self.build_with(&["--features", TESTS_FEATURE])?,
            Profile::Release => self.build_with(&["--release"])?,
        }
        Ok(self.target().join(profile.folder()))
    }

    /// Builds the programs of a next version, which has one migration more, and returns their
    /// folder. Only dependents of `migrations` are compiled twice.
    ///
    /// # Errors
    /// When they don't compile.
    pub fn build_next(&self) -> anyhow::Result<PathBuf> {
        self.build_with(&["--features", TESTS_FEATURE, "--features", "migrations/rehearsal"])?;
        let built = self.target().join(Profile::Dev.folder());
        let next = self.target().join("next");
        std::fs::create_dir_all(&next)?;
        for program in ["ingest", "worker", "migrate"] {
            let kept = next.join(program);
            if kept.exists() {
                std::fs::remove_file(&kept)?;
            }
            // A hard link is enough: cargo replaces the file, and does not write into it.
            std::fs::hard_link(built.join(program), kept)?;
        }
        Ok(next)
    }

    fn build_with(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = self.cargo();
        command.args(["build", "--workspace", "--bins"]).args(arguments);
        let status = command.status().context("cannot run cargo")?;
        ensure!(status.success(), "the build failed");
        Ok(())
    }
}
