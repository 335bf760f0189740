//! Everybody who may come to the door: the people of two companies, and those whom the server must not know.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use server::auth::{access_token::Access, keys::ServerKeys, web_session::WebSession};
use sha2::Sha256;
use sync_core::{
    directory::{Role, User},
    id::DeviceId,
};

use crate::site::{Company, Site};

/// Somebody whom the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) role: Role,
    /// Whether they work in the company that is asked about.
    pub(super) is_own: bool,
}

/// Somebody at the door.
#[derive(Debug)]
pub(super) struct Principal {
    pub(super) called: String,
    pub(super) authorization: Option<String>,
    pub(super) cookie: Option<String>,
    /// As whom the API has to know them.
    pub(super) at_api: Option<Known>,
    /// As whom the pages have to know them.
    pub(super) on_pages: Option<Known>,
}

/// The people of both companies, with their phones' tokens and their browsers' sessions.
pub(super) fn people(site: &Site, own: &Company, foreign: &Company) -> anyhow::Result<Vec<Principal>> {
    let mut principals = Vec::new();
    for (company, is_own) in [(own, true), (foreign, false)] {
        for person in company.people.values() {
            let known = Some(Known { name: person.name, role: person.role, is_own });
            principals.push(Principal {
                called: format!("{}{}", if is_own { "" } else { "foreign " }, person.name),
                authorization: Some(bearer(&site.token(&person.access)?)),
                cookie: Some(site.cookie(&person.session)?),
                at_api: known,
                on_pages: known,
            });
        }
    }
    Ok(principals)
}

/// Those whom the server must not know: each holds something that looks like the administrator's.
pub(super) async fn strangers(
    site: &Site,
    own: &Company,
    foreign: &Company,
) -> anyhow::Result<Vec<Principal>> {
    let admin = own.person("admin");
    let known = Some(Known { name: admin.name, role: admin.role, is_own: true });
    let (token, cookie) = (site.token(&admin.access)?, site.cookie(&admin.session)?);
    let (_, session) = cookie.split_once('=').context("no cookie")?;
    let stranger = |called: &str, token: Option<String>, cookie: Option<String>| Principal {
        called: called.to_owned(),
        authorization: token.map(|token| bearer(&token)),
        cookie: cookie.map(|value| format!("fieldbook={value}")),
        at_api: None,
        on_pages: None,
    };
    let mut principals = vec![
        stranger("nobody", None, None),
        // The API knows no sessions, and the pages no tokens.
        Principal { on_pages: known, ..stranger("admin's browser", None, Some(session.to_owned())) },
        Principal { at_api: known, ..stranger("admin's phone", Some(token.clone()), None) },
        stranger("the one as the other", Some(session.to_owned()), Some(token.clone())),
        Principal {
            authorization: Some(format!("Basic {token}")),
            ..stranger("another scheme", None, Some(String::new()))
        },
        stranger(
            "a refresh token",
            Some(admin.phone.refresh_token().to_owned()),
            Some(admin.phone.refresh_token().to_owned()),
        ),
        stranger(
            "a spliced token",
            Some(spliced(&token, &site.token(&own.person("mate").access)?)?),
            Some(spliced(session, &token)?),
        ),
        stranger("a token with a blank in it", Some(token.replacen('.', " .", 1)), None),
    ];
    for (called, forge) in FORGERIES {
        principals.push(stranger(called, Some(forge(site, &token)?), Some(forge(site, session)?)));
    }
    let nowhere = Access { device: DeviceId::from_bytes([0xee; 16]), ..admin.access.clone() };
    let elsewhere = Access { tenant: foreign.tenant, ..admin.access.clone() };
    let there = WebSession { tenant: foreign.tenant, ..admin.session };
    let old = WebSession { credential_version: admin.session.credential_version - 1, ..admin.session };
    let inner = |session: &WebSession| -> anyhow::Result<Option<String>> {
        Ok(site.cookie(session)?.split_once('=').map(|(_, value)| value.to_owned()))
    };
    principals.push(stranger("a device that never was", Some(site.token(&nowhere)?), None));
    principals.push(stranger("in another company", Some(site.token(&elsewhere)?), inner(&there)?));
    principals.push(stranger("before the password changed", None, inner(&old)?));
    principals.push(revoked(site, own).await?);
    principals.push(left(site, own).await?);
    Ok(principals)
}

/// What an attacker makes of a good token.
type Forgery = fn(&Site, &str) -> anyhow::Result<String>;

