//! A visit as a phone without the SDK writes it.

use client_sdk::{FieldValue, VisitId, field};
use sync_core::{
    document::{Document, DocumentKind, Edit, new_id},
    id::{CustomerId, DeviceId},
    time::Timestamp,
};
use tests::HostilePhone;

/// A visit and the phone's copy of its document.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) id: VisitId,
    pub(crate) document: Document,
}

impl Draft {
    /// A new visit; the number makes its id.
    pub(crate) fn new(number: u16) -> anyhow::Result<Self> {
        let mut random = [0x5a; 15];
        random[..2].copy_from_slice(&number.to_be_bytes());
        let id = new_id(DocumentKind::Visit, random);
        Ok(Self { id, document: Document::genesis(id)? })
    }

    /// A new visit with an id that only this device makes of the number.
    pub(crate) fn of(device: DeviceId, number: u16) -> anyhow::Result<Self> {
        let mut random: [u8; 15] = device.as_bytes()[..15].try_into()?;
        random[..2].copy_from_slice(&number.to_be_bytes());
        let id = new_id(DocumentKind::Visit, random);
        Ok(Self { id, document: Document::genesis(id)? })
    }

    /// Writes a text into the phone's log.
    pub(crate) fn write(&mut self, phone: &mut HostilePhone, name: &str, text: &str) -> anyhow::Result<()> {
        self.set(phone, name, FieldValue::Text(text.to_owned()))
    }

    /// Writes all that the rule wants into the phone's log; the visit ended at an instant.
    pub(crate) fn fill(
        &mut self,
        phone: &mut HostilePhone,
        customer: CustomerId,
        ended: Timestamp,
    ) -> anyhow::Result<()> {
        self.set(phone, field::CUSTOMER, FieldValue::Id(*customer.as_bytes()))?;
        self.write(phone, field::CHANNEL, "on_site")?;
        self.write(phone, field::RESULT, "一切正常")?;
        self.set(phone, field::ENDED, FieldValue::Time(ended))
    }

    /// Submits the visit as it is.
    pub(crate) fn submit(&self, phone: &mut HostilePhone) -> sync_core::hash::Hash {
        phone.submit(self.id, self.document.heads(), self.document.values().hash())
    }

    fn set(&mut self, phone: &mut HostilePhone, name: &str, value: FieldValue) -> anyhow::Result<()> {
        let edit = Edit::Set { field: name.to_owned(), value };
        if let Some(change) = self.document.edit(&phone.author, &[edit])? {
            phone.change(self.id, change);
        }
        Ok(())
    }
}
