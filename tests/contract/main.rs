//! The contract: schemathesis asks the real program everything that `docs/openapi.json` allows and forbids, as several
//! people, and every answer has to be one that the document promises.
//!
//! `CONTRACT_EXAMPLES` sets how many cases each operation gets in each phase; `CONTRACT_SEED` repeats a run.

mod company;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tests::child::{Program, free_address};

use company::Seeded;

/// Cases per operation on every push, for the administrator; the others, who are refused most of it, get a fifth.
const EXAMPLES: u32 = 50;

const SETTINGS: &str = include_str!("schemathesis.toml");
const HOOKS: &str = include_str!("hooks.py");

/// Where `.ci/run` puts the program that asks.
const INSTALLED: &str = "../target/schemathesis/bin/schemathesis";

/// Revoking ends the token that asks, so only a run of its own may do it.
const REVOKES: &str = "revoke_device";

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_document_promises() -> anyhow::Result<()> {
    let Some(schemathesis) = schemathesis() else {
        let lost =
            "schemathesis is not installed, so NOTHING of the contract was checked; .ci/run installs it";
        ensure!(std::env::var_os("CI").is_none(), "{lost}");
        eprintln!("{lost}");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let listen = free_address().await?;
    let url = format!("http://{listen}");
    let seeded = Seeded::found(&data, ["admin", "fuller", "davolio", "auditor"]).await?;
    let server = Program::build()?.serve(&data, listen, &url)?;
    for (name, content) in [
        ("schemathesis.toml", SETTINGS.to_owned()),
        ("hooks.py", HOOKS.to_owned()),
        ("records.txt", quoted(&seeded.records)),
        ("people.txt", quoted(&seeded.people)),
        ("devices.txt", quoted(&seeded.devices)),
    ] {
        std::fs::write(folder.path().join(name), content)?;
    }
    let examples = match std::env::var("CONTRACT_EXAMPLES") {
        Ok(examples) => examples.parse()?,
        Err(_) => EXAMPLES,
    };
    let mut failed = Vec::new();
    let mut asked = 0;
    for (login, revokes) in
        [("admin", false), ("fuller", false), ("davolio", false), ("auditor", false), ("admin", true)]
    {
        let token = seeded.token(&data, &url, login)?;
        let report = folder.path().join(format!("{login}-{revokes}.json"));
        let mut command = Command::new(&schemathesis);
        command.current_dir(folder.path()).env("SCHEMATHESIS_HOOKS", "hooks.py");
        command.args(["run", "--no-color", "--warnings", "off", "--checks", "all", "--max-examples"]);
        let examples = if login == "admin" { examples } else { examples.div_ceil(5) };
        command.arg(examples.to_string());
        if let Ok(seed) = std::env::var("CONTRACT_SEED") {
            command.args(["--seed", &seed]);
        }
        command.args([if revokes { "--include-operation-id" } else { "--exclude-operation-id" }, REVOKES]);
        command.args(["--url", &url, "--header", &format!("Authorization: Bearer {token}")]);
        command.args(["--report", "json", "--report-json-path"]).arg(&report);
        command.arg(document());
        let ran = command.status()?.success();
        if !ran {
            failed.push(login);
        }
        asked += requests(&report)?;
    }
    eprintln!("contract: {asked} requests, peak memory {} KiB", server.peak_kib()?);
    ensure!(failed.is_empty(), "asked as {failed:?}, the server does not keep what the document promises");
    Ok(())
}

fn schemathesis() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(INSTALLED);
    let on_path = std::env::var_os("PATH").into_iter();
    let on_path = on_path.flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    std::iter::once(installed)
        .chain(on_path.map(|folder| folder.join("schemathesis")))
        .find(|file| file.is_file())
}

/// Ids as schemathesis reads them: one to a line, in quotes.
fn quoted(ids: &[String]) -> String {
    ids.iter().map(|id| format!("\"{id}\"\n")).collect()
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json")
}

/// How many requests a run made.
fn requests(report: &Path) -> anyhow::Result<u64> {
    let report: Value = serde_json::from_slice(&std::fs::read(report)?)?;
    report["test_cases"]["generated"].as_u64().context("the report does not say how many cases there were")
}
