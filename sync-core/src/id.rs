//! Ids: sixteen bytes each, one type per noun, lowercase hex as text.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// A text is not the lowercase or uppercase hex form of the bytes it stands for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hex digits, found {found:?}")]
pub struct ParseHexError {
    /// How many digits the value has.
    pub expected: usize,
    /// What was given, cut to 80 characters.
    pub found: String,
}

pub(crate) fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], ParseHexError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| ParseHexError { expected: N * 2, found: text.chars().take(80).collect() })?;
    Ok(bytes)
}

/// Gives a fixed-size byte newtype its text, CBOR and serde forms.
macro_rules! bytes_newtype {
    ($name:ident, $len:expr) => {
        impl $name {
            /// Wraps the bytes as they are.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Gives the bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = $crate::id::ParseHexError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::parse_hex(text).map(Self)
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
                let position = d.position();
                let bytes = d.bytes()?;
                bytes.try_into().map(Self).map_err(|_| {
                    decode::Error::message(concat!(stringify!($name), " of another length")).at(position)
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use bytes_newtype;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        bytes_newtype!($name, 16);
    };
}

id!(
    /// One company on the server.
    TenantId
);
id!(
    /// A node in the tree of a tenant's departments and teams.
    UnitId
);
id!(
    /// A person who may sign in.
    UserId
);
id!(
    /// One enrolment of one phone: a phone that is enrolled again, or restored from a backup, is a new device.
    DeviceId
);
id!(
    /// A customer of the tenant.
    CustomerId
);
id!(
    /// One document; its first byte is the code of its [kind](crate::document::DocumentKind).
    DocumentId
);
id!(
    /// One run of a phone's boot clock; a new one after each restart of the phone.
    BootId
);
id!(
    /// One run of the server, from its first write after it was opened: a server that went back to a backup begins another.
    RunId
);

impl TenantId {
    /// What the server notes of itself belongs to no company.
    pub const SERVER: Self = Self([0; 16]);
}

impl DeviceId {
    /// As whose device the server writes what is entered there; no phone is enrolled under it.
    pub const SERVER: Self = Self([0; 16]);
}
