//! A mapping brought to one file: which template fills which field of its rows.

use super::{
    field::{Field, Kind, header_form},
    mapping::{Mapping, MappingError},
    report::{BadRow, Problem},
    table::{Row, Table, is_cut},
    template::Template,
};

/// How to read the rows of one table.
#[derive(Debug)]
pub(super) struct Plan {
    fills: Vec<Fill>,
    pub(super) unmapped: Vec<String>,
}

/// How one field is filled.
#[derive(Debug)]
struct Fill {
    field: &'static Field,
    template: Template,
    /// What reports call it: the column's name, or the field's if it is made of several columns.
    label: String,
}

impl Plan {
    /// Finds the columns for every field: those the mapping names, else those with a known header.
    pub(super) fn new(kind: Kind, mapping: &Mapping, table: &Table) -> Result<Self, MappingError> {
        let mut fills = Vec::new();
        for field in kind.fields() {
            let template = match mapping.sources(kind).get(field.name) {
                Some(source) if source.is_empty() => None,
                Some(source) => Some(Template::parse(source, &table.columns)?),
                None => recognise(kind, field, &table.columns),
            };
            match template {
                Some(template) => {
                    let label = label(field, &template, &table.columns);
                    fills.push(Fill { field, template, label });
                }
                None if field.required => {
                    return Err(MappingError::RequiredField {
                        field: field.name,
                        columns: table.columns.clone(),
                    });
                }
                None => {}
            }
        }
        let used: Vec<usize> = fills.iter().flat_map(|fill| fill.template.columns()).collect();
        let unmapped = (0..table.columns.len())
            .filter(|column| !used.contains(column))
            .map(|column| table.columns[column].clone())
            .collect();
        Ok(Self { fills, unmapped })
    }

    /// Gives the fields that the file fills.
    pub(super) fn filled(&self) -> Vec<&'static str> {
        self.fills.iter().map(|fill| fill.field.name).collect()
    }

    /// Gives what reports call a field.
    pub(super) fn label<'a>(&'a self, field: &'a str) -> &'a str {
        self.fills.iter().find(|fill| fill.field.name == field).map_or(field, |fill| &fill.label)
    }

    /// Whether two fields are filled from the same columns in the same way.
    pub(super) fn shares(&self, one: &str, other: &str) -> bool {
        let template =
            |name| self.fills.iter().find(|fill| fill.field.name == name).map(|fill| &fill.template);
        template(one).is_some() && template(one) == template(other)
    }

    /// Gives the text of a field in a row, clean and within its limits; reports it and gives what there is if it is
    /// not.
    pub(super) fn read(&self, row: &Row, field: &str, bad: &mut Vec<BadRow>) -> String {
        let Some(fill) = self.fills.iter().find(|fill| fill.field.name == field) else {
            return String::new();
        };
        let text = clean(&fill.template.render(row));
        // A cell past the limit was cut when it was read, so nothing made of it can be trusted.
        let cut = fill.template.columns().any(|column| is_cut(row.cell(column)));
        let problem = if cut || text.chars().count() > fill.field.max_chars {
            Some(Problem::TooLong { max_chars: fill.field.max_chars })
        } else if text.is_empty() {
            fill.field.required.then_some(Problem::Missing)
        } else if text.chars().any(is_hidden) {
            Some(Problem::HiddenCharacter)
        } else {
            None
        };
        if let Some(problem) = problem {
            bad.push(BadRow::new(row.number, &fill.label, problem, &text));
        }
        text
    }
}

fn recognise(kind: Kind, field: &Field, columns: &[String]) -> Option<Template> {
    if let Some(column) = field.recognise(columns) {
        return Some(Template::column(column));
    }
    if kind != Kind::Users || field.name != "name" {
        return None;
    }
    let column =
        |names: &[&str]| columns.iter().position(|column| names.contains(&header_form(column).as_str()));
    match (column(&["firstname", "givenname"]), column(&["lastname", "surname", "familyname"])) {
        (Some(first), Some(last)) => Some(Template::joined(first, " ", last)),
        _ => match (column(&["姓"]), column(&["名"])) {
            (Some(family), Some(given)) => Some(Template::joined(family, "", given)),
            _ => None,
        },
    }
}

fn label(field: &Field, template: &Template, columns: &[String]) -> String {
    let mut used = template.columns();
    match (used.next(), used.next()) {
        (Some(column), None) => columns[column].clone(),
        _ => field.name.to_owned(),
    }
}

/// Puts text on one line: breaks inside a cell become blanks, blanks around it go.
fn clean(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ").trim().to_owned()
}

/// Whether a character would be invisible or turn the text around it: a name must look like what it is.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
