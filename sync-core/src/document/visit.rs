//! The visit: its fields, and its typed form.

use std::collections::BTreeSet;

use super::{Edit, Field, FieldKind, FieldValue, Schema, Values};
use crate::time::Timestamp;

/// Declares the visit's fields once: constants, schema and typed form come from this one table.
macro_rules! visit {
    ($($(#[doc = $doc:literal])* $constant:ident $name:ident: $rust:ty = $variant:ident, $kind:expr;)*) => {
        /// The names of a visit's fields.
        pub mod field {
            $($(#[doc = $doc])* pub const $constant: &str = stringify!($name);)*
        }

        pub(super) static SCHEMA: Schema =
            Schema { fields: &[$(Field { name: field::$constant, kind: $kind }),*] };

        /// A visit's fields with their types; `None` is a field that is not set.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Visit {
            $($(#[doc = $doc])* pub $name: Option<$rust>,)*
        }

        impl Visit {
            /// Picks a visit's fields out of a document's values.
            pub fn read(values: &Values) -> Self {
                Self {
                    $($name: match values.get(field::$constant) {
                        Some(FieldValue::$variant(value)) => Some(value.clone()),
                        _ => None,
                    },)*
                }
            }

            /// The edits that bring a document to exactly this visit: what is `None` is cleared.
            pub fn edits(&self) -> Vec<Edit> {
                vec![$(match &self.$name {
                    Some(value) => Edit::Set {
                        field: field::$constant.to_owned(),
                        value: FieldValue::$variant(value.clone()),
                    },
                    None => Edit::Clear { field: field::$constant.to_owned() },
                }),*]
            }
        }
    };
}

const CLASSES: &[&str] = &[
    "scheduled_return",
    "event_return",
    "walk",
    "business_contact",
    "first",
    "first_after_deal",
    "site_survey",
    "festival",
    "move_in",
];
const CHANNELS: &[&str] = &["on_site", "phone", "sms", "email", "letter", "post"];
const LEVELS: &[&str] = &["handling_contact", "handling_lead", "business_lead", "key_decision_maker"];
const LINE: FieldKind = FieldKind::Line { max_chars: 200 };
const LONG_TEXT: FieldKind = FieldKind::Text { max_chars: 5000 };
const LONG_LINE: FieldKind = FieldKind::Line { max_chars: 1000 };
const WORD: FieldKind = FieldKind::Line { max_chars: 64 };
const WORDS: FieldKind = FieldKind::Words { max: 64 };
const TEXT: FieldKind = FieldKind::Text { max_chars: 2000 };

visit! {
    /// The customer visited.
    CUSTOMER customer: [u8; 16] = Id, FieldKind::Id;
    /// The rep who visited.
    REP rep: [u8; 16] = Id, FieldKind::Id;
    /// What sort of visit it was.
    CLASS class: String = Text, FieldKind::Choice(CLASSES);
    /// How the customer was reached.
    CHANNEL channel: String = Text, FieldKind::Choice(CHANNELS);
    /// When it was planned for.
    PLANNED planned: Timestamp = Time, FieldKind::Time;
    /// When it began.
    STARTED started: Timestamp = Time, FieldKind::Time;
    /// When it ended; deadlines count from here.
    ENDED ended: Timestamp = Time, FieldKind::Time;
    /// Where it took place.
    PLACE place: String = Text, LINE;
    /// Whom the rep met.
    COUNTERPART counterpart: String = Text, FieldKind::Line { max_chars: 100 };
    /// The standing of that person at the customer.
    COUNTERPART_LEVEL counterpart_level: String = Text, FieldKind::Choice(LEVELS);
    /// Who else was there.
    ATTENDEES attendees: String = Text, LINE;
    /// What it was for.
    PURPOSE purpose: String = Text, LINE;
    /// What was expected of it.
    EXPECTED_EFFECT expected_effect: String = Text, LINE;
    /// What was talked about.
    CONTENT content: String = Text, LONG_TEXT;
    /// What came of it.
    RESULT result: String = Text, LONG_TEXT;
    /// What both sides agreed on.
    CONSENSUS consensus: String = Text, TEXT;
    /// What is to be done next.
    NEXT_STEP next_step: String = Text, TEXT;
    /// When to visit again.
    NEXT_VISIT next_visit: Timestamp = Time, FieldKind::Time;
    /// Why it was moved or called off.
    CHANGE_REASON change_reason: String = Text, LINE;
    /// How content the customer was, from 0 to 5.
    SATISFACTION satisfaction: i64 = Count, FieldKind::Count { max: 5 };
    /// The document it answers: the line of a plan, a complaint.
    ABOUT about: [u8; 16] = Id, FieldKind::Id;
    /// The standings of all who were met, if there were several.
    LEVEL level: BTreeSet<String> = Words, WORDS;
    /// Where the rep stopped on the way.
    STOPS stops: BTreeSet<String> = Words, WORDS;
    /// How many hours the rep stayed.
    HOURS_OF_STAY hours_of_stay: i64 = Count, FieldKind::Count { max: 1_000 };
    /// What it was about, in a word.
    THEME theme: String = Text, WORD;
    /// What is to be reported of it.
    SUMMARY summary: String = Text, LONG_LINE;
    /// What the customer is not content with.
    PROBLEMS problems: String = Text, LONG_LINE;
    /// Who of one's own people came along, by post or name.
    WITH with: BTreeSet<String> = Words, WORDS;
    /// Whether the customer confirmed it.
    CONFIRMED confirmed: bool = Flag, FieldKind::Flag;
    /// The customer's signature: where it is kept.
    SIGNATURE signature: String = Text, LINE;
    /// How it is marked in the files.
    LABEL label: String = Text, WORD;
    /// What of the list was done, brought along or asked.
    CHECKLIST checklist: BTreeSet<String> = Words, WORDS;
    /// When a change of plan was reported.
    CHANGE_REPORTED change_reported: Timestamp = Time, FieldKind::Time;
    /// Whether there was a gift.
    GIFT gift: bool = Flag, FieldKind::Flag;
    /// Whether there was a meal or an entertainment.
    ENTERTAINMENT entertainment: bool = Flag, FieldKind::Flag;
    /// Whether it was recorded as a sound or a picture.
    RECORDED recorded: bool = Flag, FieldKind::Flag;
    /// Whether the customer was asked if the time was convenient.
    ASKED_CONVENIENT asked_convenient: bool = Flag, FieldKind::Flag;
    /// Which one it is in a row of visits about the same thing, from 1.
    ROUND round: i64 = Count, FieldKind::Count { max: 1_000 };
    /// How grave the matter was.
    SEVERITY severity: String = Text, WORD;
    /// Whether the matter is settled.
    SETTLED settled: bool = Flag, FieldKind::Flag;
}
