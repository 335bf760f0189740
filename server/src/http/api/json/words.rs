//! The words and texts of the JSON, as the OpenAPI document describes them.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, SchemaFormat,
        schema::{ObjectBuilder, Schema, Type},
    },
};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = [$($word:literal)*];)*) => {$(
        $(#[$doc])*
        pub(in crate::http::api) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($word),*])).into()
            }
        }

        impl ToSchema for $name {}

        impl $name {
            /// The words.
            #[cfg(test)]
            pub(in crate::http::api) const WORDS: &[&str] = &[$($word),*];
        }
    )*};
}

words! {
    /// What a user may do.
    RoleWord = ["rep" "supervisor" "manager" "admin" "auditor"];
    /// Where a record stands.
    PhaseWord = ["draft" "submitted" "sealed" "overdue" "held_late" "needs_review"];
    /// Where a submit stands.
    StandingWord = [
        "candidate" "official" "held" "needs_review" "not_evaluable" "amendment" "contained" "approved" "refused"
        "rejected"
    ];
    /// What a rule says of a submit.
    OutcomeWord = ["on_time" "late" "needs_review" "open" "not_evaluable"];
    /// What a verdict rests on.
    BasisWord = ["proven" "measured" "claimed" "receipt" "none"];
    /// What is odd about the evidence of a time.
    FlagWord = [
        "wall_jump" "claim_outside_bounds" "reboot_since_anchor" "boot_rate_odd" "anchors_unanswered"
        "server_time_suspect"
    ];
    /// Why somebody was late, amended or decided.
    ReasonWord = [
        "no_coverage" "device_failure" "illness" "customer_request" "forgot" "system_fault" "correction" "other"
    ];
    /// What a supervisor ruled.
    RulingWord = ["accept_late" "excuse" "refuse" "approve" "reject"];
    /// Why a version became official.
    CauseWord = ["in_time" "arrived_late" "finding" "decision"];
    /// What became of an obligation.
    FulfilmentWord = ["met" "breached" "pending" "not_evaluable"];
    /// How binding a rule is.
    ModalityWord = ["must" "shall" "in_principle" "normally" "may"];
    /// What an obligation is about.
    SubjectWord = ["fact" "customer" "person" "company"];
    /// Why a fact does not count.
    PassedOverWord = [
        "other" "too_early" "too_late" "time_unknown" "by_another" "exempt" "repeated" "refused"
        "incomplete"
    ];
    /// Because of what an obligation changed after its days were closed: facts; nothing but time; or else people, customers,
    /// rules, the calendar, or a fact that it does not name.
    BecauseWord = ["facts" "time" "other"];
    /// Which side of a change.
    SideWord = ["then" "now"];
    /// Which check an entry failed.
    RefusalWord = [
        "malformed_entry" "over_limit" "malformed_change" "foreign_actor" "sequence_broken" "missing_dependency"
        "start_op_wrong" "not_permitted" "bad_reference" "schema_violation" "dry_run_failed" "unknown_kind"
        "unknown_heads" "value_mismatch" "unknown_anchor" "unknown_document" "quarantined"
    ];
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $object:expr;)*) => {$(
        $(#[$doc])*
        pub(in crate::http::api) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $object.into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

texts! {
    /// An id.
    IdText = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9a-f]{32}$"))
        .description(Some("16 bytes in hex"));
    /// A hash.
    HashText = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9a-f]{64}$"))
        .description(Some("SHA-256 in hex"));
    /// An instant.
    Millis = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("milliseconds since 1970-01-01T00:00:00Z"));
    /// A day.
    DayText = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .description(Some("as in 2026-01-31"));
    /// A place in a list: at least an id, in base64url without padding or spare bits.
    PlaceText = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[A-Za-z0-9_-]{21}([AQgw]|[A-Za-z0-9_-][AEIMQUYcgkosw048]|[A-Za-z0-9_-]{3}([A-Za-z0-9_-]{4}){0,14}([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?)$"))
        .description(Some("handed back as it is"));
    /// The place of an id in a list.
    IdPlaceText = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[A-Za-z0-9_-]{21}[AQgw]$"))
        .description(Some("handed back as it is"));
    /// A post of a user.
    PostText = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-z0-9_]{1,64}$"))
        .description(Some("a word of the rules"));
    /// A tag of a customer.
    TagText = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(64))
        .description(Some("a word of the rules, without capitals and blanks"));
    /// A message of the sync protocol.
    Cbor = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .description(Some("deterministic CBOR, as docs/protocol.md says"));
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use sync_core::{
        admission::RefusalCode,
        directory::Role,
        record::{Phase, Ruling, Standing},
        rules::{Basis, Flags, Modality, Outcome, Reason},
    };

    use super::{
        super::{closing::Side, obligation::State},
        *,
    };
    use crate::projection::restated::Because;

    fn all_known<T: DeserializeOwned>(words: &[&str]) {
        for word in words {
            assert!(serde_json::from_value::<T>((*word).into()).is_ok(), "{word}");
        }
    }

    #[test]
    fn every_documented_word_is_one_the_server_says() {
        all_known::<Role>(RoleWord::WORDS);
        all_known::<Phase>(PhaseWord::WORDS);
        all_known::<Standing>(StandingWord::WORDS);
        all_known::<Basis>(BasisWord::WORDS);
        all_known::<Reason>(ReasonWord::WORDS);
        all_known::<Ruling>(RulingWord::WORDS);
        all_known::<RefusalCode>(RefusalWord::WORDS);
        let (missing, simple) = OutcomeWord::WORDS.split_last().unwrap();
        all_known::<Outcome>(simple);
        assert!(serde_json::from_value::<Outcome>(serde_json::json!({ *missing: {"missing": []} })).is_ok());
        all_known::<State>(FulfilmentWord::WORDS);
        all_known::<Modality>(ModalityWord::WORDS);
        assert_eq!(FlagWord::WORDS, Flags::NAMES.map(|(_, name)| name));
        all_known::<Side>(SideWord::WORDS);
        assert_eq!(BecauseWord::WORDS, Because::EACH.map(Because::name));
        assert_eq!(ReasonWord::WORDS.len(), Reason::ALL.len());
    }
}
