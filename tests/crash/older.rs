//! Older versions: what they left is opened by today's program, and says what it said then.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use client_sdk::VisitId;
use flate2::read::GzDecoder;
use serde_json::Value;
use server::{
    app::Opened,
    clock::{Clock as _, SystemClock},
    config::Config,
    host::Host,
};
use tempfile::TempDir;
use tests::{
    Phone, SimulatedClock,
    child::{Program, free_address},
    crew::index_follows_from_journal,
    folder, fork,
    older::{said_by_phone, said_by_server},
};

/// The key of the index's mark, whose first four bytes are the version of its layout.
const MARK: [u8; 1] = [0];
/// A key that no layout has.
const LEFT_OVER: &[u8] = b"\x01left over from an older layout";

/// What one older version left.
struct Older {
    folder: TempDir,
    said: Value,
}

impl Older {
    /// Unpacks what every older version left.
    fn all() -> anyhow::Result<Vec<(String, Self)>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/older"))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                let version = entry.file_name().to_string_lossy().into_owned();
                all.push((version, Self::unpack(&entry.path())?));
            }
        }
        ensure!(!all.is_empty(), "no older version left anything");
        Ok(all)
    }

    fn unpack(from: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        folder::copy(from, folder.path())?;
        for (file, _) in folder::files(folder.path())? {
            if file.extension().is_some_and(|extension| extension == "gz") {
                let mut bytes = Vec::new();
                GzDecoder::new(File::open(&file)?).read_to_end(&mut bytes)?;
                fs::write(file.with_extension(""), bytes)?;
                fs::remove_file(file)?;
            }
        }
        let said = serde_json::from_slice(&fs::read(folder.path().join("said.json"))?)?;
        let older = Self { folder, said };
        // A repository keeps no such permissions.
        fs::set_permissions(older.data().join("server-key"), fs::Permissions::from_mode(0o600))?;
        Ok(older)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn text(&self, name: &str) -> anyhow::Result<&str> {
        self.said[name].as_str().with_context(|| format!("nothing was said of {name}"))
    }

    /// The server of today on the older folder says of every visit what was said of it, to the last byte of evidence.
    fn server_says_the_same(&self) -> anyhow::Result<()> {
        let config = Config { data_dir: self.data(), ..Config::default() };
        let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new())))?;
        let visits = self.said["server"].as_object().context("no visits")?;
        let ids: Vec<VisitId> = visits.keys().map(|id| id.parse()).collect::<Result<_, _>>()?;
        let said = said_by_server(&opened.engine, self.text("tenant")?.parse()?, &ids)?;
        drop(opened);
        fork::let_go();
        ensure!(said == self.said["server"], "the server says {said:#}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_left_says_the_same_and_goes_on() -> anyhow::Result<()> {
    let program = Program::build()?;
    for (version, older) in Older::all()? {
        let checked = goes_on(&program, &older).await;
        checked.with_context(|| format!("version {version}"))?;
    }
    Ok(())
}

async fn goes_on(program: &Program, older: &Older) -> anyhow::Result<()> {
    let data = older.data();
    let verified = program.read(&data, &["verify"])?;
    for line in [format!("records: {}", older.said["records"]), format!("root: {}", older.text("root")?)] {
        ensure!(verified.contains(&line), "{line} is missing in {verified}");
    }
    let clock = Arc::new(SimulatedClock::at(SystemClock::new().now()));
    clock.hand_over();
    let phone = Phone::with_book("older", clock, 1, &older.folder.path().join("book.sqlite"))?;
    phone.book.check()?;
    ensure!(said_by_phone(&phone)? == older.said["phone"], "the book says {:#}", said_by_phone(&phone)?);
    let waiting = phone.book.outbox()?;
    let unsent = waiting.last().context("nothing waits")?.visit;

    let listen = free_address().await?;
    let url = format!("http://{listen}");
    let server = program.serve(&data, listen, &url)?;
    let drawn = program.read(&data, &["--json", "user", "code", "davolio"])?;
    let drawn: Value = serde_json::from_str(&drawn)?;
    let code = drawn["access"]["enrolment_code"].as_str().context("no code")?;
    // Its token ran out long ago; what it wrote did not.
    phone.enrol(&url, code).await?;
    phone.sync().await?;
    ensure!(phone.book.outbox()?.is_empty(), "something was left on the phone");
    let ended = server.stop()?;
    ensure!(ended.success, "{}", ended.said);
    program.read(&data, &["verify"])?;
    older.server_says_the_same()?;
    let config = Config { data_dir: data.clone(), ..Config::default() };
    let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new())))?;
    let stored = opened.engine.view(older.text("tenant")?.parse()?).record(unsent)?;
    ensure!(stored.is_some(), "what the older phone had not sent did not arrive");
    drop(opened);
    fork::let_go();
    index_follows_from_journal(&data)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_an_older_layout_is_made_again() -> anyhow::Result<()> {
    let program = Program::build()?;
    for (version, older) in Older::all()? {
        let index = older.data().join("index");
        let (layout, left_over) = with_index(&index, |db| {
            let mark = db.get(MARK)?.context("no mark")?.to_vec();
            let mut of_older = mark.clone();
            of_older[..4].copy_from_slice(&0_u32.to_be_bytes());
            db.insert(MARK, of_older)?;
            db.insert(LEFT_OVER, b"wrong")?;
            Ok((mark, true))
        })?;
        ensure!(left_over && layout.len() > 4, "the index has no mark");
        let listen = free_address().await?;
        let ended = program.serve(&older.data(), listen, &format!("http://{listen}"))?.stop()?;
        ensure!(ended.success, "{}", ended.said);
        let (now, left_over) = with_index(&index, |db| {
            Ok((db.get(MARK)?.context("no mark")?.to_vec(), db.contains_key(LEFT_OVER)?))
        })?;
        ensure!(now[..4] != [0; 4] && !left_over, "{version}: the older index was taken as it was");
        older.server_says_the_same()?;
        index_follows_from_journal(&older.data())?;
    }
    Ok(())
}

fn with_index<T>(index: &Path, work: impl FnOnce(&sled::Db) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let db = sled::open(index)?;
    let done = work(&db)?;
    db.flush()?;
    drop(db);
    fork::let_go();
    Ok(done)
}
