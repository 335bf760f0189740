//! Quotas: how many contacts each customer has had in the periods that run, and how many are asked for.

use sync_core::{
    hash::Hash,
    id::CustomerId,
    rules::{Fulfilment, Part, RuleVersion, Subject},
    time::Timestamp,
};

use super::Reckoning;
use crate::{book::Book, error::Error};

/// What was done of one quota for one customer, in the period that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaCount {
    /// The customer.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// The [obligation](super::Owed::obligation) that this counts.
    pub obligation: Hash,
    /// The rule.
    pub rule: RuleVersion,
    /// What the rule says, in the words of its pack.
    pub says: String,
    /// How many contacts count.
    pub done: u32,
    /// How many are asked for.
    pub asked: u32,
    /// Whether that is enough; more may be asked for than a number, such as contacts of each level.
    pub met: bool,
    /// Whether somebody let it off, so that none is missing.
    pub let_off: bool,
    /// The last instant of the period.
    pub until: Timestamp,
}

impl Book {
    /// Counts the contacts that the signed-in user owes customers in the periods that run now: by the customer's name,
    /// and for each customer what ends first.
    pub fn quotas(&self) -> Result<Vec<QuotaCount>, Error> {
        self.read(|db| {
            let reckoning = Reckoning::load(db, self.platform.clock())?;
            let Some(today) = reckoning.today() else { return Ok(Vec::new()) };
            let mut counts = Vec::new();
            for found in reckoning.obligations(today) {
                let obligation = &found.obligation;
                let (Some(Part::Quota(_)), Subject::Customer(customer, _), Some(until)) =
                    (found.part(), obligation.subject, obligation.due)
                else {
                    continue;
                };
                counts.push(QuotaCount {
                    customer,
                    customer_name: reckoning.name_of(customer),
                    obligation: obligation.name().hash(),
                    rule: obligation.rule.clone(),
                    says: found.rule.says.clone(),
                    done: obligation.done.0,
                    asked: obligation.done.1,
                    met: obligation.state == Fulfilment::Met,
                    let_off: obligation.let_off,
                    until,
                });
            }
            counts.sort_by(|a, b| {
                let key = |count: &QuotaCount| (count.customer, count.until, count.obligation);
                a.customer_name.cmp(&b.customer_name).then_with(|| key(a).cmp(&key(b)))
            });
            Ok(counts)
        })
    }
}
