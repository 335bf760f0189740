//! Users from a file, with who reports to whom.

mod reporting_lines;

use std::collections::BTreeMap;

use sync_core::directory::Role;

use super::{
    ImportError,
    field::Kind,
    file,
    known_people::KnownPeople,
    mapping::Mapping,
    plan::Plan,
    report::{BadRow, Import, Problem},
    roles::role_of,
    table::Row,
    words::posts_of,
};

/// A user as a file states it; added or updated by `login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDraft {
    /// What they sign in with; lowercase.
    pub login: String,
    /// The file's own name for them, a staff number for example; not kept in the directory.
    pub key: Option<String>,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The login of whom they report to, in the file or in the directory.
    pub reports_to: Option<String>,
    /// The name of the unit they work in.
    pub unit: Option<String>,
    /// What they are, in the words of rules; `None` if the file does not say.
    pub posts: Option<Vec<String>>,
}

/// A row on its way to being good or bad.
struct Candidate {
    row: u32,
    draft: UserDraft,
    /// Whom they report to, as the cell says it.
    superior: String,
    bad: Vec<BadRow>,
}

/// Reads users; superiors are found in the file itself and among `people`.
pub fn import_users(
    bytes: &[u8],
    mapping: &Mapping,
    people: &KnownPeople,
) -> Result<Import<UserDraft>, ImportError> {
    let table = file::read(bytes)?;
    let plan = Plan::new(Kind::Users, mapping, &table)?;
    let mut candidates: Vec<Candidate> =
        table.rows.iter().map(|row| candidate(&plan, mapping, row)).collect();

    refuse_duplicates(&plan, &mut candidates, "login", |draft| Some(&draft.login));
    refuse_duplicates(&plan, &mut candidates, "key", |draft| draft.key.as_ref());

    // Rows that are bad can be referred to as well: whoever does is told so, not that nobody has the name.
    let mut everybody = people.clone();
    everybody
        .absorb(candidates.iter().map(|candidate| &candidate.draft).filter(|draft| !draft.login.is_empty()));
    for candidate in candidates.iter_mut().filter(|candidate| !candidate.superior.is_empty()) {
        match everybody.resolve(&candidate.superior) {
            Ok(login) => candidate.draft.reports_to = Some(login.to_owned()),
            Err(problem) => candidate.report(plan.label("reports_to"), problem),
        }
    }
    reporting_lines::check(&mut candidates, people, plan.label("reports_to"));

    let filled = plan.filled();
    let mut import = Import { good: Vec::new(), bad: Vec::new(), unmapped: plan.unmapped, filled };
    for candidate in candidates {
        if candidate.bad.is_empty() {
            import.good.push((candidate.row, candidate.draft));
        } else {
            import.bad.extend(candidate.bad);
        }
    }
    Ok(import)
}

impl Candidate {
    /// Reports the superior's cell.
    fn report(&mut self, column: &str, problem: Problem) {
        self.bad.push(BadRow::new(self.row, column, problem, &self.superior));
    }
}

fn candidate(plan: &Plan, mapping: &Mapping, row: &Row) -> Candidate {
    let mut bad = Vec::new();
    if row.overflows {
        bad.push(BadRow::new(row.number, "", Problem::ExtraCells, ""));
    }
    let login = plan.read(row, "login", &mut bad).to_lowercase();
    if login.contains(char::is_whitespace) {
        bad.push(BadRow::new(row.number, plan.label("login"), Problem::BlankInLogin, &login));
    }
    let title = plan.read(row, "role", &mut bad);
    let role = role_of(&title, mapping.roles());
    if role.is_none() && !title.is_empty() {
        bad.push(BadRow::new(row.number, plan.label("role"), Problem::UnknownRole, &title));
    }
    let key = plan.read(row, "key", &mut bad);
    let unit = plan.read(row, "unit", &mut bad);
    let posts = posts(plan, mapping, row, &mut bad);
    let draft = UserDraft {
        login,
        key: (!key.is_empty()).then_some(key),
        name: plan.read(row, "name", &mut bad),
        // Without a role the row is bad; the least role stands in until it is dropped.
        role: role.unwrap_or(Role::Rep),
        reports_to: None,
        unit: (!unit.is_empty()).then_some(unit),
        posts,
    };
    let superior = plan.read(row, "reports_to", &mut bad);
    Candidate { row: row.number, draft, superior, bad }
}

/// Gives the posts that a row names. A column that gives the role as well has titles that need not be posts: of those
/// that are none it says nothing.
fn posts(plan: &Plan, mapping: &Mapping, row: &Row, bad: &mut Vec<BadRow>) -> Option<Vec<String>> {
    if !plan.filled().contains(&"posts") {
        return None;
    }
    if plan.shares("posts", "role") {
        let title = plan.read(row, "posts", &mut Vec::new());
        return posts_of(&title, mapping.posts()).ok().filter(|posts| !posts.is_empty());
    }
    let named = plan.read(row, "posts", bad);
    match posts_of(&named, mapping.posts()) {
        Ok(posts) => Some(posts),
        Err(problem) => {
            bad.push(BadRow::new(row.number, plan.label("posts"), problem, &named));
            None
        }
    }
}

/// Reports every row that shares a value with another: which of them is meant cannot be known.
fn refuse_duplicates(
    plan: &Plan,
    candidates: &mut [Candidate],
    field: &str,
    value: impl Fn(&UserDraft) -> Option<&String>,
) {
    let mut sharing: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        if let Some(value) = value(&candidate.draft).filter(|value| !value.is_empty()) {
            sharing.entry(value.clone()).or_default().push(index);
        }
    }
    for (value, indexes) in sharing.iter().filter(|(_, indexes)| indexes.len() > 1) {
        for (place, index) in indexes.iter().enumerate() {
            let other_row = candidates[indexes[usize::from(place == 0)]].row;
            let candidate = &mut candidates[*index];
            let problem = Problem::Duplicate { other_row };
            candidate.bad.push(BadRow::new(candidate.row, plan.label(field), problem, value));
        }
    }
}

#[cfg(test)]
mod tests;
