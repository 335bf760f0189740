//! A manager's session in the browser: a signed cookie, and the check that a form was sent from our own pages.

use axum::http::{HeaderMap, Uri, header};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use sync_core::{
    id::{TenantId, UserId},
    time::Timestamp,
};

use super::{
    jwt::{self, TokenError},
    keys::ServerKeys,
};

const TYP: &str = "web+jwt";
const AUDIENCE: &str = "fieldbook-web";

/// Whom a session speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebSession {
    /// The company.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The version of the person's credentials; the caller refuses the session once it has moved on.
    pub credential_version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    tid: TenantId,
    ver: u32,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes and reads session cookies for the server at one public URL.
#[derive(Debug, Clone)]
pub struct WebSessions {
    public_url: String,
    lifetime_s: u32,
}

/// A form was not sent from one of our own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request was sent from another site")]
pub struct CrossSite;

impl WebSessions {
    /// Sets up sessions of that many hours.
    pub fn new(public_url: &str, lifetime_hours: u32) -> Self {
        Self { public_url: public_url.to_owned(), lifetime_s: lifetime_hours.saturating_mul(3_600) }
    }

    /// The name of the cookie: under `https` one that only this host can have set.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_https() { "__Host-fieldbook" } else { "fieldbook" }
    }

    /// Gives the `Set-Cookie` value that begins a session.
    pub fn begin(
        &self,
        keys: &ServerKeys,
        session: &WebSession,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let issued = jwt::seconds(now);
        let claims = Claims {
            iss: self.public_url.clone(),
            aud: AUDIENCE.to_owned(),
            sub: session.user,
            tid: session.tenant,
            ver: session.credential_version,
            iat: issued,
            nbf: issued,
            exp: issued.saturating_add(self.lifetime_s.into()),
        };
        Ok(self.cookie(&jwt::sign(keys, TYP, &claims)?, self.lifetime_s))
    }

    /// Gives the `Set-Cookie` value that ends a session.
    pub fn end(&self) -> String {
        self.cookie("", 0)
    }

    /// Reads the session of a request, `None` if it has no such cookie.
    pub fn read(
        &self,
        keys: &ServerKeys,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<WebSession>, TokenError> {
        let Some(token) = self.token(headers) else { return Ok(None) };
        let claims: Claims = jwt::open(keys, TYP, token)?;
        if claims.aud != AUDIENCE || claims.iss != self.public_url {
            return Err(TokenError::WrongAudience);
        }
        jwt::check_window(claims.nbf.max(claims.iat), claims.exp, now)?;
        Ok(Some(WebSession { tenant: claims.tid, user: claims.sub, credential_version: claims.ver }))
    }

    /// Checks that a request that changes something was sent from our own pages; every POST passes through here.
    ///
    /// A browser says so in `Sec-Fetch-Site` or, if it is old, in `Origin`; one that says neither is refused.
    pub fn check_same_origin(&self, headers: &HeaderMap) -> Result<(), CrossSite> {
        let site = one(headers, "sec-fetch-site")?;
        let origin = one(headers, "origin")?;
        if site.is_some_and(|site| site != "same-origin") {
            return Err(CrossSite);
        }
        match origin {
            Some(origin) if !self.is_own(origin, headers) => Err(CrossSite),
            None if site.is_none() => Err(CrossSite),
            _ => Ok(()),
        }
    }

    /// Whether an origin is the public URL, or the host the browser itself says it is talking to.
    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        let Some(origin) = authority(origin) else { return false };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        authority(&self.public_url).is_some_and(|own| own == origin)
            || host.is_some_and(|host| host.eq_ignore_ascii_case(&origin.1))
    }

    /// The token that every form of this session carries, so that no other page can have made it; `None` without a
    /// session.
    pub fn form_token(&self, keys: &ServerKeys, headers: &HeaderMap) -> Option<String> {
        let key = keys.derive("fieldbook/form-key/1");
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).ok()?;
        mac.update(self.token(headers)?.as_bytes());
        Some(hex::encode(mac.finalize().into_bytes()))
    }

    /// Whether a form brought the token of its session back.
    pub fn check_form_token(
        &self,
        keys: &ServerKeys,
        headers: &HeaderMap,
        brought: &str,
    ) -> Result<(), CrossSite> {
        let own = self.form_token(keys, headers).ok_or(CrossSite)?;
        if bool::from(own.as_bytes().ct_eq(brought.as_bytes())) { Ok(()) } else { Err(CrossSite) }
    }

    fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    fn cookie(&self, value: &str, max_age_s: u32) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        let name = self.cookie_name();
        format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}")
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == self.cookie_name() && !value.is_empty())
            .map(|(_, value)| value)
    }
}

