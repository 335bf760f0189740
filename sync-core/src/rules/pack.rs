//! A pack: the rules of one company regulation, read from TOML.

use std::{collections::BTreeSet, ops::Range};

use jiff::civil::Date;
use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer, ValueDeserializer},
};

use super::{
    Modality, PackError, Part, RecordWithin, Rule, RuleKind, RuleState, RuleVersion, Zone, names::Named,
    parameters::Parameters,
};
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
    /// The first day on which it is not in force any more; a [`Rulebook`](super::Rulebook) that holds a later version
    /// says so.
    pub until: Option<Date>,
    /// The first day on which another pack says by when a record must be submitted; a [`Rulebook`](super::Rulebook) that
    /// holds such a pack says so.
    pub records_until: Option<Date>,
    /// Which pack has the say where two contradict each other: the higher one.
    pub precedence: u32,
    /// Who may interpret it.
    pub owner: String,
    /// The zone in which its days begin and end.
    pub zone: Zone,
    /// The name of the holiday calendar it counts working days by.
    pub calendar: String,
    /// Its rules, in the order of the text.
    pub rules: Vec<Rule>,
    /// Its parameters, each with whether it has a value.
    pub parameters: Vec<(String, bool)>,
    /// Hash of its text: two packs that differ in one byte have different verdicts.
    pub hash: Hash,
}

/// One rule together with the pack it stands in: what judging needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackRule<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// The rule in it.
    pub rule: &'a RecordWithin,
}

/// A pack without its rules and parameters, as it is written.
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
    #[serde(default)]
    precedence: u32,
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
        let parameters = Parameters::read(text, table.get_mut().remove("parameters"))?;
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
            until: None,
            records_until: None,
            precedence: header.precedence,
            owner: header.owner,
            zone: header.zone,
            calendar: header.calendar,
            rules: written
                .map_or_else(|| Ok(Vec::new()), |written| read_rules(text, written, &parameters))?,
            parameters: parameters.names(),
            hash: Hash::of("fieldbook/pack/1", &[text.as_bytes()]),
        })
    }

    /// The first rule that says by when a visit's record must be submitted.
    pub fn record_rule(&self) -> Option<PackRule<'_>> {
        self.rules.iter().flat_map(Rule::parts).find_map(|part| match part {
            Part::Record(rule) => Some(PackRule { pack: self, rule }),
            _ => None,
        })
    }

    /// Whether it is in force on a day.
    pub fn in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The rule with that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

impl PackRule<'_> {
    /// The rule's id with its pack and the pack's version, as a verdict carries it.
    pub fn version(&self) -> RuleVersion {
        RuleVersion { rule: self.rule.id.clone(), pack: self.pack.id.clone(), version: self.pack.version }
    }
}

fn read_rules(
    text: &str,
    written: Spanned<DeValue<'_>>,
    parameters: &Parameters<'_>,
) -> Result<Vec<Rule>, PackError> {
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
        let rule = read_rule(text, written, parameters)?;
        check_id(&rule.id).map_err(|message| PackError::at(text, span.clone(), message))?;
        if !ids.insert(rule.id.clone()) {
            return Err(PackError::at(text, span, format!("there is already a rule {}", rule.id)));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// What every rule has; its parts are read apart.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    #[serde(default)]
    says: String,
    #[serde(default)]
    modality: Modality,
    #[serde(default)]
    attestation: bool,
    outside: Option<String>,
}

fn read_rule(
    text: &str,
    mut written: Spanned<DeValue<'_>>,
    parameters: &Parameters<'_>,
) -> Result<Rule, PackError> {
    let kinds = || RuleKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let span = written.span();
    let DeValue::Table(table) = written.get_mut() else {
        return Err(PackError::at(text, span, "write each rule as a [[rule]] table"));
    };
    let Some(kind) = table.remove("kind") else {
        return Err(PackError::at(text, span, format!("the rule has no kind; it may be {}", kinds())));
    };
    let name = kind.get_ref().as_str().unwrap_or_default();
    let Some(kind) = RuleKind::named(name) else {
        let message = format!("there is no rule kind {name:?}; it may be {}", kinds());
        return Err(PackError::at(text, kind.span(), message));
    };
    // The rule that decides what becomes official stands in the open.
    if kind == RuleKind::RecordWithin && table.contains_key("anchor") {
        let says = table.remove("says").and_then(|says| says.get_ref().as_str().map(str::to_owned));
        let rule: RecordWithin = read_kind(text, written, span)?;
        let (id, state) = (rule.id.clone(), RuleState::Active(vec![Part::Record(rule)]));
        return Ok(Rule { id, kind, says: says.unwrap_or_default(), modality: Modality::Must, state });
    }
    let written_parts: Vec<_> =
        PARTS.iter().filter_map(|(name, read)| Some((table.remove(*name)?, read))).collect();
    let head: Head = read_kind(text, written, span.clone())?;
    let mut waits = BTreeSet::new();
    let mut parts = Vec::new();
    for (mut part, read) in written_parts {
        let mut missing = BTreeSet::new();
        parameters.fill_in(text, &mut part, &mut missing)?;
        if missing.is_empty() {
            read(text, part, &mut parts)?;
        }
        waits.extend(missing);
    }
    let state = match (head.outside, head.attestation) {
        (Some(reason), _) => RuleState::Outside(reason),
        (None, true) => RuleState::Attestation,
        (None, false) if !waits.is_empty() => RuleState::Waiting(waits.into_iter().collect()),
        (None, false) if parts.is_empty() => {
            let message = format!("the rule {} demands nothing; give it one of {}", head.id, part_names());
            return Err(PackError::at(text, span, message));
        }
        (None, false) => RuleState::Active(parts),
    };
    Ok(Rule { id: head.id, kind, says: head.says, modality: head.modality, state })
}

/// Reads a part, or several parts of one shape.
type ReadPart = fn(&str, Spanned<DeValue<'_>>, &mut Vec<Part>) -> Result<(), PackError>;

const PARTS: &[(&str, ReadPart)] = &[
    ("anchored", |text, written, parts| read_parts(text, written, parts, Part::Anchored)),
    ("recurring", |text, written, parts| read_parts(text, written, parts, Part::Recurring)),
    ("quota", |text, written, parts| read_parts(text, written, parts, Part::Quota)),
    ("guard", |text, written, parts| read_parts(text, written, parts, Part::Guard)),
    ("difference", |text, written, parts| read_parts(text, written, parts, Part::Difference)),
    ("band", |text, written, parts| read_parts(text, written, parts, Part::Band)),
    ("score", |text, written, parts| read_parts(text, written, parts, Part::Score)),
    ("access", |text, written, parts| read_parts(text, written, parts, Part::Access)),
];

fn part_names() -> String {
    PARTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn read_parts<T: serde::de::DeserializeOwned + Named>(
    text: &str,
    written: Spanned<DeValue<'_>>,
    parts: &mut Vec<Part>,
    part: fn(Box<T>) -> Part,
) -> Result<(), PackError> {
    let span = written.span();
    let written = match written.into_inner() {
        DeValue::Array(several) => several.into_iter().collect(),
        one => vec![Spanned::new(span, one)],
    };
    for one in written {
        let span = one.span();
        let read: T = read_kind(text, one, span.clone())?;
        read.check_names().map_err(|message| PackError::at(text, span, message))?;
        parts.push(part(Box::new(read)));
    }
    Ok(())
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
