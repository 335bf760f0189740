//! Access tokens: kept in memory, renewed with a proof of the device key.

use std::{sync::PoisonError, time::Duration};

use serde_json::json;
use sync_core::{id::BootId, time::ClockReading};
use zeroize::Zeroizing;

use crate::{
    book::Book,
    error::Error,
    platform::KeyHandle,
    store::{self, Enrolment},
    sync::{
        problem::{Problem, Stop, stop},
        proof::proof,
        transport::{Request, Response},
    },
};

/// A token is renewed this long before it runs out.
const MARGIN: Duration = Duration::from_secs(30);

/// An access token and until when it is good, on the boot clock: the wall clock may be wrong.
pub(crate) struct AccessToken {
    text: Zeroizing<String>,
    boot: BootId,
    until_ms: u64,
}

impl AccessToken {
    pub(crate) fn new(text: String, expires_in_s: u64, clock: ClockReading) -> Self {
        let good = Duration::from_secs(expires_in_s).saturating_sub(MARGIN);
        let good_ms = u64::try_from(good.as_millis()).unwrap_or(u64::MAX);
        Self { text: Zeroizing::new(text), boot: clock.boot, until_ms: clock.boot_ms.saturating_add(good_ms) }
    }

    fn good_at(&self, clock: ClockReading) -> Option<String> {
        (self.boot == clock.boot && clock.boot_ms < self.until_ms).then(|| self.text.to_string())
    }
}

#[derive(serde::Deserialize)]
struct Renewed {
    access_token: String,
    expires_in: u64,
    refresh_token: String,
}

impl Book {
    /// Sends a CBOR body with an access token; renews the token once if the server does not take it.
    pub(crate) async fn send_authorized(
        &self,
        me: &Enrolment,
        path: &str,
        body: Vec<u8>,
        requests: &mut u32,
    ) -> Result<Vec<u8>, Stop> {
        let mut renewed = false;
        loop {
            let token = match self.held_token() {
                Some(token) => token,
                None => {
                    renewed = true;
                    self.renew_token(me, requests).await?
                }
            };
            *requests += 1;
            let request = Request {
                url: format!("{}{path}", me.server_url),
                content_type: "application/cbor",
                headers: vec![("Authorization", format!("Bearer {token}"))],
                body: body.clone(),
            };
            let response = self.transport.send(request).await?;
            match response.status {
                200 => return Ok(response.body),
                401 if !renewed && Problem::read(&response).code() == "invalid_token" => self.forget_token(),
                _ => return Err(stop(&response)),
            }
        }
    }

    async fn renew_token(&self, me: &Enrolment, requests: &mut u32) -> Result<String, Stop> {
        // Read anew: another sync of this book may have renewed it since.
        let refresh_token = self.read(store::enrolment)?.ok_or(Error::NotEnrolled)?.refresh_token;
        let body = json!({ "grant_type": "refresh_token", "refresh_token": refresh_token });
        let response = self
            .send_proven((&me.key, &me.public_key), &format!("{}/v1/token", me.server_url), &body, requests)
            .await?;
        if response.status != 200 {
            return Err(stop(&response));
        }
        let renewed: Renewed = serde_json::from_slice(&response.body).map_err(Error::untrusted)?;
        self.transact(|db| store::set_refresh_token(db, me.device, &renewed.refresh_token))?;
        self.hold_token(AccessToken::new(
            renewed.access_token.clone(),
            renewed.expires_in,
            self.platform.clock(),
        ));
        Ok(renewed.access_token)
    }

    /// Sends a JSON body with a proof of the key; once more with the server's nonce if it asks for one.
    pub(crate) async fn send_proven(
        &self,
        key: (&KeyHandle, &[u8; 33]),
        url: &str,
        body: &serde_json::Value,
        requests: &mut u32,
    ) -> Result<Response, Stop> {
        let mut nonce: Option<String> = None;
        loop {
            *requests += 1;
            let request = Request {
                url: url.to_owned(),
                content_type: "application/json",
                headers: vec![("DPoP", proof(&*self.platform, key, url, nonce.as_deref())?)],
                body: body.to_string().into_bytes(),
            };
            let response = self.transport.send(request).await?;
            let asks = response.status == 401 && Problem::read(&response).code() == "use_dpop_nonce";
            match &response.nonce {
                Some(fresh) if asks && nonce.is_none() => nonce = Some(fresh.clone()),
                _ => return Ok(response),
            }
        }
    }

    fn held_token(&self) -> Option<String> {
        let clock = self.platform.clock();
        self.token.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.good_at(clock)
    }

    pub(crate) fn hold_token(&self, token: AccessToken) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn forget_token(&self) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
