//! `fieldbook rules explain`: an obligation in plain words, with the facts that say what became of it.

use serde::{Deserialize, Serialize};
use sync_core::{
    hash::Hash,
    rules::{Excepted, PassedOver, Subject},
    time::Timestamp,
};

use super::named;
use crate::{
    projection::{StoredException, StoredObligation, View},
    store::StoreError,
};

/// How many facts of each sort are told.
const FACTS: usize = 500;

/// An obligation and why it is what it is.
#[derive(Serialize, Deserialize)]
pub struct ObligationLines {
    /// Names it for ever.
    pub id: Hash,
    /// The pack.
    pub pack: String,
    /// Its version.
    pub version: u32,
    /// The rule.
    pub rule: String,
    /// Which of its parts, from 0.
    pub part: usize,
    /// What the rule says, in a sentence; may be empty.
    pub says: String,
    /// What it is about.
    pub about: String,
    /// Who owes it; anybody if there is nobody.
    pub owed_by: Vec<String>,
    /// From when on it can be done, if that matters.
    pub opens: Option<Timestamp>,
    /// The last instant in time, if there is one.
    pub due: Option<Timestamp>,
    /// What became of it.
    pub state: String,
    /// Since when that is said of it.
    pub since: Timestamp,
    /// How much was done.
    pub done: u32,
    /// How much is asked for.
    pub asked: u32,
    /// Whether it only counts towards a share.
    pub in_share: bool,
    /// The exception that holds for it, if somebody made one.
    pub exception: Option<String>,
    /// The facts that count.
    pub counted: Vec<String>,
    /// The facts that were looked at and do not count.
    pub passed_over: Vec<PassedOverLine>,
    /// How many more facts there are than are told.
    pub not_told: usize,
}

/// A fact that does not count.
#[derive(Serialize, Deserialize)]
pub struct PassedOverLine {
    /// What happened.
    pub fact: String,
    /// Why it does not count.
    pub why: String,
}

/// Puts an obligation in words.
pub(super) fn explain(view: &View<'_>, stored: &StoredObligation) -> Result<ObligationLines, StoreError> {
    let owed = &stored.obligation;
    let rulebook = view.rulebook()?;
    let rule = rulebook.rule(&owed.rule);
    let fact = |id: Hash| named::subject(view, Subject::Fact(id));
    let mut passed_over = Vec::new();
    for (id, because) in owed.passed_over.iter().take(FACTS) {
        let why = match because {
            PassedOver::Repeated(first) => {
                format!("it is the same case as an earlier one: {}", fact(*first)?)
            }
            other => why(*other).to_owned(),
        };
        passed_over.push(PassedOverLine { fact: fact(*id)?, why });
    }
    let counted: Vec<String> =
        owed.counted.iter().take(FACTS).map(|id| fact(*id)).collect::<Result<_, _>>()?;
    Ok(ObligationLines {
        id: owed.name().hash(),
        pack: owed.rule.pack.clone(),
        version: owed.rule.version,
        rule: owed.rule.rule.clone(),
        part: owed.part,
        says: rule.map(|rule| rule.says.clone()).unwrap_or_default(),
        about: named::subject(view, owed.subject)?,
        owed_by: owed.owed_by.iter().map(|id| named::person(view, *id)).collect::<Result<_, _>>()?,
        opens: owed.opens,
        due: owed.due,
        state: named::state(&owed.state),
        since: stored.since,
        done: owed.done.0,
        asked: owed.done.1,
        in_share: owed.in_share,
        exception: owed.exception.map(|id| exception(view, id)).transpose()?.flatten(),
        not_told: owed.counted.len() + owed.passed_over.len() - counted.len() - passed_over.len(),
        counted,
        passed_over,
    })
}

/// What somebody ruled of an obligation: what, who, when and why.
fn exception(view: &View<'_>, fact: Hash) -> Result<Option<String>, StoreError> {
    let told = view.stored_fact(fact)?.map(|told| StoredException::read(view, &told)).transpose()?.flatten();
    let Some(StoredException { exception, note, .. }) = told else { return Ok(None) };
    let ruled = match exception.ruled {
        Excepted::LetOff => "let off".to_owned(),
        Excepted::Required(number) => format!("{number} asked for instead"),
        Excepted::Withdrawn => "withdrawn".to_owned(),
    };
    let by = exception.by.map(|by| named::person(view, by)).transpose()?.unwrap_or_default();
    let mut text = format!("{ruled} by {by} at {}", exception.at);
    if let Some(reason) = exception.reason {
        text.push_str(&format!(", {}", reason.name()));
    }
    if !note.is_empty() {
        text.push_str(&format!(": {note}"));
    }
    Ok(Some(text))
}

