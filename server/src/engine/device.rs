//! Devices' commands: sign in, enrol, refresh, revoke.

use std::sync::Arc;

use sync_core::{
    directory::{Role, User},
    hash::Hash,
    id::{DeviceId, TenantId, UserId},
    log::DeviceKey,
    time::Timestamp,
};

use crate::{
    auth::{
        enrolment_code::EnrolmentCode,
        refresh::{PresentedToken, RefreshError},
    },
    engine::{DeviceSession, Engine, EngineError, line},
    event::EventKind,
    telemetry::Secret,
};

/// The longest name of a device, in characters.
const NAME_CHARS: usize = 100;

/// A person who proved who they are with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The company.
    pub tenant: TenantId,
    /// The person.
    pub user: User,
    /// Whether the password must be changed before anything else.
    pub one_time: bool,
    /// Counts the user's passwords; a web session is bound to one.
    pub credential_version: u32,
}

/// What a phone is enrolled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The company.
    pub tenant: TenantId,
    /// Whose phone it becomes.
    pub user: UserId,
    /// The code that is used up by it, if it is enrolled with one.
    pub code: Option<Hash>,
}

/// A phone with a fresh refresh token: just enrolled, or back again.
#[derive(Debug)]
pub struct TokenGrant {
    /// The company and the device.
    pub session: DeviceSession,
    /// Its user.
    pub user: User,
    /// When the device was enrolled.
    pub enrolled: Timestamp,
    /// The thumbprint of its key.
    pub key_thumbprint: String,
    /// The next refresh token.
    pub refresh_token: Secret<String>,
}

