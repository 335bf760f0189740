//! The table of rights, read from `table.txt`.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use sync_core::directory::Role;

use super::principals::Known;

const TABLE: &str = include_str!("table.txt");

/// Every ruling there is.
pub(super) const RULINGS: [&str; 5] = ["accept_late", "excuse", "refuse", "approve", "reject"];

/// What a cell of the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A status, and whether the journal grows.
    Status { status: u16, grows: bool },
    /// A way to the sign-in page.
    SignIn,
}

/// One row: a request and who is answered what.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) route: &'static str,
    /// The state of the record asked about; empty where there is none, `any` for all of them.
    pub(super) state: &'static str,
    /// The rulings it is about, all if empty.
    rulings: Vec<&'static str>,
    answers: Vec<(Vec<&'static str>, Expected)>,
    others: Option<Expected>,
}

/// Reads the table.
pub(super) fn rows() -> anyhow::Result<Vec<Row>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| row(line).with_context(|| line.to_owned())).collect()
}

/// Method and path of everything that has a row.
pub(super) fn routes(rows: &[Row]) -> BTreeSet<(&'static str, &'static str)> {
    rows.iter().map(|row| (row.method, row.route)).collect()
}

impl Row {
    /// Whether the row is about the API and not about the pages.
    pub(super) fn is_api(&self) -> bool {
        self.route.starts_with("/v1/")
    }

    /// The rulings to try; one that stands for none where there is nothing to rule.
    pub(super) fn rulings(&self) -> Vec<&'static str> {
        match (self.route.ends_with("/decisions"), self.rulings.is_empty()) {
            (true, true) => RULINGS.to_vec(),
            (true, false) => self.rulings.clone(),
            (false, _) => vec![""],
        }
    }

    /// What somebody is answered; `None` for whom the server does not know.
    pub(super) fn expected(&self, known: Option<Known>) -> anyhow::Result<Expected> {
        let fits = |who: &&str| match (*who, known) {
            ("all", _) => true,
            (_, None) => false,
            ("reps", Some(known)) => known.role == Role::Rep,
            ("admins", Some(known)) => known.role == Role::Admin,
            (name, Some(known)) => known.is_own && known.name == name,
        };
        let said = self.answers.iter().find(|(who, _)| who.iter().any(&fits));
        match (said, known) {
            (Some((_, expected)), _) => Ok(*expected),
            (None, Some(_)) => self.others.context("the row says nothing of this one"),
            (None, None) if self.is_api() => Ok(Expected::Status { status: 401, grows: false }),
            (None, None) => Ok(Expected::SignIn),
        }
    }
}

fn row(line: &'static str) -> anyhow::Result<Row> {
    let mut cells = line.split('|').map(str::trim);
    let mut asked = cells.next().context("no request")?.split_whitespace();
    let (method, route) = (asked.next().context("no method")?, asked.next().context("no path")?);
    let state = asked.next().unwrap_or_default();
    let rulings: Vec<_> = asked.collect();
    ensure!(rulings.iter().all(|ruling| RULINGS.contains(ruling)), "no such ruling");
    let (mut answers, mut others) = (Vec::new(), None);
    for cell in cells {
        ensure!(others.is_none(), "something stands behind everybody else");
        match cell.split_once(':') {
            Some((who, answer)) => answers.push((who.split_whitespace().collect(), expected(answer.trim())?)),
            None => others = Some(expected(cell)?),
        }
    }
    Ok(Row { method, route, state, rulings, answers, others })
}

fn expected(text: &str) -> anyhow::Result<Expected> {
    if text == "sign-in" {
        return Ok(Expected::SignIn);
    }
    let (status, grows) = text.strip_suffix('+').map_or((text, false), |status| (status, true));
    Ok(Expected::Status { status: status.parse()?, grows })
}
