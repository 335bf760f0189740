//! Every input that is kept, seeds and crashers, goes through its target again, without the fuzzer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, fs, path::Path};

use targets::{ALL, Outcome};

/// The kept inputs of one kind by target and name.
fn kept(kind: &str, target: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(kind).join(target);
    // A target without crashers has no folder for them.
    let Ok(files) = fs::read_dir(folder) else { return BTreeMap::new() };
    files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect()
}

/// The targets run one after the other, because what each allocates is counted.
#[test]
fn every_kept_input_keeps_its_promise() {
    let mut broken = Vec::new();
    for (target, run) in ALL {
        let seeds = kept("seeds", target);
        let names = |kind| seeds.keys().filter(|name| name.starts_with(kind)).count();
        assert!(names("honest") > 0 && names("hostile") > 0 || target == "phone", "{target} has no seeds");
        for (name, input) in seeds {
            println!("{target}/{name}");
            let expected = if name.starts_with("honest") { Outcome::Accepted } else { Outcome::Refused };
            if run(&input) != expected {
                broken.push(format!("{target}/{name} is not {expected:?}"));
            }
        }
        for (name, input) in kept("crashers", target) {
            println!("{target}/{name}, which crashed once");
            run(&input);
        }
    }
    assert_eq!(broken, [] as [String; 0]);
}
