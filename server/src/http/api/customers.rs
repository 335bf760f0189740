//! Customers: listed for those who visit them and those above, added and altered by administrators.

use std::sync::Arc;

use axum::{Json, extract::State};
use sync_core::{
    directory::Customer,
    id::{CustomerId, TenantId},
};

use super::{
    Api,
    bearer::{Admin, Reader},
    json::{Body, CustomerPut, CustomerShown, CustomersPut, Page, PageQuery, Place, Query},
};
use crate::{
    engine::{EngineError, line},
    http::Problem,
};

/// Lists the customers of the reader and of those below, and those that belong to nobody, by id.
#[utoipa::path(get, path = "/v1/customers", operation_id = "list_customers", tag = "directory", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<CustomerShown>, description = "A page of customers")))]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<CustomerShown>>, Problem> {
    let after = query.after.map(|place| place.id()).transpose()?.map(CustomerId::from_bytes);
    let view = api.engine.view(reader.session.tenant);
    let found = view.customers_after(after, query.limit.get())?;
    let next = Place::behind(&found, query.limit, |customer| *customer.id.as_bytes());
    let mut items = Vec::with_capacity(found.len());
    for customer in found {
        if line::may_see_customer(&view, &reader.user, &customer)? {
            items.push(customer.into());
        }
    }
    Ok(Json(Page { items, next }))
}

/// Adds or alters customers by their numbers: all of them, or none.
#[utoipa::path(post, path = "/v1/customers", operation_id = "put_customers", tag = "directory", request_body = CustomersPut,
    security(("bearer" = [])),
    responses((status = 200, body = Vec<CustomerShown>,
        description = "The customers as they are now, in the same order")))]
pub(super) async fn put(
    State(api): State<Arc<Api>>,
    Admin(reader): Admin,
    Body(body): Body<CustomersPut>,
) -> Result<Json<Vec<CustomerShown>>, Problem> {
    let tenant = reader.session.tenant;
    if body.customers.len() > CustomersPut::MAX {
        return Err(EngineError::Invalid(format!("more than {} customers", CustomersPut::MAX)).into());
    }
    let customers = api.customers_of(tenant, body.customers)?;
    api.engine.put_customers(tenant, Some(reader.user.id), customers.clone()).await?;
    Ok(Json(customers.into_iter().map(CustomerShown::from).collect()))
}

impl Api {
    /// Gives the customers that a request describes: those with a known number keep their ids, the others get new ones.
    fn customers_of(&self, tenant: TenantId, puts: Vec<CustomerPut>) -> Result<Vec<Customer>, EngineError> {
        let view = self.engine.view(tenant);
        let mut numbers = std::collections::BTreeSet::new();
        let mut customers = Vec::with_capacity(puts.len());
        for put in puts {
            if put.number.0.is_empty() || !numbers.insert(put.number.0.clone()) {
                return Err(EngineError::Invalid("a number is empty or in the request twice".to_owned()));
            }
            let (id, kept) = match view.customer_by_number(&put.number.0)? {
                Some(customer) => (customer.id, customer.tags),
                None => (self.engine.new_customer_id()?, Vec::new()),
            };
            let owner = match &put.owner_login {
                Some(login) => Some(self.user_with_login(tenant, &login.0)?),
                None => None,
            };
            customers.push(Customer {
                id,
                number: put.number.0,
                name: put.name.0,
                address: put.address.0,
                contact: put.contact.0,
                phone: put.phone.0,
                owner,
                grade: put.grade.0,
                tags: put.tags.map_or(kept, |tags| tags.into_iter().map(|tag| tag.0).collect()),
                owners: Vec::new(),
                grades: Vec::new(),
            });
        }
        Ok(customers)
    }
}
