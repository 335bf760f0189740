//! Candidates: changes made of honest ones, by damage to their bytes or to their content.

use automerge::{
    ActorId, ChangeHash, ExpandedChange, ObjType, ScalarValue,
    legacy::{ElementId, Key, ObjectId, OpId, OpType, SortedVec},
};
use sync_core::document::field;

use crate::{
    forge,
    tape::{Tape, damage},
    world::{BYSTANDER, DEVICE, author, visit},
};

/// Bytes of a body in front of which mutation only ever makes the one dependency unknown.
const BEHIND_DEPENDENCY: usize = 33;

/// The next change of the tape.
pub(super) fn change(honest: &[Vec<u8>], tape: &mut Tape<'_>) -> Vec<u8> {
    let how = tape.byte() % 5;
    if how == 0 {
        let bytes = tape.bytes();
        return forge::chunk(1, forge::body(bytes));
    }
    if how == 1 {
        return tape.bytes().to_vec();
    }
    let original = &honest[tape.below(honest.len())];
    match how {
        2 => original.clone(),
        3 => damaged(original, tape),
        _ => {
            let count = 1 + tape.below(3);
            let twists = |change: &mut ExpandedChange| (0..count).for_each(|_| twist(change, tape));
            forge::altered(original, twists).unwrap_or_else(|| original.clone())
        }
    }
}

fn damaged(original: &[u8], tape: &mut Tape<'_>) -> Vec<u8> {
    let count = 1 + tape.below(4);
    let whole = forge::body(original);
    let (kept, rest) = whole.split_at(if tape.byte() < 16 { 0 } else { BEHIND_DEPENDENCY.min(whole.len()) });
    let mut rest = rest.to_vec();
    (0..count).for_each(|_| damage(&mut rest, tape));
    forge::chunk(1, &[kept, &rest].concat())
}

/// Alters what a change says while its form stays canonical, so that only the later gates can catch it.
fn twist(change: &mut ExpandedChange, tape: &mut Tape<'_>) {
    let what = tape.byte() % 32;
    match what {
        0 => change.seq = tape.number() as u64,
        1 => change.start_op = (tape.number() as u64).try_into().unwrap_or(change.start_op),
        2 => change.actor_id = actor(change, tape),
        3 => change.deps.clear(),
        4 => change.deps.push(ChangeHash(tape.array())),
        5 => change.time = tape.number(),
        6 => change.message = Some(String::from_utf8_lossy(tape.bytes()).into_owned()),
        7 => change.extra_bytes = tape.bytes().to_vec(),
        _ => twist_operation(change, what, tape),
    }
}

fn twist_operation(change: &mut ExpandedChange, what: u8, tape: &mut Tape<'_>) {
    let count = change.operations.len();
    if count == 0 {
        return;
    }
    let (at, from) = (tape.below(count), tape.below(count));
    let counter = 1 + tape.below(64) as u64;
    let id = OpId::new(counter, &actor(change, tape));
    let copy = change.operations[from].clone();
    let operation = &mut change.operations[at];
    match what {
        8 => operation.pred = vec![id].into(),
        9 => operation.pred = SortedVec::new(),
        10 => operation.pred = operation.pred.iter().cloned().chain([id]).collect::<Vec<_>>().into(),
        11 => operation.obj = ObjectId::Id(id),
        12 => operation.obj = ObjectId::Root,
        13 => operation.key = Key::Seq(ElementId::Id(id)),
        14 => operation.key = Key::head(),
        15 => operation.key = Key::Map(name(tape).into()),
        16 => operation.insert = !operation.insert,
        17 => operation.action = OpType::Delete,
        18 => operation.action = OpType::Put(value(tape)),
        19 if tape.flag() => operation.action = OpType::Make(ObjType::Map),
        19 => operation.action = OpType::Increment(tape.number()),
        20 => *operation = copy,
        21 => change.operations.swap(at, from),
        22 => change.operations.insert(at, copy),
        23 => drop(change.operations.remove(at)),
        24 => change.operations.truncate(at),
        25 => operation.obj = copy.obj,
        26 => operation.key = copy.key,
        27 => operation.pred = copy.pred,
        28 => operation.action = copy.action,
        29 => change.operations.extend(vec![copy; tape.below(40)]),
        30 => change.operations.iter_mut().for_each(|operation| operation.insert = true),
        _ => operation.action = OpType::Put(ScalarValue::Str(String::from_utf8_lossy(tape.bytes()).into())),
    }
}

fn actor(change: &ExpandedChange, tape: &mut Tape<'_>) -> ActorId {
    let genesis = || match change.operations.first().map(|operation| &operation.obj) {
        Some(ObjectId::Id(object)) => object.actor().clone(),
        _ => change.actor_id.clone(),
    };
    match tape.byte() % 5 {
        0 => change.actor_id.clone(),
        1 => ActorId::from(*author(BYSTANDER).actor(visit()).as_bytes()),
        2 => ActorId::from(*author(DEVICE).actor(visit()).as_bytes()),
        3 => genesis(),
        _ => ActorId::from(tape.array::<16>()),
    }
}

fn name(tape: &mut Tape<'_>) -> &'static str {
    const NAMES: [&str; 8] = [
        field::PLACE,
        field::CLASS,
        field::CONTENT,
        field::ENDED,
        field::SATISFACTION,
        field::CUSTOMER,
        "nonsense",
        "",
    ];
    NAMES[tape.below(NAMES.len())]
}

fn value(tape: &mut Tape<'_>) -> ScalarValue {
    match tape.byte() % 10 {
        0 => ScalarValue::Null,
        1 => ScalarValue::Int(tape.number()),
        2 => ScalarValue::Uint(tape.long()),
        3 => ScalarValue::F64(f64::from_bits(tape.long())),
        4 => ScalarValue::Timestamp(tape.number()),
        5 => ScalarValue::counter(tape.number()),
        6 => ScalarValue::Boolean(tape.flag()),
        7 => ScalarValue::Bytes(tape.bytes().to_vec()),
        8 => ScalarValue::Str(["x", "walk", "👍", "", "二号楼", "\u{0}"][tape.below(6)].into()),
        _ => ScalarValue::Unknown { type_code: tape.byte(), bytes: tape.bytes().to_vec() },
    }
}
