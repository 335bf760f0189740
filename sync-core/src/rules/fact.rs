//! Facts: what rules look at. Something happened at a time, to a customer, by somebody, with attributes of its kind.

use std::sync::{Arc, LazyLock};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use super::Evidence;
use crate::{
    document::{DocumentKind, envelope, table::table},
    hash::Hash,
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// One thing that happened, as the rules see it.
///
/// Encoded for indexes only, which are made again when the program's kinds or attributes change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Fact {
    /// Names it for ever: the hash of what it was read from.
    #[n(0)]
    pub id: Hash,
    /// What sort of thing it is.
    #[n(1)]
    pub kind: FactKind,
    /// When it happened.
    #[n(2)]
    pub at: Timestamp,
    /// How well that time is known; `None` for what the server itself recorded.
    #[n(3)]
    pub evidence: Option<Box<Evidence>>,
    /// The customer it is about.
    #[n(4)]
    pub customer: Option<CustomerId>,
    /// Who did it.
    #[n(5)]
    pub actor: Option<UserId>,
    /// The fact it answers: the complaint of a return visit, the visit of a submission.
    #[n(6)]
    pub about: Option<Hash>,
    /// Further attributes, by ascending number; those of its kind only.
    #[n(7)]
    pub attributes: Box<[(Attribute, Value)]>,
}

/// A sort of fact, from [`FactKind::ALL`]: one for each kind of document, and those that follow from documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct FactKind(#[n(0)] u8);

/// The number of an attribute among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Attribute(#[n(0)] u8);

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number: a count, or money in cents.
    Number(i64),
    /// An instant.
    Time(Timestamp),
    /// A user, a customer or a document.
    Id([u8; 16]),
    /// A word or a text.
    Text(Arc<str>),
    /// Several words, as the items of a checklist that are ticked.
    Words(Box<[Arc<str>]>),
}

impl<C> Encode<C> for Value {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Self::Flag(flag) => e.u8(0)?.bool(*flag)?,
            Self::Number(number) => e.u8(1)?.i64(*number)?,
            Self::Time(time) => e.u8(2)?.i64(time.as_millis())?,
            Self::Id(id) => e.u8(3)?.bytes(id)?,
            Self::Text(text) => e.u8(4)?.str(text)?,
            Self::Words(words) => {
                e.u8(5)?.array(words.len() as u64)?;
                for word in words {
                    e.str(word)?;
                }
                e
            }
        };
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Value {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a value is a pair").at(at));
        }
        Ok(match d.u8()? {
            0 => Self::Flag(d.bool()?),
            1 => Self::Number(d.i64()?),
            2 => Self::Time(Timestamp::from_millis(d.i64()?)),
            3 => Self::Id(
                d.bytes()?
                    .try_into()
                    .map_err(|_| decode::Error::message("an id has sixteen bytes").at(at))?,
            ),
            4 => Self::Text(d.str()?.into()),
            5 => {
                let words = d.array_iter::<&str>()?.map(|word| word.map(Arc::from));
                Self::Words(words.collect::<Result<_, _>>()?)
            }
            other => return Err(decode::Error::unknown_variant(u32::from(other).into()).at(at)),
        })
    }
}

macro_rules! declare {
    ($(
        $(#[doc = $doc:literal])*
        $kind:ident = $code:literal, $constant:ident $name:literal: $($field:ident $fits:ident),*;
    )*) => {
        impl FactKind {
            /// A visit, a call or a message to a customer. It happened when it began, or when it ended if that was earlier.
            pub const VISIT: Self = Self::of(DocumentKind::Visit);
            $($(#[doc = $doc])* pub const $constant: Self = Self::of(DocumentKind::$kind);)*
            /// A visit's record was handed in; about the visit.
            pub const SUBMISSION: Self = Self(u8::MAX - 1);
            /// A day of a business trip, from its beginning or from departure; about the trip.
            pub const TRIP_DAY: Self = Self(u8::MAX);
            /// All kinds.
            pub const ALL: &'static [Self] =
                &[Self::VISIT, $(Self::$constant,)* Self::SUBMISSION, Self::TRIP_DAY];
        }
    };
}

table!(declare);

/// What a fact has beside its attributes.
const ENVELOPE: [&str; 4] = [envelope::CUSTOMER, envelope::ABOUT, envelope::AT, envelope::NOTE];

/// The names of the attributes of each kind: the fields of its documents, and what follows from them.
static ATTRIBUTES: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let all = (0..=u8::MAX).map(|number| {
        let kind = FactKind(number);
        let fields = kind.document().map_or(&[][..], |document| document.schema().fields);
        let own = fields.iter().map(|field| field.name).filter(|name| !ENVELOPE.contains(name));
        own.chain(kind.derived().iter().copied()).collect()
    });
    all.collect()
});

impl FactKind {
    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The kind of the facts that documents of a kind are read as.
    pub const fn of(document: DocumentKind) -> Self {
        Self(document.code())
    }

    /// The kind of the documents that it is read from as they are; `None` for what follows from documents.
    pub fn document(self) -> Option<DocumentKind> {
        DocumentKind::ALL.get(usize::from(self.0).checked_sub(1)?).copied()
    }

    /// Its name, as packs write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SUBMISSION => "submission",
            Self::TRIP_DAY => "trip_day",
            _ => self.document().map_or("", DocumentKind::name),
        }
    }

    /// Attributes that no field holds.
    const fn derived(self) -> &'static [&'static str] {
        match self {
            // Whether the record of the visit counts as things stand: it is neither overdue nor held.
            Self::VISIT => &["counts"],
            // Whether all is there that the rule asks for, and what was decided about it, if anything was.
            Self::SUBMISSION => &["complete", "accepted"],
            // The document it is about; the fact itself is about the series that it rules on.
            Self::EXCEPTION => &["on"],
            _ => &[],
        }
    }

    /// The names of its attributes.
    pub fn attributes(self) -> &'static [&'static str] {
        &ATTRIBUTES[usize::from(self.0)]
    }

    /// The attribute with that name.
    pub fn attribute(self, name: &str) -> Option<Attribute> {
        let at = self.attributes().iter().position(|known| *known == name)?;
        u8::try_from(at).ok().map(Attribute)
    }
}

impl Fact {
    /// What the attribute with a name holds, if its kind has such a one and it is set.
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.get(self.kind.attribute(name)?)
    }

    /// What an attribute holds, if it is set.
    pub fn get(&self, attribute: Attribute) -> Option<&Value> {
        let at = self.attributes.binary_search_by_key(&attribute, |(known, _)| *known).ok()?;
        Some(&self.attributes[at].1)
    }
}
