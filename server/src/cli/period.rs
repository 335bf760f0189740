//! `fieldbook period`: days are closed, and what was known of them then is held against what is known now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sync_core::{
    hash::Hash,
    id::UserId,
    rules::{Fulfilment, Subject},
    time::Timestamp,
};

use super::named;
use crate::{
    projection::{
        Closing, Known, StoredFact, StoredObligation, Then, View,
        points::points,
        restated::{self, Change},
    },
    store::StoreError,
};

/// How many changed obligations are told one by one.
const TOLD: usize = 1_000;

/// How many facts are told of one change.
const FACTS: usize = 20;

/// How many obligations are read at a time.
const PAGE: usize = 200;

/// Days that were closed, in one line.
#[derive(Serialize, Deserialize)]
pub struct ClosingLine {
    /// Names it for ever.
    pub id: Hash,
    /// The first day.
    pub first: String,
    /// The last day.
    pub last: String,
    /// When they were closed.
    pub closed: Timestamp,
    /// Who closed them; nobody if it was done at the console.
    pub by: Option<String>,
    /// Why, in their words; may be empty.
    pub note: String,
}

/// What is said otherwise now of days that were closed.
#[derive(Serialize, Deserialize)]
pub struct Restatement {
    /// The closing.
    pub closing: ClosingLine,
    /// How many obligations are different.
    pub different: usize,
    /// The first of them.
    pub changes: Vec<ChangeLines>,
    /// Everybody's points.
    pub points: Vec<PointsLine>,
}

/// An obligation that is different now.
#[derive(Serialize, Deserialize)]
pub struct ChangeLines {
    /// Names it for ever.
    pub id: Hash,
    /// The rule.
    pub rule: String,
    /// What it is about.
    pub about: String,
    /// Who owes it, or owed it.
    pub owed_by: Vec<String>,
    /// What was said of it then; nothing if it was not owed.
    pub then: Option<String>,
    /// What is said of it now.
    pub now: Option<String>,
    /// Because of what: `facts`, `time` or `other`.
    pub because: String,
    /// What came since, went, or is taken otherwise.
    pub facts: Vec<FactLine>,
    /// How many more such facts there are.
    pub not_told: usize,
}

/// A fact that makes a difference.
#[derive(Serialize, Deserialize)]
pub struct FactLine {
    /// `came`, `went` or `changed`.
    pub what: String,
    /// What happened, and when.
    pub fact: String,
    /// When the server first knew of it.
    pub came: Timestamp,
}

/// What somebody's points were and are.
#[derive(Serialize, Deserialize)]
pub struct PointsLine {
    /// Whose.
    pub person: String,
    /// As known then.
    pub then: i64,
    /// As known now.
    pub now: i64,
}

/// Puts a closing in a line.
pub(super) fn line(view: &View<'_>, closing: &Closing) -> Result<ClosingLine, StoreError> {
    Ok(ClosingLine {
        id: closing.id,
        first: closing.period.first.to_string(),
        last: closing.period.last.to_string(),
        closed: closing.at,
        by: closing.by.map(|by| named::person(view, by)).transpose()?,
        note: closing.note.clone(),
    })
}

/// Holds what was known at a closing against what is known now.
pub(super) fn restate(view: &View<'_>, closing: Closing, now: Timestamp) -> Result<Restatement, StoreError> {
    let then = Then::of(view, closing)?;
    let (mut different, mut changes, mut after) = (0, Vec::new(), None);
    loop {
        let touched = restated::touched(view, then.closing(), after, PAGE)?;
        for id in &touched {
            let Some(change) = restated::change(view, &then, *id)? else { continue };
            different += 1;
            if changes.len() < TOLD {
                changes.extend(lines(view, change)?);
            }
        }
        after = touched.last().copied();
        if touched.len() < PAGE {
            break;
        }
    }
    let mut sums: BTreeMap<UserId, (i64, i64)> = BTreeMap::new();
    let span = then.closing().period;
    for points in points(Known::at(*view, Some(&then)), span, now)? {
        sums.entry(points.points.person).or_default().0 += i64::from(points.points.points);
    }
    for points in points(Known::from(*view), span, now)? {
        sums.entry(points.points.person).or_default().1 += i64::from(points.points.points);
    }
    let points = sums
        .into_iter()
        .map(|(person, (then, now))| Ok(PointsLine { person: named::person(view, person)?, then, now }));
    let points = points.collect::<Result<_, StoreError>>()?;
    Ok(Restatement { closing: line(view, then.closing())?, different, changes, points })
}

