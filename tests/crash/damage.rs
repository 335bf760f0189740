//! Damage: bytes change, pages are zeroed, files end early; the server heals it or says where it is, and never gives out
//! anything else than what was written.
//!
//! `DAMAGE_CASES=3000 cargo test -p tests --test crash damage` tries three thousand cases instead of ninety.

use std::fs;

use anyhow::{Context as _, ensure};
use rand::{Rng as _, rngs::StdRng};
use tests::{Template, child::Program, folder, template::Scene};

use crate::{chance, setting};

/// What is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Journal,
    Mark,
    Index,
}

/// How.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// One bit.
    Flip,
    /// A page of 4 KiB.
    Zero,
    /// The file ends early.
    Truncate,
}

const TARGETS: [Target; 3] = [Target::Journal, Target::Mark, Target::Index];
const KINDS: [Kind; 3] = [Kind::Flip, Kind::Zero, Kind::Truncate];
const PAGE_BYTES: usize = 4096;
/// How often a server may end because it finds its index damaged while it runs, and be started again.
const STARTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_healed_or_named_and_never_served() -> anyhow::Result<()> {
    let cases = setting("DAMAGE_CASES", 90)?;
    let mut random = chance("damage")?;
    let template = Template::make(Program::build()?).await?;
    let (mut healed, mut refused) = (0, 0);
    for case in 0..cases as usize {
        let (target, kind) = (TARGETS[case % 3], KINDS[case / 3 % 3]);
        let mut scene = template.copy()?;
        let place = damage(&scene, target, kind, &mut random)?;
        let refuses =
            outcome(&mut scene, target).await.with_context(|| format!("{kind:?} {target:?}: {place}"))?;
        if refuses { refused += 1 } else { healed += 1 }
    }
    println!("{cases} cases of damage: {healed} healed with everything there, {refused} refused and named");
    ensure!(cases < 90 || (healed > 0 && refused > 0), "one outcome never came about");
    Ok(())
}

/// Whether the server refuses to start; if it starts, everything is there.
async fn outcome(scene: &mut Scene<'_>, target: Target) -> anyhow::Result<bool> {
    let journal = scene.data().join("journal");
    let before = folder::contents(&journal)?;
    let mut server = scene.spawn(None)?;
    if server.listens()? {
        server.stop()?;
        let (content, said) = scene.command(&["verify"])?;
        ensure!(content, "a server runs on what `verify` is not content with: {said}");
        for _ in 1..STARTS {
            if target != Target::Index || scene.is_whole().await.is_ok() {
                break;
            }
        }
        scene.is_whole().await?;
        return Ok(false);
    }
    let said = server.ended()?.said;
    ensure!(target != Target::Index, "an index was not made again: {said}");
    let place = said.split_once("damaged at ").context("the server does not say that it is damage")?.1;
    let place = place.split_once(". Nothing").context("the server does not say what it did")?.0;
    let (content, said) = scene.command(&["verify"])?;
    ensure!(!content && said.contains(place), "`verify` does not name {place}: {said}");
    ensure!(folder::contents(&journal)? == before, "a server that refuses to start altered the journal");
    Ok(true)
}

/// Damages a file so that it is another than before, and says where.
fn damage(scene: &Scene<'_>, target: Target, kind: Kind, random: &mut StdRng) -> anyhow::Result<String> {
    let (journal, index) = (scene.data().join("journal"), scene.data().join("index"));
    let file = match target {
        Target::Journal => folder::largest_file(&journal)?,
        Target::Mark => journal.join("acknowledged"),
        Target::Index => {
            if random.random_bool(0.5) {
                // As after a crash, when all of it is checked first.
                fs::remove_file(scene.data().join("index.clean"))?;
            }
            let files: Vec<_> = folder::files(&index)?.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
            files[random.random_range(0..files.len())].0.clone()
        }
    };
    let before = fs::read(&file)?;
    loop {
        let mut after = before.clone();
        let at = random.random_range(0..after.len());
        match kind {
            Kind::Flip => after[at] ^= 1 << random.random_range(0..8),
            Kind::Zero => {
                let page = at - at % PAGE_BYTES;
                let end = after.len().min(page + PAGE_BYTES);
                after[page..end].fill(0);
            }
            Kind::Truncate => after.truncate(at),
        }
        if after != before {
            fs::write(&file, after)?;
            return Ok(format!("{} at {at}", file.display()));
        }
    }
}