/// Why a fact does not count.
fn why(passed_over: PassedOver) -> &'static str {
    match passed_over {
        PassedOver::Other => "it is not what the rule asks for",
        PassedOver::TooEarly => "it came before the window opened",
        PassedOver::TooLate => "it came after the window closed",
        PassedOver::TimeUnknown => "the evidence does not say whether it was in time",
        PassedOver::ByAnother => "somebody else did it than who owes it",
        PassedOver::Exempt => "it is let off",
        PassedOver::Repeated(_) => "it is the same case as an earlier one",
        PassedOver::Refused => "it says no",
        PassedOver::Incomplete => "something is missing in it, and a person has to decide whether it will do",
    }
}

/// An obligation as an operator reads it, one fact a line.
pub(super) fn text(owed: &ObligationLines) -> String {
    let mut text = format!("rule {} of {} version {}\n", owed.rule, owed.pack, owed.version);
    if !owed.says.is_empty() {
        text.push_str(&format!("says: {}\n", owed.says));
    }
    text.push_str(&format!("about: {}\n", owed.about));
    let people = if owed.owed_by.is_empty() { "anybody".to_owned() } else { owed.owed_by.join(", ") };
    text.push_str(&format!("owed by: {people}\n"));
    let window = match (owed.opens, owed.due) {
        (Some(opens), Some(due)) => format!("from {opens} until {due}"),
        (Some(opens), None) => format!("from {opens} on"),
        (None, Some(due)) => format!("until {due}"),
        (None, None) => "at any time".to_owned(),
    };
    text.push_str(&format!("window: {window}\n"));
    text.push_str(&format!(
        "state: {} since {}, {} of {} done\n",
        owed.state, owed.since, owed.done, owed.asked
    ));
    if owed.in_share {
        text.push_str("it only counts towards a share: missing it is no breach by itself\n");
    }
    if let Some(exception) = &owed.exception {
        text.push_str(&format!("exception: {exception}\n"));
    }
    if owed.counted.is_empty() {
        text.push_str("nothing counts\n");
    }
    for fact in &owed.counted {
        text.push_str(&format!("counts: {fact}\n"));
    }
    for PassedOverLine { fact, why } in &owed.passed_over {
        text.push_str(&format!("does not count: {fact}: {why}\n"));
    }
    if owed.not_told > 0 {
        text.push_str(&format!("and {} more facts\n", owed.not_told));
    }
    text
}

#[cfg(test)]
mod tests {
    use sync_core::rules::Reason;

    use super::*;
    use crate::engine::Excepting;
    use crate::engine::fixture::{DAY_MS, HOUR_MS, World, filled};

    #[tokio::test]
    async fn a_breach_is_explained_with_who_owed_it_and_the_fact_that_came_too_late() {
        let world = World::new().await;
        let mut phone = world.phone(world.rep).await;
        phone.edit(world.visit(1), &filled(world.customer, world.now(), "谈妥了"));
        phone.sync(&world).await.unwrap();
        world.pass(4 * DAY_MS);
        phone.sync(&world).await.unwrap();
        phone.submit(world.visit(1));
        phone.sync(&world).await.unwrap();
        world.pass(HOUR_MS);
        world.engine.tick().await.unwrap();
        let view = world.engine.view(world.tenant);
        let all = view.all_obligations().unwrap();
        let lines = explain(&view, &all[0]).unwrap();
        assert_eq!((lines.state.as_str(), lines.rule.as_str()), ("breached", "S21-R17"));
        let said = text(&lines);
        assert!(said.contains("owed by: 王晓梅 (wang)\n"), "{said}");
        assert!(said.contains("nothing counts\n"), "{said}");
        assert!(said.contains("does not count: submission at "), "{said}");
        assert!(said.contains(": it came after the window closed\n"), "{said}");
    }

    #[tokio::test]
    async fn what_is_let_off_is_told_with_who_let_it_off_and_why() {
        let world = World::new().await;
        let mut phone = world.phone(world.rep).await;
        phone.edit(world.visit(1), &filled(world.customer, world.now(), "谈妥了"));
        phone.sync(&world).await.unwrap();
        world.pass(4 * DAY_MS);
        world.engine.tick().await.unwrap();
        let view = || world.engine.view(world.tenant);
        let id = view().all_obligations().unwrap()[0].obligation.name().hash();
        let excepting = Excepting {
            obligation: id,
            ruled: Excepted::LetOff,
            from: None,
            until: None,
            reason: Reason::Illness,
            note: "in hospital".to_owned(),
        };
        world.engine.except(world.tenant, world.boss, excepting).await.unwrap();
        world.engine.tick().await.unwrap();
        let said = text(&explain(&view(), &view().obligation(id).unwrap().unwrap()).unwrap());
        assert!(said.contains("state: breached since "), "{said}");
        assert!(said.contains("exception: let off by 刘芳 (liu) at 2026-11-21T"), "{said}");
        assert!(said.contains(", illness: in hospital\n"), "{said}");
    }

    #[test]
    fn every_reason_not_to_count_has_words_of_its_own() {
        let all = PassedOver::EACH;
        let words: std::collections::BTreeSet<&str> = all.map(why).into();
        assert_eq!(words.len(), all.len());
    }
}
