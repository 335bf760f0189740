//! Books: an app dies in the middle of writing, and its book holds everything that a call has returned for.
//!
//! `BOOK_KILLS=1000 cargo test -p tests --test crash books` kills a thousand apps instead of fifty.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use client_sdk::{OutboxAct, Outcome, VisitId};
use rand::Rng as _;
use tests::{Phone, Template, child::Program, fork};

use crate::{chance, setting};

/// After so many kills the phone syncs.
const KILLS_OF_A_SYNC: u32 = 10;

/// How far the app said it had come with a visit.
#[derive(Debug, Clone, Copy)]
struct Kept {
    edits: u32,
    submitted: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_killed_in_the_middle_of_writing_has_kept_all_it_was_told_is_kept() -> anyhow::Result<()> {
    let kills = setting("BOOK_KILLS", 50)?;
    let mut random = chance("books")?;
    let template = Template::make(Program::build()?).await?;
    let mut scene = template.copy()?;
    let mut visits = 0;
    for kill in 1..=kills {
        scene.writer.book.close()?;
        let moment = Duration::from_millis(random.random_range(1..150));
        let kept = killed(&scene.writer.file(), moment)?;
        scene.writer.reboot()?;
        holds(&scene.writer, &kept).with_context(|| format!("after kill {kill}"))?;
        visits += kept.len();
        if kill % KILLS_OF_A_SYNC == 0 {
            let mut server = scene.spawn(None)?;
            ensure!(server.listens()?, "{}", server.ended()?.said);
            // The server takes all of it: no entry is missing, and none is half an entry.
            ensure!(scene.try_sync().await? == Outcome::Complete, "the sync after kill {kill}");
            ensure!(scene.writer.book.outbox()?.is_empty(), "something was left in the outbox");
            server.stop()?;
        }
    }
    println!("{kills} apps killed, {visits} visits they wrote, 0 words lost");
    ensure!(visits > 0, "no app came so far as to write");
    scene.writer.book.check()?;
    scene.is_whole().await
}

/// Lets an app write until a moment after its first word, kills it, and gives what it said it had kept.
fn killed(book: &Path, moment: Duration) -> anyhow::Result<BTreeMap<VisitId, Kept>> {
    let mut app = Command::new(env!("CARGO_BIN_EXE_scribe"));
    let mut app = fork::spawn(app.arg(book).stdout(Stdio::piped()))?;
    let mut said = BufReader::new(app.stdout.take().context("no output")?).lines();
    let first = said.next().context("the app does not write")??;
    let rest = std::thread::spawn(move || said.map_while(Result::ok).collect::<Vec<_>>());
    // The moment of the crash is what is random about it.
    std::thread::sleep(moment);
    app.kill()?;
    app.wait()?;
    let rest = rest.join().ok().context("the app's words were not read")?;
    let mut kept = BTreeMap::new();
    for line in std::iter::once(first).chain(rest) {
        let mut words = line.split(' ');
        // A line may have been cut short by the end of the app.
        if let (Some(act), Some(visit), Some(edits)) = (words.next(), words.next(), words.next()) {
            kept.insert(visit.parse()?, Kept { edits: edits.parse()?, submitted: act == "submitted" });
        }
    }
    Ok(kept)
}

/// Whether a book holds at least what was kept, with all of it in its outbox.
fn holds(phone: &Phone, kept: &BTreeMap<VisitId, Kept>) -> anyhow::Result<()> {
    let outbox = phone.book.outbox()?;
    for (visit, Kept { edits, submitted }) in kept {
        let content = phone.record(*visit)?.fields.content.unwrap_or_default();
        let read: u32 = content.split(' ').next().unwrap_or_default().parse().unwrap_or_default();
        ensure!(read >= *edits, "visit {visit} has {read} of {edits} edits");
        let acts = || outbox.iter().filter(|item| item.visit == *visit).map(|item| &item.act);
        let sent = acts().filter(|act| matches!(act, OutboxAct::Edit { .. })).count();
        ensure!(sent > *edits as usize, "{sent} edits of visit {visit} are in the outbox");
        let submits = acts().filter(|act| matches!(act, OutboxAct::Submit { .. })).count();
        ensure!(submits >= usize::from(*submitted), "the submit of visit {visit} is not in the outbox");
    }
    Ok(())
}
