//! The runner: many seeds on every core, each on one thread; a seed that fails is played again, shrunk and told.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use anyhow::Context as _;

use super::{
    reached::Reached,
    story::Story,
    trace::Trace,
    world::{Failure, World},
};

/// Every so many seeds a world is played twice and has to be the same.
const TWICE: u64 = 50;
/// How often a failing story is tried with some of its acts left out.
const SHRINKS: usize = 150;
/// After so many seeds every rare thing has to have happened.
const ENOUGH: u64 = 1_000;

/// Which worlds to play.
#[derive(Debug, Clone)]
pub struct Run {
    /// The first seed.
    pub first: u64,
    /// How many seeds.
    pub seeds: u64,
    /// How many threads.
    pub threads: usize,
    /// Whether a failing story is made shorter before it is told.
    pub shrinks: bool,
}

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// How many worlds were played.
    pub worlds: u64,
    /// How many simulated days of phones.
    pub phone_days: u64,
    /// In how many worlds each rare thing happened, as sentences.
    pub reached: Vec<(&'static str, u64)>,
}

/// Plays one seed, and again with acts left out if it fails.
///
/// # Errors
/// The failure with the shortest story that was found.
pub fn play(seed: u64) -> Result<Trace, Box<Failure>> {
    play_and(seed, true)
}

fn play_and(seed: u64, shrinks: bool) -> Result<Trace, Box<Failure>> {
    let story = Story::draw(seed);
    match once(&story) {
        Ok((trace, _)) => Ok(trace),
        Err(failure) if shrinks => Err(shrink(story, failure)),
        Err(failure) => Err(Box::new(failure)),
    }
}

/// Plays a calm week of liars; gives the lies that were not told to their end.
///
/// # Errors
/// The failure of the whole story; nothing is left out of it.
pub fn play_lies(seed: u64) -> Result<Vec<&'static str>, Box<Failure>> {
    let (_, reached) = once(&Story::full_of_lies(seed))?;
    Ok(reached.missing_lies())
}

/// Plays worlds until all are played or one fails.
///
/// # Errors
/// What is wrong, with the command that plays the failing seed again.
pub fn run(run: &Run) -> anyhow::Result<Report> {
    let (next, stop) = (AtomicU64::new(run.first), AtomicBool::new(false));
    let end = run.first + run.seeds;
    let all: Mutex<(Reached, u64, Option<u64>)> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..run.threads.max(1) {
            scope.spawn(|| {
                let (mut reached, mut days, mut failed) = (Reached::default(), 0, None);
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let story = Story::draw(seed);
                    days += story.phones.len() as u64 * story.days();
                    let played = once(&story);
                    let same = match &played {
                        Ok((trace, _)) if seed.is_multiple_of(TWICE) => {
                            once(&story).is_ok_and(|(again, _)| again.hash() == trace.hash())
                        }
                        _ => true,
                    };
                    match played {
                        Ok((_, here)) if same => reached.add(&here),
                        _ => {
                            failed = Some(seed);
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                }
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.0.merge(&reached);
                all.1 += days;
                all.2 = [all.2, failed].into_iter().flatten().min();
            });
        }
    });
    let (reached, phone_days, failed) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(seed) = failed {
        return Err(told(seed, run.shrinks));
    }
    let missing = reached.missing();
    if run.seeds >= ENOUGH && !missing.is_empty() {
        anyhow::bail!("{} worlds, and never did it happen that {}", run.seeds, missing.join("; that "));
    }
    Ok(Report { worlds: run.seeds, phone_days, reached: reached.sentences() })
}

fn told(seed: u64, shrinks: bool) -> anyhow::Error {
    match play_and(seed, shrinks) {
        Ok(trace) => anyhow::anyhow!(
            "seed {seed} is not the same when it is played again; the last time it ended in {}\nagain: SEED={seed} cargo test -p tests --test simulation",
            trace.hash()
        ),
        Err(failure) => anyhow::anyhow!(
            "seed {seed}: {}\n\n{}\n\nagain: SEED={seed} cargo test -p tests --test simulation",
            failure.what,
            failure.trace.lines().join("\n")
        ),
    }
}

fn once(story: &Story) -> Result<(Trace, Reached), Failure> {
    let folder =
        Folder::make().map_err(|error| Failure { what: format!("{error:#}"), trace: Trace::new() })?;
    let played = std::panic::catch_unwind(|| World::play(story, folder.path()));
    match played {
        Ok((trace, reached, Ok(()))) => Ok((trace, reached)),
        Ok((trace, _, Err(what))) => Err(Failure { what, trace }),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Failure { what: format!("something panicked: {text}"), trace: Trace::new() })
        }
    }
}

/// Leaves acts out as long as it fails in the same way.
fn shrink(mut story: Story, mut failure: Failure) -> Box<Failure> {
    let kind = |what: &str| what.split([':', '(']).next().map(str::to_owned);
    let mut tries = SHRINKS;
    let mut size = story.acts.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < story.acts.len() && tries > 0 {
            tries -= 1;
            let mut shorter = story.clone();
            shorter.acts.drain(from..(from + size).min(story.acts.len()));
            match once(&shorter) {
                Err(other) if kind(&other.what) == kind(&failure.what) => (story, failure) = (shorter, other),
                _ => from += size,
            }
        }
        size /= 2;
    }
    Box::new(failure)
}

/// A folder for the phones' files, in memory where there is a place for that.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let shared = Path::new("/dev/shm");
        let base = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let folder = base.join(format!("fieldbook-simulation-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).context("no folder for the phones")?;
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is small and goes with the next start of the machine.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
