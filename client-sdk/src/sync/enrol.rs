//! Enrolment: a key for this phone, pinned by the server; the server's key, pinned by this phone.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sync_core::{
    directory::User,
    id::{DeviceId, TenantId},
    log::ServerKey,
    protocol::Cursor,
    time::Timestamp,
};

use crate::{
    book::{Book, Owner},
    error::Error,
    platform::KeyHandle,
    store::{self, Enrolment, State},
    sync::{
        AccessToken,
        problem::{Problem, Stop, stop},
        transport::server_address,
    },
};

/// What an administrator gave the rep to enrol with.
#[derive(Clone)]
pub enum Credentials {
    /// A code that works once.
    Code(String),
    /// A login and its password.
    Password {
        /// The company, where the server holds several; `None` where it holds one.
        company: Option<String>,
        /// The login.
        login: String,
        /// The password; never stored.
        password: String,
    },
}

#[derive(serde::Deserialize)]
struct Enrolled {
    tenant: TenantId,
    device: DeviceId,
    user: User,
    server_key: String,
    access_token: String,
    expires_in: u64,
    refresh_token: String,
    enrolled_ms: i64,
}

impl Book {
    /// Enrols this phone at a server and pins the server's key.
    ///
    /// The address must be the server's public one, to the letter: the proof of the key names it. The device name is
    /// what an administrator sees in the list of phones. A book that was enrolled before is enrolled again as a new
    /// device of the same user: it keeps its documents and its old log. Edits that never arrived wait in the outbox and
    /// are made again by the next sync, so sync at once. Submits that never arrived have to be made anew.
    ///
    /// Has to run on a Tokio runtime with time and IO enabled.
    ///
    /// Fails with [`Error::Unreachable`] without a network, with [`Error::ServerRefused`] if the credentials are wrong
    /// and with [`Error::FixCall`] if the book belongs to another user.
    pub async fn enrol(
        &self,
        server_url: &str,
        credentials: Credentials,
        device_name: &str,
    ) -> Result<Owner, Error> {
        let server_url = server_address(server_url)?;
        let _one = self.syncing.lock().await;
        let key = self.platform.keys().create()?;
        let kept = self.enrol_key(server_url, &key, credentials, device_name).await;
        if kept.is_err() {
            // The server never saw the key, or has no use for it without us.
            self.delete_key(&key);
        }
        kept
    }

    async fn enrol_key(
        &self,
        server_url: String,
        key: &KeyHandle,
        credentials: Credentials,
        device_name: &str,
    ) -> Result<Owner, Error> {
        let public_key = self.platform.keys().public_key(key)?;
        let enrolled = self.ask(&server_url, (key, &public_key), credentials, device_name).await?;
        self.keep(server_url, (key, public_key), enrolled)
    }

    /// A key that stays behind does no harm, and must not hide what the call has to say.
    fn delete_key(&self, key: &KeyHandle) {
        if let Err(error) = self.platform.keys().delete(key) {
            tracing::warn!(%error, "a key that is no longer used could not be deleted");
        }
    }

    async fn ask(
        &self,
        server_url: &str,
        key: (&KeyHandle, &[u8; 33]),
        credentials: Credentials,
        device_name: &str,
    ) -> Result<Enrolled, Error> {
        let mut body = json!({ "device_name": device_name, "public_key": URL_SAFE_NO_PAD.encode(key.1) });
        match credentials {
            Credentials::Code(code) => body["code"] = code.into(),
            Credentials::Password { company, login, password } => {
                if let Some(company) = company {
                    body["company"] = company.into();
                }
                body["login"] = login.into();
                body["password"] = password.into();
            }
        }
        let url = format!("{server_url}/v1/enrol");
        let response = match self.send_proven(key, &url, &body, &mut 0).await {
            Ok(response) => response,
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Offline(detail)) => return Err(Error::Unreachable { detail }),
            Err(_) => return Err(Error::Unreachable { detail: server_url.to_owned() }),
        };
        if !matches!(response.status, 200 | 201) {
            return Err(match stop(&response) {
                Stop::Error(error) => error,
                _ => Problem::read(&response).error(response.status),
            });
        }
        serde_json::from_slice(&response.body).map_err(Error::untrusted)
    }

    fn keep(
        &self,
        server_url: String,
        (key, public_key): (&KeyHandle, [u8; 33]),
        enrolled: Enrolled,
    ) -> Result<Owner, Error> {
        let server_key = URL_SAFE_NO_PAD.decode(&enrolled.server_key).map_err(Error::untrusted)?;
        let server_key: [u8; 32] =
            server_key.try_into().map_err(|_| Error::untrusted("the server's key has another length"))?;
        let new = Enrolment {
            tenant: enrolled.tenant,
            device: enrolled.device,
            user: enrolled.user,
            server_url,
            server_key: ServerKey::from_bytes(&server_key).map_err(Error::untrusted)?,
            public_key,
            key: key.clone(),
            enrolled: Timestamp::from_millis(enrolled.enrolled_ms),
            state: State::Current,
            refresh_token: enrolled.refresh_token,
            cursor: Cursor(0),
            run: None,
            witness: None,
        };
        let before = self.transact(|db| {
            let before = store::enrolment(db)?;
            if before
                .as_ref()
                .is_some_and(|before| (before.tenant, before.user.id) != (new.tenant, new.user.id))
            {
                return Err(Error::fix_call("this book belongs to another user; open one of its own"));
            }
            store::begin_enrolment(db, &new)?;
            store::forget_as_of(db)?;
            Ok(before)
        })?;
        // The new enrolment is durable: nothing from here on may fail, or the caller would delete its key.
        self.hold_token(AccessToken::new(enrolled.access_token, enrolled.expires_in, self.platform.clock()));
        if let Some(before) = before {
            // Its signature is worth nothing any more; the public key stays with the old log.
            self.delete_key(&before.key);
        }
        Ok(Owner { user: new.user, device: new.device, re_enrol: None })
    }
}
