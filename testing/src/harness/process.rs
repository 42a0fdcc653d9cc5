//! A child process that never outlives its parent: stopped when dropped, killed by the kernel when
//! the parent dies. Its output goes to a log file, and its id to a file, so that a later run can
//! clean up after a crash.

use std::{
    fs::{File, OpenOptions},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal};

use crate::harness::packages::program_path;

/// How to start a process.
#[derive(Debug)]
pub struct Start<'a> {
    /// Name of its log and pid files.
    pub name: &'a str,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// Its whole environment, besides PATH and HOME.
    pub environment: Vec<(String, String)>,
    /// Working directory, and where the log and pid files go.
    pub folder: &'a Path,
    /// The account it runs as; `None`: the parent's.
    pub account: Option<&'a str>,
    /// The signal for a graceful stop.
    pub stop_signal: Signal,
}

/// A running (or ended) child process.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    pid: Pid,
    log: PathBuf,
    pid_file: PathBuf,
    stop_signal: Signal,
}

impl Process {
    /// Starts it. Its log is appended to, so that a restart keeps the earlier part.
    ///
    /// # Errors
    /// When the program or its files can't be opened.
    pub fn start(start: Start<'_>) -> anyhow::Result<Self> {
        let log = start.folder.join(format!("{}.log", start.name));
        let output = OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = guarded(start.account)?;
        command
            .arg(&start.program)
            .args(&start.arguments)
            .env_clear()
            .envs(start.environment)
            .current_dir(start.folder)
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output);
        for name in ["PATH", "HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // A process group of its own: Ctrl-C in the terminal reaches only the parent, which stops
        // it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child =
            command.spawn().with_context(|| format!("cannot start {}", start.program.display()))?;
        let pid = Pid::from_child(&child);
        let pid_file = start.folder.join(format!("{}.pid", start.name));
        let birth = birth(pid).unwrap_or_default();
        std::fs::write(&pid_file, format!("{} {birth}", pid.as_raw_nonzero()))?;
        let name = start.name.to_owned();
        Ok(Self { name, child, pid, log, pid_file, stop_signal: start.stop_signal })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal; nothing happens if it has ended.
    pub fn signal(&mut self, signal: Signal) {
        if self.ended().is_none() {
            let _ = rustix::process::kill_process(self.pid, signal);
        }
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it still runs after `patience`.
    pub async fn wait(&mut self, patience: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                bail!("{} still runs after {patience:?}", self.name);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until it is ready, which `is_ready` finds out.
    ///
    /// # Errors
    /// When it ends before, or isn't ready after `patience`; with the end of its log.
    pub async fn until_ready(
        &mut self,
        patience: Duration,
        is_ready: impl AsyncFn() -> bool,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        while !is_ready().await {
            if self.ended().is_some() || Instant::now() > deadline {
                bail!("{} did not start:\n{}", self.name, self.log_tail(20));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Sends its stop signal and waits for its end.
    ///
    /// # Errors
    /// When it still runs after `patience`.
    pub async fn stop(&mut self, patience: Duration) -> anyhow::Result<ExitStatus> {
        self.signal(self.stop_signal);
        self.wait(patience).await
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// When even that takes more than ten seconds.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL);
        self.wait(Duration::from_secs(10)).await.map(drop)
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log_tail(&self, lines: usize) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// How many lines of its log contain `words`.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn log_lines(&self, words: &str) -> anyhow::Result<usize> {
        let text = std::fs::read(&self.log)?;
        Ok(String::from_utf8_lossy(&text).lines().filter(|line| line.contains(words)).count())
    }

    /// Resident memory in bytes; `None` once it has ended.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        self.status_bytes("VmRSS:")
    }

    /// Its peak resident memory in bytes; `None` once it has ended.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, field: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(self.stop_signal);
        let signalled = Instant::now();
        while self.ended().is_none() {
            if signalled.elapsed() > Duration::from_secs(5) {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = std::fs::remove_file(&self.pid_file);
    }
}

/// `setpriv` makes the kernel kill the process when the parent dies, and changes the account if one
/// is given. Then it executes the program, so that the process id is the program's.
fn guarded(account: Option<&str>) -> anyhow::Result<Command> {
    let mut command = Command::new(program_path("setpriv")?);
    command.args(["--pdeathsig", "KILL"]);
    if let Some(account) = account {
        command.args(["--reuid", account, "--regid", account, "--init-groups"]);
    }
    command.arg("--");
    Ok(command)
}

/// A command and its descendants in one process group, such as cargo, its compilers and its test
/// programs. All are killed when it is dropped.
#[derive(Debug)]
pub struct Group(Child);

impl Group {
    /// Starts it.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(Self(command.spawn().context("cannot start a command")?))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// The system's.
    pub async fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Also ends descendants that outlive the leader.
        let _ = rustix::process::kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Runs a program to its end, under `account` if given.
///
/// # Errors
/// When it fails, with its output.
pub fn run(
    account: Option<&str>,
    folder: &Path,
    program: &Path,
    arguments: &[&str],
) -> anyhow::Result<()> {
    let output = guarded(account)?
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        let status = output.status.code().or(output.status.signal());
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({status:?}): {errors}", program.display());
    }
    Ok(())
}

/// When a process started, in clock ticks since the machine's start. It tells the process from a
/// later one with the same id.
fn birth(pid: Pid) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name is in parentheses and may contain anything. The numbered fields follow the last
    // parenthesis.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Kills the processes that an earlier run left behind, by the ids that it wrote into `folder`.
pub fn end_leftovers(folder: &Path) {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    for path in
        files.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "pid"))
    {
        if let Some(pid) = leftover(&path) {
            println!("Ending process {} of an earlier run.", pid.as_raw_nonzero());
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
        let _ = std::fs::remove_file(path);
    }
}

fn leftover(pid_file: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(pid_file).ok()?;
    let (id, born) = text.split_once(' ')?;
    let pid = Pid::from_raw(id.parse().ok()?)?;
    (birth(pid)? == born.parse::<u64>().ok()?).then_some(pid)
}

/// A locked file.
#[derive(Debug)]
pub struct Lock(File);

/// Locks a file for as long as it is kept; `None` when another process holds it.
#[must_use]
pub fn lock(path: &Path) -> Option<Lock> {
    let file = File::create(path).ok()?;
    file.try_lock().ok()?;
    Some(Lock(file))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a program that another thread is starting may have inherited the
        // file for an instant.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(folder: &Path) -> Process {
        Process::start(Start {
            name: "sleeper",
            program: program_path("sleep").unwrap(),
            arguments: vec!["600".into()],
            environment: Vec::new(),
            folder,
            account: None,
            stop_signal: Signal::TERM,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_process_stops_on_its_signal_and_its_pid_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path());
        assert!(process.ended().is_none());
        assert!(folder.path().join("sleeper.pid").exists());
        let status = process.stop(Duration::from_secs(10)).await.unwrap();
        assert_eq!(status.signal(), Some(Signal::TERM.as_raw()));
        drop(process);
        assert!(!folder.path().join("sleeper.pid").exists());
    }

    #[tokio::test]
    async fn leftovers_are_ended_by_the_id_they_were_born_with() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path());
        let file = folder.path().join("sleeper.pid");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}1")).unwrap();
        end_leftovers(folder.path());
        assert!(process.ended().is_none(), "another process of that id is left alone");
        std::fs::write(&file, text).unwrap();
        end_leftovers(folder.path());
        let status = process.wait(Duration::from_secs(10)).await.unwrap();
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()));
    }
}
