//! The regulations: each of the 329 rules stands in a pack, and each active one has cases that show it met and breached.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod case;
mod laws;
mod page;
mod quarter;

use std::collections::{BTreeMap, BTreeSet};

use case::{Case, cases, shipped};
use sync_core::rules::{Fulfilment, RuleState};

/// Every rule's id, kind and level: F has an exact figure in its text, H can be decided from data, P leaves a parameter
/// out, A is for a checklist at most.
fn catalogue() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        Some((words.next()?, (words.next()?, words.next()?)))
    };
    include_str!("catalogue.txt").lines().filter_map(line).collect()
}

#[test]
fn every_rule_of_the_regulations_stands_in_one_pack_under_its_kind() {
    let catalogue = catalogue();
    assert_eq!(catalogue.len(), 329);
    let mut seen = BTreeSet::new();
    for pack in shipped() {
        for rule in &pack.rules {
            assert!(seen.insert(rule.id.clone()), "{} stands in two packs, one of them {}", rule.id, pack.id);
            let Some((kind, _)) = catalogue.get(&*rule.id) else { panic!("there is no rule {}", rule.id) };
            if *kind != "outside" {
                assert_eq!(rule.kind.name(), *kind, "{}", rule.id);
            }
            assert!(!rule.says.is_empty(), "{} does not say what it says", rule.id);
        }
    }
    let missing: Vec<_> = catalogue.keys().filter(|id| !seen.contains(**id)).collect();
    assert!(missing.is_empty(), "{} rules are in no pack: {missing:?}", missing.len());
}

#[test]
fn every_rule_with_an_exact_figure_is_active() {
    let catalogue = catalogue();
    let rules = shipped().iter().flat_map(|pack| &pack.rules);
    let sleeping: Vec<_> = rules
        .filter(|rule| catalogue[&*rule.id].1 == "F" && !matches!(rule.state, RuleState::Active(_)))
        .map(|rule| &rule.id)
        .collect();
    assert!(sleeping.is_empty(), "{sleeping:?}");
}

#[test]
fn every_case_comes_out_as_it_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        if let Err(what) = case.check() {
            wrong.push(format!("{}: {}: {what}", case.rule, case.what));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_of_an_exception_comes_out_as_it_says() {
    let wrong = case::exceptions().into_iter().filter_map(|case| {
        let what = case.check().err()?;
        Some(format!("{}: {}: {what}", case.rule, case.what))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_active_rule_is_shown_met_and_breached() {
    let mut shown: BTreeMap<String, BTreeSet<Fulfilment>> = BTreeMap::new();
    for Case { rule, is, .. } in cases() {
        shown.entry(rule).or_default().extend(is.parse().ok().map(|case::Is(is)| is));
    }
    let mut missing = Vec::new();
    for pack in shipped() {
        for rule in pack.rules.iter().filter(|rule| matches!(rule.state, RuleState::Active(_))) {
            let is_shown = |is| shown.get(&rule.id).is_some_and(|shown| shown.contains(&is));
            if !is_shown(Fulfilment::Met) || !is_shown(Fulfilment::Breached) {
                missing.push(rule.id.clone());
            }
        }
    }
    assert!(missing.is_empty(), "{} rules without cases for met and breached: {missing:?}", missing.len());
}

#[test]
fn the_page_on_rules_is_up_to_date() {
    page::check();
}
