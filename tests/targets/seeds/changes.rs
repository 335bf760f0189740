//! Seeds of the targets that read changes: honest ones, and the bombs and forgeries that are known.

use std::io::Write as _;

use automerge::Change;
use flate2::{Compression, write::ZlibEncoder};
use sync_core::{
    admission::{Limits, inspect},
    document::Document,
};
use targets::{
    forge::{self, chunk, columns, signed, unsigned},
    world::{DEVICE, Dice, author, visit},
};

use crate::{Seeds, reel::Reel};

fn honest(count: usize) -> Vec<Vec<u8>> {
    let mut document = Document::genesis(visit()).unwrap();
    Dice::new(5).changes(&mut document, &author(DEVICE), count)
}

/// Changes that were made by hand.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let own = *author(DEVICE).actor(visit()).as_bytes();
    let rows = |rows: u64| {
        let run = |cell: &[u8]| [signed(rows), cell.to_vec()].concat();
        let described = [
            (0x15, run(b"\x01a")),
            (0x34, unsigned(rows)),
            (0x42, run(&[1])),
            (0x56, run(&[0])),
            (0x70, run(&[0])),
        ];
        columns(&own, &described)
    };
    let endless = [signed(10_000), unsigned(u64::MAX)].concat();
    let many_actors = [&[0, 16], own.as_slice(), &[1, 5, 0, 0], &unsigned(1 << 40)].concat();
    let first = honest(1).remove(0);
    let altered = |alter: &dyn Fn(&mut automerge::ExpandedChange)| {
        forge::altered(&first, |change| alter(change)).unwrap()
    };
    let mut document = Document::genesis(visit()).unwrap();
    Dice::new(5).changes(&mut document, &author(DEVICE), 3);
    vec![
        ("hostile_deflate_bomb", chunk(2, &deflated(1 << 20))),
        ("hostile_operation_bomb", rows(10_000_000)),
        ("hostile_operation_bomb_2_33", rows(1 << 33)),
        (
            "hostile_predecessor_bomb",
            columns(&own, &[(0x42, [signed(10_000), vec![1]].concat()), (0x70, endless.clone())]),
        ),
        ("hostile_value_bomb", columns(&own, &[(0x42, vec![1, 1]), (0x56, endless)])),
        ("hostile_null_bomb", columns(&own, &[(0x42, [vec![0], unsigned(u64::MAX)].concat())])),
        ("hostile_endless_dependencies", chunk(1, &unsigned(u64::MAX))),
        ("hostile_endless_actors", chunk(1, &many_actors)),
        ("hostile_document", document.save()),
        ("hostile_bundle", chunk(3, forge::body(&first))),
        (
            "hostile_start_op_2_32",
            altered(&|change| change.start_op = (u64::from(u32::MAX) - 1).try_into().unwrap()),
        ),
        ("hostile_time", altered(&|change| change.time = 1)),
        ("hostile_message", altered(&|change| change.message = Some("hi".into()))),
        ("hostile_extra_bytes", altered(&|change| change.extra_bytes = vec![1, 2, 3])),
        ("hostile_no_operations", altered(&|change| change.operations.clear())),
    ]
}

fn deflated(zeros: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; zeros]).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn inspection() -> Seeds {
    let mut seeds = Seeds::from_iter(hostile());
    // As the body of a plain change, which this target tries as well, it is one.
    seeds.remove("hostile_bundle");
    let names = ["honest_first", "honest_second", "honest_third", "honest_fourth"];
    seeds.extend(names.into_iter().zip(honest(4)));
    seeds
}

/// A change that reads the same and is not in canonical form: saved with it, a document has other heads when loaded.
fn in_another_form(original: &[u8]) -> Option<Vec<u8>> {
    let body = forge::body(original);
    let places = (0..body.len()).filter(|&at| body[at] == 0x7f);
    let forms = places.map(|at| chunk(1, &[&body[..at], &[1], &body[at + 1..]].concat()));
    let same = |form: &Vec<u8>| {
        inspect(form, &Limits::default()).is_ok()
            && Change::try_from(form.as_slice())
                .is_ok_and(|change| Change::from(change.decode()).raw_bytes() == original)
    };
    forms.into_iter().find(same)
}

/// On the empty visit: one candidate, altered in one way.
fn twisted(bytes: &[u8]) -> Vec<u8> {
    Reel::of(&[0, 0, 4, 0, 0]).raw(bytes).done()
}

pub(crate) fn admission() -> Seeds {
    let mut seeds = Seeds::new();
    for (name, bytes) in hostile() {
        seeds.insert(name, Reel::of(&[0, 0, 1]).bytes(&bytes).done());
    }
    seeds.extend([
        ("honest_one", vec![0, 0, 2, 0, 9]),
        ("honest_three", vec![3, 2, 2, 0, 2, 1, 2, 2, 77]),
        ("honest_three_elsewhere", vec![7, 2, 2, 0, 2, 1, 2, 2, 5]),
        ("honest_twice", vec![5, 1, 2, 0, 2, 0, 3]),
        ("hostile_second_first", vec![5, 0, 2, 1]),
        ("hostile_forged_actor", twisted(&[2, 1])),
        ("hostile_foreign_actor", twisted(&[2, 4, 9, 9, 9])),
        ("hostile_sequence_zero", twisted(&[0, 0])),
        ("hostile_sequence_max", twisted(&[0, 2, 1])),
        ("hostile_start_op_one", twisted(&[1, 1, 1])),
        ("hostile_no_dependencies", twisted(&[3])),
        ("hostile_unknown_dependency", twisted(&[4, 1, 2, 3])),
        ("hostile_counter", twisted(&[18, 0, 0, 4, 5, 1, 1])),
        ("hostile_not_a_number", twisted(&[18, 0, 0, 4, 0, 3])),
        ("hostile_object", twisted(&[19, 0, 0, 4, 0, 1])),
        ("hostile_increment", twisted(&[19, 0, 0, 4, 0, 0, 1, 1])),
        ("hostile_foreign_predecessor", twisted(&[8, 0, 0, 4, 1])),
        ("hostile_bytes_of_nothing", vec![0, 0, 1]),
    ]);
    // A first change of the empty visit, of which only the form is wrong.
    let first = |seed| {
        let mut document = Document::genesis(visit()).unwrap();
        Dice::new(seed).changes(&mut document, &author(DEVICE), 1).remove(0)
    };
    let form = (1..100).find_map(|seed| in_another_form(&first(seed))).unwrap();
    seeds.insert("hostile_mismatching_heads", Reel::of(&[0, 0, 1]).bytes(&form).done());
    seeds
}
