//! A full disk: the server takes nothing more, serves what it has, and goes on when there is room.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use client_sdk::{Error, Outcome, StorageError, VisitFilter, field};
use rand::Rng as _;
use tests::{
    Crew, Template,
    child::{Program, free_address, prepare},
    crew::LOGINS,
    folder,
    tmpfs::Tmpfs,
};

use crate::chance;

/// Room for the index, which takes eight MiB to be opened, and to spare.
const DISK_MIB: u64 = 48;
/// What a server that is short of space asks phones to wait.
const RETRY_MS: i64 = 30_000;

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_taken_all_is_served_and_room_lets_it_go_on() -> anyhow::Result<()> {
    let Some(disk) = Tmpfs::mount(DISK_MIB)? else { return Ok(()) };
    let template = Template::make(Program::build()?).await?;
    let mut scene = template.copy_to(disk.path())?;
    let mut server = scene.spawn(None)?;
    ensure!(server.listens()?, "{}", server.ended()?.said);
    ensure!(scene.reader.try_sync().await?.outcome == Outcome::Complete, "the reader's first sync");
    ensure!(scene.work().await? == Outcome::Complete, "the last sync with room");

    // Less than the reserve.
    disk.fill(512)?;
    let seen = scene.reader.book.visits(VisitFilter::All)?.len();
    let read = scene.reader.try_sync().await?;
    ensure!(read.outcome != Outcome::Complete, "an anchor was given without a record");
    ensure!(scene.reader.book.visits(VisitFilter::All)?.len() == seen + 1, "reading does not go on");
    ensure!(matches!(scene.work().await?, Outcome::Busy { .. }), "a commit was taken");
    let waiting = scene.writer.book.outbox()?;
    ensure!(!waiting.is_empty(), "what was not taken left the outbox");
    // A phone that has to ask for a new token is told when to come back.
    scene.writer.reboot()?;
    let Outcome::Busy { retry_at } = scene.try_sync().await? else { anyhow::bail!("a token was given") };
    ensure!(retry_at.millis_since(scene.writer.clock().wall) > RETRY_MS - 5_000, "no Retry-After");
    let refused = scene.command(&["user", "add", "new"])?;
    ensure!(!refused.0 && refused.1.contains("the disk is nearly full"), "{}", refused.1);
    let receipt = scene.folder().join("receipt");
    let (device, last) = scene.last_receipt()?;
    let to = receipt.to_string_lossy();
    let given = scene.command(&["receipt", &device, &last, "--to", &to])?;
    // The file itself needs a page of what is left.
    ensure!(given.0, "a receipt is not given out: {}", given.1);
    let genuine = scene.command(&["verify", "--receipt", &to])?;
    ensure!(genuine.0 && genuine.1.contains("the receipt is genuine"), "{}", genuine.1);

    // Nothing at all.
    disk.fill(0)?;
    ensure!(matches!(scene.try_sync().await?, Outcome::Busy { .. }), "a commit was taken");
    let _ = server.terminate();
    let ended = server.ended()?;
    ensure!(!ended.said.contains("panicked"), "{}", ended.said);
    let before = folder::contents(&scene.data())?;
    let mut server = scene.spawn(None)?;
    ensure!(!server.listens()?, "a server starts without room for its index");
    let said = server.ended()?.said;
    ensure!(said.contains("the disk is full") && said.contains("free some space"), "{said}");
    ensure!(folder::contents(&scene.data())? == before, "a server that refused to start altered files");

    disk.free()?;
    ensure!(scene.writer.book.outbox()? == waiting, "the outbox changed");
    scene.is_whole().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_under_load_loses_nothing_that_has_a_receipt() -> anyhow::Result<()> {
    let mut random = chance("full")?;
    let program = Program::build()?;
    let Some(disk) = Tmpfs::mount(DISK_MIB)? else { return Ok(()) };
    let (first, data) = (tempfile::tempdir()?, disk.path().join("data"));
    // The company is set up where there is room for the reserve of a server with the usual settings.
    let prepared = prepare(first.path(), &LOGINS).await?;
    folder::copy(first.path(), &data)?;
    let listen = free_address().await?;
    let url = format!("http://{listen}");
    let mut server = program.serve(&data, listen, &url)?;
    let mut crew = Crew::enrol(prepared, &url, &mut random).await?;
    for _ in 0..4 {
        let (before, after) = (random.random_range(0..100), random.random_range(50..200));
        crew.work_until(async {
            tokio::time::sleep(Duration::from_millis(before)).await;
            disk.fill(0)?;
            tokio::time::sleep(Duration::from_millis(after)).await;
            Ok(())
        })
        .await?;
        // It may have ended by itself.
        let _ = server.terminate();
        let ended = server.ended()?;
        let panicked =
            ended.said.lines().find(|line| line.contains("panicked") && !line.contains("/sled-0."));
        ensure!(panicked.is_none() && ended.status.code().is_some(), "{}: {}", ended.status, ended.said);
        disk.free()?;
        server = program.serve(&data, listen, &url)?;
    }
    crew.settle().await?;
    server.stop()?;
    program.read(&data, &["verify"])?;
    let entries = crew.nothing_is_lost(&data)?;
    println!("4 full disks under load, {entries} entries with a receipt, 0 lost");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_room_says_so_and_keeps_every_word() -> anyhow::Result<()> {
    let Some(disk) = Tmpfs::mount(8)? else { return Ok(()) };
    let template = Template::make(Program::build()?).await?;
    let mut scene = template.copy()?;
    scene.writer = scene.writer.moved_to(disk.path())?;
    disk.fill(512)?;
    let phone = &scene.writer;
    let customer = phone.customer(1)?;
    let (mut kept, mut refused) = (Vec::new(), 0);
    for nth in 0_u32.. {
        let text = format!("第{nth}次 {}", "记".repeat(500));
        let written = phone.book.new_visit(customer).and_then(|visit| {
            phone.book.edit(visit, |draft| {
                draft.text(field::CONTENT, text.clone());
            })?;
            Ok(visit)
        });
        match written {
            Ok(visit) => kept.push((visit, text)),
            Err(Error::Storage(StorageError::Full)) => refused += 1,
            Err(other) => return Err(other).context("a full disk was called something else"),
        }
        if refused == 5 {
            break;
        }
    }
    ensure!(!kept.is_empty(), "there was no room at all");
    // Reading goes on, also in a book that is opened again once there is room.
    for reopened in [false, true] {
        if reopened {
            disk.free()?;
            scene.writer.reboot()?;
        }
        for (visit, text) in &kept {
            let content = scene.writer.record(*visit)?.fields.content;
            ensure!(content.as_ref() == Some(text), "visit {visit} reads otherwise");
        }
    }
    scene.writer.book.check()?;
    println!("{} visits kept on a full phone, {refused} refused, 0 lost", kept.len());
    scene.is_whole().await
}
