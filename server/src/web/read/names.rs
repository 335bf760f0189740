//! Names of people, customers and devices, each looked up once per page.

use std::collections::{HashMap, hash_map::Entry};

use sync_core::{
    directory::Customer,
    id::{CustomerId, DeviceId, UserId},
};

use crate::{projection::View, store::StoreError};

/// Looks names up and remembers them.
pub(super) struct Names<'a> {
    view: View<'a>,
    users: HashMap<UserId, String>,
    customers: HashMap<CustomerId, Option<Customer>>,
    devices: HashMap<DeviceId, Option<DeviceName>>,
}

/// A device as pages name it.
#[derive(Debug, Clone)]
pub(super) struct DeviceName {
    /// Its user.
    pub(super) user: UserId,
    /// Its name.
    pub(super) name: String,
}

impl<'a> Names<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        Self { view, users: HashMap::new(), customers: HashMap::new(), devices: HashMap::new() }
    }

    /// A user's name, or their id should the directory not know them.
    pub(super) fn user(&mut self, id: UserId) -> Result<String, StoreError> {
        Ok(match self.users.entry(id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(vacant) => {
                let name = self.view.user(id)?.map_or_else(|| id.to_string(), |user| user.name);
                vacant.insert(name).clone()
            }
        })
    }

    /// A customer, if it is still in the directory.
    pub(super) fn customer(&mut self, id: CustomerId) -> Result<Option<&Customer>, StoreError> {
        Ok(match self.customers.entry(id) {
            Entry::Occupied(known) => known.into_mut().as_ref(),
            Entry::Vacant(vacant) => vacant.insert(self.view.customer(id)?).as_ref(),
        })
    }

    /// Whether a customer's name or number contains a text.
    pub(super) fn customer_has(&mut self, id: CustomerId, text: &str) -> Result<bool, StoreError> {
        let wanted = text.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        Ok(self.customer(id)?.is_some_and(|customer| has(&customer.name) || has(&customer.number)))
    }

    /// A device with its user.
    pub(super) fn device(&mut self, id: DeviceId) -> Result<Option<DeviceName>, StoreError> {
        Ok(match self.devices.entry(id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(vacant) => {
                let device = self.view.device(id)?;
                vacant.insert(device.map(|kept| DeviceName { user: kept.user, name: kept.name })).clone()
            }
        })
    }

    /// The names of a device and of its user, for a line of history.
    pub(super) fn hand(&mut self, id: DeviceId) -> Result<(String, String), StoreError> {
        match self.device(id)? {
            Some(device) => Ok((self.user(device.user)?, device.name)),
            None => Ok((String::new(), id.to_string())),
        }
    }
}
