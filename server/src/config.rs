//! The settings of one server: typed, checked once at the start, and never read from anywhere else.

mod flags;
mod load;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use flags::ConfigFlags;
pub use load::ConfigError;

use crate::web::Lang;

/// Everything an operator may set; the default is a server on this machine only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The address and port the server listens on.
    pub listen: SocketAddr,
    /// How phones and browsers reach the server: scheme, host and port, without a path.
    pub public_url: String,
    /// The folder of the journal, the index and the server key.
    pub data_dir: PathBuf,
    /// The company's name on the pages.
    pub company: String,
    /// The language of a page whose reader has not chosen one.
    pub language: Lang,
    /// Free bytes on disk below which writes are refused, so that reads go on.
    pub disk_reserve_bytes: u64,
    /// Reverse proxies whose `X-Forwarded-For` is believed, as addresses separated by commas.
    pub trusted_proxies: AddressList,
    /// What one client may use up.
    pub limits: Limits,
    /// How the server logs.
    pub log: LogConfig,
    /// How long what the server hands out is good for.
    pub tokens: TokenLifetimes,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8321)),
            public_url: "http://127.0.0.1:8321".to_owned(),
            data_dir: PathBuf::from("fieldbook-data"),
            company: "Fieldbook".to_owned(),
            language: Lang::default(),
            disk_reserve_bytes: 256 << 20,
            trusted_proxies: AddressList::default(),
            limits: Limits::default(),
            log: LogConfig::default(),
            tokens: TokenLifetimes::default(),
        }
    }
}

impl Config {
    /// Whether browsers reach the server over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The bounds on what one client may use up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Bytes in the body of a request; below the size of the largest commit, phones with much to send get stuck.
    pub body_bytes: usize,
    /// Open connections in all.
    pub connections: usize,
    /// Open connections from one address that is not a trusted proxy.
    pub connections_per_ip: usize,
    /// Milliseconds a client has to send the headers of a request.
    pub header_timeout_ms: u64,
    /// Milliseconds a connection may be without a byte in either direction.
    pub idle_timeout_ms: u64,
    /// Milliseconds a client has to send a whole body.
    pub body_timeout_ms: u64,
    /// Milliseconds within which the next part of a body has to arrive.
    pub body_progress_timeout_ms: u64,
    /// Milliseconds open requests have to finish when the server stops.
    pub drain_ms: u64,
    /// Commits worked on at the same time.
    pub concurrent_commits: usize,
    /// Commits that may stand in line for that; while more than half as many do, or they wait long, no sync begins.
    pub waiting_commits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: sync_core::log::limits::COMMIT_BYTES,
            connections: 8_192,
            connections_per_ip: 128,
            header_timeout_ms: 10_000,
            idle_timeout_ms: 60_000,
            body_timeout_ms: 30_000,
            body_progress_timeout_ms: 5_000,
            drain_ms: 10_000,
            concurrent_commits: 32,
            waiting_commits: 256,
        }
    }
}

/// How the server logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogConfig {
    /// The form of a line.
    pub format: LogFormat,
    /// A filter such as `info` or `info,server::engine=debug`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person at a terminal.
    Text,
    /// One JSON object per line.
    Json,
}

/// How long what the server hands out is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenLifetimes {
    /// Minutes of an access token.
    pub access_minutes: u32,
    /// Days a refresh token may stay unused.
    pub refresh_days: u32,
    /// Hours of a manager's session in the browser.
    pub web_session_hours: u32,
    /// Days of an enrolment code.
    pub enrolment_days: u32,
}

impl Default for TokenLifetimes {
    fn default() -> Self {
        Self { access_minutes: 10, refresh_days: 60, web_session_hours: 12, enrolment_days: 7 }
    }
}

/// IP addresses, written with commas between them so that a file, a variable and a flag look the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressList(Vec<IpAddr>);

impl AddressList {
    /// Whether the address is in the list; an IPv4 address mapped into IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromIterator<IpAddr> for AddressList {
    fn from_iter<I: IntoIterator<Item = IpAddr>>(addresses: I) -> Self {
        Self(addresses.into_iter().map(|address| address.to_canonical()).collect())
    }
}

impl Serialize for AddressList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        serializer.serialize_str(&texts.join(","))
    }
}

impl<'de> Deserialize<'de> for AddressList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| {
                text.parse().map_err(|_| D::Error::custom(format_args!("{text:?} is not an IP address")))
            })
            .collect()
    }
}
