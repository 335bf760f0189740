//! Points: what findings and breaches cost, as known now or when days were closed.

use std::collections::BTreeSet;

use sync_core::{
    hash::Hash,
    rules::{
        Obligation, Part, Period,
        engine::{self, Points},
    },
    time::Timestamp,
};

use crate::{
    projection::{IndexedFacts, Known, key::Listed},
    store::StoreError,
};

/// How many obligations of one rule are looked at.
const BREACHES: usize = 10_000;

/// Points under a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackPoints {
    /// The pack's id.
    pub pack: String,
    /// The points.
    pub points: Points,
    /// The obligation that was breached, if they are for one.
    pub breach: Option<Hash>,
}

/// Adds up what findings and breaches of a span of days cost.
pub fn points(known: Known<'_>, span: Period, now: Timestamp) -> Result<Vec<PackPoints>, StoreError> {
    let (rulebook, company, facts) = (known.rulebook()?, known.company()?, IndexedFacts::new(known));
    let world = engine::World { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
    let mut all = Vec::new();
    for pack in rulebook.packs() {
        let scores = pack.rules.iter().flat_map(|rule| rule.parts()).filter_map(|part| match part {
            Part::Score(score) => Some(score),
            _ => None,
        });
        let breached: BTreeSet<&String> = scores.flat_map(|score| &score.breaches).collect();
        let (Some(from), Some(before)) = (
            pack.zone.start_of(span.first),
            span.last.tomorrow().ok().and_then(|day| pack.zone.start_of(day)),
        ) else {
            continue;
        };
        // What is due at 24:00 belongs to the day that ends then.
        let due = (from.plus_millis(1), before.plus_millis(1));
        let mut obligations: Vec<Obligation> = Vec::new();
        for rule in breached {
            let list = Listed::Rule { pack: &pack.id, rule };
            let found = known.obligations(list, due, None, BREACHES)?;
            let mine = found.into_iter().map(|(_, stored)| stored.obligation);
            obligations.extend(mine.filter(|owed| owed.rule.version == pack.version));
        }
        for points in engine::points(world, pack, span, &obligations) {
            let breach = points.breach.as_ref().and_then(|(rule, subject)| {
                let owed =
                    obligations.iter().find(|owed| owed.rule.rule == *rule && owed.subject == *subject);
                owed.map(|owed| owed.name().hash())
            });
            all.push(PackPoints { pack: pack.id.clone(), points, breach });
        }
    }
    facts.check()?;
    Ok(all)
}
