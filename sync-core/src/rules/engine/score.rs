//! Points, each with what it stands for; and who does not get to see something.

use super::{
    super::{Company, Fact, Fulfilment, Obligation, Pack, Period, Rule, RuleState, Value, rule::Part},
    Asked, Subject, World,
};
use crate::{hash::Hash, id::UserId};

/// Points that somebody was given or lost, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// The rule that gives or takes them.
    pub rule: String,
    /// Who gets or loses them.
    pub person: UserId,
    /// In which period they count.
    pub period: Period,
    /// How many; negative if they are lost.
    pub points: i32,
    /// The finding, if it is for one.
    pub finding: Option<Hash>,
    /// The obligation that was breached, if it is for one: its rule and its subject.
    pub breach: Option<(String, Subject)>,
}

/// All points of a span of days, from the findings in it and from obligations under the same pack.
///
/// Only rules that must or shall be kept cost points; a miss that only counts towards a share costs none, nor does one
/// that somebody let off.
pub fn points(world: World<'_>, pack: &Pack, span: Period, obligations: &[Obligation]) -> Vec<Points> {
    let mut all = Vec::new();
    for rule in &pack.rules {
        for (number, part) in rule.parts().iter().enumerate() {
            let Part::Score(score) = part else { continue };
            let asked = Asked { world, pack, rule, number };
            let given = |person, at, finding, breach| {
                let period = asked.period(&score.per, at)?;
                Some(Points { rule: rule.id.clone(), person, period, points: score.points, finding, breach })
            };
            if let Some(found) = &score.found {
                let findings = asked.facts_in(found, span);
                all.extend(findings.filter_map(|fact| given(fact.actor?, fact.at, Some(fact.id), None)));
            }
            let costs = |owed: &&Obligation| {
                owed.state == Fulfilment::Breached
                    && !owed.in_share
                    && !owed.let_off
                    && score.breaches.contains(&owed.rule.rule)
                    && pack.rule(&owed.rule.rule).is_some_and(|rule| rule.modality.scores())
            };
            for owed in obligations.iter().filter(costs) {
                let breach = Some((owed.rule.rule.clone(), owed.subject));
                // What is due at 24:00 belongs to the day that ends then, and to its period.
                let at = owed.due.map_or(world.now, |due| due.plus_millis(-1));
                all.extend(owed.owed_by.iter().filter_map(|person| given(*person, at, None, breach.clone())));
            }
        }
    }
    all
}

/// Whether somebody may see a fact under the rules of a pack.
pub fn may_see(pack: &Pack, fact: &Fact, viewer: UserId, company: &Company) -> bool {
    let active = pack.rules.iter().filter(|rule| matches!(rule.state, RuleState::Active(_)));
    active.flat_map(Rule::parts).all(|part| {
        let Part::Access(access) = part else { return true };
        if !access.what.takes(fact, company) {
            return true;
        }
        let hidden = access.hidden_from.as_deref().and_then(|name| fact.named(name));
        let is_hidden = hidden == Some(&Value::Id(*viewer.as_bytes()));
        let posts = company.posts(viewer);
        !is_hidden
            && (access.only.is_empty()
                || access.only.iter().any(|post| posts.iter().any(|held| **held == **post)))
    })
}
