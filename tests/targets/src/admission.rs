//! Full admission: what is admitted applies wherever the document is, merges with what others wrote at the same time,
//! saves, loads and can be written on by everybody; what is refused leaves no trace.

mod candidate;

use std::sync::LazyLock;

use automerge::Change;
use sync_core::{
    admission::{Admitted, Limits, RefusalCode, admit},
    document::{Author, Document, hash_of_change},
    hash::Hash,
};

use crate::{
    Outcome,
    memory::within_mib,
    tape::Tape,
    world::{BYSTANDER, DEVICE, Dice, author, visit},
};

/// One document at one moment.
struct Scene {
    /// As the server has it.
    server: Document,
    /// The changes in it.
    before: Vec<Hash>,
    /// What the hostile phone would honestly send next, each change on top of the one before.
    honest: Vec<Vec<u8>>,
    /// The bystander's replica, with changes the server does not have yet.
    bystander: Document,
    /// Those changes.
    theirs: Vec<Vec<u8>>,
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| (0..8).map(Scene::new).collect());

impl Scene {
    fn new(number: usize) -> Self {
        let mut dice = Dice::new(number as u64 + 1);
        let mut server = Document::genesis(visit()).unwrap();
        // Both have written before, sometimes at the same time; the first scene is an empty visit.
        for _ in 0..number {
            let mut beside = server.clone();
            dice.changes(&mut server, &author(DEVICE), 1);
            let other = dice.changes(&mut beside, &author(BYSTANDER), 1);
            server.apply_trusted(&other).unwrap();
        }
        let mut phone = server.clone();
        let honest = dice.changes(&mut phone, &author(DEVICE), 3);
        let mut bystander = server.clone();
        let theirs = dice.changes(&mut bystander, &author(BYSTANDER), 2);
        let before = hashes(&server);
        Self { server, before, honest, bystander, theirs }
    }
}

/// Lets a phone send up to three changes, some of them honest, and the others go on with their work.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let scene = &SCENES[tape.below(SCENES.len())];
    let count = 1 + tape.below(3);
    let changes: Vec<Vec<u8>> = (0..count).map(|_| candidate::change(&scene.honest, &mut tape)).collect();
    let admitted = within_mib(64, || admit_all(&scene.server, &author(DEVICE), &changes));
    let accepted = check_answer(scene, &changes, &admitted);
    if accepted.is_empty() {
        return Outcome::Refused;
    }
    let toss = tape.long();
    // What is wholly honest merges; time is better spent on the rest.
    let is_honest = accepted.iter().all(|change| scene.honest.contains(change));
    if !is_honest || toss.is_multiple_of(8) {
        check_merge(scene, &accepted, admitted, Dice::new(toss | 1));
    }
    Outcome::Accepted
}

fn admit_all(document: &Document, by: &Author, changes: &[Vec<u8>]) -> Admitted {
    let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    admit(document, by, &changes, &Limits::default())
}

/// Checks that the answer fits the document that came out, and gives the changes that are new in it.
fn check_answer(scene: &Scene, changes: &[Vec<u8>], admitted: &Admitted) -> Vec<Vec<u8>> {
    let mut accepted: Vec<Vec<u8>> = Vec::new();
    assert_eq!(admitted.results.len(), changes.len());
    for (change, result) in changes.iter().zip(&admitted.results) {
        match result {
            Ok(hash) => {
                assert_eq!(*hash, hash_of_change(change));
                if !scene.before.contains(hash) && !accepted.contains(change) {
                    accepted.push(change.clone());
                }
            }
            // The dry run is there for what nobody thought of: this is something that nobody thought of.
            Err(refusal) => assert!(
                refusal.code != RefusalCode::DryRunFailed || !is_canonical(change),
                "only the dry run found that {refusal}"
            ),
        }
    }
    let after = hashes(&admitted.document);
    assert_eq!(after.len(), scene.before.len() + accepted.len());
    assert!(scene.before.iter().all(|hash| after.contains(hash)));
    assert!(accepted.iter().all(|change| after.contains(&hash_of_change(change))));
    if changes == scene.honest {
        assert_eq!(accepted.len(), changes.len(), "an honest change was refused: {:?}", admitted.results);
    }
    accepted
}

fn hashes(document: &Document) -> Vec<Hash> {
    document.changes().iter().map(|change| change.hash).collect()
}

fn is_canonical(change: &[u8]) -> bool {
    let again =
        || Change::try_from(change).is_ok_and(|read| Change::from(read.decode()).raw_bytes() == change);
    std::panic::catch_unwind(again).unwrap_or(false)
}

/// Checks that everybody can go on with what was admitted.
fn check_merge(scene: &Scene, accepted: &[Vec<u8>], admitted: Admitted, mut dice: Dice) {
    let mut server = loaded(&admitted);
    assert_eq!(server.values_at(&scene.server.heads()).unwrap(), scene.server.values(), "the past changed");
    // The bystander gets what was admitted, and the server what the bystander wrote meanwhile.
    let mut bystander = scene.bystander.clone();
    bystander.apply_trusted(accepted).unwrap();
    server = admit_honest(&server, &author(BYSTANDER), &scene.theirs);
    check_equal(&server, &bystander);
    // Then one of them writes on, seeing everything.
    let by = author([DEVICE, BYSTANDER][dice.below(2)]);
    let mut phone = bystander.clone();
    let changes = dice.changes(&mut phone, &by, 2);
    server = admit_honest(&server, &by, &changes);
    check_equal(&server, &phone);
    assert_eq!(server.history().len(), server.changes().len());
}

fn admit_honest(server: &Document, by: &Author, changes: &[Vec<u8>]) -> Document {
    let admitted = admit_all(server, by, changes);
    let refused = admitted.results.iter().find_map(|result| result.as_ref().err());
    assert_eq!(refused, None, "honest work is refused after what was admitted");
    admitted.document
}

/// The document as it is after it was saved and loaded again.
fn loaded(admitted: &Admitted) -> Document {
    let document = Document::load(visit(), &admitted.saved).unwrap();
    check_equal(&document, &admitted.document);
    assert_eq!(document.values(), admitted.values);
    document
}

fn check_equal(one: &Document, other: &Document) {
    assert_eq!(one.heads(), other.heads());
    assert_eq!(one.values(), other.values());
}
