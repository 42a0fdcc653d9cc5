//! A real browser: Chromium by its driver, from the distribution's packages. It reaches this machine alone. Both are
//! stopped by their ids.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use fantoccini::{
    Client, ClientBuilder, Locator, elements::Element, error::CmdError,
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{
    packages::program_path,
    ports,
    process::{Process, Start},
};

/// Only a failure waits so long. The first start of a machine reads a hundred megabytes.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// The same for what a page should show.
const SHOWN_WITHIN: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An open window. Without [`Browser::close`] its end kills both programs.
#[derive(Debug)]
pub struct Browser {
    pub page: Client,
    id: Option<Pid>,
    driver: Process,
    /// The browser's own files, which go with it.
    profile: TempDir,
}

impl Browser {
    /// Opens an empty window of this size, in pixels. Logs go to `folder`.
    ///
    /// # Errors
    /// When driver or browser don't start.
    pub async fn start(folder: &Path, width: u32, height: u32) -> anyhow::Result<Self> {
        let address = ports::free()?;
        let mut driver = Process::start(Start {
            name: "chromedriver",
            program: program_path("chromedriver")?,
            arguments: vec![format!("--port={}", address.port())],
            environment: Vec::new(),
            folder,
            account: None,
            stop_signal: Signal::TERM,
        })?;
        driver
            .until_ready(READY_WITHIN, async || TcpStream::connect(address).await.is_ok())
            .await?;
        let profile = tempfile::tempdir()?;
        let net_log = profile.path().join("net.json");
        let mut arguments = vec![
            "--headless".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().join("profile").display()),
            format!("--log-net-log={}", net_log.display()),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned(),
            // It ends with its driver.
            "--remote-debugging-pipe".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--force-device-scale-factor=1".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--lang=ru".to_owned(),
        ];
        // Chromium refuses its sandbox to root.
        if rustix::process::geteuid().is_root() {
            arguments.push("--no-sandbox".to_owned());
        }
        let capabilities = json!({"goog:chromeOptions": {
            "binary": chromium()?,
            "args": arguments,
        }});
        let Value::Object(capabilities) = capabilities else { bail!("capabilities are an object") };
        let connected = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://{address}"))
            .await;
        let page = connected.with_context(|| driver.log_tail(20))?;
        let answered = page.capabilities();
        let id = answered.and_then(|all| all.get("goog:processID")?.as_i64());
        let id = id.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        Ok(Self { page, id, driver, profile })
    }

    /// Waits until this element is there and visible: the last of several.
    ///
    /// # Errors
    /// When it isn't in good time; with the page's text.
    pub async fn find(&self, xpath: &str) -> anyhow::Result<Element> {
        self.until(xpath, async |element| Ok(element.is_displayed().await?.then_some(element)))
            .await
    }

    /// Clicks an element as soon as it can be clicked: the last of several.
    ///
    /// # Errors
    /// As above.
    pub async fn click(&self, xpath: &str) -> anyhow::Result<()> {
        self.until(xpath, async |element| Ok(Some(element.click().await?))).await
    }

    /// Types into a field that has this label or name, in place of what is there.
    ///
    /// # Errors
    /// As above.
    pub async fn fill(&self, xpath: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(xpath).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Chooses from a list by the value.
    ///
    /// # Errors
    /// As above, and when there is no such value.
    pub async fn choose(&self, xpath: &str, value: &str) -> anyhow::Result<()> {
        Ok(self.find(xpath).await?.select_by_value(value).await?)
    }

    /// Makes the window this large, also smaller than a window of a desktop can be.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command =
            DevTools(json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size}));
        self.page.issue_cmd(command).await?;
        Ok(())
    }

    /// The value of a script, in JSON.
    ///
    /// # Errors
    /// When it throws.
    pub async fn script(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.page.execute(script, Vec::new()).await?)
    }

    async fn until<T>(
        &self,
        xpath: &str,
        act: impl AsyncFn(Element) -> Result<Option<T>, CmdError>,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + SHOWN_WITHIN;
        loop {
            // The page replaces elements whenever it likes.
            if let Some(element) = self.page.find_all(Locator::XPath(xpath)).await?.pop()
                && let Ok(Some(done)) = act(element).await
            {
                return Ok(done);
            }
            if Instant::now() > deadline {
                bail!("no {xpath} came within {SHOWN_WITHIN:?}; the page:\n{}", self.text().await?);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What a person reads on the page.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn text(&self) -> anyhow::Result<String> {
        let text = self.script("return document.body.innerText").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Closes the window and both programs. The hosts that were sent requests or connected to.
    ///
    /// # Errors
    /// When its log can't be read.
    pub async fn close(mut self) -> anyhow::Result<Vec<String>> {
        self.page.clone().close().await?;
        self.driver.stop(Duration::from_secs(10)).await?;
        self.id = None;
        hosts(&self.profile.path().join("net.json"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            let _ = rustix::process::kill_process(id, Signal::KILL);
        }
    }
}

/// The browser of the driver's version. Machines for CI come with several.
fn chromium() -> anyhow::Result<PathBuf> {
    let version = |program: &str| -> Option<String> {
        let printed = Command::new(program_path(program).ok()?).arg("--version").output().ok()?;
        let printed = String::from_utf8(printed.stdout).ok()?;
        let number =
            printed.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        number.split('.').next().map(str::to_owned)
    };
    let driver = version("chromedriver");
    let fits = |program: &&str| driver.is_some() && version(program) == driver;
    let program = ["chromium", "google-chrome"].into_iter().find(fits);
    program_path(program.unwrap_or("chromium"))
}

/// A command of Chromium's own protocol.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

/// What a page sent requests to, and what the browser connected to, by its log: hosts with ports, each once. Chromium's
/// own requests end at its resolver.
fn hosts(log: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(log)?;
    let log: Value = serde_json::from_str(&text).context("the browser's log is no JSON")?;
    let events = log["events"].as_array().into_iter().flatten();
    let mut hosts: Vec<String> = events.map(|event| &event["params"]).flat_map(reached).collect();
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

fn reached(event: &Value) -> Vec<String> {
    let of_page = event["initiator"].as_str().is_some_and(|from| from.starts_with("http"));
    let url = event["url"].as_str().filter(|_| of_page);
    let requested = url.and_then(|url| url.split_once("://")?.1.split(['/', '?', '#']).next());
    let connected =
        event["address_list"].as_array().into_iter().flatten().filter_map(Value::as_str);
    requested.into_iter().chain(connected).map(str::to_owned).collect()
}
