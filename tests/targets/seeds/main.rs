//! Makes the seeds that fuzzing begins from: honest inputs by the product's own code, and hostile ones by hand.
//! `cargo run -p targets --example seeds`
#![allow(clippy::unwrap_used, reason = "a seed that cannot be made is a mistake here")]

mod changes;
mod files;
mod logs;
mod reel;
mod requests;
mod texts;

use std::{collections::BTreeMap, fs, io, path::Path};

/// The seeds of one target by name; one that begins with `honest` is accepted, one with `hostile` refused.
type Seeds = BTreeMap<&'static str, Vec<u8>>;

fn main() -> io::Result<()> {
    let all: [(&str, Seeds); 13] = [
        ("admission", changes::admission()),
        ("calendars", texts::calendars()),
        ("chain", logs::chain()),
        ("imports", files::imports()),
        ("inspection", changes::inspection()),
        ("journal", logs::journal()),
        ("messages", logs::messages()),
        ("packs", texts::packs()),
        ("phone", logs::phone()),
        ("queries", requests::queries()),
        ("statements", logs::statements()),
        ("tokens", requests::tokens()),
        ("verdicts", texts::verdicts()),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    for (target, seeds) in all {
        let folder = root.join(target);
        fs::create_dir_all(&folder)?;
        for (name, bytes) in seeds {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
