//! `fieldbook rules diff`: what a pack would have changed in the past, had it been in force.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sync_core::{
    hash::Hash,
    rules::{
        Fulfilment, Obligation, Pack, Period, Subject,
        engine::{self, World},
    },
    time::Timestamp,
};

use super::named;
use crate::{
    projection::{IndexedFacts, View},
    store::StoreError,
};

/// How many obligations are looked at; the newest days come first.
pub(super) const AT_MOST: usize = 100_000;

/// The most differences that are told one by one.
pub(super) const DIFFERENCES: usize = 1_000;

/// What a pack would have changed.
#[derive(Serialize, Deserialize)]
pub struct PackDiff {
    /// The pack's id.
    pub pack: String,
    /// The version in the file.
    pub version: u32,
    /// The versions with that id that are kept, each with its first day.
    pub kept: Vec<KeptVersion>,
    /// The first and the last day that were looked at; nothing if there is no such day.
    pub days: Option<(String, String)>,
    /// How many obligations were looked at, of both sides together each once.
    pub looked_at: usize,
    /// Whether the days before were left out because there are too many obligations.
    pub stopped: bool,
    /// What became of the obligations of each rule.
    pub rules: Vec<RuleCounts>,
    /// How many obligations would have come out otherwise.
    pub different: usize,
    /// The first of them, newest days first.
    pub differences: Vec<DifferenceLine>,
}

/// A version of the pack that is kept.
#[derive(Serialize, Deserialize)]
pub struct KeptVersion {
    /// The version.
    pub version: u32,
    /// The first day it is in force.
    pub effective_from: String,
}

/// How many obligations of a rule came out how, without the file and with it.
#[derive(Serialize, Deserialize)]
pub struct RuleCounts {
    /// The rule.
    pub rule: String,
    /// As things are.
    pub before: Counts,
    /// With the file in force.
    pub after: Counts,
}

/// How many obligations came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// They were met.
    pub met: usize,
    /// They were not.
    pub breached: usize,
    /// Neither yet.
    pub pending: usize,
    /// It cannot be said.
    pub not_evaluable: usize,
}

/// One obligation that would have come out otherwise.
#[derive(Serialize, Deserialize)]
pub struct DifferenceLine {
    /// Names it for ever.
    pub id: Hash,
    /// The rule.
    pub rule: String,
    /// What it is about.
    pub about: String,
    /// What became of it; nothing if nothing is owed.
    pub before: Option<String>,
    /// What would have become of it.
    pub after: Option<String>,
}

/// A pack with its subjects in a part of a rule.
type Side<'a> = Vec<(&'a Pack, BTreeSet<Subject>)>;

/// The work in progress.
struct Comparison<'a> {
    view: View<'a>,
    kept: Vec<&'a Pack>,
    file: &'a Pack,
    span: Period,
    shown: usize,
    at_most: usize,
    seen: BTreeSet<(usize, Subject)>,
    diff: PackDiff,
}

