//! Customers from a file.

use std::collections::BTreeMap;

use super::{
    ImportError,
    field::Kind,
    file,
    known_people::KnownPeople,
    mapping::Mapping,
    plan::Plan,
    report::{BadRow, Import, Problem},
    table::Row,
    words::tags_of,
};

/// A customer as a file states it; added or updated by `number`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerDraft {
    /// The tenant's own number for it.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Where it is, in one line; may be empty.
    pub address: String,
    /// A person to ask for; may be empty.
    pub contact: String,
    /// Telephone; may be empty.
    pub phone: String,
    /// The login of the user who is responsible for it.
    pub owner: Option<String>,
    /// Grade label; may be empty.
    pub grade: String,
    /// What else it is, in the words of rules.
    pub tags: Vec<String>,
}

/// Reads customers; owners are found among `people`.
pub fn import_customers(
    bytes: &[u8],
    mapping: &Mapping,
    people: &KnownPeople,
) -> Result<Import<CustomerDraft>, ImportError> {
    let table = file::read(bytes)?;
    let plan = Plan::new(Kind::Customers, mapping, &table)?;
    let mut drafts: Vec<(u32, CustomerDraft, Vec<BadRow>)> = Vec::with_capacity(table.rows.len());
    let mut rows_by_number: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in &table.rows {
        let mut bad = Vec::new();
        let draft = draft(&plan, mapping, row, people, &mut bad);
        if !draft.number.is_empty() {
            rows_by_number.entry(draft.number.clone()).or_default().push(drafts.len());
        }
        drafts.push((row.number, draft, bad));
    }
    for (number, sharing) in rows_by_number.iter().filter(|(_, sharing)| sharing.len() > 1) {
        for (place, index) in sharing.iter().enumerate() {
            let other_row = drafts[sharing[usize::from(place == 0)]].0;
            let row = drafts[*index].0;
            let problem = Problem::Duplicate { other_row };
            drafts[*index].2.push(BadRow::new(row, plan.label("number"), problem, number));
        }
    }

    let filled = plan.filled();
    let mut import = Import { good: Vec::new(), bad: Vec::new(), unmapped: plan.unmapped, filled };
    for (row, draft, bad) in drafts {
        if bad.is_empty() {
            import.good.push((row, draft));
        } else {
            import.bad.extend(bad);
        }
    }
    Ok(import)
}

fn draft(
    plan: &Plan,
    mapping: &Mapping,
    row: &Row,
    people: &KnownPeople,
    bad: &mut Vec<BadRow>,
) -> CustomerDraft {
    if row.overflows {
        bad.push(BadRow::new(row.number, "", Problem::ExtraCells, ""));
    }
    let owner = plan.read(row, "owner", bad);
    let owner = if owner.is_empty() {
        None
    } else {
        match people.resolve(&owner) {
            Ok(login) => Some(login.to_owned()),
            Err(problem) => {
                bad.push(BadRow::new(row.number, plan.label("owner"), problem, &owner));
                None
            }
        }
    };
    let named = plan.read(row, "tags", bad);
    let tags = tags_of(&named, mapping.tags()).unwrap_or_else(|problem| {
        bad.push(BadRow::new(row.number, plan.label("tags"), problem, &named));
        Vec::new()
    });
    CustomerDraft {
        number: plan.read(row, "number", bad),
        name: plan.read(row, "name", bad),
        address: plan.read(row, "address", bad),
        contact: plan.read(row, "contact", bad),
        phone: plan.read(row, "phone", bad),
        owner,
        grade: plan.read(row, "grade", bad),
        tags,
    }
}

#[cfg(test)]
mod tests;
