//! Users: listed for those above them, added and altered by administrators.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use sync_core::{
    directory::User,
    id::{TenantId, UserId},
};

use super::{
    Api,
    bearer::{Admin, Reader},
    json::{Body, CodeShown, Id, Page, PageQuery, PasswordShown, Place, Query, UserPut, UserShown, UsersPut},
};
use crate::{
    engine::{EngineError, line},
    http::Problem,
};

/// Lists the users whose records the reader may see, by id.
#[utoipa::path(get, path = "/v1/users", operation_id = "list_users", tag = "directory", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<UserShown>, description = "A page of users")))]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<UserShown>>, Problem> {
    let after = query.after.map(|place| place.id()).transpose()?.map(UserId::from_bytes);
    let view = api.engine.view(reader.session.tenant);
    let found = view.users_after(after, query.limit.get())?;
    let next = Place::behind(&found, query.limit, |user| *user.id.as_bytes());
    let mut items = Vec::with_capacity(found.len());
    for user in found {
        if line::may_see(&view, &reader.user, user.id)? {
            items.push(user.into());
        }
    }
    Ok(Json(Page { items, next }))
}

/// Adds or alters users by their logins: all of them, or none.
#[utoipa::path(post, path = "/v1/users", operation_id = "put_users", tag = "directory", request_body = UsersPut, security(("bearer" = [])),
    responses((status = 200, body = Vec<UserShown>, description = "The users as they are now, in the same order")))]
pub(super) async fn put(
    State(api): State<Arc<Api>>,
    Admin(reader): Admin,
    Body(body): Body<UsersPut>,
) -> Result<Json<Vec<UserShown>>, Problem> {
    let tenant = reader.session.tenant;
    if body.users.len() > UsersPut::MAX {
        return Err(EngineError::Invalid(format!("more than {} users", UsersPut::MAX)).into());
    }
    let users = api.users_of(tenant, body.users)?;
    api.engine.put_users(tenant, Some(reader.user.id), users.clone()).await?;
    Ok(Json(users.into_iter().map(UserShown::from).collect()))
}

/// Gives a user a one-time password, which they have to change at the first sign-in.
#[utoipa::path(post, path = "/v1/users/{id}/password", operation_id = "set_password", tag = "directory", security(("bearer" = [])),
    params(("id" = super::json::words::IdText, Path, description = "The user")),
    responses((status = 200, body = PasswordShown, description = "The password, shown this once")))]
pub(super) async fn set_password(
    State(api): State<Arc<Api>>,
    Admin(reader): Admin,
    Id(user): Id<UserId>,
) -> Result<Json<PasswordShown>, Problem> {
    let password = api.authority.passwords.one_time().map_err(EngineError::from)?;
    let by = Some(reader.user.id);
    api.engine.set_password(reader.session.tenant, by, user, password.expose(), true).await?;
    Ok(Json(PasswordShown { one_time_password: password.expose().clone() }))
}

/// Draws a code with which a user enrols one phone.
#[utoipa::path(post, path = "/v1/users/{id}/enrolment-codes", operation_id = "draw_enrolment_code", tag = "directory", security(("bearer" = [])),
    params(("id" = super::json::words::IdText, Path, description = "The user")),
    responses((status = 200, body = CodeShown, description = "The code, shown this once")))]
pub(super) async fn draw_enrolment_code(
    State(api): State<Arc<Api>>,
    Admin(reader): Admin,
    Id(user): Id<UserId>,
) -> Result<Json<CodeShown>, Problem> {
    let by = Some(reader.user.id);
    let (code, expires) = api.engine.draw_enrolment_code(reader.session.tenant, by, user).await?;
    Ok(Json(CodeShown { code: code.expose().clone(), expires_ms: expires }))
}

impl Api {
    /// Gives the users that a request describes: those with a known login keep their ids, the others get new ones.
    fn users_of(&self, tenant: TenantId, puts: Vec<UserPut>) -> Result<Vec<User>, EngineError> {
        let view = self.engine.view(tenant);
        let mut ids: BTreeMap<String, UserId> = BTreeMap::new();
        let mut users = Vec::with_capacity(puts.len());
        for put in &puts {
            let login = put.login.0.to_lowercase();
            let known = view.user_by_login(&login)?;
            let id = match &known {
                Some(user) => user.id,
                None => self.engine.new_user_id()?,
            };
            if ids.insert(login.clone(), id).is_some() {
                return Err(EngineError::Invalid("a login is in the request twice".to_owned()));
            }
            let (unit, kept) = known.map_or((None, Vec::new()), |user| (user.unit, user.posts));
            let posts = put.posts.as_ref().map(|posts| posts.iter().map(|post| post.0.clone()).collect());
            users.push(User {
                id,
                login,
                name: put.name.0.clone(),
                role: put.role,
                unit,
                reports_to: None,
                active: put.active,
                posts: posts.unwrap_or(kept),
                until: None,
            });
        }
        for (user, put) in users.iter_mut().zip(puts) {
            let Some(above) = put.reports_to_login else { continue };
            let above = above.0.to_lowercase();
            user.reports_to = match ids.get(&above) {
                Some(id) => Some(*id),
                None => Some(self.user_with_login(tenant, &above)?),
            };
        }
        Ok(users)
    }

    /// The user with a login that a request names.
    pub(super) fn user_with_login(&self, tenant: TenantId, login: &str) -> Result<UserId, EngineError> {
        let user = self.engine.view(tenant).user_by_login(&login.to_lowercase())?;
        user.map(|user| user.id)
            .ok_or_else(|| EngineError::Invalid("a login in the request belongs to nobody".to_owned()))
    }
}
