//! A diary: what happens in a made-up world until its present, fact by fact.

use sync_core::{
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{Evidence, Fact, FactKind, Flags, Measured, Value},
    time::Timestamp,
};

use super::{
    days::{DAY_MS, HOUR_MS, MINUTE_MS},
    dice::Dice,
};

/// What happened until the present.
pub(crate) struct Diary {
    pub(crate) facts: Vec<Fact>,
    pub(crate) now: Timestamp,
    written: u64,
}

/// Something that happens.
pub(crate) struct Entry(Fact);

impl Diary {
    pub(crate) fn until(now: Timestamp) -> Self {
        Self { facts: Vec::new(), now, written: 0 }
    }

    /// Writes down what happens, unless it lies in the future; gives its id.
    pub(crate) fn note(&mut self, entry: Entry) -> Hash {
        let mut fact = entry.0;
        self.written += 1;
        fact.id = Hash::of("fieldbook/test/2", &[&self.written.to_be_bytes()]);
        let id = fact.id;
        if fact.at <= self.now {
            self.facts.push(fact);
        }
        id
    }

    /// How well a phone can show that it wrote something at an instant.
    pub(crate) fn evidence(&self, dice: &mut Dice, at: Timestamp) -> Option<Box<Evidence>> {
        let before = dice.pick(&[5 * MINUTE_MS, 3 * HOUR_MS, 2 * DAY_MS]);
        let after = dice.pick(&[5 * MINUTE_MS, 3 * HOUR_MS, 2 * DAY_MS]);
        let arrived = at.plus_millis(after).min(self.now.max(at));
        let flags = match dice.below(8) {
            0 => Flags::BOOT_RATE_ODD,
            1 => Flags::WALL_JUMP,
            2 => Flags::SERVER_TIME_SUSPECT,
            3 => Flags::ANCHORS_UNANSWERED,
            _ => Flags::empty(),
        };
        let off = dice.between(0, 2 * MINUTE_MS);
        let measured = Measured { earliest: at.plus_millis(-off), latest: at.plus_millis(off).min(arrived) };
        let evidence = Evidence {
            not_before: at.plus_millis(-before),
            anchor: None,
            not_after: (!dice.chance(5)).then_some(arrived),
            measured: dice.chance(60).then_some(measured),
            claimed: at,
            flags,
        };
        dice.chance(70).then(|| Box::new(evidence))
    }
}

impl Entry {
    pub(crate) fn new(kind: FactKind, at: Timestamp) -> Self {
        Self(Fact {
            id: Hash::of("fieldbook/test/2", &[]),
            kind,
            at,
            evidence: None,
            customer: None,
            actor: None,
            about: None,
            attributes: Box::default(),
        })
    }

    pub(crate) fn by(mut self, actor: UserId) -> Self {
        self.0.actor = Some(actor);
        self
    }

    pub(crate) fn to(mut self, customer: CustomerId) -> Self {
        self.0.customer = Some(customer);
        self
    }

    pub(crate) fn about(mut self, about: impl Into<Option<Hash>>) -> Self {
        self.0.about = about.into();
        self
    }

    pub(crate) fn shown_by(mut self, evidence: Option<Box<Evidence>>) -> Self {
        self.0.evidence = evidence;
        self
    }

    /// Sets an attribute.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        let attribute =
            self.0.kind.attribute(name).unwrap_or_else(|| panic!("{:?} has no {name}", self.0.kind));
        let mut attributes = self.0.attributes.into_vec();
        attributes.push((attribute, value));
        attributes.sort();
        self.0.attributes = attributes.into_boxed_slice();
        self
    }

    pub(crate) fn word(self, name: &str, word: &str) -> Self {
        self.with(name, Value::Text(word.into()))
    }

    pub(crate) fn words(self, name: &str, words: &[&str]) -> Self {
        self.with(name, Value::Words(words.iter().map(|word| (*word).into()).collect()))
    }

    pub(crate) fn flag(self, name: &str, flag: bool) -> Self {
        self.with(name, Value::Flag(flag))
    }

    pub(crate) fn number(self, name: &str, number: i64) -> Self {
        self.with(name, Value::Number(number))
    }

    pub(crate) fn time(self, name: &str, at: Timestamp) -> Self {
        self.with(name, Value::Time(at))
    }

    /// Does something more to it in so many of a hundred cases.
    pub(crate) fn perhaps(self, dice: &mut Dice, percent: u64, more: impl FnOnce(Self) -> Self) -> Self {
        if dice.chance(percent) { more(self) } else { self }
    }
}