/// The scheme and the lowercase host and port of an origin, without the port the scheme implies.
fn authority(origin: &str) -> Option<(String, String)> {
    let uri: Uri = origin.parse().ok()?;
    let scheme = uri.scheme_str()?.to_owned();
    let authority = uri.authority()?.as_str().to_ascii_lowercase();
    let implied = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(implied).unwrap_or(&authority).to_owned();
    Some((scheme, authority))
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, CrossSite> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| CrossSite),
        (Some(_), Some(_)) => Err(CrossSite),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;
    use crate::{
        auth::access_token::{self, Access},
        randomness::SystemRandomness,
    };

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const URL: &str = "https://sync.example";

    fn sessions() -> WebSessions {
        WebSessions::new(URL, 12)
    }

    fn keys() -> ServerKeys {
        ServerKeys::from_seed(&[7; 32])
    }

    fn session() -> WebSession {
        WebSession {
            tenant: TenantId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            credential_version: 4,
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn a_session_lasts_twelve_hours_in_a_cookie_scripts_cannot_read() {
        let set = sessions().begin(&keys(), &session(), NOW).unwrap();
        assert!(set.starts_with("__Host-fieldbook="));
        assert!(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure"));
        let cookie = headers(&[("cookie", &format!("other=1; {}", set.split(';').next().unwrap()))]);
        assert_eq!(sessions().read(&keys(), &cookie, NOW), Ok(Some(session())));
        let later = NOW.plus_millis(12 * 3_600_000);
        assert_eq!(sessions().read(&keys(), &cookie, later), Err(TokenError::Expired));
        assert_eq!(sessions().read(&keys(), &HeaderMap::new(), NOW), Ok(None));
    }

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let cookie = |now| {
            let set = sessions().begin(&keys(), &session(), now).unwrap();
            headers(&[("cookie", set.split(';').next().unwrap())])
        };
        let (first, second) = (cookie(NOW), cookie(NOW.plus_millis(1_000)));
        let token = sessions().form_token(&keys(), &first).unwrap();
        assert_eq!(sessions().check_form_token(&keys(), &first, &token), Ok(()));
        assert_eq!(sessions().check_form_token(&keys(), &second, &token), Err(CrossSite));
        assert_eq!(sessions().check_form_token(&keys(), &first, ""), Err(CrossSite));
        assert_eq!(sessions().check_form_token(&keys(), &HeaderMap::new(), &token), Err(CrossSite));
    }

    #[test]
    fn without_tls_the_cookie_is_plain() {
        let set = WebSessions::new("http://127.0.0.1:8321", 12).begin(&keys(), &session(), NOW).unwrap();
        assert!(set.starts_with("fieldbook=") && !set.contains("Secure"));
    }

    #[test]
    fn an_access_token_is_no_session() {
        let access = Access {
            tenant: session().tenant,
            user: session().user,
            device: sync_core::id::DeviceId::from_bytes([3; 16]),
            key_thumbprint: "key".to_owned(),
        };
        let token = access_token::issue(&keys(), &SystemRandomness, URL, &access, 600, NOW).unwrap();
        let cookie = headers(&[("cookie", &format!("__Host-fieldbook={token}"))]);
        assert_eq!(sessions().read(&keys(), &cookie, NOW), Err(TokenError::Malformed));
    }

    #[test]
    fn a_form_from_another_site_is_refused() {
        for wrong in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", URL)],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("origin", "https://evil.example"), ("host", "sync.example")],
            &[("origin", "null"), ("host", "sync.example")],
            &[("origin", "https://sync.example.evil.example")],
            &[("origin", URL), ("origin", "https://evil.example")],
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in wrong {
                map.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!(sessions().check_same_origin(&map), Err(CrossSite), "{wrong:?}");
        }
    }

    #[test]
    fn a_form_from_our_own_pages_passes() {
        for right in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("origin", URL)],
            &[("origin", "https://sync.example:443")],
            &[
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://localhost:8321"),
                ("host", "localhost:8321"),
            ],
        ] {
            assert_eq!(sessions().check_same_origin(&headers(right)), Ok(()), "{right:?}");
        }
    }
}
