//! Failing calls: each call of a short run to the operating system fails in its turn, and nothing is lost for it.
//!
//! A push tries a hundred calls, spread over the run; `FAILING_CALLS=all cargo test -p tests --test crash failing` tries
//! every one.

use anyhow::{Context as _, bail, ensure};
use rand::{Rng as _, rngs::StdRng};
use tests::{
    Template,
    child::Program,
    shadow::{How, Note, Shadow},
    template::Scene,
};

use crate::chance;

/// How many visits are made and synced in a run.
const VISITS: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_fails_the_server_ends_or_refuses_and_the_next_start_has_everything()
-> anyhow::Result<()> {
    let mut random = chance("failing")?;
    let (template, shadow) = (Template::make(Program::build()?).await?, Shadow::build()?);
    let calls = count_calls(&template, &shadow).await?;
    ensure!(calls > 50, "the run makes {calls} calls only");
    let chosen = choose(calls, &mut random)?;
    let mut failed = 0;
    for call in &chosen {
        let how = How::ALL[random.random_range(0..How::ALL.len())];
        let mut scene = template.copy()?;
        let seen = fail(&mut scene, &shadow, *call, how).await;
        let what = seen.with_context(|| format!("call {call} of {calls} failed as {how}"))?;
        scene.is_whole().await.with_context(|| format!("after call {call} of {calls}, {what}, {how}"))?;
        failed += usize::from(what != NOTHING);
    }
    println!("{failed} failing calls of {calls} in a run, 0 lost");
    ensure!(failed * 10 > chosen.len() * 8, "only {failed} of {} calls failed", chosen.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_breaks_under_a_running_server_ends_it_with_a_word_why() -> anyhow::Result<()> {
    let (template, shadow) = (Template::make(Program::build()?).await?, Shadow::build()?);
    let calls = count_calls(&template, &shadow).await?;
    for part in 4..10 {
        let mut scene = template.copy()?;
        let call = calls * part / 10;
        let what = fail(&mut scene, &shadow, call, How::Broken).await;
        let what = what.with_context(|| format!("from call {call} of {calls} on"))?;
        scene.is_whole().await.with_context(|| format!("after {what}, call {call} of {calls}"))?;
    }
    Ok(())
}

fn choose(calls: u32, random: &mut StdRng) -> anyhow::Result<Vec<u32>> {
    let number = match std::env::var("FAILING_CALLS") {
        Ok(all) if all == "all" => calls,
        Ok(number) => number.parse::<u32>()?.min(calls),
        Err(_) => 100.min(calls),
    };
    // Evenly, so that no part of the run is left out.
    let call = |nth: u32| u64::from(nth) * u64::from(calls) / u64::from(number);
    Ok((0..number).map(|nth| random.random_range(call(nth)..call(nth + 1)) as u32 + 1).collect())
}

/// The call that was to fail was not made.
const NOTHING: &str = "which was not made";

async fn count_calls(template: &Template, shadow: &Shadow) -> anyhow::Result<u32> {
    let mut scene = template.copy()?;
    let notes = run(&mut scene, shadow, None).await?;
    let counted = notes.iter().find_map(|note| match note {
        Note::Counted { calls } => Some(*calls as u32),
        _ => None,
    });
    counted.context("the run did not end in order")
}

/// Lets a call fail in a run, and says which call that was.
async fn fail(scene: &mut Scene<'_>, shadow: &Shadow, call: u32, how: How) -> anyhow::Result<String> {
    let notes = run(scene, shadow, Some((call, how))).await?;
    let failed = notes.into_iter().find_map(|note| match note {
        Note::Failed { what, .. } => Some(what),
        _ => None,
    });
    Ok(failed.unwrap_or_else(|| NOTHING.to_owned()))
}

async fn run(scene: &mut Scene<'_>, shadow: &Shadow, fail: Option<(u32, How)>) -> anyhow::Result<Vec<Note>> {
    let mut watch = shadow.watch(&scene.data(), &scene.folder().join("notes"))?;
    if let Some((call, how)) = fail {
        watch = watch.failing(call, how);
    }
    let mut server = scene.spawn(Some(&watch))?;
    if server.listens()? {
        for _ in 0..VISITS {
            // It may be put off; what counts is that a receipt is never given for nothing.
            scene.work().await?;
        }
        // It may have ended by itself.
        let _ = server.terminate();
    }
    let ended = server.ended()?;
    ensure!(ended.status.code().is_some(), "the server was ended by {}: {}", ended.status, ended.said);
    // sled panics on some failures, and the store takes that for one.
    let panicked = ended.said.lines().find(|line| line.contains("panicked") && !line.contains("/sled-0."));
    ensure!(panicked.is_none(), "{}", ended.said);
    if !ended.success && !ended.said.contains("fieldbook: ") {
        bail!("the server ended without a word why: {}", ended.said);
    }
    watch.notes()
}
