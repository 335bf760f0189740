//! The simulation: 300 worlds, or as many as `SEEDS` says; `SEED=123` plays one and tells it. With
//! `SHRINK=0` a world that fails is told as it is, without looking for a shorter story.

use tests::simulation::{Run, play, play_lies, run};

#[test]
fn no_world_of_phones_crashes_and_liars_breaks_a_promise() -> anyhow::Result<()> {
    if let Ok(seed) = std::env::var("SEED") {
        match play(seed.parse()?) {
            Ok(trace) => println!("{}\n{}", trace.lines().join("\n"), trace.hash()),
            Err(failure) => anyhow::bail!("{}\n\n{}", failure.trace.lines().join("\n"), failure.what),
        }
        return Ok(());
    }
    let number = |name: &str, usual: u64| std::env::var(name).map_or(Ok(usual), |text| text.parse());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (first, seeds) = (number("FIRST", 0)?, number("SEEDS", 300)?);
    let report = run(&Run { first, seeds, threads, shrinks: number("SHRINK", 1)? > 0 })?;
    println!("{} worlds, {} phone days", report.worlds, report.phone_days);
    for (sentence, worlds) in report.reached {
        println!("{worlds:>8}  {sentence}");
    }
    Ok(())
}

#[test]
fn every_lie_is_told_to_its_end_and_none_is_believed() {
    match play_lies(0) {
        Ok(missing) => assert_eq!(missing, [""; 0], "lies that were never answered"),
        Err(failure) => panic!("{}\n\n{}", failure.trace.lines().join("\n"), failure.what),
    }
}