/// Compares what is kept under the id of a pack with the pack itself, as if it had been in force all the time.
pub(super) fn compare(
    view: View<'_>,
    file: Pack,
    now: Timestamp,
    shown: usize,
    at_most: usize,
) -> Result<PackDiff, StoreError> {
    let (rulebook, company) = (view.rulebook()?, view.company()?);
    // The latest version that says something has the say.
    let kept: Vec<&Pack> = rulebook.packs().iter().rev().filter(|pack| pack.id == file.id).collect();
    let diff = PackDiff {
        pack: file.id.clone(),
        version: file.version,
        kept: kept
            .iter()
            .rev()
            .map(|pack| KeptVersion {
                version: pack.version,
                effective_from: pack.effective_from.to_string(),
            })
            .collect(),
        days: None,
        looked_at: 0,
        stopped: false,
        rules: Vec::new(),
        different: 0,
        differences: Vec::new(),
    };
    let today = rulebook.zone(now).and_then(|zone| zone.day_of(now));
    let (Some(covered), Some(owed), Some(today)) = (view.ledger()?.covered, rulebook.days_owed(now), today)
    else {
        return Ok(diff);
    };
    let span = Period { first: owed.first.max(covered.first), last: today.min(covered.last) };
    let file = Pack { effective_from: Date::MIN, until: None, ..file };
    let shown = shown.min(DIFFERENCES);
    let mut comparison =
        Comparison { view, kept, file: &file, span, shown, at_most, seen: BTreeSet::new(), diff };
    let parts = comparison.parts();
    let mut day = span.last;
    while day >= span.first && !comparison.diff.stopped {
        // Facts are kept for one day at a time: those of a quarter may not fit into memory.
        let facts = IndexedFacts::new(view);
        let world = World { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
        comparison.look_at(world, &parts, day)?;
        facts.check()?;
        comparison.diff.days = Some((day.to_string(), span.last.to_string()));
        let Ok(yesterday) = day.yesterday() else { break };
        day = yesterday;
    }
    comparison.diff.rules.retain(|rule| (rule.before, rule.after) != Default::default());
    Ok(comparison.diff)
}

impl Comparison<'_> {
    /// The parts of all rules on either side, with where each rule is counted.
    fn parts(&mut self) -> Vec<(usize, String, usize)> {
        let mut parts = Vec::new();
        for pack in std::iter::once(self.file).chain(self.kept.iter().copied()) {
            for rule in &pack.rules {
                let known = self.diff.rules.iter().position(|counts| counts.rule == rule.id);
                let place = known.unwrap_or(self.diff.rules.len());
                if known.is_none() {
                    let (before, after) = Default::default();
                    self.diff.rules.push(RuleCounts { rule: rule.id.clone(), before, after });
                }
                for part in 0..rule.parts().len() {
                    if !parts.contains(&(place, rule.id.clone(), part)) {
                        parts.push((place, rule.id.clone(), part));
                    }
                }
            }
        }
        parts
    }

    /// Looks at what is owed on a day, and in the periods that end on it.
    fn look_at(
        &mut self,
        world: World<'_>,
        parts: &[(usize, String, usize)],
        day: Date,
    ) -> Result<(), StoreError> {
        let last = self.span.last;
        let is_due = |subject: &Subject| match subject {
            Subject::Fact(_) => true,
            Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
                period.last.min(last) == day
            }
        };
        let today = Period { first: day, last: day };
        for (number, (place, rule, part)) in parts.iter().enumerate() {
            let subjects = |pack: &Pack| -> BTreeSet<Subject> {
                let found = engine::subjects(world, pack, rule, *part, today);
                found.into_iter().filter(is_due).collect()
            };
            let before: Side<'_> = self.kept.iter().map(|pack| (*pack, subjects(pack))).collect();
            let after: Side<'_> = vec![(self.file, subjects(self.file))];
            let all: BTreeSet<Subject> =
                before.iter().chain(&after).flat_map(|(_, subjects)| subjects).copied().collect();
            for subject in all {
                // Where the file has another zone, a fact may lie on two days.
                if !self.seen.insert((number, subject)) {
                    continue;
                }
                let becomes = |side: &Side<'_>| {
                    let asked = side.iter().filter(|(_, subjects)| {
                        // Periods of another length are another side's; a fact is looked for by itself.
                        matches!(subject, Subject::Fact(_)) || subjects.contains(&subject)
                    });
                    asked.filter_map(|(pack, _)| engine::obligation(world, pack, rule, *part, subject)).next()
                };
                let (before, after) = (becomes(&before), becomes(&after));
                if before.is_none() && after.is_none() {
                    continue;
                }
                if self.diff.looked_at == self.at_most {
                    self.diff.stopped = true;
                    return Ok(());
                }
                self.note(*place, before.as_ref(), after.as_ref())?;
            }
        }
        Ok(())
    }

    /// Counts an obligation, and tells of it if it comes out otherwise.
    fn note(
        &mut self,
        place: usize,
        before: Option<&Obligation>,
        after: Option<&Obligation>,
    ) -> Result<(), StoreError> {
        let Some(name) = before.or(after).map(Obligation::name) else { return Ok(()) };
        let (before, after) = (before.map(|owed| &owed.state), after.map(|owed| &owed.state));
        self.diff.looked_at += 1;
        if let Some(counts) = self.diff.rules.get_mut(place) {
            counts.before.add(before);
            counts.after.add(after);
        }
        if before == after {
            return Ok(());
        }
        self.diff.different += 1;
        if self.diff.differences.len() < self.shown {
            self.diff.differences.push(DifferenceLine {
                id: name.hash(),
                about: named::subject(&self.view, name.subject)?,
                rule: name.rule,
                before: before.map(named::state),
                after: after.map(named::state),
            });
        }
        Ok(())
    }
}

