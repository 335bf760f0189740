//! The transport: one HTTP request and its bounded answer.

use std::{future::Future, pin::Pin, sync::OnceLock, time::Duration};

use reqwest::{Client, Url, header, redirect};

use crate::error::Error;

/// The most bytes of an answer that are read.
const BODY_BYTES: usize = 8 * 1024 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// Between two pieces of an answer: a slow line is fine, a silent one is not.
const SILENCE: Duration = Duration::from_secs(30);
const WHOLE: Duration = Duration::from_secs(180);

/// One POST request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The whole address.
    pub url: String,
    /// The type of the body.
    pub content_type: &'static str,
    /// Further headers, by name.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The header `DPoP-Nonce`.
    pub nonce: Option<String>,
    /// The header `Retry-After`, given in seconds.
    pub retry_after: Option<Duration>,
    /// The whole body; at most 8 MiB are taken.
    pub body: Vec<u8>,
}

/// No answer: no network, no server, or one that broke off. Carries what the network said.
#[derive(Debug, Clone)]
pub struct Unreachable(pub String);

/// What becomes of a request.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, Unreachable>> + Send + 'a>>;

/// Sends requests: [`HttpTransport`], or the HTTP stack of an app that brings its own.
///
/// # Contract
/// An answer is whole or it is [`Unreachable`]. Nothing is retried and no redirect is followed. Outside this machine,
/// requests go over TLS to a server whose certificate was checked. Waiting for an answer ends by itself.
pub trait Transport: Send + Sync {
    /// Sends one request and gives its answer.
    fn send(&self, request: Request) -> Answer<'_>;
}

/// HTTP over TLS with the platform's trusted certificates; plain HTTP to this machine only.
#[derive(Debug, Default)]
pub struct HttpTransport {
    client: OnceLock<Client>,
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> Answer<'_> {
        Box::pin(async move { self.exchange(request).await })
    }
}

impl HttpTransport {
    async fn exchange(&self, request: Request) -> Result<Response, Unreachable> {
        let mut sending =
            self.client()?.post(&request.url).header(header::CONTENT_TYPE, request.content_type);
        for (name, value) in request.headers {
            sending = sending.header(name, value);
        }
        let mut answer = sending.body(request.body).send().await.map_err(|error| unreachable(&error))?;
        let text = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let nonce = text("DPoP-Nonce");
        let retry_after = text("Retry-After").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + piece.len() > BODY_BYTES {
                return Err(Unreachable(format!("the answer has more than {BODY_BYTES} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response { status, nonce, retry_after, body })
    }

    fn client(&self) -> Result<&Client, Unreachable> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // An error means that the app installed a provider before us, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(WHOLE)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("fieldbook-sdk/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unreachable(&error))?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn unreachable(error: &reqwest::Error) -> Unreachable {
    use std::error::Error as _;
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    Unreachable(text)
}

/// Checks the address of a server and gives it without a slash at the end.
pub(crate) fn server_address(text: &str) -> Result<String, Error> {
    let url = Url::parse(text).map_err(|error| Error::fix_call(format!("server address: {error}")))?;
    let is_local = match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse().is_ok_and(|address: std::net::Ipv4Addr| address.is_loopback()),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        _ => return Err(Error::fix_call("the server address must begin with https://")),
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(Error::fix_call("the server address is a host and, at most, a path"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert_eq!(server_address("http://127.0.0.1:8080/").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(server_address("https://field.example/book/").unwrap(), "https://field.example/book");
        for bad in ["http://field.example", "ftp://127.0.0.1", "field.example", "https://a:b@c.example"] {
            assert!(matches!(server_address(bad), Err(Error::FixCall { .. })), "{bad}");
        }
    }
}
