//! Customers in JSON.

use serde::{Deserialize, Serialize};
use sync_core::{
    directory::Customer,
    id::{CustomerId, UserId},
};
use utoipa::ToSchema;

use super::{
    Text, Word,
    words::{IdText, TagText},
};

/// A customer.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct CustomerShown {
    /// The customer.
    #[schema(value_type = IdText)]
    id: CustomerId,
    /// The company's own number for it.
    number: String,
    /// Its name.
    name: String,
    /// Where it is.
    address: String,
    /// A person to ask for.
    contact: String,
    /// Telephone.
    phone: String,
    /// The user who is responsible for it.
    #[schema(value_type = Option<IdText>)]
    owner: Option<UserId>,
    /// Its grade; empty when not graded.
    grade: String,
    /// What else it is, in the words of the rules.
    tags: Vec<String>,
}

impl From<Customer> for CustomerShown {
    fn from(customer: Customer) -> Self {
        let Customer { id, number, name, address, contact, phone, owner, grade, tags, .. } = customer;
        Self { id, number, name, address, contact, phone, owner, grade, tags }
    }
}

/// Customers to add or alter: all of them, or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct CustomersPut {
    /// The customers.
    #[schema(max_items = 500)]
    pub customers: Vec<CustomerPut>,
}

impl CustomersPut {
    /// How many customers one request may bring.
    pub(in crate::http::api) const MAX: usize = 500;
}

/// A customer to add, or to alter if there is one with this number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct CustomerPut {
    /// The company's own number for it.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub number: Text<100>,
    /// Its name.
    #[schema(value_type = String, max_length = 200)]
    pub name: Text<200>,
    /// Where it is, in one line.
    #[serde(default)]
    #[schema(value_type = String, max_length = 400)]
    pub address: Text<400>,
    /// A person to ask for, with their title.
    #[serde(default)]
    #[schema(value_type = String, max_length = 200)]
    pub contact: Text<200>,
    /// Telephone.
    #[serde(default)]
    #[schema(value_type = String, max_length = 60)]
    pub phone: Text<60>,
    /// The login of the user who is responsible for it; absent if everybody is.
    #[schema(value_type = Option<String>, max_length = 100)]
    pub owner_login: Option<Text<100>>,
    /// Its grade; empty when not graded.
    #[serde(default)]
    #[schema(value_type = String, max_length = 20)]
    pub grade: Text<20>,
    /// What else it is, in the words of the rules: lowercase letters and digits of any script, and `_`. Absent to leave
    /// them as they are.
    #[schema(value_type = Option<Vec<TagText>>, max_items = 32)]
    pub tags: Option<Vec<Word>>,
}
