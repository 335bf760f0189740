//! A pack: the rules of one company regulation, read from TOML.

use std::{collections::BTreeSet, ops::Range};

use jiff::civil::Date;
use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer, ValueDeserializer},
};

use super::{PackError, RecordWithin, RuleVersion, Zone};
use crate::hash::Hash;

/// The rules of one company regulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its id, such as `key_account_visits`.
    pub id: String,
    /// Its version, from 1.
    pub version: u32,
    /// The regulation's own number.
    pub document_number: String,
    /// The first day it is in force.
    pub effective_from: Date,
    /// Who may interpret it.
    pub owner: String,
    /// The zone in which its days begin and end.
    pub zone: Zone,
    /// The name of the holiday calendar it counts working days by.
    pub calendar: String,
    /// Its rules, in the order of the text.
    pub rules: Vec<Rule>,
    /// Hash of its text: two packs that differ in one byte have different verdicts.
    pub hash: Hash,
}

/// One rule of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// A record must be handed in inside a window.
    RecordWithin(RecordWithin),
}

/// One rule together with the pack it stands in: what judging needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackRule<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// The rule in it.
    pub rule: &'a RecordWithin,
}

/// A pack without its rules, as it is written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    id: String,
    version: u32,
    document_number: String,
    effective_from: toml::value::Date,
    owner: String,
    zone: Zone,
    calendar: String,
}

impl Pack {
    /// Largest text that is read, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;
    /// Most rules a pack may have.
    pub const MAX_RULES: usize = 500;
    /// Most characters of an id.
    pub const MAX_ID_CHARS: usize = 100;

    /// Reads a pack; unknown fields, unknown kinds and repeated rule ids are errors.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        if text.len() > Self::MAX_BYTES {
            return Err(PackError::whole(format!(
                "the pack has {} bytes; at most {} are read",
                text.len(),
                Self::MAX_BYTES
            )));
        }
        let whole = 0..text.len();
        let toml_error = |error: toml::de::Error, around| PackError::from_toml(text, &error, around);
        let mut table = DeTable::parse(text).map_err(|error| toml_error(error, whole.clone()))?;
        let written = table.get_mut().remove("rule");
        let header = Header::deserialize(Deserializer::from(table))
            .map_err(|error| toml_error(error, whole.clone()))?;
        check_id(&header.id).map_err(PackError::whole)?;
        if header.version == 0 {
            return Err(PackError::whole("versions of a pack count from 1"));
        }
        let date = header.effective_from;
        let effective_from = (date.year <= 9999)
            .then(|| Date::new(date.year as i16, date.month as i8, date.day as i8).ok())
            .flatten()
            .ok_or_else(|| PackError::whole(format!("effective_from: there is no day {date}")))?;
        Ok(Self {
            id: header.id,
            version: header.version,
            document_number: header.document_number,
            effective_from,
            owner: header.owner,
            zone: header.zone,
            calendar: header.calendar,
            rules: written.map_or_else(|| Ok(Vec::new()), |written| read_rules(text, written))?,
            hash: Hash::of("fieldbook/pack/1", &[text.as_bytes()]),
        })
    }

    /// The first rule that says by when a visit's record must be submitted.
    pub fn record_rule(&self) -> Option<PackRule<'_>> {
        self.rules.first().map(|Rule::RecordWithin(rule)| PackRule { pack: self, rule })
    }
}

impl PackRule<'_> {
    /// The rule's id with its pack and the pack's version, as a verdict carries it.
    pub fn version(&self) -> RuleVersion {
        RuleVersion { rule: self.rule.id.clone(), pack: self.pack.id.clone(), version: self.pack.version }
    }
}

impl Rule {
    /// The rule's id, unique in its pack.
    pub fn id(&self) -> &str {
        match self {
            Self::RecordWithin(rule) => &rule.id,
        }
    }
}

fn read_rules(text: &str, written: Spanned<DeValue<'_>>) -> Result<Vec<Rule>, PackError> {
    let span = written.span();
    let DeValue::Array(written) = written.into_inner() else {
        return Err(PackError::at(text, span, "write each rule as a [[rule]] table"));
    };
    if written.len() > Pack::MAX_RULES {
        let message = format!("the pack has {} rules; at most {} are read", written.len(), Pack::MAX_RULES);
        return Err(PackError::at(text, span, message));
    }
    let mut ids = BTreeSet::new();
    let mut rules = Vec::with_capacity(written.len());
    for written in written {
        let span = written.span();
        let rule = read_rule(text, written)?;
        let id = rule.id().to_owned();
        check_id(&id).map_err(|message| PackError::at(text, span.clone(), message))?;
        if !ids.insert(id.clone()) {
            return Err(PackError::at(text, span, format!("there is already a rule {id}")));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn read_rule(text: &str, mut written: Spanned<DeValue<'_>>) -> Result<Rule, PackError> {
    const KINDS: &str = "write kind = \"record_within\"";
    let span = written.span();
    let DeValue::Table(table) = written.get_mut() else {
        return Err(PackError::at(text, span, "write each rule as a [[rule]] table"));
    };
    let Some(kind) = table.remove("kind") else {
        return Err(PackError::at(text, span, format!("the rule has no kind; {KINDS}")));
    };
    match kind.get_ref().as_str() {
        Some("record_within") => read_kind(text, written, span).map(Rule::RecordWithin),
        Some(other) => {
            let message = format!("there is no rule kind {other:?}; {KINDS}");
            Err(PackError::at(text, kind.span(), message))
        }
        None => Err(PackError::at(text, kind.span(), format!("a rule kind is a text; {KINDS}"))),
    }
}

fn read_kind<'de, T: serde::Deserialize<'de>>(
    text: &str,
    written: Spanned<DeValue<'de>>,
    span: Range<usize>,
) -> Result<T, PackError> {
    T::deserialize(ValueDeserializer::from(written)).map_err(|error| PackError::from_toml(text, &error, span))
}

fn check_id(id: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.is_empty() || id.len() > Pack::MAX_ID_CHARS || !id.chars().all(allowed) {
        return Err(format!(
            "the id {:?} is not 1 to {} letters, digits, dots, hyphens and underscores",
            id.chars().take(Pack::MAX_ID_CHARS).collect::<String>(),
            Pack::MAX_ID_CHARS
        ));
    }
    Ok(())
}