const FORGERIES: &[(&str, Forgery)] = &[
    ("expired", |site, token| altered(site, token, |_, claims| claims["exp"] = claims["iat"].clone())),
    ("not yet valid", |site, token| altered(site, token, |_, claims| claims["nbf"] = claims["exp"].clone())),
    ("expiring as a text", |site, token| {
        altered(site, token, |_, claims| claims["exp"] = json!("9999999999"))
    }),
    ("without an end", |site, token| {
        altered(site, token, |_, claims| {
            claims.as_object_mut().map(|claims| claims.remove("exp"));
        })
    }),
    ("of another type", |site, token| altered(site, token, |head, _| head["typ"] = json!("JWT"))),
    ("without a type", |site, token| {
        altered(site, token, |head, _| {
            head.as_object_mut().map(|head| head.remove("typ"));
        })
    }),
    ("for another audience", |site, token| {
        altered(site, token, |_, claims| claims["aud"] = json!("fieldbook-other"))
    }),
    ("of another issuer", |site, token| {
        altered(site, token, |_, claims| claims["iss"] = json!("https://other.example"))
    }),
    ("with a claim too many", |site, token| {
        altered(site, token, |_, claims| claims["role"] = json!("admin"))
    }),
    ("without a signature", |_, token| unsigned(token, "none")),
    ("without a signature in capitals", |_, token| unsigned(token, "NONE")),
    ("with the public key as a secret", |site, token| {
        let signed = signed_part(token, |head, _| head["alg"] = json!("HS256"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&site.keys.public())?;
        mac.update(signed.as_bytes());
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }),
    ("of another server", |_, token| sign(&ServerKeys::from_seed(&[9; 32]), &signed_part(token, |_, _| ())?)),
    ("with its own key in the header", |_, token| {
        let key = ServerKeys::from_seed(&[9; 32]);
        let own = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key.public())});
        sign(&key, &signed_part(token, |head, _| head["jwk"] = own)?)
    }),
];

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The owner's second phone, lost and revoked.
async fn revoked(site: &Site, own: &Company) -> anyhow::Result<Principal> {
    let user = own.person("owner").user;
    let phone = site.phone(own, user).await?;
    let access = site.access(&phone, user)?;
    site.engine().revoke_device(own.tenant, None, access.device).await?;
    let authorization = Some(bearer(&site.token(&access)?));
    Ok(Principal {
        called: "a revoked phone".to_owned(),
        authorization,
        cookie: None,
        at_api: None,
        on_pages: None,
    })
}

/// A supervisor who has left, with a phone and a browser that do not know it.
async fn left(site: &Site, own: &Company) -> anyhow::Result<Principal> {
    let user = User {
        id: site.engine().new_user_id()?,
        login: "left".to_owned(),
        name: "left".to_owned(),
        role: Role::Admin,
        unit: None,
        reports_to: None,
        active: true,
        posts: Vec::new(),
        until: None,
    };
    site.engine().put_users(own.tenant, None, vec![user.clone()]).await?;
    site.engine().set_password(own.tenant, None, user.id, "a long password of theirs", false).await?;
    let phone = site.phone(own, user.id).await?;
    let access = site.access(&phone, user.id)?;
    let session = WebSession { tenant: own.tenant, user: user.id, credential_version: 1 };
    site.engine().put_users(own.tenant, None, vec![User { active: false, ..user }]).await?;
    Ok(Principal {
        called: "somebody who has left".to_owned(),
        authorization: Some(bearer(&site.token(&access)?)),
        cookie: Some(site.cookie(&session)?),
        at_api: None,
        on_pages: None,
    })
}

/// A token of the server's own key with something else in it.
fn altered(site: &Site, token: &str, alter: impl FnOnce(&mut Value, &mut Value)) -> anyhow::Result<String> {
    sign(&site.keys, &signed_part(token, alter)?)
}

fn unsigned(token: &str, algorithm: &str) -> anyhow::Result<String> {
    Ok(format!("{}.", signed_part(token, |head, _| head["alg"] = json!(algorithm))?))
}

/// The head and claims of one token over the signature of another.
fn spliced(token: &str, other: &str) -> anyhow::Result<String> {
    let (signed, _) = token.rsplit_once('.').context("no token")?;
    let (_, signature) = other.rsplit_once('.').context("no token")?;
    Ok(format!("{signed}.{signature}"))
}

fn signed_part(token: &str, alter: impl FnOnce(&mut Value, &mut Value)) -> anyhow::Result<String> {
    let mut parts = token.split('.');
    let mut part = || -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().context("no token")?)?)?)
    };
    let (mut head, mut claims) = (part()?, part()?);
    alter(&mut head, &mut claims);
    let encoded = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    Ok(format!("{}.{}", encoded(head), encoded(claims)))
}

fn sign(keys: &ServerKeys, signed: &str) -> anyhow::Result<String> {
    let signature: [u8; 64] = keys.signing().sign(signed.as_bytes()).to_bytes();
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
