//! Power cuts: of what the program wrote only what it synced is left for sure, and the next start goes on from there.
//!
//! `POWER_CUTS=1000 cargo test -p tests --test crash power` cuts the power a thousand times instead of fifty.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use rand::{Rng as _, rngs::StdRng};
use tempfile::TempDir;
use tests::{
    child::{Program, ServerProcess, free_address, prepare},
    crew::{Crew, LOGINS, index_follows_from_journal},
    folder,
    shadow::{Disk, Shadow, Watch},
};

use crate::{chance, setting};

/// After so many cuts a new server begins.
const CUTS_OF_A_SERVER: u32 = 10;

/// A machine with one disk, whose power can be cut.
struct Machine<'a> {
    program: &'a Program,
    shadow: &'a Shadow,
    /// The disk's files lie in a folder with a number; each cut goes to the next.
    folder: TempDir,
    lives: u32,
}

impl<'a> Machine<'a> {
    fn new(program: &'a Program, shadow: &'a Shadow) -> anyhow::Result<Self> {
        let machine = Self { program, shadow, folder: tempfile::tempdir()?, lives: 0 };
        std::fs::create_dir(machine.disk())?;
        Ok(machine)
    }

    fn disk(&self) -> PathBuf {
        self.folder.path().join(self.lives.to_string())
    }

    /// The data folder: not the root of the disk, so that its own name can be lost.
    fn data(&self) -> PathBuf {
        self.disk().join("data")
    }

    fn watch(&self) -> anyhow::Result<Watch> {
        self.shadow.watch(&self.disk(), &self.folder.path().join("notes"))
    }

    /// Replaces the disk by what a power cut leaves of it.
    fn cut_power(&mut self, mut before: Disk, watch: &Watch, random: &mut StdRng) -> anyhow::Result<()> {
        before.play(watch.notes()?)?;
        before.cut_power(random)?;
        std::fs::remove_dir_all(self.disk())?;
        self.lives += 1;
        before.write(&self.disk())
    }

    /// What the cut left is checked on a copy: every record with a receipt is there without a hole, and the index can be
    /// brought to say what the journal says.
    fn check(&self) -> anyhow::Result<()> {
        self.program.read(&self.data(), &["verify"])?;
        let copy = tempfile::tempdir()?;
        folder::copy(&self.data(), copy.path())?;
        index_follows_from_journal(copy.path())
    }
}

/// When the power goes.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// While phones write and sync.
    UnderLoad,
    /// While the server starts.
    DuringTheStart,
    /// While it stops, or just after it has stopped in order.
    DuringTheStop,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_at_any_moment_loses_nothing_that_has_a_receipt() -> anyhow::Result<()> {
    let cuts = setting("POWER_CUTS", 50)?;
    let mut random = chance("power")?;
    let (program, shadow) = (Program::build()?, Shadow::build()?);
    let mut entries = 0;
    for begun in (0..cuts).step_by(CUTS_OF_A_SERVER as usize) {
        let mut machine = Machine::new(&program, &shadow)?;
        let cuts = CUTS_OF_A_SERVER.min(cuts - begun);
        entries += cut_one_server(&mut machine, cuts, &mut random).await?;
    }
    println!("{cuts} power cuts, {entries} entries with a receipt, 0 lost");
    Ok(())
}

async fn cut_one_server(machine: &mut Machine<'_>, cuts: u32, random: &mut StdRng) -> anyhow::Result<u64> {
    let prepared = prepare(&machine.data(), &LOGINS).await?;
    let listen = free_address().await?;
    let url = format!("http://{listen}");
    // What the set-up left is durable: its power cuts have a test of their own.
    let mut server = machine.program.serve(&machine.data(), listen, &url)?;
    let mut crew = Crew::enrol(prepared, &url, random).await?;
    server.kill()?;
    for cut in 0..cuts {
        let moment = match cut % 5 {
            3 => Moment::DuringTheStart,
            4 => Moment::DuringTheStop,
            _ => Moment::UnderLoad,
        };
        let (before, watch) = (Disk::read(&machine.disk())?, machine.watch()?);
        let mut server = machine.program.spawn(&machine.data(), listen, &url, Some(&watch))?;
        let wait = Duration::from_millis(random.random_range(1..400));
        match moment {
            Moment::DuringTheStart => {
                tokio::time::sleep(wait).await;
                server.kill()?;
            }
            Moment::UnderLoad => {
                listens(&mut server)?;
                crew.work_until(async {
                    tokio::time::sleep(wait).await;
                    server.kill()
                })
                .await?;
            }
            Moment::DuringTheStop => {
                listens(&mut server)?;
                // The phones go on writing while the server stops.
                crew.work_until(async { stops(server, wait, random.random_bool(0.5)).await }).await?;
            }
        }
        machine.cut_power(before, &watch, random)?;
        machine.check().with_context(|| format!("after the cut {moment:?}"))?;
    }
    let mut server = machine.program.serve(&machine.data(), listen, &url)?;
    crew.settle().await?;
    server.kill()?;
    machine.program.read(&machine.data(), &["verify"])?;
    crew.nothing_is_lost(&machine.data())
}

fn listens(server: &mut ServerProcess) -> anyhow::Result<()> {
    ensure!(server.listens()?, "the server does not start after a power cut");
    Ok(())
}

async fn stops(mut server: ServerProcess, wait: Duration, in_order: bool) -> anyhow::Result<()> {
    tokio::time::sleep(wait).await;
    if in_order {
        let ended = tokio::task::spawn_blocking(|| server.stop()).await??;
        ensure!(ended.success, "the server did not stop in order: {}", ended.said);
        return Ok(());
    }
    server.terminate()?;
    tokio::time::sleep(wait / 8).await;
    server.kill()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_while_a_server_is_set_up_leaves_one_that_can_be_set_up() -> anyhow::Result<()> {
    let cuts = setting("POWER_CUTS", 50)?.div_ceil(4);
    let mut random = chance("power")?;
    let (program, shadow) = (Program::build()?, Shadow::build()?);
    let mut shown = 0;
    for cut in 0..cuts {
        let mut machine = Machine::new(&program, &shadow)?;
        let listen = free_address().await?;
        let url = format!("http://{listen}");
        let (before, watch) = (Disk::read(&machine.disk())?, machine.watch()?);
        let mut server = program.spawn(&machine.data(), listen, &url, Some(&watch))?;
        if cut % 2 == 0 {
            listens(&mut server)?;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..200))).await;
        server.kill()?;
        let was_set_up = server.ended()?.said.contains("was set up");
        shown += u32::from(was_set_up);
        machine.cut_power(before, &watch, &mut random)?;
        if was_set_up {
            users(&program, &machine.data()).context("the company whose password was shown is gone")?;
        }
        let again = program.serve(&machine.data(), listen, &url)?.stop()?;
        ensure!(again.success, "{}", again.said);
        ensure!(!(was_set_up && again.said.contains("was set up")), "a company was set up twice");
        ensure!(users(&program, &machine.data())?.lines().count() == 2, "{}", again.said);
        machine.check()?;
    }
    println!("{cuts} power cuts during the set-up, {shown} of them after its password was shown");
    Ok(())
}

fn users(program: &Program, data: &Path) -> anyhow::Result<String> {
    program.read(data, &["user", "list"])
}
