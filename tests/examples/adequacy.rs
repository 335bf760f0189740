//! Asks whether the simulation would notice: plants one bug after the other and tells how many worlds each took.
//!
//! `cargo adequacy` tries all bugs of `tests/planted/bugs.toml`, `cargo adequacy NAME…` some. The bugs are planted in a
//! copy of the sources that is built once; `PLANTED=NAME` switches one on. It fails if one of them is not found.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, ensure};
use tests::planted::{Bug, bugs, copy, root};

/// Within so many worlds each bug has to be found.
const SEEDS: u64 = 2_000;
/// The test that plays them.
const WORLDS: &str = "no_world_of_phones_crashes_and_liars_breaks_a_promise";
/// So many worlds show that the copy itself is sound.
const SOUND: u64 = 50;

fn main() -> anyhow::Result<()> {
    let number = |name: &str, usual: u64| env::var(name).map_or(Ok(usual), |text| text.parse());
    let (seeds, sound) = (number("SEEDS", SEEDS)?, number("SOUND", SOUND)?);
    let names: Vec<String> = env::args().skip(1).collect();
    let all = bugs()?;
    for name in &names {
        ensure!(all.iter().any(|bug| bug.name == *name), "no bug is called {name}");
    }
    let root = root().canonicalize()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("adequacy");
    copy(&root, &folder, &all)?;
    let program = build(&folder, &target)?;
    if sound > 0 {
        let found = simulate(&program, &folder, None, sound)?;
        ensure!(found.is_none(), "without a bug switched on, the copy fails: {found:?}");
        println!("no bug switched on: nothing is found in {sound} worlds");
    }
    let mut table = "| bug | what goes wrong | worlds | what noticed |\n|---|---|---:|---|\n".to_owned();
    let mut missed = Vec::new();
    for bug in all.iter().filter(|bug| names.is_empty() || names.contains(&bug.name)) {
        let begun = Instant::now();
        let found = simulate(&program, &folder, Some(bug), seeds)?;
        let took = begun.elapsed().as_secs();
        let (worlds, what) = match &found {
            Some((seed, what)) => ((seed + 1).to_string(), what.as_str()),
            None => {
                missed.push(bug.name.as_str());
                (format!("> {seeds}"), "nothing")
            }
        };
        println!("{}: {worlds} worlds, {took} s: {what}", bug.name);
        writeln!(table, "| `{}` | {} | {worlds} | {} |", bug.name, bug.sentence, short(what))?;
    }
    println!("\n{table}");
    ensure!(missed.is_empty(), "not found within {seeds} worlds: {}", missed.join(", "));
    Ok(())
}

/// Builds the copy's simulation beside our own, so that the libraries are built once for both.
fn build(folder: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", target);
    cargo.args([
        "test",
        "--package",
        "tests",
        "--test",
        "simulation",
        "--no-run",
        "--message-format",
        "json",
    ]);
    cargo.args(env::var("ADEQUACY_CARGO").unwrap_or_default().split_whitespace());
    cargo.stderr(std::process::Stdio::inherit());
    let built = cargo.output().context("cargo does not run")?;
    ensure!(built.status.success(), "the copy with the planted bugs does not build");
    let lines = String::from_utf8(built.stdout)?;
    let message = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
    let mut programs = lines.lines().filter_map(message).filter_map(|said| {
        let is_simulation = said["target"]["name"] == "simulation";
        said["executable"].as_str().filter(|_| is_simulation).map(PathBuf::from)
    });
    let program = programs.next_back().context("cargo built no simulation")?;
    // The next build may put another one in its place while this one is in use.
    let kept = folder.join("simulation-with-planted-bugs");
    fs::copy(program, &kept)?;
    Ok(kept)
}

/// Plays worlds until one fails; gives its seed and what was wrong.
fn simulate(
    program: &Path,
    folder: &Path,
    bug: Option<&Bug>,
    seeds: u64,
) -> anyhow::Result<Option<(u64, String)>> {
    let mut command = Command::new(program);
    command.current_dir(folder.join("tests")).args(["--nocapture", WORLDS]);
    command.env("SEEDS", seeds.to_string()).env("SHRINK", "0").env_remove("SEED").env_remove("PLANTED");
    if let Some(bug) = bug {
        command.env("PLANTED", &bug.name);
    }
    let played = command.output()?;
    if played.status.success() {
        return Ok(None);
    }
    let said = [played.stdout, played.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let failure = said.lines().find_map(|line| {
        let (seed, what) = line.split_once("seed ")?.1.split_once(": ")?;
        Some((seed.parse().ok()?, what.to_owned()))
    });
    // That something rare never happened is no sign of this bug: it may be for want of worlds.
    ensure!(failure.is_some() || said.contains("never did it happen"), "the simulation ended oddly: {said}");
    Ok(failure)
}

/// The name of the invariant and the beginning of what it says, fit for a table.
fn short(what: &str) -> String {
    let mut short: String = what.chars().take(160).collect();
    if short.len() < what.len() {
        short.push('…');
    }
    short.replace('|', "/")
}
