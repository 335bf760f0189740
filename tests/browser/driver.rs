//! ChromeDriver as a child process, and browsers of two widths.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

const CHROMIUM: &str = "/usr/bin/chromium";
const DRIVER: &str = "/usr/bin/chromedriver";

/// How wide the window is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Width {
    /// 1280 pixels.
    Desk,
    /// 390 pixels, as a phone shows them.
    Phone,
}

/// A running ChromeDriver; ends with this value.
pub(crate) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts it; `None`, loudly, on a machine without it unless `CI` is set.
    pub(crate) fn start() -> anyhow::Result<Option<Self>> {
        if !Path::new(DRIVER).exists() || !Path::new(CHROMIUM).exists() {
            if std::env::var_os("CI").is_some() {
                bail!("{CHROMIUM} and {DRIVER} are needed: apt-get install chromium chromium-driver");
            }
            eprintln!(
                "\n*** NOT TESTED: the manager's pages in a browser. Install chromium and chromium-driver. ***\n"
            );
            return Ok(None);
        }
        let mut child = Command::new(DRIVER)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting ChromeDriver")?;
        let output = child.stdout.take().context("ChromeDriver's output")?;
        let mut port = None;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some((_, rest)) = line.split_once("started successfully on port ") {
                port = rest.trim_end_matches('.').parse().ok();
                break;
            }
        }
        let port = port.context("ChromeDriver did not say its port")?;
        Ok(Some(Self { child, port }))
    }

    /// Opens a browser with an empty profile.
    pub(crate) async fn open(&self, width: Width) -> anyhow::Result<Client> {
        let profile = tempfile::tempdir()?.keep();
        let mut options = json!({
            "binary": CHROMIUM,
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=1280,900", "--lang=zh-CN",
                format!("--user-data-dir={}", profile.display()),
            ],
        });
        if matches!(width, Width::Phone) {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2, "touch": true } });
        }
        let capabilities = json!({ "goog:chromeOptions": options });
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .context("opening a browser")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("ChromeDriver did not end: {error}");
        }
    }
}

/// Leaves a picture of the page in `target/screenshots`.
pub(crate) async fn picture(browser: &Client, name: &str) -> anyhow::Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.png")), browser.screenshot().await?)?;
    Ok(())
}
