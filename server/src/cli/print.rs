//! Answers as an operator reads them: tables, one fact a line, or JSON.

use std::{fs, path::Path};

use sync_core::directory::Role;

use super::{Answer, CliError, DrawnAccess, ImportReport, Rows, diff, explain, output, period};

/// Shows an answer; bad rows of a file that was therefore not loaded make it an error.
pub(super) fn show(answer: Answer, json: bool, receipt_file: Option<&Path>) -> Result<(), CliError> {
    if let (Answer::Receipt { cbor }, Some(file)) = (&answer, receipt_file) {
        let bytes = hex::decode(cbor)
            .map_err(|error| CliError::NotAReceipt { path: file.to_path_buf(), reason: error.to_string() })?;
        fs::write(file, bytes).map_err(CliError::io("write", file))?;
    }
    let text = if json {
        match serde_json::to_string_pretty(&answer) {
            Ok(text) => format!("{text}\n"),
            Err(error) => return Err(CliError::io("write to", "standard output")(error.into())),
        }
    } else {
        text(&answer)
    };
    output::text(&text)?;
    match answer {
        Answer::Imported(ImportReport { loaded: false, problems, .. }) if problems > 0 => {
            Err(CliError::BadRows { problems })
        }
        _ => Ok(()),
    }
}

fn text(answer: &Answer) -> String {
    match answer {
        Answer::Done => "done\n".to_owned(),
        Answer::Users { users } => table(
            &["login", "name", "role", "reports to", "unit", "active", "posts"],
            users.iter().map(|user| {
                vec![
                    user.login.clone(),
                    user.name.clone(),
                    role(user.role).to_owned(),
                    or_dash(user.reports_to.as_ref()),
                    or_dash(user.unit.as_ref()),
                    if user.active { "yes" } else { "no" }.to_owned(),
                    user.posts.join(", "),
                ]
            }),
        ),
        Answer::Devices { devices } => table(
            &["device", "login", "name", "enrolled", "last contact", "revoked"],
            devices.iter().map(|device| {
                vec![
                    device.id.to_string(),
                    device.login.clone(),
                    device.name.clone(),
                    device.enrolled.to_string(),
                    device.last_contact.to_string(),
                    or_dash(device.revoked.as_ref()),
                ]
            }),
        ),
        Answer::Quarantine { pages } => table(
            &["device", "login", "arrived", "first entry", "entries"],
            pages.iter().map(|page| {
                vec![
                    page.device.to_string(),
                    page.login.clone(),
                    page.arrived.to_string(),
                    page.first.to_string(),
                    page.entries.to_string(),
                ]
            }),
        ),
        Answer::Released { accepted, refused, pages_left } => {
            format!("entries: {accepted} accepted, {refused} refused; {pages_left} pages stay apart\n")
        }
        Answer::Customers { customers } => table(
            &["number", "name", "owner", "grade", "tags"],
            customers.iter().map(|customer| {
                vec![
                    customer.number.clone(),
                    customer.name.clone(),
                    or_dash(customer.owner.as_ref()),
                    customer.grade.clone(),
                    customer.tags.join(", "),
                ]
            }),
        ),
        Answer::Access { access } => shown_once(access),
        Answer::Receipt { cbor } => format!("a receipt of {} bytes\n", cbor.len() / 2),
        Answer::Imported(report) => imported(report),
        Answer::Diffed(diff) => diff::text(diff),
        Answer::Explained(owed) => explain::text(owed),
        Answer::Closings { closings } => period::text_of_all(closings),
        Answer::Restated(restated) => period::text(restated),
        Answer::Failed { message } => format!("{message}\n"),
    }
}

fn imported(report: &ImportReport) -> String {
    let rows = match report.rows {
        Rows::Customers => "customers",
        Rows::Users => "users",
    };
    let mut text: String = report
        .bad
        .iter()
        .map(|bad| {
            let place = if bad.column.is_empty() { String::new() } else { format!(", {}", bad.column) };
            let value = if bad.value.is_empty() { String::new() } else { format!(": {:?}", bad.value) };
            format!("row {}{place}: {}{value}\n", bad.row, bad.problem)
        })
        .collect();
    if report.problems > report.bad.len() {
        text.push_str(&format!("and {} more problems\n", report.problems - report.bad.len()));
    }
    if !report.unmapped.is_empty() {
        text.push_str(&format!("columns not used: {}\n", report.unmapped.join(", ")));
    }
    if !report.new_units.is_empty() {
        text.push_str(&format!("new units: {}\n", report.new_units.join(", ")));
    }
    let ImportReport { added, altered, unchanged, .. } = report;
    if report.loaded {
        text.push_str(&format!("{rows}: {added} added, {altered} altered, {unchanged} unchanged\n"));
    } else if added + altered + unchanged > 0 {
        text.push_str(&format!(
            "{rows}: {added} to add, {altered} to alter, {unchanged} unchanged; nothing was written\n"
        ));
    }
    text.extend(report.access.iter().map(shown_once));
    text
}

fn shown_once(access: &DrawnAccess) -> String {
    let mut text = String::new();
    if let Some(password) = &access.one_time_password {
        text.push_str(&format!("{}: one-time password {password}\n", access.login));
    }
    if let Some(code) = &access.enrolment_code {
        let until = access.expires.map(|expires| format!(", until {expires}")).unwrap_or_default();
        text.push_str(&format!("{}: enrolment code {code}{until}\n", access.login));
    }
    text
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Rep => "rep",
        Role::Supervisor => "supervisor",
        Role::Manager => "manager",
        Role::Admin => "admin",
        Role::Auditor => "auditor",
    }
}

fn or_dash(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// Columns with tabs between them, so that other programs can cut them apart.
fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = header.join("\t");
    text.push('\n');
    for row in rows {
        text.push_str(&row.join("\t"));
        text.push('\n');
    }
    text
}
