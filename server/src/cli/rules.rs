//! `fieldbook rules`: what the shipped packs hold, and whether a pack of one's own can be read, which needs no server; and
//! the questions about a company's data.

use std::{fmt::Write as _, path::Path};

use sync_core::rules::{Pack, Rule, RuleState, packs};

use super::{
    CliError, Command,
    arguments::{RulesQuestion, RulesTask},
    output,
    request::read_file,
};

/// What editors know packs by.
const SCHEMA: &str = include_str!("../../../docs/pack.schema.json");

/// Does what is asked about rules, or gives the command that asks the company's data.
pub(super) fn run(task: RulesTask) -> Result<Option<Command>, CliError> {
    match task {
        RulesTask::Asked(question) => return Ok(Some(command(question)?)),
        RulesTask::List { pack: None } => output::text(&overview()?)?,
        RulesTask::List { pack: Some(name) } => output::text(&table(&shipped(&name)?.1))?,
        RulesTask::Print { pack } => output::text(shipped(&pack)?.0)?,
        RulesTask::Check { files } => {
            for file in &files {
                let (_, pack) = read(file)?;
                output::text(&format!("{}: {}\n{}", file.display(), counts(&pack), waiting(&pack)))?;
            }
        }
        RulesTask::Schema => output::text(SCHEMA)?,
    }
    Ok(None)
}

fn command(question: RulesQuestion) -> Result<Command, CliError> {
    Ok(match question {
        // What is wrong with the file is said with its name, before anybody is asked.
        RulesQuestion::Diff { file, differences } => Command::DiffPack { toml: read(&file)?.0, differences },
        RulesQuestion::Explain { id } => Command::ExplainObligation { obligation: id },
    })
}

/// A pack that Fieldbook ships, as text and read.
fn shipped(name: &str) -> Result<(&'static str, Pack), CliError> {
    let text = packs::named(name).ok_or_else(|| CliError::NoPack(name.to_owned()))?;
    let pack = Pack::parse(text).map_err(|error| CliError::Pack { file: name.into(), error })?;
    Ok((text, pack))
}

fn read(file: &Path) -> Result<(String, Pack), CliError> {
    let bytes = read_file(file, Pack::MAX_BYTES as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::NoText(file.to_path_buf()))?;
    let pack = Pack::parse(&text).map_err(|error| CliError::Pack { file: file.to_path_buf(), error })?;
    Ok((text, pack))
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
