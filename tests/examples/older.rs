//! Makes what a later version has to be able to open: a data folder, a phone's book, and what they say.
//!
//! `cargo run -p tests --example older -- tests/data/older/VERSION` is run once for each version that is released, by
//! that version, and what it makes is never altered.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use client_sdk::{Reason, VisitFilter, field};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use server::config::Config;
use sync_core::record::Ruling;
use tests::{
    SimulatedClock, World,
    clock::shanghai,
    folder,
    older::{said_by_phone, said_by_server},
    world::loopback,
};

/// Larger files are packed.
const PLAIN_BYTES: u64 = 50_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let to = PathBuf::from(std::env::args().nth(1).context("name the folder to make")?);
    ensure!(!to.exists(), "{} is there already", to.display());
    fs::create_dir_all(&to)?;
    let data = to.join("data");
    // Long ago, so that no deadline is left to pass.
    let clock = Arc::new(SimulatedClock::at(shanghai("2025-03-03T08:00")?));
    let config = Config { data_dir: data.clone(), listen: loopback(0), ..Config::default() };
    let world = World::found(config, clock).await?;
    let phone = world.phone("davolio").await?;

    // Submitted in time, and amended with leave.
    let sealed = phone.visit(phone.customer(0)?, "续签意向明确，下周发合同文本 👍")?;
    phone.book.submit(sealed, None)?;
    phone.sync().await?;
    // Late, and accepted.
    let accepted = phone.visit(phone.customer(1)?, "价格仍有分歧")?;
    // Late, and held.
    let held = phone.visit(phone.customer(2)?, "对账无误")?;
    // Never submitted.
    phone.visit(phone.customer(3)?, "暂无新增需求")?;
    phone.sync().await?;
    world.pass_hours(14 * 24).await?;
    phone.book.edit(sealed, |draft| {
        draft.text(field::RESULT, "合同文本已发");
    })?;
    let amendment = phone.book.submit(sealed, Some(Reason::NoCoverage))?;
    let late = phone.book.submit(accepted, None)?;
    phone.book.submit(held, None)?;
    phone.sync().await?;
    world.rule("fuller", sealed, amendment.entry, Ruling::Approve).await?;
    world.rule("fuller", accepted, late.entry, Ruling::AcceptLate).await?;
    world.pass_hours(24).await?;
    phone.sync().await?;
    let visits: Vec<_> = phone.book.visits(VisitFilter::All)?.iter().map(|line| line.id).collect();
    // Written, and not sent.
    phone.visit(phone.customer(4)?, "约定带技术同事再来一次")?;

    let said = json!({
        "records": world.engine().root().size,
        "root": world.engine().root().hash.to_string(),
        "tenant": world.company.tenant.to_string(),
        "server": said_by_server(world.engine(), world.company.tenant, &visits)?,
        "phone": said_by_phone(&phone)?,
    });
    phone.book.close()?;
    fs::copy(phone.file(), to.join("book.sqlite"))?;
    world.stop().await;
    fs::remove_file(data.join("lock"))?;
    for (file, bytes) in folder::files(&to)? {
        if bytes > PLAIN_BYTES {
            pack(&file)?;
        }
    }
    fs::write(to.join("said.json"), format!("{said:#}\n"))?;
    println!("made {}", to.display());
    Ok(())
}

fn pack(file: &Path) -> anyhow::Result<()> {
    let mut packed = GzEncoder::new(File::create(format!("{}.gz", file.display()))?, Compression::best());
    packed.write_all(&fs::read(file)?)?;
    packed.finish()?;
    Ok(fs::remove_file(file)?)
}
