//! How much work pages of culprits may make, and that halving finds the same culprits as judging one by one.

use proptest::prelude::*;

use super::{super::dry_run::DRY_RUNS, *};
use crate::{
    document::{DocumentKind, Edit, FieldValue, field, new_id},
    id::{DeviceId, TenantId},
};

/// Under these limits a change that writes text passes every gate but the dry run.
const NO_TEXT: Limits = Limits {
    change_bytes: Limits::CHANGE_BYTES,
    operations: Limits::OPERATIONS,
    dependencies: Limits::DEPENDENCIES,
    other_actors: Limits::OTHER_ACTORS,
    document_changes: Limits::DOCUMENT_CHANGES,
    saved_bytes: Limits::SAVED_BYTES,
    merged_text_factor: 0,
    dry_runs: Limits::DRY_RUNS,
};

fn author() -> Author {
    Author { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([1; 16]) }
}

fn genesis() -> Document {
    Document::genesis(new_id(DocumentKind::Visit, [7; 15])).unwrap()
}

/// A change to a copy of the document that only the dry run refuses under [`NO_TEXT`].
fn culprit(document: &Document, number: usize) -> Vec<u8> {
    let edit = Edit::ReplaceText { field: field::CONTENT.into(), text: format!("culprit {number}") };
    document.clone().edit(&author(), &[edit]).unwrap().unwrap()
}

fn honest(document: &mut Document, number: usize) -> Vec<u8> {
    let edit = Edit::Set { field: field::PLACE.into(), value: FieldValue::Text(format!("{number}号楼")) };
    document.edit(&author(), &[edit]).unwrap().unwrap()
}

/// Admits the changes and counts the dry runs that took.
fn counted(document: &Document, changes: &[Vec<u8>], limits: &Limits) -> (Admitted, usize) {
    let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    let before = DRY_RUNS.get();
    let admitted = admit(document, &author(), &changes, limits);
    (admitted, DRY_RUNS.get() - before)
}

fn is_unjudged(result: &Result<Hash, Refusal>) -> bool {
    result.as_ref().is_err_and(|refusal| refusal.detail.starts_with("not judged"))
}

#[test]
fn honest_changes_take_one_dry_run() {
    let mut phone = genesis();
    let changes: Vec<_> = (0..50).map(|number| honest(&mut phone, number)).collect();
    let (admitted, dry_runs) = counted(&genesis(), &changes, &NO_TEXT);
    assert!(admitted.results.iter().all(Result::is_ok));
    assert_eq!(dry_runs, 1);
    // Sent again there is nothing to merge.
    assert_eq!(counted(&admitted.document, &changes, &NO_TEXT).1, 0);
}

#[test]
fn a_page_full_of_culprits_takes_no_more_dry_runs_than_the_limit() {
    let mut phone = genesis();
    let first = honest(&mut phone, 0);
    let second = honest(&mut phone, 1);
    let mut changes = vec![first.clone(), second];
    changes.extend((0..400).map(|number| culprit(&phone, number)));
    changes.push(first);
    let (admitted, dry_runs) = counted(&genesis(), &changes, &NO_TEXT);
    assert_eq!(dry_runs, Limits::DRY_RUNS);
    assert_eq!(admitted.document.heads(), phone.heads());
    let (accepted, rest) = admitted.results.split_at(2);
    assert!(accepted.iter().all(Result::is_ok), "what came before the culprits: {accepted:?}");
    let (again, culprits) = rest.split_last().unwrap();
    assert!(again.is_ok(), "a change the document has is accepted even then: {again:?}");
    let code = |result: &Result<Hash, Refusal>| result.as_ref().unwrap_err().code;
    assert!(culprits.iter().all(|result| code(result) == RefusalCode::OverLimit));
    let judged = culprits.iter().take_while(|result| !is_unjudged(result)).count();
    assert!(judged > 10, "only {judged} were judged");
    assert!(culprits[judged..].iter().all(is_unjudged));
}

#[test]
fn a_culprit_anywhere_is_found_with_two_dry_runs_for_each_halving() {
    let mut phone = genesis();
    let mut honest_changes = Vec::new();
    let mut culprits = Vec::new();
    for number in 0..255 {
        culprits.push(culprit(&phone, number));
        honest_changes.push(honest(&mut phone, number));
    }
    for at in [0, 1, 100, 254] {
        let mut changes = honest_changes.clone();
        changes.insert(at, culprits[at].clone());
        let (admitted, dry_runs) = counted(&genesis(), &changes, &NO_TEXT);
        let refused: Vec<usize> = (0..256).filter(|&index| admitted.results[index].is_err()).collect();
        assert_eq!(refused, [at]);
        assert_eq!(admitted.document.heads(), phone.heads());
        assert!(dry_runs <= 1 + 2 * 8, "{dry_runs}");
    }
}

/// Admits a page of so many documents with the same changes each, and counts the dry runs that took.
fn page(documents: u8, changes: &dyn Fn(&mut Document) -> Vec<Vec<u8>>) -> (Vec<Admitted>, usize) {
    let mut spare = Limits::DRY_RUNS;
    let mut all = 0;
    let mut admit = |number| {
        let mut phone = Document::genesis(new_id(DocumentKind::Visit, [number; 15])).unwrap();
        let before = phone.clone();
        let (admitted, dry_runs) = counted(&before, &changes(&mut phone), &NO_TEXT.of_page(spare));
        assert_eq!(admitted.dry_runs, dry_runs);
        spare = spare.saturating_sub(dry_runs.saturating_sub(1));
        all += dry_runs;
        admitted
    };
    let admitted = (0..documents).map(&mut admit).collect();
    (admitted, all)
}

#[test]
fn a_page_of_many_documents_takes_one_dry_run_each_and_shares_the_search_for_culprits() {
    let (_, dry_runs) = page(200, &|phone| (0..20).map(|number| culprit(phone, number)).collect());
    assert_eq!(dry_runs, 200 + Limits::DRY_RUNS);
}

#[test]
fn a_week_of_honest_visits_needs_no_spare_dry_run() {
    let (admitted, dry_runs) = page(40, &|phone| (0..30).map(|number| honest(phone, number)).collect());
    assert_eq!(dry_runs, 40);
    assert!(admitted.iter().flat_map(|document| &document.results).all(Result::is_ok));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_judged_together_get_the_answers_they_get_one_by_one(
        before_each in prop::collection::vec(0usize..3, 1..16),
    ) {
        let mut phone = genesis();
        let mut changes = Vec::new();
        for (number, culprits) in before_each.into_iter().enumerate() {
            // Each culprit stands where the honest change after it stands, so nothing builds on it.
            changes.extend((1..culprits).map(|at| culprit(&phone, at)));
            changes.push(honest(&mut phone, number));
        }
        let limits = Limits { dry_runs: 1000, ..NO_TEXT };
        let (together, _) = counted(&genesis(), &changes, &limits);
        let mut document = genesis();
        let mut results = Vec::new();
        for change in &changes {
            let (one, _) = counted(&document, std::slice::from_ref(change), &limits);
            document = one.document;
            results.extend(one.results);
        }
        prop_assert_eq!(&together.results, &results);
        prop_assert_eq!(&together.saved, &document.save());
        prop_assert_eq!(together.document.heads(), phone.heads());
    }
}
