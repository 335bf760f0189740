//! Kinds of document: the first byte of a document's id names its kind, the kind names its schema.

use super::{Field, FieldKind, Schema, schema::envelope, table::table, visit};
use crate::id::DocumentId;

/// What the table of kinds says of a field, in a word.
mod fits {
    use super::FieldKind;

    pub(super) const WORD: FieldKind = FieldKind::Line { max_chars: 64 };
    pub(super) const LINE: FieldKind = FieldKind::Line { max_chars: 200 };
    pub(super) const LONG_LINE: FieldKind = FieldKind::Line { max_chars: 1000 };
    pub(super) const TIME: FieldKind = FieldKind::Time;
    pub(super) const ID: FieldKind = FieldKind::Id;
    pub(super) const FLAG: FieldKind = FieldKind::Flag;
    pub(super) const WORDS: FieldKind = FieldKind::Words { max: 64 };
    pub(super) const COUNT: FieldKind = FieldKind::Count { max: 1_000_000 };
    pub(super) const MONEY: FieldKind = FieldKind::MONEY;
}

macro_rules! declare {
    ($(
        $(#[doc = $doc:literal])*
        $kind:ident = $code:literal, $constant:ident $name:literal: $($field:ident $fits:ident),*;
    )*) => {
        /// A kind of document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum DocumentKind {
            /// One visit, call or message to a customer.
            Visit = 1,
            $($(#[doc = $doc])* $kind = $code,)*
        }

        impl DocumentKind {
            /// Every kind, in the order of their codes, which have no gaps.
            pub const ALL: &'static [Self] = &[Self::Visit, $(Self::$kind),*];

            /// Its name, as packs, pages and the API write it.
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Visit => "visit",
                    $(Self::$kind => $name,)*
                }
            }

            /// The fields documents of this kind have.
            pub const fn schema(self) -> &'static Schema {
                match self {
                    Self::Visit => &visit::SCHEMA,
                    $(Self::$kind => {
                        const OWN: &[Field] =
                            &[$(Field { name: stringify!($field), kind: fits::$fits }),*];
                        static FIELDS: [Field; envelope::FIELDS.len() + OWN.len()] = envelope::with(OWN);
                        static SCHEMA: Schema = Schema { fields: &FIELDS };
                        &SCHEMA
                    })*
                }
            }
        }
    };
}

table!(declare);

/// The document's first byte names no kind this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no document kind has the code {code}")]
pub struct UnknownKind {
    /// The first byte of the document's id.
    pub code: u8,
}

impl DocumentKind {
    /// The kind of a document; `None` if this program does not know it.
    pub fn of(document: DocumentId) -> Option<Self> {
        let code = document.as_bytes()[0];
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The first byte of the ids of this kind's documents.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether only those write it who lead others, or run the tenant: what it says is said of reps, not by them.
    pub const fn needs_supervisor(self) -> bool {
        matches!(
            self,
            Self::Review | Self::Approval | Self::SpotCheck | Self::Finding | Self::Assessment | Self::Team
        )
    }

    /// Whether the server alone writes it, for what somebody ruled there.
    pub const fn is_ruled_at_the_server(self) -> bool {
        matches!(self, Self::Exception)
    }
}

/// Makes the id of a new document of this kind from fifteen random bytes.
pub const fn new_id(kind: DocumentKind, random: [u8; 15]) -> DocumentId {
    let mut bytes = [0; 16];
    bytes[0] = kind.code();
    let mut at = 0;
    while at < random.len() {
        bytes[at + 1] = random[at];
        at += 1;
    }
    DocumentId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_and_every_name_leads_to_its_own_kind() {
        for (code, kind) in (1..).zip(DocumentKind::ALL) {
            assert_eq!(kind.code(), code);
            assert_eq!(DocumentKind::of(new_id(*kind, [0xff; 15])), Some(*kind));
            assert_eq!(DocumentKind::named(kind.name()), Some(*kind));
        }
        let beyond = DocumentKind::ALL.len() as u8 + 1;
        for unknown in [0, beyond, 0xff] {
            assert_eq!(DocumentKind::of(DocumentId::from_bytes([unknown; 16])), None);
        }
    }

    #[test]
    fn no_kind_has_two_fields_of_one_name_and_each_has_free_text() {
        for kind in DocumentKind::ALL {
            let names: BTreeSet<&str> = kind.schema().fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), kind.schema().fields.len(), "{}", kind.name());
            assert!(kind.schema().texts().next().is_some(), "{}", kind.name());
        }
    }
}