impl Counts {
    fn add(&mut self, state: Option<&Fulfilment>) {
        match state {
            Some(Fulfilment::Met) => self.met += 1,
            Some(Fulfilment::Breached) => self.breached += 1,
            Some(Fulfilment::Pending) => self.pending += 1,
            Some(Fulfilment::NotEvaluable(_)) => self.not_evaluable += 1,
            None => {}
        }
    }
}

/// What would have changed, as an operator reads it.
pub(super) fn text(diff: &PackDiff) -> String {
    let mut text = format!("{} version {}", diff.pack, diff.version);
    let Some((first, last)) = &diff.days else {
        return format!("{text}: nothing was judged yet, so there is nothing to compare\n");
    };
    text.push_str(&format!(", as if it had been in force from {first} to {last}\n"));
    if diff.stopped {
        text.push_str(&format!(
            "only {} obligations were looked at: {first} not wholly, and no day before it\n",
            diff.looked_at
        ));
    }
    if diff.kept.is_empty() {
        text.push_str("no version of it is in force\n");
    }
    for KeptVersion { version, effective_from } in &diff.kept {
        text.push_str(&format!("compared with version {version}, in force from {effective_from}\n"));
    }
    text.push_str("rule\tmet\tbreached\tpending\tnot evaluable\n");
    for RuleCounts { rule, before, after } in &diff.rules {
        text.push_str(&format!(
            "{rule}\t{} → {}\t{} → {}\t{} → {}\t{} → {}\n",
            before.met,
            after.met,
            before.breached,
            after.breached,
            before.pending,
            after.pending,
            before.not_evaluable,
            after.not_evaluable
        ));
    }
    text.push_str(&format!("{} of {} obligations differ\n", diff.different, diff.looked_at));
    let owed = |state: &Option<String>| state.clone().unwrap_or_else(|| "not owed".to_owned());
    for line in &diff.differences {
        text.push_str(&format!(
            "{}\t{}\t{} → {}\n",
            line.rule,
            line.about,
            owed(&line.before),
            owed(&line.after)
        ));
    }
    let more = diff.different - diff.differences.len();
    if more > 0 {
        text.push_str(&format!("and {more} more\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use sync_core::rules::packs::KEY_ACCOUNT_VISITS;

    use super::*;
    use crate::engine::fixture::{CUSTOMER_NAME, DAY_MS, HOUR_MS, World as Fixture, filled};

    /// A company in which a rep handed in one of two records, three hours after the visit.
    async fn lived() -> Fixture {
        let world = Fixture::new().await;
        let mut phone = world.phone(world.rep).await;
        for number in [1, 2] {
            phone.edit(world.visit(number), &filled(world.customer, world.now(), "谈妥了"));
        }
        phone.sync(&world).await.unwrap();
        world.pass(3 * HOUR_MS);
        phone.submit(world.visit(1));
        phone.sync(&world).await.unwrap();
        world.pass(4 * DAY_MS);
        world.engine.tick().await.unwrap();
        world
    }

    fn compared(world: &Fixture, text: &str, at_most: usize) -> PackDiff {
        let pack = Pack::parse(text).unwrap();
        compare(world.engine.view(world.tenant), pack, world.now(), 20, at_most).unwrap()
    }

    fn with_window(window: &str) -> String {
        let line = KEY_ACCOUNT_VISITS.lines().find(|line| line.starts_with("within")).unwrap();
        KEY_ACCOUNT_VISITS.replace(line, &format!("within = {window}"))
    }

    #[tokio::test]
    async fn the_pack_that_is_in_force_would_have_changed_nothing() {
        let diff = compared(&lived().await, KEY_ACCOUNT_VISITS, AT_MOST);
        assert_eq!((diff.different, diff.looked_at), (0, 2));
        let counts = Counts { met: 1, breached: 1, ..Counts::default() };
        assert_eq!((diff.rules[0].before, diff.rules[0].after), (counts, counts));
    }

    #[tokio::test]
    async fn a_stricter_window_tells_which_visit_would_have_been_late() {
        let diff = compared(&lived().await, &with_window("{ hours = 1 }"), AT_MOST);
        assert_eq!((diff.different, diff.looked_at), (1, 2));
        assert_eq!(diff.rules[0].after, Counts { breached: 2, ..Counts::default() });
        let line = &diff.differences[0];
        assert_eq!((line.before.as_deref(), line.after.as_deref()), (Some("met"), Some("breached")));
        assert!(line.about.contains(CUSTOMER_NAME) && line.about.contains("王晓梅"), "{}", line.about);
        assert!(text(&diff).contains("met → breached\n"), "{}", text(&diff));
    }

    #[tokio::test]
    async fn of_a_new_pack_everything_would_be_owed_that_was_not() {
        let own = KEY_ACCOUNT_VISITS.replace("id = \"key_account_visits\"", "id = \"own\"");
        let own = own.replace("effective_from = 2023", "effective_from = 2030");
        let diff = compared(&lived().await, &own, AT_MOST);
        assert!(diff.kept.is_empty());
        assert_eq!((diff.different, diff.rules[0].before), (2, Counts::default()));
        assert!(diff.differences.iter().all(|line| line.before.is_none() && line.after.is_some()));
    }

    #[tokio::test]
    async fn a_change_of_the_period_ends_the_old_periods_and_begins_the_new() {
        let world = lived().await;
        let quota = |per: &str| {
            format!(
                "{}\n[[rule]]\nid = \"Q\"\nkind = \"contact_quota\"\nquota = {{ of = {{ customers = {{}} }}, \
                 counted = [{{ fact = \"visit\" }}], at_least = 1, per = \"{per}\" }}\n",
                KEY_ACCOUNT_VISITS.replace("version = 1", "version = 2")
            )
        };
        let diff = compared(&world, &quota("month"), AT_MOST);
        let months = diff.rules.iter().find(|rule| rule.rule == "Q").unwrap().after;
        assert_eq!(months.met, 1, "of the month in which the visits were");
        let diff = compared(&world, &quota("week"), AT_MOST);
        let weeks = diff.rules.iter().find(|rule| rule.rule == "Q").unwrap().after;
        let all = |counts: Counts| counts.met + counts.breached + counts.pending + counts.not_evaluable;
        assert!(all(weeks) >= 13 && all(months) <= 4, "each period once: {weeks:?}, {months:?}");
    }

    #[tokio::test]
    async fn what_is_too_much_is_left_out_and_said() {
        let diff = compared(&lived().await, KEY_ACCOUNT_VISITS, 1);
        assert!(diff.stopped);
        assert_eq!(diff.looked_at, 1);
        assert!(text(&diff).contains("only 1 obligations were looked at"), "{}", text(&diff));
    }
}
