//! Actors: who made a change, as Automerge sees it; derived from the device, so it cannot be chosen freely.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    hash::Hash,
    id::{DeviceId, DocumentId, TenantId, bytes_newtype},
};

/// One device's name inside one document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor([u8; 16]);

bytes_newtype!(Actor, 16);

impl Actor {
    pub(crate) fn from_hash(hash: Hash) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Self(bytes)
    }

    /// Reads Automerge's form; `None` if it is not sixteen bytes long.
    pub(crate) fn read(id: &automerge::ActorId) -> Option<Self> {
        id.to_bytes().try_into().ok().map(Self)
    }

    pub(crate) fn id(self) -> automerge::ActorId {
        automerge::ActorId::from(self.0)
    }
}

/// The device that writes, in its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Author {
    /// The tenant the device is enrolled in.
    pub tenant: TenantId,
    /// The device.
    pub device: DeviceId,
}

impl Author {
    /// The one actor under which this device may write this document.
    pub fn actor(&self, document: DocumentId) -> Actor {
        Actor::from_hash(Hash::of(
            "fieldbook/actor/1",
            &[self.tenant.as_bytes(), self.device.as_bytes(), document.as_bytes()],
        ))
    }
}
