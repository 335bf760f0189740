//! The page `docs/rules.md`: one row for each rule, made from the packs and the cases.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

use sync_core::rules::RuleState;

use crate::case::{cases, shipped};

/// Fails if the page is not what the packs and cases make of it; writes it if `UPDATE` is set.
pub(crate) fn check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    let page = page();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "run `UPDATE=1 cargo test -p sync-core --test regulations page`");
}

fn page() -> String {
    let mut page = "# The rules\n\nMade from the packs in `sync-core/packs` and the cases in `sync-core/tests/regulations`, \
by `UPDATE=1 cargo\ntest -p sync-core --test regulations page`. [packs.md](packs.md) says how a pack is written.\n\n"
        .to_owned();
    let catalogue = crate::catalogue();
    let mut where_it_stands = BTreeMap::new();
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for pack in shipped() {
        for rule in &pack.rules {
            where_it_stands.insert(rule.id.as_str(), (pack, rule));
        }
    }
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases() {
        shown.entry(case.rule.clone()).or_default().push(format!("{}: {}", case.is, case.what));
    }
    let mut rows = String::new();
    for (id, (kind, level)) in &catalogue {
        let Some((pack, rule)) = where_it_stands.get(id) else { continue };
        let (column, state) = match &rule.state {
            RuleState::Active(_) => (0, "active".to_owned()),
            RuleState::Waiting(missing) => (1, format!("waits for {}", missing.join(", "))),
            RuleState::Attestation => (2, "attestation".to_owned()),
            RuleState::Outside(reason) => (3, format!("outside: {reason}")),
        };
        counts.entry(level).or_default()[column] += 1;
        let tests = shown.get(*id).map(|cases| cases.join("; ")).unwrap_or_default();
        writeln!(rows, "| {id} | {} | {kind} | {level} | {state} | {} | {tests} |", pack.id, rule.says)
            .unwrap();
    }
    page.push_str(
        "| level | active | waits for a parameter | attestation | outside |\n|---|---:|---:|---:|---:|\n",
    );
    for (level, [active, waiting, attested, outside]) in counts {
        let name = match level {
            "F" => "exact figure in the text",
            "H" => "decided from data",
            "P" => "parameter left out",
            _ => "checklist at most",
        };
        writeln!(page, "| {name} | {active} | {waiting} | {attested} | {outside} |").unwrap();
    }
    page.push_str(
        "\n| rule | pack | kind | level | state | what it says | cases |\n|---|---|---|---|---|---|---|\n",
    );
    page.push_str(&rows);
    page
}
