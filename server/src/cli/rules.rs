//! `fieldbook rules`: what the shipped packs hold, and whether a pack of one's own can be read. Needs no server.

use std::{fmt::Write as _, path::Path};

use sync_core::rules::{Pack, Rule, RuleState, packs};

use super::{CliError, arguments::RulesTask, output, request::read_file};

/// What editors know packs by.
const SCHEMA: &str = include_str!("../../../docs/pack.schema.json");

/// Does what is asked about rules.
pub(super) fn run(task: RulesTask) -> Result<(), CliError> {
    match task {
        RulesTask::List { pack: None } => output::text(&overview()?),
        RulesTask::List { pack: Some(name) } => output::text(&table(&shipped(&name)?.1)),
        RulesTask::Print { pack } => output::text(shipped(&pack)?.0),
        RulesTask::Check { files } => {
            for file in &files {
                let pack = read(file)?;
                output::text(&format!("{}: {}\n{}", file.display(), counts(&pack), waiting(&pack)))?;
            }
            Ok(())
        }
        RulesTask::Schema => output::text(SCHEMA),
    }
}

/// A pack that Fieldbook ships, as text and read.
fn shipped(name: &str) -> Result<(&'static str, Pack), CliError> {
    let found = packs::ALL.iter().find(|(known, _)| *known == name);
    let (_, text) = found.ok_or_else(|| CliError::NoPack(name.to_owned()))?;
    let pack = Pack::parse(text).map_err(|error| CliError::Pack { file: name.into(), error })?;
    Ok((text, pack))
}

fn read(file: &Path) -> Result<Pack, CliError> {
    let bytes = read_file(file, Pack::MAX_BYTES as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::NoText(file.to_path_buf()))?;
    Pack::parse(&text).map_err(|error| CliError::Pack { file: file.to_path_buf(), error })
}

fn overview() -> Result<String, CliError> {
    let mut text = String::new();
    for (name, _) in packs::ALL {
        let (_, pack) = shipped(name)?;
        let _ = writeln!(text, "{name:<26} {}", counts(&pack));
    }
    Ok(text)
}

fn counts(pack: &Pack) -> String {
    let count = |is: fn(&RuleState) -> bool| pack.rules.iter().filter(|rule| is(&rule.state)).count();
    format!(
        "{} rules: {} active, {} wait for a parameter, {} on checklists, {} outside",
        pack.rules.len(),
        count(|state| matches!(state, RuleState::Active(_))),
        count(|state| matches!(state, RuleState::Waiting(_))),
        count(|state| matches!(state, RuleState::Attestation)),
        count(|state| matches!(state, RuleState::Outside(_))),
    )
}

/// The parameters that have no value, each with the rules that wait for it.
fn waiting(pack: &Pack) -> String {
    let mut text = String::new();
    for (name, _) in pack.parameters.iter().filter(|(_, is_set)| !is_set) {
        let waits =
            |rule: &&Rule| matches!(&rule.state, RuleState::Waiting(missing) if missing.contains(name));
        let rules: Vec<&str> = pack.rules.iter().filter(waits).map(|rule| &*rule.id).collect();
        let _ = writeln!(text, "  {name} = \"?\"  # {}", rules.join(", "));
    }
    text
}

fn table(pack: &Pack) -> String {
    let mut text = format!("{} version {}, {}\n", pack.id, pack.version, counts(pack));
    for rule in &pack.rules {
        let state = match &rule.state {
            RuleState::Active(_) => "active".to_owned(),
            RuleState::Waiting(missing) => format!("waits for {}", missing.join(", ")),
            RuleState::Attestation => "on a checklist".to_owned(),
            RuleState::Outside(reason) => format!("outside: {reason}"),
        };
        let _ = writeln!(text, "{:<9} {:<18} {state:<24} {}", rule.id, rule.kind.name(), rule.says);
    }
    text
}
