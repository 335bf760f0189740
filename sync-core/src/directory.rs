//! The directory: users, units and customers, as the server keeps them and phones read them.

mod history;
mod word;

use minicbor::{Decode, Encode};

pub use word::{POSTS_MAX, TAGS_MAX, is_post, is_tag};

use crate::{
    id::{CustomerId, UnitId, UserId},
    time::Timestamp,
};

/// What a user may do in general.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    serde::Serialize,
    serde::Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Visits customers.
    #[n(0)]
    Rep,
    /// Leads reps: reviews and decides for those who report to them, directly or not.
    #[n(1)]
    Supervisor,
    /// Leads supervisors; otherwise the same rights over their own line.
    #[n(2)]
    Manager,
    /// Runs the tenant: users, devices, import. Sees all records.
    #[n(3)]
    Admin,
    /// Sees everything, changes nothing.
    #[n(4)]
    Auditor,
}

/// A node in the tree of departments and teams.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct Unit {
    /// The unit.
    #[n(0)]
    pub id: UnitId,
    /// Its name; at most 200 characters.
    #[n(1)]
    pub name: String,
    /// The unit above; `None` for the root.
    #[n(2)]
    pub parent: Option<UnitId>,
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct User {
    /// The user.
    #[n(0)]
    pub id: UserId,
    /// What they sign in with; lowercase, at most 100 characters, unique in the tenant.
    #[n(1)]
    pub login: String,
    /// Their name; at most 200 characters.
    #[n(2)]
    pub name: String,
    /// Their role.
    #[n(3)]
    pub role: Role,
    /// The unit they work in, if the tenant uses units.
    #[n(4)]
    pub unit: Option<UnitId>,
    /// Whom they report to; `None` at the top.
    #[n(5)]
    pub reports_to: Option<UserId>,
    /// Whether they may sign in; a user who has left stays in the directory.
    #[n(6)]
    pub active: bool,
    /// What they are, in the words of the packs (`ka_specialist` …); at most [`POSTS_MAX`], each [a post](is_post).
    #[cbor(n(7), skip_if = "Vec::is_empty")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<String>,
    /// Since when they are not active. The server's index finds it; a change of the directory does not say it.
    #[n(8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A customer of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct Customer {
    /// The customer.
    #[n(0)]
    pub id: CustomerId,
    /// The tenant's own number for it; at most 100 characters, unique in the tenant.
    #[n(1)]
    pub number: String,
    /// Its name; at most 200 characters.
    #[n(2)]
    pub name: String,
    /// Where it is, in one line; at most 400 characters.
    #[n(3)]
    pub address: String,
    /// A person to ask for, with their title; at most 200 characters.
    #[n(4)]
    pub contact: String,
    /// Telephone; at most 60 characters.
    #[n(5)]
    pub phone: String,
    /// The user who is responsible for it.
    #[n(6)]
    pub owner: Option<UserId>,
    /// Grade label of the tenant's grading pack; empty when not graded.
    #[n(7)]
    pub grade: String,
    /// What else it is, in the words of the packs (`tender`, `key_account`, 招投标 …); at most [`TAGS_MAX`], each
    /// [a tag](is_tag).
    #[cbor(n(8), skip_if = "Vec::is_empty")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Who was responsible from when on, ascending and ending with `owner`; empty while that never changed. As many as
    /// [`Customer::HISTORY_MAX`]. The server's index finds it; a change of the directory does not say it.
    #[cbor(n(9), skip_if = "Vec::is_empty")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<(Timestamp, Option<UserId>)>,
    /// Which grade held from when on, as `owners`.
    #[cbor(n(10), skip_if = "Vec::is_empty")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<(Timestamp, String)>,
}
