//! Kills: the program dies at random moments under load.
//!
//! `CRASH_KILLS=1000 cargo test -p tests --test crash kills` kills it a thousand times instead of a hundred.

use std::{fs, path::Path, time::Duration};

use anyhow::ensure;
use rand::{Rng as _, rngs::StdRng};
use tests::{
    child::{Program, free_address, prepare},
    crew::{Crew, LOGINS, index_follows_from_journal},
    folder::{flip_a_bit, largest_file},
};

use crate::{chance, setting};

/// After so many kills a new server begins: what a start costs grows with the journal, what it shows does not.
const KILLS_OF_A_SERVER: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_loses_nothing_it_gave_a_receipt_for() -> anyhow::Result<()> {
    let kills = setting("CRASH_KILLS", 100)?;
    let mut random = chance("kills")?;
    let program = Program::build()?;
    let mut entries = 0;
    for begun in (0..kills).step_by(KILLS_OF_A_SERVER as usize) {
        let data = tempfile::tempdir()?;
        let kills = KILLS_OF_A_SERVER.min(kills - begun);
        entries += kill_one_server(&program, data.path(), kills, &mut random).await?;
        damage_is_named(&program, data.path(), &mut random).await?;
    }
    println!("{kills} kills, {entries} entries with a receipt, 0 lost");
    Ok(())
}

async fn kill_one_server(
    program: &Program,
    data: &Path,
    kills: u32,
    random: &mut StdRng,
) -> anyhow::Result<u64> {
    let prepared = prepare(data, &LOGINS).await?;
    let listen = free_address().await?;
    let url = format!("http://{listen}");
    let mut server = program.serve(data, listen, &url)?;
    let mut crew = Crew::enrol(prepared, &url, random).await?;
    for kill in 0..kills {
        let moment = Duration::from_millis(random.random_range(5..250));
        crew.work_until(async {
            // The one wait of this test: the moment of the crash is what is random about it.
            tokio::time::sleep(moment).await;
            server.kill()
        })
        .await?;
        match kill % 4 {
            1 => fs::remove_dir_all(data.join("index"))?,
            3 => flip_a_bit(&largest_file(&data.join("index"))?, random)?,
            _ => {}
        }
        server = program.serve(data, listen, &url)?;
    }
    crew.settle().await?;
    server.kill()?;
    program.read(data, &["verify"])?;
    let entries = crew.nothing_is_lost(data)?;
    index_follows_from_journal(data)?;
    Ok(entries)
}

async fn damage_is_named(program: &Program, data: &Path, random: &mut StdRng) -> anyhow::Result<()> {
    flip_a_bit(&largest_file(&data.join("journal"))?, random)?;
    let listen = free_address().await?;
    let mut server = program.spawn(data, listen, &format!("http://{listen}"), None)?;
    ensure!(!server.listens()?, "a server runs on a damaged journal");
    let said = server.ended()?.said;
    ensure!(said.contains("the journal is damaged at segment"), "{said}");
    let verified = program.run(data, &["verify"])?;
    ensure!(!verified.status.success(), "a damaged journal passes");
    let said = String::from_utf8(verified.stderr)?;
    ensure!(said.contains("the journal is damaged at segment"), "{said}");
    Ok(())
}
