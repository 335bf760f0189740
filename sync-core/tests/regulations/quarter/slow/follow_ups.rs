//! What has to follow something, and which share of it has to be followed up in a month.

use sync_core::{
    id::UserId,
    rules::{Fact, FactKind, Period, Subject},
    time::Timestamp,
};

use super::{
    super::days::{end_of, months},
    Ledger, State, Then, lies_in,
};

impl<'a> Then<'a> {
    /// What becomes of something that has to be done about a fact after it, until an instant, by one of these people; by
    /// anybody if there are none, and nobody knows if it cannot be said who.
    pub(super) fn follow_up(
        &self,
        fact: &Fact,
        owed_by: Option<Vec<UserId>>,
        due: Timestamp,
        kind: FactKind,
        counts: impl Fn(&Fact) -> bool,
    ) -> State {
        let Some(owed_by) = owed_by else { return State::Unknowable };
        let by_them =
            |act: &Fact| owed_by.is_empty() || act.actor.is_some_and(|actor| owed_by.contains(&actor));
        let acts = self.about(fact.id, kind).filter(|act| by_them(act) && act.at >= fact.at && counts(act));
        self.until(due, acts)
    }

    /// Says for each month which share of the cases in it was met: so many percent are owed, rounded up.
    pub(super) fn share(
        &self,
        ledger: &mut Ledger,
        rule: &str,
        kind: FactKind,
        percent: usize,
        case: impl Fn(&Fact) -> Option<State>,
    ) {
        for month in months(self.span) {
            let cases: Vec<State> =
                self.all(kind).filter(|fact| lies_in(fact, month)).filter_map(&case).collect();
            if cases.is_empty() {
                continue;
            }
            let (met, state) = self.share_of(&cases, percent, month);
            ledger.say(rule, Subject::Company(month), state, Some(met));
        }
        for fact in self.within(kind) {
            if let Some(state) = case(fact) {
                ledger.say_of_fact(rule, fact, state);
            }
        }
    }

    fn share_of(&self, cases: &[State], percent: usize, month: Period) -> (u32, State) {
        let count = |wanted: &[State]| cases.iter().filter(|state| wanted.contains(state)).count();
        let is_enough = |met: usize| met * 100 >= cases.len() * percent;
        let met = count(&[State::Met]);
        let state = if self.now < end_of(month.last) {
            // There may be more cases yet.
            State::Pending
        } else if is_enough(met) {
            State::Met
        } else if is_enough(count(&[State::Met, State::Pending])) {
            State::Pending
        } else if is_enough(count(&[State::Met, State::Pending, State::Unknowable])) {
            State::Unknowable
        } else {
            State::Breached
        };
        (u32::try_from(met).unwrap(), state)
    }

    /// Whether it is the same complaint as an earlier one: by the same complainant about the same problem.
    pub(super) fn is_repeated(&self, complaint: &Fact) -> bool {
        let (who, what) = (super::value(complaint, "complainant"), super::value(complaint, "problem"));
        let is_same = |other: &Fact| {
            super::value(other, "complainant") == who && super::value(other, "problem") == what
        };
        let mut others = self.same_customer(complaint, FactKind::COMPLAINT);
        who.is_some()
            && what.is_some()
            && others.any(|other| is_same(other) && (other.at, other.id) < (complaint.at, complaint.id))
    }
}