impl Engine {
    /// Finds a company by name; none is needed where there is only one.
    pub fn tenant_named(&self, company: Option<&str>) -> Result<Option<TenantId>, EngineError> {
        let tenants = self.tenants()?;
        match company.map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => {
                for tenant in tenants {
                    if self.company(tenant)?.eq_ignore_ascii_case(name) {
                        return Ok(Some(tenant));
                    }
                }
                Ok(None)
            }
            None => Ok(if let [only] = tenants[..] { Some(only) } else { None }),
        }
    }

    /// Checks a login and its password. The work is the same whether there is such a user or not.
    ///
    /// # Errors
    /// [`EngineError::BadCredentials`] for a wrong pair, an unknown company or a user who has left.
    pub async fn sign_in(
        self: &Arc<Self>,
        company: Option<&str>,
        login: &str,
        password: Secret<String>,
    ) -> Result<SignedIn, EngineError> {
        let tenant = self.tenant_named(company)?;
        let known = match tenant {
            Some(tenant) => {
                let view = self.view(tenant);
                match view.user_by_login(&login.trim().to_lowercase())?.filter(|user| user.active) {
                    Some(user) => view.credential(user.id)?.map(|credential| (tenant, user, credential)),
                    None => None,
                }
            }
            None => None,
        };
        let engine = Arc::clone(self);
        let kept = known.as_ref().map(|(_, _, credential)| credential.hash.clone());
        let fits =
            self.work(move || engine.authority.passwords.verify(kept.as_deref(), password.expose())).await?;
        match known {
            Some((tenant, user, credential)) if fits => Ok(SignedIn {
                tenant,
                user,
                one_time: credential.one_time,
                credential_version: credential.version,
            }),
            _ => Err(EngineError::BadCredentials),
        }
    }

    /// Draws a code with which a user enrols one phone; the text is shown once.
    pub async fn draw_enrolment_code(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        user: UserId,
    ) -> Result<(Secret<String>, Timestamp), EngineError> {
        let owner = self.view(tenant).user(user)?.ok_or(EngineError::UnknownUser(user))?;
        if !owner.active {
            return Err(EngineError::Invalid(format!("{} has left", owner.login)));
        }
        let (text, code) = self.authority.codes.draw(tenant, user, self.time().now)?;
        let expires = code.expires;
        self.append(tenant, by, EventKind::EnrolmentCodeDrawn(code)).await?;
        Ok((text, expires))
    }

    /// Recognises an enrolment code.
    ///
    /// # Errors
    /// [`EngineError::BadCredentials`] when there is no such code, it was used or has expired.
    pub fn redeem(&self, typed: &str) -> Result<Ticket, EngineError> {
        let hash = self.authority.codes.recognise(typed).ok_or(EngineError::BadCredentials)?;
        for tenant in self.tenants()? {
            let code: Option<EnrolmentCode> = self.view(tenant).enrolment_code(hash)?;
            if let Some(code) = code {
                let code = code.redeem(self.time().now).map_err(|_| EngineError::BadCredentials)?;
                return Ok(Ticket { tenant, user: code.user, code: Some(hash) });
            }
        }
        Err(EngineError::BadCredentials)
    }

    /// Enrols a phone whose key was proven.
    pub async fn enrol(
        self: &Arc<Self>,
        ticket: Ticket,
        name: &str,
        key: DeviceKey,
    ) -> Result<TokenGrant, EngineError> {
        let name = name.trim();
        if name.chars().count() > NAME_CHARS {
            return Err(EngineError::TooLong { what: "device name", limit: NAME_CHARS });
        }
        let _directory = self.locks.directory(ticket.tenant).await;
        let view = self.view(ticket.tenant);
        let user = view.user(ticket.user)?.filter(|user| user.active).ok_or(EngineError::BadCredentials)?;
        if let Some(code) = ticket.code {
            // Another request may have used it up while this one waited.
            view.enrolment_code(code)?.ok_or(EngineError::BadCredentials)?;
        }
        let device = DeviceId::from_bytes(self.draw()?);
        let now = self.time().now;
        let (tenant, thumbprint) = (ticket.tenant, key.thumbprint());
        let begun = self.authority.refresh.begin(tenant, user.id, device, thumbprint.clone(), now)?;
        let kind = EventKind::DeviceEnrolled {
            device,
            user: user.id,
            name: name.to_owned(),
            key,
            code: ticket.code,
            refresh: begun.family,
        };
        self.append(tenant, Some(user.id), kind).await?;
        let enrolled = self.view(tenant).device(device)?.ok_or(EngineError::UnknownDevice(device))?.enrolled;
        Ok(TokenGrant {
            session: DeviceSession { tenant, device },
            user,
            enrolled,
            key_thumbprint: thumbprint,
            refresh_token: begun.token,
        })
    }

    /// Exchanges a refresh token for the next one.
    ///
    /// # Errors
    /// [`EngineError::Refresh`] when the user has to sign in again; an old token that comes again ends its family.
    pub async fn refresh(
        self: &Arc<Self>,
        presented: &PresentedToken,
        key_thumbprint: &str,
    ) -> Result<TokenGrant, EngineError> {
        let unknown = EngineError::Refresh(RefreshError::Revoked);
        let Some((tenant, device)) = self.family(presented)? else { return Err(unknown) };
        let _device = self.locks.device(tenant, device).await;
        let view = self.view(tenant);
        let kept = view.device(device)?.ok_or(EngineError::UnknownDevice(device))?;
        if kept.revoked.is_some() {
            return Err(EngineError::DeviceRevoked(device));
        }
        let user = view.user(kept.user)?.filter(|user| user.active).ok_or(unknown)?;
        let now = self.time().now;
        let rotation = self.authority.refresh.rotate(&kept.refresh, presented, key_thumbprint, now);
        let (refresh, outcome) = match rotation {
            Ok(rotation) => (rotation.family, Ok(rotation.token)),
            Err(RefreshError::Reused) => (kept.refresh.clone().revoke(), Err(RefreshError::Reused)),
            Err(error) => return Err(EngineError::Refresh(error)),
        };
        if refresh != kept.refresh {
            let kind = EventKind::RefreshRotated { device, refresh };
            self.append(tenant, Some(kept.user), kind).await?;
        }
        Ok(TokenGrant {
            session: DeviceSession { tenant, device },
            user,
            enrolled: kept.enrolled,
            key_thumbprint: key_thumbprint.to_owned(),
            refresh_token: outcome?,
        })
    }

    fn family(&self, presented: &PresentedToken) -> Result<Option<(TenantId, DeviceId)>, EngineError> {
        for tenant in self.tenants()? {
            if let Some(device) = self.view(tenant).refresh_family(presented.family())? {
                return Ok(Some((tenant, device)));
            }
        }
        Ok(None)
    }

    /// Revokes a device: what it sends from now on is kept apart. What it delivered stays.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is none or the user may not see it, [`EngineError::NotPermitted`] when
    /// they may not revoke it. `by` is `None` for the operator at the console.
    pub async fn revoke_device(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        device: DeviceId,
    ) -> Result<(), EngineError> {
        let _device = self.locks.device(tenant, device).await;
        let view = self.view(tenant);
        let kept = view.device(device)?.ok_or(EngineError::NotFound)?;
        if let Some(by) = by {
            let user = view.user(by)?.ok_or(EngineError::UnknownUser(by))?;
            if !line::may_see(&view, &user, kept.user)? {
                return Err(EngineError::NotFound);
            }
            if user.role == Role::Auditor {
                return Err(EngineError::NotPermitted);
            }
        }
        if kept.revoked.is_none() {
            self.append(tenant, by, EventKind::DeviceRevoked { device }).await?;
        }
        Ok(())
    }

    /// The device and user behind an access token, if both are still what they were when it was issued.
    ///
    /// # Errors
    /// [`EngineError::DeviceRevoked`], [`EngineError::BadCredentials`] for a user who has left.
    pub fn session_user(&self, session: DeviceSession) -> Result<User, EngineError> {
        let view = self.view(session.tenant);
        let device = view.device(session.device)?.ok_or(EngineError::UnknownDevice(session.device))?;
        if device.revoked.is_some() {
            return Err(EngineError::DeviceRevoked(session.device));
        }
        view.user(device.user)?.filter(|user| user.active).ok_or(EngineError::BadCredentials)
    }
}
