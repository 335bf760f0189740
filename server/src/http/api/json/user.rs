//! Users in JSON.

use serde::{Deserialize, Serialize};
use sync_core::{
    directory::{Role, User},
    id::{DeviceId, TenantId, UnitId, UserId},
    time::Timestamp,
};
use utoipa::ToSchema;

use super::{
    Text, Word,
    words::{IdText, Millis, PostText, RoleWord},
};

/// A user.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct UserShown {
    /// The user.
    #[schema(value_type = IdText)]
    id: UserId,
    /// What they sign in with.
    login: String,
    /// Their name.
    name: String,
    /// What they may do.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// The unit they work in.
    #[schema(value_type = Option<IdText>)]
    unit: Option<UnitId>,
    /// Whom they report to.
    #[schema(value_type = Option<IdText>)]
    reports_to: Option<UserId>,
    /// Whether they may sign in.
    active: bool,
    /// What they are, in the words of the rules.
    posts: Vec<String>,
}

impl From<User> for UserShown {
    fn from(user: User) -> Self {
        let User { id, login, name, role, unit, reports_to, active, posts, .. } = user;
        Self { id, login, name, role, unit, reports_to, active, posts }
    }
}

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Me {
    /// The company.
    #[schema(value_type = IdText)]
    pub tenant: TenantId,
    /// The company's name.
    pub company: String,
    /// The device the access token is for.
    #[schema(value_type = IdText)]
    pub device: DeviceId,
    /// The user.
    pub user: UserShown,
}

/// Users to add or alter: all of them, or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct UsersPut {
    /// The users.
    #[schema(max_items = 500)]
    pub users: Vec<UserPut>,
}

impl UsersPut {
    /// How many users one request may bring.
    pub(in crate::http::api) const MAX: usize = 500;
}

/// A user to add, or to alter if there is one with this login. Their unit stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct UserPut {
    /// What they sign in with; taken in lowercase.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub login: Text<100>,
    /// Their name.
    #[schema(value_type = String, max_length = 200)]
    pub name: Text<200>,
    /// What they may do.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// The login of whom they report to, known or in the same request; absent at the top.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub reports_to_login: Option<Text<100>>,
    /// Whether they may sign in; false for somebody who has left.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
    /// What they are, in the words of the rules: lowercase letters a–z, digits and `_`. Absent to leave them as they are.
    #[schema(value_type = Option<Vec<PostText>>, max_items = 16)]
    pub posts: Option<Vec<Word>>,
}

fn yes() -> bool {
    true
}

/// A password to be changed at the first sign-in; shown this once.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct PasswordShown {
    /// The password.
    pub one_time_password: String,
}

/// A code with which a user enrols one phone; shown this once.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct CodeShown {
    /// The code, such as `7K3QF-9XW2M`.
    pub code: String,
    /// From when on it is worthless.
    #[schema(value_type = Millis)]
    pub expires_ms: Timestamp,
}
