//! A request, who sends it, and its answer.

use anyhow::Context as _;
use reqwest::{Method, header};

use super::Site;

/// A request with a body that is good, so that only rights decide.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: String,
    /// What stands in `Authorization`.
    pub(crate) authorization: Option<String>,
    /// What stands in `Cookie`.
    pub(crate) cookie: Option<String>,
    pub(crate) body: Sent,
}

/// What is sent along.
#[derive(Debug, Clone, Default)]
pub(crate) enum Sent {
    #[default]
    Nothing,
    Json(serde_json::Value),
    Cbor(Vec<u8>),
    /// A form of our own pages, with the token of the session that the cookie names.
    Form(Vec<(&'static str, String)>),
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) content_type: String,
    /// Headers and body as text, for whoever looks for something in them.
    pub(crate) text: String,
}

impl Answer {
    /// The code of a problem; empty for any other answer.
    pub(crate) fn code(&self) -> &str {
        let Some((_, code)) = self.text.split_once("urn:fieldbook:problem:") else { return "" };
        code.split('"').next().unwrap_or_default()
    }
}

impl Ask<'_> {
    pub(super) async fn send(&self, http: &reqwest::Client, site: &Site) -> anyhow::Result<Answer> {
        let method = Method::from_bytes(self.method.to_uppercase().as_bytes())?;
        let mut request = http.request(method, format!("{}{}", site.url(), self.path));
        let mut headers = header::HeaderMap::new();
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.parse()?);
        }
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.parse()?);
        }
        let body = match &self.body {
            Sent::Nothing => Vec::new(),
            Sent::Json(value) => {
                headers.insert(header::CONTENT_TYPE, "application/json".parse()?);
                value.to_string().into_bytes()
            }
            Sent::Cbor(bytes) => {
                headers.insert(header::CONTENT_TYPE, "application/cbor".parse()?);
                bytes.clone()
            }
            Sent::Form(pairs) => {
                headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse()?);
                headers.insert("sec-fetch-site", "same-origin".parse()?);
                let token = site.sessions.form_token(&site.keys, &headers).unwrap_or_default();
                let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
                encoded(pairs.chain([("form_token", token.as_str())])).into_bytes()
            }
        };
        request = request.headers(headers).body(body);
        let answer = request.send().await.with_context(|| format!("{} {}", self.method, self.path))?;
        let header =
            |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (location, content_type) =
            (header(header::LOCATION).to_owned(), header(header::CONTENT_TYPE).to_owned());
        let (status, head) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        let text = format!("{head}\n{}", String::from_utf8_lossy(&answer.bytes().await?));
        Ok(Answer { status, location, content_type, text })
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        encoded.push_str(&format!("{name}={value}&"));
    }
    encoded
}