fn lines(view: &View<'_>, change: Change) -> Result<Option<ChangeLines>, StoreError> {
    let Some(said) = change.now.as_ref().or(change.then.as_ref()) else { return Ok(None) };
    let owed = &said.obligation;
    // A visit that is gone can be named as it was known then.
    let was = change.went.iter().find(|fact| owed.subject == Subject::Fact(fact.fact.id));
    let about = match was {
        Some(fact) => named::fact(view, &fact.fact)?,
        None => named::subject(view, owed.subject)?,
    };
    let sorts = [("came", &change.came), ("went", &change.went), ("changed", &change.changed)];
    let all = sorts.iter().flat_map(|(what, facts)| facts.iter().map(move |fact| (*what, fact)));
    let facts = all.clone().take(FACTS).map(|(what, StoredFact { fact, came, .. })| {
        Ok(FactLine { what: what.to_owned(), fact: named::fact(view, fact)?, came: *came })
    });
    let facts: Vec<FactLine> = facts.collect::<Result<_, StoreError>>()?;
    Ok(Some(ChangeLines {
        id: change.id,
        rule: owed.rule.rule.clone(),
        about,
        owed_by: owed.owed_by.iter().map(|person| named::person(view, *person)).collect::<Result<_, _>>()?,
        then: change.then.as_ref().map(state),
        now: change.now.as_ref().map(state),
        because: change.because.name().to_owned(),
        not_told: all.count() - facts.len(),
        facts,
    }))
}

fn state(stored: &StoredObligation) -> String {
    let owed = &stored.obligation;
    match owed.state {
        Fulfilment::NotEvaluable(_) => named::state(&owed.state),
        _ => format!("{}, {} of {}", named::state(&owed.state), owed.done.0, owed.done.1),
    }
}

/// Closings as an operator reads them, with tabs between the columns.
pub(super) fn text_of_all(closings: &[ClosingLine]) -> String {
    let mut text = "closing\tfirst\tlast\tclosed\tby\tnote\n".to_owned();
    for ClosingLine { id, first, last, closed, by, note } in closings {
        let by = by.as_deref().unwrap_or("-");
        let note = note.replace(['\t', '\n', '\r'], " ");
        text.push_str(&format!("{id}\t{first}\t{last}\t{closed}\t{by}\t{note}\n"));
    }
    text
}

/// A restatement as an operator reads it.
pub(super) fn text(restated: &Restatement) -> String {
    let ClosingLine { first, last, closed, .. } = &restated.closing;
    let mut text = format!("{first} to {last}, closed at {closed}\n");
    text.push_str(&match restated.different {
        0 => "nothing is said otherwise now\n".to_owned(),
        1 => "1 obligation is different now\n".to_owned(),
        many => format!("{many} obligations are different now\n"),
    });
    let owed = |state: &Option<String>| state.clone().unwrap_or_else(|| "not owed".to_owned());
    for change in &restated.changes {
        let people = if change.owed_by.is_empty() { "anybody".to_owned() } else { change.owed_by.join(", ") };
        let (then, now) = (owed(&change.then), owed(&change.now));
        text.push_str(&format!("{}\t{}\t{people}\t{then} → {now}\n", change.rule, change.about));
        match change.because.as_str() {
            "time" => text.push_str("\tbecause its time was over\n"),
            "other" => text.push_str("\tbecause people, customers, rules or the calendar changed\n"),
            _ => {}
        }
        for FactLine { what, fact, came } in &change.facts {
            text.push_str(&format!("\t{what}: {fact}, known since {came}\n"));
        }
        if change.not_told > 0 {
            text.push_str(&format!("\tand {} more facts\n", change.not_told));
        }
    }
    let more = restated.different - restated.changes.len();
    if more > 0 {
        text.push_str(&format!("and {more} more\n"));
    }
    for PointsLine { person, then, now } in &restated.points {
        text.push_str(&format!("points\t{person}\t{then} → {now}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use sync_core::rules::Period;

    use super::*;
    use crate::engine::fixture::{CUSTOMER_NAME, DAY_MS, HOUR_MS, World, filled};

    #[tokio::test]
    async fn an_operator_reads_what_was_known_what_is_known_and_what_came_in_between() {
        let world = World::new().await;
        let mut phone = world.phone(world.rep).await;
        let visit = world.visit(1);
        phone.edit(visit, &filled(world.customer, world.now(), "谈妥了"));
        phone.sync(&world).await.unwrap();
        world.pass(HOUR_MS);
        phone.submit(visit);
        world.pass(8 * DAY_MS);
        let days = Period { first: "2026-11-16".parse().unwrap(), last: "2026-11-22".parse().unwrap() };
        let closing = world.engine.close_period(world.tenant, None, days, "第一\t周").await.unwrap();
        let view = world.engine.view(world.tenant);
        let told = || text(&restate(&view, closing.clone(), world.now()).unwrap());
        assert!(told().ends_with("nothing is said otherwise now\n"), "{}", told());
        phone.sync(&world).await.unwrap();
        world.engine.tick().await.unwrap();
        let told = told();
        assert!(told.contains("1 obligation is different now\n"), "{told}");
        assert!(told.contains("breached, 0 of 1 → "), "{told}");
        assert!(told.contains(CUSTOMER_NAME) && told.contains("王晓梅 (wang)"), "{told}");
        assert!(told.contains("\tcame: submission at "), "{told}");
        let all = text_of_all(&[line(&view, &closing).unwrap()]);
        assert!(all.ends_with("\t2026-11-16\t2026-11-22\t2026-11-25T09:00:00Z\t-\t第一 周\n"), "{all}");
    }
}
