//! Deterministic CBOR (RFC 8949 §4.2): integer keys, shortest forms, and only the canonical bytes decode.

use minicbor::{Decode, Encode};

/// Bytes are not the one canonical encoding of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes do not decode at all.
    #[error("not a well-formed {expected}: {reason}")]
    Malformed {
        /// The type that was expected.
        expected: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// The bytes decode, but encode differently: unknown keys, long forms, trailing bytes.
    #[error("not the canonical encoding of a {expected}")]
    NotCanonical {
        /// The type that was expected.
        expected: &'static str,
    },
}

/// Encodes a value; types of this crate are written so that this is the canonical form.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    match minicbor::encode(value, &mut bytes) {
        Ok(()) => bytes,
        Err(error) => unreachable!("writing to a Vec cannot fail: {error}"),
    }
}

/// Decodes a value and accepts it only if encoding it again gives the same bytes.
pub fn decode<'b, T>(bytes: &'b [u8]) -> Result<T, DecodeError>
where
    T: Decode<'b, ()> + Encode<()>,
{
    let expected = short_name::<T>();
    let value: T = minicbor::decode(bytes)
        .map_err(|error| DecodeError::Malformed { expected, reason: error.to_string() })?;
    if encode(&value) == bytes { Ok(value) } else { Err(DecodeError::NotCanonical { expected }) }
}

fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

/// A byte string of any length, as CBOR bytes rather than an array of integers.
pub type Bytes = minicbor::bytes::ByteVec;
